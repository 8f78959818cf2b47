//! SQL scripts into changes, by each dialect's own parser: expressions below, whole statements here.
//!
//! A script is cut into statements, each with its place; a statement is one or more parts (`ALTER TABLE` may have many), each a
//! [`Change`] or, where it cannot be read, *opaque* with the reason: nothing is left out silently. Reading looks at the catalog
//! as it stands before the statement, for what the text alone does not tell (the table of an index that is dropped, the name
//! that the engine gives an unnamed constraint).
//!
//! Some statements mean something only together: SQLite alters a table by making it anew, copying its rows, dropping the old one and
//! renaming the new one. The first statement of such a sequence is then read as what all of it amounts to, with a place
//! ([`Statement::place`]) that reaches to the last one, and each of its parts has the place of the statement that does it; the
//! others have no parts. Which statements belong together is told from the text alone, so [`Script::read`] can be asked for any
//! of them with the catalog as it is after those before it.
//!
//! To add a dialect: its folder, one arm in [`parse`] and in [`Script::read`].

mod marks;
mod postgres;
mod sqlite;
mod thing;

use std::ops::Range;

use crate::catalog::Catalog;
use crate::change::Change;
use crate::dialect::Dialect;
pub use postgres::{Remark, is_linter_rule, lint};
#[cfg(feature = "sqlite")]
pub(crate) use sqlite::terms as sqlite_terms;

/// A script cut into statements.
#[derive(Debug)]
pub struct Script {
    parsed: Parsed,
    /// The place of each statement in the text, in bytes, without the comments before it and the `;` after it.
    pub statements: Vec<Range<usize>>,
    /// What is written to other linters: `-- squawk-ignore …`, `-- safety-assured:start`.
    pub markers: Vec<Marker>,
}

/// The tree of each dialect's parser.
#[derive(Debug)]
enum Parsed {
    Postgres(postgres::Parsed),
    Sqlite(sqlite::Parsed),
}

/// A statement and what it does.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Its place in the text, in bytes; of the first of a sequence that means something only together, the place of all of it.
    pub place: Range<usize>,
    /// What it does, in order; empty if it does nothing to schema or data (`SELECT 1`, `SET …`, `BEGIN`), or the first of its
    /// sequence stands for it.
    pub parts: Vec<Part>,
    /// Why the engine refuses it inside a transaction, or does nothing (`PRAGMA foreign_keys`), e.g. "CREATE INDEX CONCURRENTLY";
    /// `None` if it may be in one.
    pub alone: Option<&'static str>,
    /// What it does to the transaction it stands in.
    pub transaction: Option<TransactionControl>,
}

/// One thing that a statement does.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Its place in the text, in bytes.
    pub place: Range<usize>,
    /// What it does.
    pub meaning: Meaning,
    /// Words that do not change what is there afterwards.
    pub how: How,
}

/// What a part does.
#[derive(Clone, Debug, PartialEq)]
pub enum Meaning {
    /// This.
    Change(Box<Change>),
    /// Planner cannot tell.
    Opaque {
        /// Why: "a `DO` block runs SQL that it puts together".
        why: String,
    },
    /// The dialect's parser does not accept it.
    Unreadable {
        /// What the parser says, in lower case.
        message: String,
        /// Where, in bytes of the whole text.
        offset: usize,
    },
}

/// Words that do not change what is there afterwards, but how it comes about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a word of the statement, and they are independent"
)]
pub struct How {
    /// `IF EXISTS`.
    pub if_exists: bool,
    /// `IF NOT EXISTS`, `OR REPLACE`.
    pub if_not_exists: bool,
    /// `CONCURRENTLY`.
    pub concurrently: bool,
    /// `CASCADE`: what depends on it goes too.
    pub cascade: bool,
    /// `ON ONLY`: an index of a partitioned table without those of its partitions.
    pub only: bool,
    /// No word at all: what it drops goes with something else that the statement drops, or stays under another name.
    pub along: bool,
}

/// What a statement does to the transaction it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionControl {
    /// `BEGIN`, `START TRANSACTION`.
    Begin,
    /// `COMMIT`, `END`.
    Commit,
    /// `ROLLBACK`, `ABORT`.
    RollBack,
}

/// A comment that another linter obeys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// Its place in the text, in bytes.
    pub place: Range<usize>,
    /// What it accepts.
    pub accepts: Accepts,
    /// The words after it, if any: why.
    pub reason: Option<String>,
}

/// What a marker of another linter accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepts {
    /// `-- squawk-ignore a, b` on the next statement; every rule if none is named.
    NextStatement(Vec<String>),
    /// `-- squawk-ignore-file a, b` in the whole file.
    File(Vec<String>),
    /// From `-- safety-assured:start` …
    Begin,
    /// … to `-- safety-assured:end`.
    End,
}

/// Cuts a script into statements. Never fails: what the parser does not accept becomes an unreadable statement.
#[must_use]
pub fn parse(dialect: Dialect, text: &str) -> Script {
    match dialect {
        Dialect::Postgres => postgres::script(text),
        Dialect::Sqlite => sqlite::script(text),
    }
}

impl Script {
    /// Does all of the reading that needs no catalog, so that it can be done on another thread; a long script stays as it is.
    ///
    /// `text` is the text that was parsed.
    pub fn parse_ahead(&mut self, text: &str) {
        match &mut self.parsed {
            Parsed::Postgres(parsed) => postgres::parse_ahead(parsed, text),
            // Its trees borrow from memory that cannot go to another thread.
            Parsed::Sqlite(_) => {}
        }
    }

    /// Reads the statement at this place of [`Script::statements`]; `None` past the last one.
    ///
    /// `text` is the text that was parsed, and `before` the catalog just before the statement.
    #[must_use]
    pub fn read(&self, at: usize, text: &str, before: &Catalog) -> Option<Statement> {
        match &self.parsed {
            Parsed::Postgres(parsed) => postgres::read(parsed, at, text, before),
            Parsed::Sqlite(parsed) => sqlite::read(parsed, at, text, before),
        }
    }
}
