//! What a statement is about, told from its first words, as far as a rebuild is concerned.

use sqlite3_parser::dialect::TokenType as T;
use sqlite3_parser::lexer::Scanner;
use sqlite3_parser::lexer::sql::Tokenizer;

use crate::expressions::unquote_sqlite as unquote;

/// What a statement does to tables; names are in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Head {
    /// `CREATE TABLE`, and what an `AS SELECT` reads.
    Create {
        table: String,
        reads: Vec<String>,
    },
    /// `INSERT INTO`, and what its query reads.
    Insert {
        table: String,
        reads: Vec<String>,
    },
    /// `DROP TABLE`.
    Drop(String),
    /// `ALTER TABLE … RENAME TO`.
    Rename {
        from: String,
        to: String,
    },
    /// `CREATE INDEX` on a table.
    Index(String),
    /// `CREATE TRIGGER` on a table.
    Trigger(String),
    DropIndex,
    DropTrigger,
    /// Nothing that could matter.
    Neutral,
    /// Anything else, with all names in it.
    Other(Vec<String>),
}

/// Longer statements than this, in bytes, belong to no rebuild.
const BYTES_MAX: usize = 256 * 1024;

/// Words of a statement: their kinds and texts.
struct Words<'t>(Vec<(T, &'t str)>);

impl Words<'_> {
    fn is(&self, at: usize, kind: T) -> bool {
        self.0.get(at).is_some_and(|(word, _)| *word == kind)
    }

    fn find(&self, from: usize, kind: T) -> Option<usize> {
        (from..self.0.len()).find(|at| self.is(*at, kind))
    }

    /// Returns the name here, without its schema, and what comes after it.
    fn name(&self, at: usize) -> Option<(String, usize)> {
        let (at, next) = if self.is(at + 1, T::TK_DOT) { (at + 2, at + 3) } else { (at, at + 1) };
        let (_, raw) = self.0.get(at)?;
        Some((unquote(raw).to_ascii_lowercase(), next))
    }

    /// Returns where the name begins behind `IF NOT EXISTS` or `IF EXISTS`.
    fn behind_if(&self, at: usize) -> usize {
        if !self.is(at, T::TK_IF) {
            at
        } else if self.is(at + 1, T::TK_NOT) {
            at + 3
        } else if self.is(at + 1, T::TK_EXISTS) {
            at + 2
        } else {
            at
        }
    }

    /// Returns the tables that stand after `FROM` and `JOIN`.
    fn reads(&self, from: usize) -> Vec<String> {
        let mut found = Vec::new();
        for at in from..self.0.len() {
            if (self.is(at, T::TK_FROM) || self.is(at, T::TK_JOIN)) && !self.is(at + 1, T::TK_LP) {
                found.extend(self.name(at + 1).map(|(name, _)| name));
            }
        }
        found.sort();
        found.dedup();
        found
    }

    fn names(&self) -> Vec<String> {
        let names = self.0.iter().filter(|(_, raw)| {
            !raw.starts_with('\'') && !raw.starts_with(|c: char| c.is_ascii_digit())
        });
        names.map(|(_, raw)| unquote(raw).to_ascii_lowercase()).collect()
    }
}

/// Reads the head of a statement.
pub(super) fn read(text: &str) -> Head {
    if text.len() > BYTES_MAX {
        // Only a rebuild's own statements and those that name its tables matter, and rows of this length do neither.
        return Head::Other(Vec::new());
    }
    let mut scanner = Scanner::new(Tokenizer::new());
    let mut words = Words(Vec::new());
    while let Ok((start, Some((_, kind)), end)) = scanner.scan(text.as_bytes()) {
        words.0.push((kind, text.get(start..end).unwrap_or_default()));
    }
    of(&words).unwrap_or_else(|| Head::Other(words.names()))
}

fn of(words: &Words<'_>) -> Option<Head> {
    let (first, _) = words.0.first()?;
    match *first {
        T::TK_CREATE => create(words),
        T::TK_DROP if words.is(1, T::TK_TABLE) => {
            Some(Head::Drop(words.name(words.behind_if(2))?.0))
        }
        T::TK_DROP if words.is(1, T::TK_INDEX) => Some(Head::DropIndex),
        T::TK_DROP if words.is(1, T::TK_TRIGGER) => Some(Head::DropTrigger),
        T::TK_ALTER => {
            let (from, next) = words.name(2)?;
            let is_rename = words.is(next, T::TK_RENAME) && words.is(next + 1, T::TK_TO);
            is_rename.then_some(())?;
            Some(Head::Rename { from, to: words.name(next + 2)?.0 })
        }
        T::TK_INSERT => {
            let into = words.find(0, T::TK_INTO)?;
            let (table, next) = words.name(into + 1)?;
            Some(Head::Insert { table, reads: words.reads(next) })
        }
        T::TK_PRAGMA
        | T::TK_BEGIN
        | T::TK_COMMIT
        | T::TK_END
        | T::TK_SAVEPOINT
        | T::TK_RELEASE
        | T::TK_SELECT
        | T::TK_ANALYZE => Some(Head::Neutral),
        _ => None,
    }
}

fn create(words: &Words<'_>) -> Option<Head> {
    let at = if words.is(1, T::TK_TEMP) || words.is(1, T::TK_UNIQUE) { 2 } else { 1 };
    let (name, next) = words.name(words.behind_if(at + 1))?;
    if words.is(at, T::TK_TABLE) {
        return Some(Head::Create { table: name, reads: words.reads(next) });
    }
    let is_index = words.is(at, T::TK_INDEX);
    if !is_index && !words.is(at, T::TK_TRIGGER) {
        return None;
    }
    let (table, _) = words.name(words.find(next, T::TK_ON)? + 1)?;
    Some(if is_index { Head::Index(table) } else { Head::Trigger(table) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_words_tell_what_a_statement_is_about() {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let create = Head::Create { table: "new x".to_owned(), reads: names(&[]) };
        assert_eq!(read("CREATE TABLE IF NOT EXISTS main.\"New X\" (a)"), create);
        let backup = Head::Create { table: "b".to_owned(), reads: names(&["x"]) };
        assert_eq!(read("CREATE TEMP TABLE b AS SELECT a FROM x"), backup);
        let insert = Head::Insert { table: "b".to_owned(), reads: names(&["x", "y"]) };
        assert_eq!(read("INSERT INTO b (a) SELECT a FROM x JOIN y"), insert);
        let rename = Head::Rename { from: "b".to_owned(), to: "x".to_owned() };
        assert_eq!(read("ALTER TABLE [b] RENAME TO `X`"), rename);
        assert_eq!(read("CREATE UNIQUE INDEX i ON X (a)"), Head::Index("x".to_owned()));
        let trigger = "CREATE TRIGGER t AFTER UPDATE OF a ON x BEGIN SELECT 1; END";
        assert_eq!(read(trigger), Head::Trigger("x".to_owned()));
        assert_eq!(
            read("DELETE FROM x WHERE a = 'b'"),
            Head::Other(names(&["delete", "from", "x", "where", "a", "="]))
        );
    }
}
