//! Characters that a terminal would obey, made visible: the text of a file must not paint over what is said about it.

use std::borrow::Cow;

/// Replaces control characters, and those that turn the direction of writing, each by one of as many bytes, so that places stay.
///
/// Tabs and the ends of lines stay; a carriage return that ends no line does not.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|letter| letter == '\r' || is_obeyed(letter)) {
        return Cow::Borrowed(text);
    }
    let mut letters = text.chars().peekable();
    let mut shown = String::with_capacity(text.len());
    while let Some(letter) = letters.next() {
        let returns = letter == '\r' && letters.peek() != Some(&'\n');
        shown.push(replaced(letter, returns || is_obeyed(letter)));
    }
    Cow::Owned(shown)
}

/// As [`visible`], of what is to stay on one line: the ends of lines are blanks.
#[must_use]
pub fn on_one_line(text: &str) -> String {
    let one = |letter: char| match letter {
        '\n' => ' ',
        letter => replaced(letter, letter == '\r' || is_obeyed(letter)),
    };
    text.chars().map(one).collect()
}

/// Writes what a terminal would obey in JSON as escapes, which mean the same: the JSON of others has it in strings alone.
pub(super) fn escaped_json(json: String) -> String {
    if !json.chars().any(is_obeyed) {
        return json;
    }
    let mut escaped = String::with_capacity(json.len());
    for letter in json.chars() {
        if is_obeyed(letter) {
            // None of them is beyond the letters that one escape can say.
            escaped.push_str(&format!("\\u{:04x}", u32::from(letter)));
        } else {
            escaped.push(letter);
        }
    }
    escaped
}

const fn replaced(letter: char, is_obeyed: bool) -> char {
    match (is_obeyed, letter.len_utf8()) {
        (false, _) => letter,
        (true, 1) => '?',
        (true, 2) => '\u{bf}',
        (true, _) => char::REPLACEMENT_CHARACTER,
    }
}

/// Returns whether a terminal would obey a character, or turn the direction of writing at it.
pub(super) fn is_obeyed(letter: char) -> bool {
    let is_white = matches!(letter, '\t' | '\n' | '\r');
    let turns = matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    letter.is_control() && !is_white || turns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_seen_and_nothing_moves() {
        let hostile = "a\u{1b}[31mb\u{7}\u{9b}c\u{202e}d\te\r\nf";
        assert_eq!(visible(hostile), "a?[31mb?\u{bf}c\u{fffd}d\te\r\nf");
        assert_eq!(visible(hostile).len(), hostile.len());
        assert!(matches!(visible("naïve 'text'\n"), Cow::Borrowed(_)));
        assert_eq!(visible("all is well\rERROR\r\n"), "all is well?ERROR\r\n");
    }

    #[test]
    fn what_stays_on_a_line_ends_none() {
        assert_eq!(on_one_line("a\nb\r\nc\u{1b}[2Jd"), "a b? c?[2Jd");
    }

    #[test]
    fn json_means_the_same_with_escapes() {
        let hostile = "a\u{7f}b\u{9b}c\u{202e}d\u{2028}é";
        let json = escaped_json(serde_json::json!({ "of": hostile }).to_string());
        assert_eq!(json, r#"{"of":"a\u007fb\u009bc\u202ed\u2028é"}"#);
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(read["of"], hostile);
    }
}
