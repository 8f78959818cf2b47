//! Changes into SQL, one folder a dialect. The only place with SQL in it.
//!
//! To add a dialect: its folder, one line in [`Dialect`], one arm in each function here, a catalog reader
//! under `database/introspect/`, a connection arm in `database/connection.rs`.

mod asked;
mod conjuncts;
pub mod locks;
pub mod postgres;
pub mod sqlite;
mod whole;
mod written;

pub use asked::{Hindrance, none_hinders};
pub use whole::{Whole, domains, drop_domain, drop_function, plainly, whole};
pub use written::{back, written};

use crate::catalog::{Catalog, SqlExpression, SqlType};
use crate::change::places::Places;
use crate::change::probe::Probe;
use crate::change::{Change, DataChange};
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};

/// What a change is as SQL: groups that each become one migration, in order.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Script {
    /// The groups; never empty.
    pub groups: Vec<Group>,
}

/// Statements that belong into one migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The statements in order, each without its final `;`.
    pub statements: Vec<String>,
    /// How the group shares a transaction with the records about it.
    pub transaction: Transaction,
    /// The statements that undo this group alone, or why nothing does. Undoing runs groups in reverse.
    pub undo: Result<Vec<String>, String>,
    /// How the undo shares a transaction; only `Shared` and `Alone` differ from the way forward.
    pub undo_transaction: Transaction,
}

/// How a group of statements meets transactions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transaction {
    /// It shares one transaction with its records.
    Shared,
    /// It shares one transaction, with foreign keys off on its connection, which only works outside one
    /// (SQLite table rebuild): the runner switches them off before it begins, a migration file does it itself.
    ForeignKeysOff,
    /// Its one statement cannot be in a transaction (`CREATE INDEX CONCURRENTLY`).
    Alone {
        /// Tells whether the statement has been done.
        probe: Probe,
        /// What to run before trying again, when it has not been done; each safe when there is nothing to repair.
        repair: Vec<String>,
    },
}

/// What the renderer must know of the step besides its catalog.
#[derive(Clone, Copy, Debug)]
pub struct RenderContext<'a> {
    /// The catalog just before the change.
    pub before: &'a Catalog,
    /// Whether the change's table was created in this very phase of this plan, so that nobody uses it yet
    /// and plain, blocking statements are safe.
    pub fresh_table: bool,
    /// The lock timeout in milliseconds that transactional migrations set for themselves (PostgreSQL).
    pub lock_timeout_ms: u32,
}

/// A change that a dialect cannot do, and what to do instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// What cannot be done, e.g. "SQLite has no enum types".
    pub message: String,
    /// The alternative, e.g. "use a text column with a check".
    pub alternative: String,
}

/// Turns a change into SQL.
///
/// # Errors
///
/// Refuses what the dialect cannot do, naming the alternative.
pub fn render(change: &Change, context: &RenderContext<'_>) -> Result<Script, Refusal> {
    match context.before.dialect {
        Dialect::Postgres => postgres::render(change, context),
        Dialect::Sqlite => sqlite::render(change, context),
    }
}

/// What is known of a change's script before it is written: it is one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreseen {
    /// Its statements are in a transaction.
    InTransaction,
    /// Its one statement cannot be in a transaction.
    Alone,
}

/// Tells without writing any statement that [`render`] refuses nothing and gives one group; `None` where only writing it
/// tells. Most changes are of this kind, and most of the work of checking them would be to write what nobody reads.
#[must_use]
pub fn foresee(change: &Change, context: &RenderContext<'_>) -> Option<Foreseen> {
    match context.before.dialect {
        Dialect::Postgres => postgres::foresee(change, context),
        Dialect::Sqlite => sqlite::foresee(change, context.before),
    }
}

/// Returns whether PostgreSQL has a type of this name of its own.
pub(crate) fn is_own_type(name: &str) -> bool {
    postgres::is_own_type(name)
}

