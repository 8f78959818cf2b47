//! Steps of a plan as YAML.

/// A value in a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Yaml {
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// Keys and values.
    Map(Vec<(String, Self)>),
}

/// The longest line that is not cut into several.
const WIDTH: usize = 118;

impl Yaml {
    /// Returns a text.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "texts and names of all kinds are handed over"
    )]
    pub fn text(text: impl ToString) -> Self {
        Self::Text(text.to_string())
    }

    /// Returns a list of texts.
    pub fn texts<T: ToString>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::List(texts.into_iter().map(Self::text).collect())
    }

    /// Returns the value on one line.
    #[must_use]
    pub fn flow(&self) -> String {
        match self {
            Self::Text(text) => scalar(text),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(Self::flow).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Map(entries) => {
                let entry =
                    |(key, value): &(String, Self)| format!("{}: {}", scalar(key), value.flow());
                let entries: Vec<String> = entries.iter().map(entry).collect();
                format!("{{ {} }}", entries.join(", "))
            }
        }
    }

    /// Returns a text of several lines that can be written line by line, and so is read as it is.
    fn block(&self) -> Option<&str> {
        let Self::Text(text) = self else { return None };
        let is_plain = |c: char| c == '\n' || c == '\t' || !c.is_control();
        let begins = !text.starts_with(|c: char| c.is_whitespace());
        let ends = text.lines().all(|line| !line.ends_with(char::is_whitespace));
        let is_block = text.contains('\n') && begins && ends && text.chars().all(is_plain);
        // Marks that a reader would drop.
        (is_block && !text.contains('\u{feff}')).then(|| text.trim_end())
    }

    fn has_block(&self) -> bool {
        match self {
            Self::Text(_) => self.block().is_some(),
            Self::List(items) => items.iter().any(Self::has_block),
            Self::Map(entries) => entries.iter().any(|(_, value)| value.has_block()),
        }
    }

    /// Appends `key: value` at this depth, on several lines if it is long.
    pub fn write(&self, key: &str, indent: usize, into: &mut String) {
        self.write_after(&format!("{}{key}:", " ".repeat(indent)), indent + 2, into);
    }

    /// Appends the value behind what the line begins with; `indent` is where the lines of its parts begin.
    fn write_after(&self, head: &str, indent: usize, into: &mut String) {
        if let Some(lines) = self.block() {
            into.push_str(&format!("{head} |\n"));
            for line in lines.lines() {
                let margin = " ".repeat(if line.is_empty() { 0 } else { indent });
                into.push_str(&format!("{margin}{line}\n"));
            }
            return;
        }
        let line = format!("{head} {}", self.flow());
        let is_short = line.len() <= WIDTH && !self.has_block();
        match self {
            Self::Map(entries) if !is_short => {
                into.push_str(head);
                into.push('\n');
                for (key, value) in entries {
                    value.write(&scalar(key), indent, into);
                }
            }
            Self::List(items) if !is_short && !items.is_empty() => {
                into.push_str(head);
                into.push('\n');
                for item in items {
                    into.push_str(&format!("{}- {}\n", " ".repeat(indent), item.flow()));
                }
            }
            Self::Text(_) | Self::List(_) | Self::Map(_) => {
                into.push_str(&line);
                into.push('\n');
            }
        }
    }
}

/// Writes a text so that it is read as it is: plain if it is a word, else in double quotes.
#[must_use]
pub fn scalar(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if begins && text.chars().all(is_plain) {
        return text.to_owned();
    }
    serde_json::Value::from(text).to_string()
}

/// A step, with what is said above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What a person must answer, or should know.
    pub comments: Vec<Comment>,
    /// The operation's key.
    pub key: &'static str,
    /// Its fields.
    pub fields: Vec<(String, Yaml)>,
    /// Its id, where another step names it.
    pub id: Option<String>,
    /// Whether it waits, as a comment, for an answer.
    pub waits: bool,
}

/// What is said at a place of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comment {
    /// A question that only a person can answer.
    Question(String),
    /// Something to know.
    Note(String),
}

impl Step {
    /// Starts a step.
    #[must_use]
    pub fn new(key: &'static str) -> Self {
        Self { comments: Vec::new(), key, fields: Vec::new(), id: None, waits: false }
    }

    /// Adds a field.
    #[must_use]
    pub fn with(mut self, key: &str, value: Yaml) -> Self {
        self.fields.push((key.to_owned(), value));
        self
    }

    /// Adds a field with a text.
    #[must_use]
    pub fn text(self, key: &str, text: impl ToString) -> Self {
        self.with(key, Yaml::text(text))
    }

    /// Adds a question.
    #[must_use]
    pub fn ask(mut self, question: impl Into<String>) -> Self {
        self.comments.push(Comment::Question(question.into()));
        self
    }

    /// Adds a note.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.comments.push(Comment::Note(note.into()));
        self
    }

    /// Appends the step as an entry of a phase.
    pub fn write(&self, into: &mut String) {
        for comment in &self.comments {
            comment.write(2, into);
        }
        let mut text = String::new();
        let fields = Yaml::Map(self.fields.clone());
        match &self.id {
            Some(id) => {
                text.push_str(&format!("  - id: {}\n", scalar(id)));
                fields.write_after(&format!("    {}:", self.key), 6, &mut text);
            }
            None => fields.write_after(&format!("  - {}:", self.key), 6, &mut text),
        }
        for line in text.lines() {
            let line = line.strip_prefix("  ").unwrap_or(line);
            let margin = if self.waits { "  # " } else { "  " };
            into.push_str(format!("{margin}{line}").trim_end());
            into.push('\n');
        }
    }
}

impl Comment {
    /// Appends the comment at this depth.
    pub fn write(&self, indent: usize, into: &mut String) {
        let (word, text) = match self {
            Self::Question(text) => ("QUESTION: ", text),
            Self::Note(text) => ("", text),
        };
        let margin = " ".repeat(indent);
        for (at, line) in text.lines().enumerate() {
            let word = if at == 0 { word } else { "  " };
            into.push_str(&format!("{margin}# {word}{line}\n"));
        }
    }
}
