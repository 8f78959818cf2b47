//! Changes of rows.

use crate::catalog::SqlExpression;
use crate::name::{Name, ObjectName};

/// A change of rows. Backfills run it in batches by the key of [`DataChange::table`]'s rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataChange {
    /// The table whose rows are walked: the one updated, deleted from, or copied from.
    pub table: ObjectName,
    /// The columns to walk it by; its primary key unless the plan says otherwise. Empty for inserts that
    /// walk nothing.
    pub key: Vec<Name>,
    /// What happens to each row.
    pub write: Write,
    /// Which rows; for an update the rows still to do.
    pub condition: Option<SqlExpression>,
    /// Rows a batch and the pause after it, where the plan says so.
    pub batch: Batch,
}

impl DataChange {
    /// Returns the table whose rows are written: the other one for a copy.
    #[must_use]
    pub const fn target(&self) -> &ObjectName {
        match &self.write {
            Write::Copy { to, .. } => to,
            Write::Update { .. }
            | Write::Delete
            | Write::InsertSelect { .. }
            | Write::InsertValues { .. } => &self.table,
        }
    }
}

/// What a data change does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Sets columns.
    Update {
        /// Column and value, in the order written.
        set: Vec<(Name, SqlExpression)>,
    },
    /// Deletes the rows.
    Delete,
    /// Inserts rows of a query; rows whose unique key exists are left alone.
    InsertSelect {
        /// The target's columns.
        columns: Vec<Name>,
        /// The query.
        query: SqlExpression,
    },
    /// Inserts literal rows; rows whose unique key exists are left alone.
    InsertValues {
        /// The target's columns.
        columns: Vec<Name>,
        /// One expression a column, for each row.
        rows: Vec<Vec<SqlExpression>>,
    },
    /// Copies the walked rows into another table; rows whose unique key exists are left alone.
    Copy {
        /// The target table.
        to: ObjectName,
        /// Target column and its value from the source row, in the order written.
        columns: Vec<(Name, SqlExpression)>,
        /// Whether rows whose unique key exists are brought up to date instead: when a copy that was made
        /// void is done again.
        overwrite: bool,
    },
}

/// How a backfill is cut up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Batch {
    /// Rows a batch, 1 to 1,000,000; adaptive if nothing is said.
    pub rows: Option<u32>,
    /// Milliseconds to wait after a batch.
    pub pause_ms: Option<u32>,
}