/// Why the engine refuses a statement that its grammar takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The engine.
    pub by: Dialect,
    /// What it does not take: "a column that is UNIQUE".
    pub why: String,
    /// Whether it takes it on a table without rows.
    pub only_with_rows: bool,
}

/// Returns why the engine refuses a change that is written as an `ALTER TABLE`; `None` also where only the engine can tell.
#[must_use]
pub fn refused(change: &Change, before: &Catalog) -> Option<Refused> {
    match before.dialect {
        Dialect::Postgres => postgres::refused(change, before),
        Dialect::Sqlite => sqlite::refused(change, before),
    }
}

/// Writes a type as the engine's own catalog does: `int` is `integer` on PostgreSQL.
#[must_use]
pub fn normalize_type(dialect: Dialect, text: &str) -> SqlType {
    match dialect {
        Dialect::Postgres => postgres::normalize_type(text),
        Dialect::Sqlite => sqlite::normalize_type(text),
    }
}

/// Writes a name as an identifier, quoted only where the engine would read it otherwise.
#[must_use]
pub fn quote(dialect: Dialect, name: &Name) -> String {
    match dialect {
        Dialect::Postgres => postgres::quote(name),
        Dialect::Sqlite => sqlite::quote(name),
    }
}

/// Writes a text as a string literal.
#[must_use]
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The SQL of a backfill in batches. Keys travel as SQL literals, so that any type and any number of key
/// columns works: a query for a key returns each key column as the text of a literal of its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchQueries {
    /// Returns one row with the greatest key, one text a key column; no row if the table is empty.
    pub upper_bound: String,
    /// Returns one number: the rows that [`DataChange::condition`] still selects; for a copy the source
    /// rows without a row in the target; 0 for a delete once nothing matches.
    pub remaining: String,
    /// Statements to run once no row is left, in the transaction that records the end.
    pub last: Vec<String>,
}

/// Returns the queries around a backfill's batches; `None` if it walks no rows (plain inserts) and is run
/// whole by [`render`].
#[must_use]
pub fn batch_queries(change: &DataChange, catalog: &Catalog) -> Option<BatchQueries> {
    match catalog.dialect {
        Dialect::Postgres => postgres::batch_queries(change, catalog),
        Dialect::Sqlite => sqlite::batch_queries(change, catalog),
    }
}

/// Returns the query for the last key of the next batch: of the rows with a key after `after` (from the
/// first if `None`) and not after `upper`, the `rows`-th or, if there are fewer, the last; no row if there is none.
#[must_use]
pub fn batch_end(
    change: &DataChange,
    catalog: &Catalog,
    after: Option<&[String]>,
    upper: &[String],
    rows: u32,
) -> String {
    match catalog.dialect {
        Dialect::Postgres => postgres::batch_end(change, catalog, after, upper, rows),
        Dialect::Sqlite => sqlite::batch_end(change, catalog, after, upper, rows),
    }
}

/// Returns the statement that writes the rows with a key after `after` and not after `through`.
#[must_use]
pub fn batch_write(
    change: &DataChange,
    catalog: &Catalog,
    after: Option<&[String]>,
    through: &[String],
) -> String {
    match catalog.dialect {
        Dialect::Postgres => postgres::batch_write(change, catalog, after, through),
        Dialect::Sqlite => sqlite::batch_write(change, catalog, after, through),
    }
}

/// How many keys of rows that are left behind are told.
pub const KEYS_MAX: usize = 5;

/// The queries for what a place that goes holds and the one that replaces it does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftBehind {
    /// Returns one number: how many rows.
    pub count: String,
    /// Returns the keys of the first [`KEYS_MAX`], one text a key column; `None` where rows have no key.
    pub keys: Option<String>,
}

/// Returns the queries that compare two places, NULL counting as a value; `None` for a backfill whose rows cannot be
/// followed.
#[must_use]
pub fn left_behind(places: &Places, catalog: &Catalog) -> Option<LeftBehind> {
    match catalog.dialect {
        Dialect::Postgres => postgres::left_behind(places, catalog),
        Dialect::Sqlite => sqlite::left_behind(places, catalog),
    }
}

