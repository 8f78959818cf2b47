//! Cuts a script into statements by SQLite's own tokens; a trigger's body, between `BEGIN` and `END`, is one with it.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use sqlite3_parser::dialect::TokenType;
use sqlite3_parser::lexer::Scanner;
use sqlite3_parser::lexer::sql::Tokenizer;

use crate::expressions::{error_sqlite, unquote_sqlite as unquote};

/// How many of a statement's first words tell whether it is a trigger, or makes something temporary.
const WORDS_KEPT: usize = 7;

/// A statement's place and what is known of it before it is read.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    pub place: Range<usize>,
    pub kind: Kind,
    /// Names, in lower case, of temporary tables and views that the script made before.
    pub temporary: Arc<BTreeSet<String>>,
    /// Whether it begins with `CREATE TABLE` or `ALTER TABLE`, as the rebuild of a table does.
    pub may_begin_rebuild: bool,
    /// Whether it begins with `DROP TABLE`.
    pub drops_table: bool,
}

impl Cut {
    /// Returns a piece that is no SQL.
    fn unreadable(
        place: Range<usize>,
        message: String,
        offset: usize,
        temporary: &Arc<BTreeSet<String>>,
    ) -> Self {
        let kind = Kind::Unreadable { message, offset };
        let temporary = Arc::clone(temporary);
        Self { place, kind, temporary, may_begin_rebuild: false, drops_table: false }
    }
}

/// What a piece of a script is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// A statement to be parsed.
    Sql,
    /// Something that no parser needs to see.
    Unreadable { message: String, offset: usize },
}

/// Cuts a script; what is not closed is one statement up to the end, with what is wrong with it.
pub(super) fn cut(text: &str) -> Vec<Cut> {
    if let Some(offset) = text.find('\0') {
        let message = "a NUL byte cannot be part of SQL".to_owned();
        return vec![Cut::unreadable(0..text.len(), message, offset, &Arc::default())];
    }
    let bom = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut cutting = Cutting { text, cuts: Vec::new(), open: None, temporary: Arc::default() };
    let mut from = bom;
    while let Some(again) = cutting.scan(from) {
        from = again;
    }
    cutting.close();
    cutting.cuts
}

/// A script while it is cut.
struct Cutting<'t> {
    text: &'t str,
    cuts: Vec<Cut>,
    open: Option<Open>,
    temporary: Arc<BTreeSet<String>>,
}

impl Cutting<'_> {
    /// Cuts what begins here; returns where to go on behind a line that is no SQL.
    fn scan(&mut self, from: usize) -> Option<usize> {
        let mut scanner = Scanner::new(Tokenizer::new());
        let input = self.text.get(from..).unwrap_or_default().as_bytes();
        loop {
            let (start, token, end) = match scanner.scan(input) {
                Ok((start, Some((_, token)), end)) => (start + from, token, end + from),
                Ok((_, None, _)) => return None,
                Err(error) => {
                    let rest = self.text.get(from..).unwrap_or_default();
                    let error = error_sqlite(rest, &error, 0, rest.len());
                    self.broken(from, error.message, from + error.offset);
                    return None;
                }
            };
            if token == TokenType::TK_DOT && self.open.is_none() && self.begins_line(start) {
                return Some(self.shell_command(start));
            }
            if token == TokenType::TK_SEMI && self.open.as_ref().is_none_or(|open| open.blocks == 0)
            {
                self.close();
            } else {
                self.open.get_or_insert_with(|| Open::at(start)).take(token, start..end);
            }
        }
    }

    /// Ends the statement that is open.
    fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        let temporary = Arc::clone(&self.temporary);
        if let Some((name, is_new)) = open.temporary(self.text, &temporary) {
            let names = Arc::make_mut(&mut self.temporary);
            if is_new {
                names.insert(name);
            } else {
                names.remove(&name);
            }
        }
        let is_temp = open.is(1, &[TokenType::TK_TEMP]);
        let alters = open.is(0, &[TokenType::TK_ALTER]);
        let creates = open.is(0, &[TokenType::TK_CREATE])
            && open.is(if is_temp { 2 } else { 1 }, &[TokenType::TK_TABLE]);
        let drops_table = open.is(0, &[TokenType::TK_DROP]) && open.is(1, &[TokenType::TK_TABLE]);
        // What a statement makes is temporary by its own words, what it drops because it was made so.
        self.cuts.push(Cut {
            place: open.place,
            kind: Kind::Sql,
            temporary,
            may_begin_rebuild: alters || creates,
            drops_table,
        });
    }

    /// Takes the rest as what is not closed.
    fn broken(&mut self, from: usize, message: String, offset: usize) {
        let start = self.open.take().map_or_else(|| self.rest(from), |open| open.place.start);
        let end = self.text.trim_end().len().max(start);
        self.cuts.push(Cut::unreadable(start..end, message, offset, &self.temporary));
    }

    /// Returns where what is left begins.
    fn rest(&self, from: usize) -> usize {
        let from = self.cuts.last().map_or(from, |cut| cut.place.end.max(from));
        let left = self.text.get(from..).unwrap_or_default();
        let skipped = |letter: char| letter.is_whitespace() || letter == ';';
        from + (left.len() - left.trim_start_matches(skipped).len())
    }

    fn begins_line(&self, start: usize) -> bool {
        let before = self.text.get(..start).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        line.trim_start_matches('\u{feff}').trim().is_empty()
    }

    /// Takes a line that the `sqlite3` program would do by itself; returns where it ends.
    fn shell_command(&mut self, start: usize) -> usize {
        let rest = self.text.get(start..).unwrap_or_default();
        let line = rest.lines().next().unwrap_or_default();
        let word = line.split_whitespace().next().unwrap_or_default();
        let message = format!("`{word}` is a command of the `sqlite3` program, not SQL");
        let place = start..start + line.trim_end().len();
        self.cuts.push(Cut::unreadable(place, message, start, &self.temporary));
        start + line.len()
    }
}

