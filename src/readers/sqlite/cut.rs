//! Cuts a script into statements by SQLite's own tokens; a trigger's body, between `BEGIN` and `END`, is one with it.

use std::ops::Range;

use sqlite3_parser::dialect::TokenType;
use sqlite3_parser::lexer::Scanner;
use sqlite3_parser::lexer::sql::Tokenizer;

/// How many of a statement's first words tell whether it is a trigger.
const WORDS_KEPT: usize = 4;

/// Cuts a script; what is not closed is one statement up to the end, with what is wrong with it.
pub(super) fn cut(text: &str) -> Vec<(Range<usize>, Option<&'static str>)> {
    if text.contains('\0') {
        return vec![(0..text.len(), Some("a NUL byte cannot be part of SQL"))];
    }
    let bom = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut cuts = Vec::new();
    let mut open: Option<Open> = None;
    let mut scanner = Scanner::new(Tokenizer::new());
    let input = text.get(bom..).unwrap_or_default().as_bytes();
    loop {
        let (start, token, end) = match scanner.scan(input) {
            Ok((start, Some((_, token)), end)) => (start + bom, token, end + bom),
            Ok((_, None, _)) => break,
            Err(_) => {
                let start =
                    open.take().map_or_else(|| rest(text, &cuts, bom), |open| open.place.start);
                let end = text.trim_end().len();
                cuts.push((
                    start..end.max(start),
                    Some("a quote or a comment is not closed, or a character is no SQL"),
                ));
                break;
            }
        };
        if token == TokenType::TK_SEMI && open.as_ref().is_none_or(|open| open.blocks == 0) {
            cuts.extend(open.take().map(|open| (open.place, None)));
        } else {
            open.get_or_insert_with(|| Open::at(start)).take(token, end);
        }
    }
    cuts.extend(open.map(|open| (open.place, None)));
    cuts
}

/// Returns where what is left of a text begins.
fn rest(text: &str, cuts: &[(Range<usize>, Option<&'static str>)], bom: usize) -> usize {
    let from = cuts.last().map_or(bom, |(place, _)| place.end);
    let left = text.get(from..).unwrap_or_default();
    let skipped = |letter: char| letter.is_whitespace() || letter == ';';
    from + (left.len() - left.trim_start_matches(skipped).len())
}

/// A statement whose end is not reached yet.
struct Open {
    place: Range<usize>,
    words: Vec<TokenType>,
    /// `BEGIN` and `CASE` that `END` has yet to close.
    blocks: usize,
}

impl Open {
    const fn at(start: usize) -> Self {
        Self { place: start..start, words: Vec::new(), blocks: 0 }
    }

    fn take(&mut self, token: TokenType, end: usize) {
        self.place.end = end;
        if self.words.len() < WORDS_KEPT {
            self.words.push(token);
        }
        let is_trigger = self.words.first() == Some(&TokenType::TK_CREATE)
            && self.words.contains(&TokenType::TK_TRIGGER);
        if !is_trigger {
            return;
        }
        match token {
            TokenType::TK_BEGIN => self.blocks += 1,
            TokenType::TK_CASE if self.blocks > 0 => self.blocks += 1,
            TokenType::TK_END => self.blocks = self.blocks.saturating_sub(1),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(script: &str) -> Vec<&str> {
        cut(script).into_iter().map(|(place, _)| &script[place]).collect()
    }

    #[test]
    fn a_trigger_is_one_statement() {
        let trigger = "CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN\n  UPDATE a SET b = CASE WHEN 1 THEN 2 END; \
                       SELECT 1;\nEND";
        let script = format!("CREATE TABLE a (b);-- x;\n{trigger};\r\nBEGIN; DROP TABLE a; END;");
        assert_eq!(texts(&script), ["CREATE TABLE a (b)", trigger, "BEGIN", "DROP TABLE a", "END"]);
    }

    #[test]
    fn what_is_not_closed_is_the_last_statement() {
        let cuts = cut("SELECT 1; SELECT 'a");
        assert_eq!(cuts.len(), 2);
        assert!(cuts[1].1.is_some());
        assert_eq!(cuts[1].0, 10..19);
    }

    #[test]
    fn nothing_is_no_statement() {
        assert!(cut("\u{feff} ;; -- only this\n /* and this */").is_empty());
        assert_eq!(cut("SELECT 1\0").len(), 1);
    }
}