/// Returns statements that fail with this message unless a query counts no rows.
#[must_use]
pub fn refuse_rows(dialect: Dialect, count: &str, message: &str) -> Vec<String> {
    match dialect {
        Dialect::Postgres => postgres::refuse_rows(count, message),
        Dialect::Sqlite => sqlite::refuse_rows(count, message),
    }
}

/// Returns the change that does a backfill again which a release outside its gate made void: an update of
/// all rows that differ from what it sets, a copy that overwrites. Other writes come back as they are.
#[must_use]
pub fn again(change: &DataChange, dialect: Dialect) -> DataChange {
    match dialect {
        Dialect::Postgres => postgres::again(change),
        Dialect::Sqlite => sqlite::again(change),
    }
}

/// Returns the statement at the head of a gated migration's `up.sql`: it passes on a database without
/// planner's ledger, or if planner opened the phase, and else fails with a message that names the phase.
///
/// `open_marker` is the name of the object that planner creates while the migration is open.
#[must_use]
pub fn guard(dialect: Dialect, open_marker: &Name, message: &str) -> Vec<String> {
    match dialect {
        Dialect::Postgres => postgres::guard(open_marker, message),
        Dialect::Sqlite => sqlite::guard(open_marker, message),
    }
}

/// Returns a statement that always fails with this message: the `down.sql` of what cannot be undone.
#[must_use]
pub fn fail(dialect: Dialect, message: &str) -> Vec<String> {
    match dialect {
        Dialect::Postgres => postgres::fail(message),
        Dialect::Sqlite => sqlite::fail(message),
    }
}

/// Returns the statements of a [`Transaction::ForeignKeysOff`] group as a file runs them by itself: foreign keys off, one
/// transaction with the guard first, foreign keys on again.
///
/// The whole may run again after it was committed, with the same end: Diesel records its version only afterwards. Where
/// an insert fails, be it the guard's, nothing is left open; only foreign keys stay off on that connection.
#[must_use]
pub fn wrap_foreign_keys_off(statements: &[String], guard: &[String]) -> Vec<String> {
    sqlite::wrap_foreign_keys_off(statements, guard)
}

/// Returns one statement that fills a column where it is NULL, so many rows at a time in the order of a key, each batch in a transaction
/// of its own (PostgreSQL); it must not run in one.
#[must_use]
pub fn fill_in_batches(
    table: &ObjectName,
    key: &[Name],
    column: &Name,
    value: &SqlExpression,
    rows: u32,
) -> String {
    postgres::fill_in_batches(table, key, column, value, rows)
}

/// What lets PostgreSQL build or drop an index beside those who read and write, after the word `INDEX`.
pub const CONCURRENTLY: &str = " CONCURRENTLY";

/// What lets PostgreSQL add a constraint that holds for new rows only, at the end of it.
pub const NOT_VALID: &str = " NOT VALID";

/// What gives a constraint its name, before that and after the word `ADD`.
pub const CONSTRAINT: &str = " CONSTRAINT ";

/// The statement that does nothing: Diesel refuses an empty file.
pub const NOTHING: &str = "SELECT 1";

/// Returns the statements of a [`Transaction::Shared`] group as a file runs them where Diesel opens no transaction, because
/// the file for the other direction cannot be in one; the guard comes first.
#[must_use]
pub fn in_own_transaction(
    dialect: Dialect,
    statements: &[String],
    guard: &[String],
) -> Vec<String> {
    let all = guard.iter().chain(statements).cloned();
    match dialect {
        // Diesel sends a file as one message, which the server runs as one transaction.
        Dialect::Postgres => all.collect(),
        Dialect::Sqlite if statements.is_empty() => all.collect(),
        Dialect::Sqlite => {
            let begin = std::iter::once("BEGIN IMMEDIATE".to_owned());
            let guard = guard.iter().cloned().chain(begin);
            guard.chain(statements.iter().cloned()).chain(["COMMIT".to_owned()]).collect()
        }
    }
}
