//! Comments that other linters obey: the parser passes over them, so they are what stands between two tokens.

use sqlite3_parser::lexer::Scanner;
use sqlite3_parser::lexer::sql::Tokenizer;

use crate::readers::{Marker, marks};

/// Returns the markers of other linters.
pub(super) fn markers(text: &str) -> Vec<Marker> {
    let mut markers = Vec::new();
    if !["squawk-ignore", "safety-assured:"].iter().any(|word| text.contains(word)) {
        return markers;
    }
    let mut scanner = Scanner::new(Tokenizer::new());
    let mut end_of_last = 0;
    while let Ok((start, token, end)) = scanner.scan(text.as_bytes()) {
        comments(text, end_of_last, start, &mut markers);
        if token.is_none() {
            break;
        }
        end_of_last = end;
    }
    markers
}

/// Reads the comments in a piece of the text that has nothing else but spaces.
fn comments(text: &str, from: usize, to: usize, markers: &mut Vec<Marker>) {
    let mut at = from;
    while let Some(rest) = text.get(at..to) {
        let is_line = match (rest.find("--"), rest.find("/*")) {
            (None, None) => return,
            (Some(line), Some(block)) => line < block,
            (line, _) => line.is_some(),
        };
        let sign = if is_line { "--" } else { "/*" };
        let Some(start) = rest.find(sign) else { return };
        let comment = rest.get(start..).unwrap_or_default();
        let len = if is_line {
            comment.find('\n').unwrap_or(comment.len())
        } else {
            comment.find("*/").map_or(comment.len(), |end| end + 2)
        };
        let place = at + start..at + start + len;
        let comment = comment.get(..len).unwrap_or_default().trim_end();
        markers.extend(marks::marker(comment, place.clone()));
        at = place.end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::Accepts;

    #[test]
    fn markers_are_found_between_statements_and_not_in_strings() {
        let text = "-- a /* b\n-- squawk-ignore ban-drop-column\r\nDROP TABLE a; /* safety-assured:start */\n\
                    SELECT '-- safety-assured:end'; -- safety-assured:end";
        let found: Vec<Accepts> = markers(text).into_iter().map(|marker| marker.accepts).collect();
        let next = Accepts::NextStatement(vec!["ban-drop-column".to_owned()]);
        assert_eq!(found, [next, Accepts::Begin, Accepts::End]);
    }
}
