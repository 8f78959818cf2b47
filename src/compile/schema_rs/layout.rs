//! Lines as rustfmt lays them out, which Diesel runs over what it prints.

/// The longest line.
const WIDTH: usize = 100;
/// Names up to this length are set side by side in a macro call of several lines.
const SHORT: usize = 10;
/// The longest argument list of an attribute on one line.
const ATTRIBUTE_WIDTH: usize = 69;

/// Writes lines with the indentation of the blocks around them.
#[derive(Debug, Default)]
pub(super) struct Writer {
    text: String,
    depth: usize,
}

impl Writer {
    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(&"    ".repeat(self.depth));
        self.text.push_str(line);
        self.text.push('\n');
    }

    pub(super) fn blank(&mut self) {
        // The first line of a block is never blank.
        if !self.text.ends_with("{\n") {
            self.text.push('\n');
        }
    }

    pub(super) fn open(&mut self, line: &str) {
        self.line(line);
        self.depth += 1;
    }

    pub(super) fn close(&mut self, line: &str) {
        self.depth = self.depth.saturating_sub(1);
        self.line(line);
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    /// Writes a call of a macro over names: on one line if it fits, short names side by side, long ones below each other.
    pub(super) fn macro_call(&mut self, name: &str, arguments: &[&str]) {
        let one_line = format!("{name}({},);", arguments.join(", "));
        // rustfmt does not count the semicolon here.
        if self.depth * 4 + one_line.len() <= WIDTH + 1 {
            self.line(&one_line);
            return;
        }
        self.open(&format!("{name}("));
        if arguments.iter().any(|argument| argument.len() > SHORT) {
            for argument in arguments {
                self.line(&format!("{argument},"));
            }
        } else {
            self.side_by_side(arguments);
        }
        self.close(");");
    }

    fn side_by_side(&mut self, arguments: &[&str]) {
        let room = WIDTH - 1 - self.depth * 4;
        let mut line = String::new();
        for argument in arguments {
            let separator = if line.is_empty() { "" } else { " " };
            if line.len() + separator.len() + argument.len() + 1 > room {
                self.line(&line);
                line = format!("{argument},");
            } else {
                line.push_str(separator);
                line.push_str(argument);
                line.push(',');
            }
        }
        self.line(&line);
    }

    /// Writes `#[derive(…)]`: on one line if it fits, else the list on one, else below each other.
    pub(super) fn derive(&mut self, traits: &[String]) {
        let list = traits.join(", ");
        let one_line = format!("#[derive({list})]");
        // rustfmt keeps four letters free here.
        if self.depth * 4 + one_line.len() <= WIDTH - 4 {
            self.line(&one_line);
            return;
        }
        self.open("#[derive(");
        // It does not count the last comma.
        if self.depth * 4 + list.len() <= WIDTH {
            self.line(&format!("{list},"));
        } else {
            for name in traits {
                self.line(&format!("{name},"));
            }
        }
        self.close(")]");
    }

    /// Writes an attribute whose head has one open parenthesis, as `#[diesel(postgres_type(…))]`.
    pub(super) fn attribute(&mut self, head: &str, arguments: &[String]) {
        let list = arguments.join(", ");
        let one_line = format!("#[{head}({list}))]");
        if list.len() <= ATTRIBUTE_WIDTH && self.depth * 4 + one_line.len() <= WIDTH {
            self.line(&one_line);
            return;
        }
        self.open(&format!("#[{head}("));
        for (nth, argument) in arguments.iter().enumerate() {
            let comma = if nth + 1 < arguments.len() { "," } else { "" };
            self.line(&format!("{argument}{comma}"));
        }
        self.close("))]");
    }
}
