//! SQL text into words, as far as this dialect must look into texts that it did not write.

/// A piece of SQL text that is neither white space nor a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word<'a> {
    /// The text as it stands there, quotes included.
    pub(super) text: &'a str,
    /// Where it starts, in bytes.
    pub(super) start: usize,
    /// What it is.
    pub(super) kind: Kind,
}

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A bare name or keyword.
    Bare,
    /// A name in double quotes, backticks or brackets.
    Quoted,
    /// A string in single quotes.
    Text,
    /// A number.
    Number,
    /// One character of anything else.
    Sign,
}

impl Word<'_> {
    /// Returns whether the word is this name, as the engine compares names.
    pub(super) fn is_name(&self, name: &str) -> bool {
        match self.kind {
            Kind::Bare => self.text.eq_ignore_ascii_case(name),
            Kind::Quoted => self.unquoted().eq_ignore_ascii_case(name),
            Kind::Text | Kind::Number | Kind::Sign => false,
        }
    }

    fn unquoted(&self) -> String {
        let mut inner = self.text.chars();
        let quote = inner.next();
        inner.next_back();
        match quote {
            Some('"') => inner.as_str().replace("\"\"", "\""),
            Some('`') => inner.as_str().replace("``", "`"),
            _ => inner.as_str().to_owned(),
        }
    }
}

/// Cuts a text into words; comments and white space are left out.
pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let (len, kind) = first(rest);
        if let (Some(kind), Some(text)) = (kind, rest.get(..len)) {
            words.push(Word { text, start: at, kind });
        }
        at += len;
    }
    words
}

/// Returns the length in bytes of what a text begins with, and its kind unless it says nothing.
fn first(rest: &str) -> (usize, Option<Kind>) {
    let mut characters = rest.chars();
    let (Some(head), next) = (characters.next(), characters.next()) else { return (1, None) };
    let run = |accept: fn(char) -> bool| rest.find(|c| !accept(c)).unwrap_or(rest.len());
    match (head, next) {
        ('-', Some('-')) => (rest.find('\n').unwrap_or(rest.len()), None),
        ('/', Some('*')) => (rest.find("*/").map_or(rest.len(), |end| end + 2), None),
        ('\'', _) => (quoted_len(rest, '\''), Some(Kind::Text)),
        ('"' | '`', _) => (quoted_len(rest, head), Some(Kind::Quoted)),
        ('[', _) => (rest.find(']').map_or(rest.len(), |end| end + 1), Some(Kind::Quoted)),
        ('0'..='9', _) | ('.', Some('0'..='9')) => (number_len(rest), Some(Kind::Number)),
        (space, _) if space.is_ascii_whitespace() => (run(|c| c.is_ascii_whitespace()), None),
        (letter, _) if is_name_part(letter) => (run(is_name_part), Some(Kind::Bare)),
        _ => (head.len_utf8(), Some(Kind::Sign)),
    }
}

/// Returns whether the engine takes the character as part of a bare name.
fn is_name_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

/// Returns the length of a quoted text, in which the doubled quote stands for itself.
fn quoted_len(rest: &str, quote: char) -> usize {
    let mut open = true;
    for (at, c) in rest.char_indices().skip(1) {
        if c == quote {
            open = !open;
        } else if !open {
            return at;
        }
    }
    rest.len()
}

/// Returns the length of a number, its exponent included.
fn number_len(rest: &str) -> usize {
    let mut previous = ' ';
    for (at, c) in rest.char_indices() {
        let exponent = matches!(c, '+' | '-') && matches!(previous, 'e' | 'E');
        if !(c.is_ascii_alphanumeric() || c == '.' || c == '_' || exponent) {
            return at;
        }
        previous = c;
    }
    rest.len()
}

/// Returns whether a text names this column, table …, perhaps another of the same name.
pub(super) fn mentions(text: &str, name: &str) -> bool {
    words(text).iter().any(|word| word.is_name(name))
}

/// Returns whether a text is one literal, perhaps signed, which the engine may add with a column.
pub(super) fn is_literal(text: &str) -> bool {
    match words(text).as_slice() {
        [word] => match word.kind {
            Kind::Text | Kind::Number => true,
            Kind::Bare => ["null", "true", "false"].iter().any(|literal| word.is_name(literal)),
            Kind::Quoted | Kind::Sign => false,
        },
        [sign, number] if matches!(sign.text, "+" | "-") => number.kind == Kind::Number,
        [prefix, text] if prefix.is_name("x") => {
            text.kind == Kind::Text && text.start == prefix.start + 1
        }
        _ => false,
    }
}

/// Returns the text with `table.column` written as `column`.
pub(super) fn unqualified(text: &str, table: &str) -> String {
    let words = words(text);
    let mut result = String::with_capacity(text.len());
    let mut copied = 0;
    for (at, word) in words.iter().enumerate() {
        let dot = words.get(at + 1).filter(|dot| dot.text == ".");
        let first = at.checked_sub(1).and_then(|at| words.get(at)).is_none_or(|w| w.text != ".");
        if let Some(dot) = dot
            && first
            && word.is_name(table)
        {
            result.push_str(text.get(copied..word.start).unwrap_or_default());
            copied = dot.start + dot.text.len();
        }
    }
    result.push_str(text.get(copied..).unwrap_or_default());
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_quotes_but_not_in_strings_and_comments() {
        for text in ["lower(Name)", "\"name\" || 'x'", "[name]", "`name`", "u.name"] {
            assert!(mentions(text, "name"), "{text}");
        }
        for text in ["'name'", "x -- name", "/* name */ x", "names", "'it''s' || 'name'"] {
            assert!(!mentions(text, "name"), "{text}");
        }
        assert!(mentions("\"a\"\"b\"", "a\"b"));
    }

    #[test]
    fn literals_are_told_from_expressions() {
        for text in ["1", "-1.5e-3", "'it''s'", "x'00ff'", "NULL", "true"] {
            assert!(is_literal(text), "{text}");
        }
        for text in ["(1)", "1 + 1", "current_timestamp", "lower('A')", "\"a\"", "x '00'", ""] {
            assert!(!is_literal(text), "{text}");
        }
    }

    #[test]
    fn only_the_tables_own_qualifier_goes() {
        assert_eq!(unqualified("users.age > 0 AND a.users.b", "Users"), "age > 0 AND a.users.b");
        assert_eq!(unqualified("'users.age' < \"users\" . age", "users"), "'users.age' <  age");
    }

    #[test]
    fn no_text_is_cut_inside_a_character() {
        for text in ["'é", "\"", "[", "é.ü", "1e", "--", "/*", "'a'b", "\u{a0}x"] {
            assert!(words(text).iter().all(|word| !word.text.is_empty()), "{text}");
        }
    }
}
