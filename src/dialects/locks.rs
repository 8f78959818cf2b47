//! What a statement asks of tables that are in use: locks, a look at every row, a new copy of the table.

use std::fmt;

use super::postgres;
use crate::catalog::Catalog;
use crate::change::Change;
use crate::dialect::Dialect;
use crate::name::ObjectName;

/// A table-level lock of PostgreSQL, the weakest first (PostgreSQL manual, "Explicit Locking").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LockMode {
    /// `ACCESS SHARE`: a read.
    AccessShare,
    /// `ROW SHARE`: a read that locks rows.
    RowShare,
    /// `ROW EXCLUSIVE`: a write.
    RowExclusive,
    /// `SHARE UPDATE EXCLUSIVE`: `VACUUM`, a concurrent index build, `VALIDATE CONSTRAINT`.
    ShareUpdateExclusive,
    /// `SHARE`: a plain index build.
    Share,
    /// `SHARE ROW EXCLUSIVE`: a trigger, a foreign key.
    ShareRowExclusive,
    /// `EXCLUSIVE`.
    Exclusive,
    /// `ACCESS EXCLUSIVE`: most of `ALTER TABLE`.
    AccessExclusive,
}

impl LockMode {
    /// All modes, the weakest first.
    pub const ALL: [Self; 8] = [
        Self::AccessShare,
        Self::RowShare,
        Self::RowExclusive,
        Self::ShareUpdateExclusive,
        Self::Share,
        Self::ShareRowExclusive,
        Self::Exclusive,
        Self::AccessExclusive,
    ];

    /// Returns the mode that `pg_locks` calls so, e.g. `AccessExclusiveLock`.
    #[must_use]
    pub fn parse(mode: &str) -> Option<Self> {
        let name = mode.strip_suffix("Lock")?;
        Self::ALL.into_iter().find(|mode| format!("{mode:?}") == name)
    }

    /// Returns what others cannot do to the table while it is held, as the manual's table of conflicts has it.
    #[must_use]
    pub const fn blocks(self) -> &'static [&'static str] {
        match self {
            // They only stand in the way of what wants the table for itself.
            Self::AccessShare | Self::RowShare | Self::RowExclusive => &[],
            Self::ShareUpdateExclusive => &["DDL"],
            Self::Share | Self::ShareRowExclusive | Self::Exclusive => &["writes", "DDL"],
            Self::AccessExclusive => &["reads", "writes", "DDL"],
        }
    }
}

impl fmt::Display for LockMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AccessShare => "ACCESS SHARE",
            Self::RowShare => "ROW SHARE",
            Self::RowExclusive => "ROW EXCLUSIVE",
            Self::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            Self::Share => "SHARE",
            Self::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            Self::Exclusive => "EXCLUSIVE",
            Self::AccessExclusive => "ACCESS EXCLUSIVE",
        })
    }
}

/// What a statement asks of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// The table, or the materialized view.
    pub table: ObjectName,
    /// The strongest lock that it takes on it.
    pub lock: LockMode,
    /// What it does to the rows while it holds that.
    pub work: Work,
}

/// What a statement does to the rows of a table, the lightest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    /// Nothing: it takes as long on a large table as on a small one.
    None,
    /// It reads every row.
    Scan,
    /// It writes the table anew.
    Rewrite,
}

impl Work {
    /// Returns whether it takes the longer the more rows there are.
    #[must_use]
    pub const fn is_long(self) -> bool {
        match self {
            Self::None => false,
            Self::Scan | Self::Rewrite => true,
        }
    }
}

/// Returns what a change asks of tables, given the catalog just before it; of each table once.
///
/// SQLite knows one lock for the whole database, so nothing is said of it.
#[must_use]
pub fn demands(change: &Change, concurrently: bool, before: &Catalog) -> Vec<Demand> {
    match before.dialect {
        Dialect::Postgres => postgres::locks::demands(change, concurrently, before),
        Dialect::Sqlite => Vec::new(),
    }
}
