//! Characters that a terminal would obey, made visible: the text of a file must not paint over what is said about it.

use std::borrow::Cow;

/// Replaces control characters, and those that turn the direction of writing, each by one of as many bytes, so that places stay.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_obeyed) {
        return Cow::Borrowed(text);
    }
    let one = |letter: char| match (is_obeyed(letter), letter.len_utf8()) {
        (false, _) => letter,
        (true, 1) => '?',
        (true, 2) => '\u{bf}',
        (true, _) => char::REPLACEMENT_CHARACTER,
    };
    Cow::Owned(text.chars().map(one).collect())
}

fn is_obeyed(letter: char) -> bool {
    let is_white = matches!(letter, '\t' | '\n' | '\r');
    let turns = matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
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
    }
}