/// A statement whose end is not reached yet.
struct Open {
    place: Range<usize>,
    words: Vec<(TokenType, Range<usize>)>,
    /// `BEGIN` and `CASE` that `END` has yet to close.
    blocks: usize,
}

impl Open {
    const fn at(start: usize) -> Self {
        Self { place: start..start, words: Vec::new(), blocks: 0 }
    }

    fn is(&self, at: usize, kinds: &[TokenType]) -> bool {
        self.words.get(at).is_some_and(|(word, _)| kinds.contains(word))
    }

    fn take(&mut self, token: TokenType, place: Range<usize>) {
        self.place.end = place.end;
        if self.words.len() < WORDS_KEPT {
            self.words.push((token, place));
        }
        let is_trigger = self.is(0, &[TokenType::TK_CREATE])
            && (self.is(1, &[TokenType::TK_TRIGGER])
                || self.is(1, &[TokenType::TK_TEMP]) && self.is(2, &[TokenType::TK_TRIGGER]));
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

    /// Returns the temporary table or view that the statement makes (true) or drops.
    fn temporary(&self, text: &str, there: &BTreeSet<String>) -> Option<(String, bool)> {
        const OBJECTS: [TokenType; 2] = [TokenType::TK_TABLE, TokenType::TK_VIEW];
        let creates = self.is(0, &[TokenType::TK_CREATE])
            && self.is(1, &[TokenType::TK_TEMP])
            && self.is(2, &OBJECTS);
        let in_schema = self.is(0, &[TokenType::TK_CREATE]) && self.is(1, &OBJECTS);
        let drops = self.is(0, &[TokenType::TK_DROP]) && self.is(1, &OBJECTS);
        if !(creates || in_schema || drops) {
            return None;
        }
        let mut at = if creates { 3 } else { 2 };
        if self.is(at, &[TokenType::TK_IF]) && self.is(at + 1, &[TokenType::TK_NOT]) {
            at += 3;
        } else if self.is(at, &[TokenType::TK_IF]) && self.is(at + 1, &[TokenType::TK_EXISTS]) {
            at += 2;
        }
        let word = |at: usize| {
            let (_, place) = self.words.get(at)?;
            Some(unquote(text.get(place.clone())?).to_ascii_lowercase())
        };
        let is_qualified = self.is(at + 1, &[TokenType::TK_DOT]);
        let is_temp = is_qualified && word(at)? == "temp";
        let name = word(if is_qualified { at + 2 } else { at })?;
        if creates || in_schema && is_temp {
            return Some((name, true));
        }
        (drops && (is_temp || !is_qualified) && there.contains(&name)).then_some((name, false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(script: &str) -> Vec<&str> {
        cut(script).into_iter().map(|cut| &script[cut.place]).collect()
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
        assert!(matches!(cuts[1].kind, Kind::Unreadable { .. }));
        assert_eq!(cuts[1].place, 10..19);
    }

    #[test]
    fn nothing_is_no_statement() {
        assert!(cut("\u{feff} ;; -- only this\n /* and this */").is_empty());
        assert_eq!(cut("SELECT 1\0").len(), 1);
    }

    #[test]
    fn a_command_of_the_shell_is_a_line() {
        let script = "CREATE TABLE a (b);\n.read x.sql\r\nSELECT 1 .\n.5;";
        assert_eq!(texts(script), ["CREATE TABLE a (b)", ".read x.sql", "SELECT 1 .\n.5"]);
    }

    #[test]
    fn what_is_temporary_is_remembered_until_it_is_dropped() {
        let script = "CREATE TEMP TABLE IF NOT EXISTS A (b); CREATE VIEW temp.v AS SELECT 1; \
                      DROP TABLE IF EXISTS a; DROP VIEW x; SELECT 1";
        let cuts = cut(script);
        let names: Vec<usize> = cuts.iter().map(|cut| cut.temporary.len()).collect();
        assert_eq!(names, [0, 1, 2, 1, 1]);
    }
}
