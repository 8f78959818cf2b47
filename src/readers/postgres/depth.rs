//! How deep the body of a function or a `DO` block nests: reading a deeper one would overflow the stack.

use squawk_lexer::{TokenKind, tokenize};

use crate::expressions::{Levels, count_postgres};

/// Returns whether a body may be given to the parser.
pub(super) fn is_shallow(body: &str) -> bool {
    let mut levels = Levels::default();
    let mut at = 0;
    let mut after_end = false;
    for token in tokenize(body) {
        let start = at;
        at += token.len as usize;
        let word = body.get(start..at).unwrap_or_default();
        let is = |other: &str| token.kind == TokenKind::Ident && word.eq_ignore_ascii_case(other);
        let counted = match token.kind {
            TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { .. } => {
                continue;
            }
            TokenKind::Semi => {
                levels.comma();
                Ok(())
            }
            // `END IF`, `END LOOP` and `END CASE` close one thing, not open another.
            _ if after_end && (is("if") || is("loop") || is("case")) => Ok(()),
            _ if is("begin") || is("if") || is("loop") => levels.open(),
            _ => count_postgres(&mut levels, token, word),
        };
        after_end = is("end");
        if counted.is_err() {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_body_is_shallow_and_a_nested_one_is_not() {
        let block = "IF a THEN PERFORM f(1); END IF; LOOP EXIT; END LOOP; ";
        assert!(is_shallow(&format!("BEGIN {} END", block.repeat(5_000))));
        assert!(!is_shallow(&"BEGIN IF a THEN ".repeat(10_000)));
        assert!(!is_shallow(&"(".repeat(10_000)));
    }
}
