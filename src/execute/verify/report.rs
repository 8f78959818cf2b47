//! What came of trying hand-written migrations.

use std::ops::Range;
use std::sync::Arc;

use camino::Utf8PathBuf;

use crate::catalog::diff::Difference;
use crate::database::observe::Done;
use crate::version::MigrationVersion;

/// A hand-written migration.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Its version.
    pub version: MigrationVersion,
    /// Its directory's name.
    pub directory: String,
    /// What it does.
    pub up: Sql,
    /// What undoes it, if there is such a file.
    pub down: Option<Sql>,
    /// Whether a comment says that there is no way back.
    pub irreversible: bool,
    /// Whether Diesel runs it in a transaction.
    pub run_in_transaction: bool,
    /// What is done with it.
    pub treatment: Treatment,
}

/// What is done with a hand-written migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// It runs on empty tables and on tables with a row, and is undone and done again.
    Tried,
    /// It only runs, since others build on it.
    Run,
}

/// A file of SQL.
#[derive(Clone, Debug)]
pub struct Sql {
    /// Its path from the project's root.
    pub path: Utf8PathBuf,
    /// Its text.
    pub text: Arc<str>,
}

impl Sql {
    /// Returns a place in it.
    #[must_use]
    pub fn place(&self, range: &Range<usize>) -> Place {
        let before = self.text.get(..range.start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
        Place {
            file: self.path.clone(),
            line: before.matches('\n').count().saturating_add(1),
            column: before.get(line_start..).unwrap_or_default().chars().count().saturating_add(1),
            sql: self.text.get(range.clone()).unwrap_or_default().to_owned(),
        }
    }
}

/// A statement of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, from the project's root.
    pub file: Utf8PathBuf,
    /// Its line, from 1.
    pub line: usize,
    /// Its column in characters, from 1.
    pub column: usize,
    /// The statement.
    pub sql: String,
}

/// A statement that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// Which.
    pub place: Place,
    /// What the engine said.
    pub reason: String,
}

/// A hand-written migration that was tried, or that failed when it only had to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedMigration {
    /// Its version.
    pub version: MigrationVersion,
    /// Its directory's name.
    pub directory: String,
    /// What its statements did to tables with a row that were there before it.
    pub statements: Vec<TriedStatement>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// Statements that failed on made-up rows, which says nothing sure of others.
    pub remarks: Vec<Remark>,
    /// Statements that did not run, and why.
    pub skipped: Vec<Failed>,
    /// The tables before it for which no row could be made up.
    pub without_row: Vec<String>,
    /// Migrations before it that had failed, so that what it builds on may be missing.
    pub without: Vec<String>,
}

impl VerifiedMigration {
    /// Returns whether nothing is wrong with it.
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.problems.is_empty()
    }
}

/// A statement and what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriedStatement {
    /// Which.
    pub place: Place,
    /// Locks, scans, rewrites.
    pub done: Done,
    /// How long it took on the few rows there are, in microseconds.
    pub microseconds: u64,
}

/// A statement that failed on rows that planner made up, for what these hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// What failed.
    pub failed: Failed,
    /// The row of the table that it is about.
    pub row: Option<String>,
    /// Whether it is of the `down.sql`.
    pub is_down: bool,
    /// Whether the migration ran where rows hold something else.
    pub runs_on_others: bool,
}

/// Something that is wrong with a hand-written migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It fails on empty tables already.
    Fails(Failed),
    /// It runs on empty tables, and fails where they have a row.
    FailsOnRows(Failed),
    /// Its `down.sql` fails.
    DownFails(Failed),
    /// Its `down.sql` runs on empty tables, and fails where they have a row.
    DownFailsOnRows(Failed),
    /// Its `down.sql` loses what had been there before the `up.sql`: tables and columns, and how.
    RowsLost(Vec<String>),
    /// There is no `down.sql`, or nothing in it, and this is left.
    NoWayBack(Vec<Difference>),
    /// Its `down.sql` leaves another schema than there was; and the `up.sql` then fails, if it does.
    NotUndone(Vec<Difference>, Option<Failed>),
    /// The `up.sql` fails where it was undone before.
    FailsAgain(Failed),
    /// The `up.sql` makes something else where it was undone before.
    DiffersAgain(Vec<Difference>),
}
