//! Two places that hold the same data until the old one goes.

use super::{DataChange, Write};
use crate::catalog::SqlExpression;
use crate::name::Name;

/// The place that a backfill filled, and the one it was filled from.
///
/// What counts as left behind follows from who may write which place at the end. The last releases write the new one
/// only. Where a trigger carries that back, the two must agree in one direction at least. Where none does, the
/// old place is stale by then: lost is what it holds and the new one has nothing of; for a table that is a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The backfill: an update that sets the columns which take over, or a copy of a table.
    pub fill: DataChange,
    /// The columns of the old place that a trigger computes from the new one; empty if none does.
    pub back: Vec<(Name, SqlExpression)>,
}

impl Places {
    /// Says in words what rows were found.
    #[must_use]
    pub fn found(&self, rows: u64) -> String {
        let (rows, have, are) = if rows == 1 {
            ("1 row".to_owned(), "has", "is")
        } else {
            (format!("{rows} rows"), "have", "are")
        };
        let table = &self.fill.table;
        match &self.fill.write {
            Write::Copy { to, .. } => format!("{rows} of `{table}` {are} not in `{to}`"),
            Write::Update { .. }
            | Write::Delete
            | Write::InsertSelect { .. }
            | Write::InsertValues { .. }
                if self.back.is_empty() =>
            {
                format!(
                    "{rows} of `{table}` {have} nothing in {}, but in the place they replace",
                    self.columns()
                )
            }
            Write::Update { .. }
            | Write::Delete
            | Write::InsertSelect { .. }
            | Write::InsertValues { .. } => {
                format!(
                    "{rows} of `{table}` {have} something else in {} than in the place they replace",
                    self.columns()
                )
            }
        }
    }

    fn columns(&self) -> String {
        let Write::Update { set } = &self.fill.write else { return String::new() };
        let names: Vec<String> = set.iter().map(|(column, _)| format!("`{column}`")).collect();
        names.join(", ")
    }
}

impl std::fmt::Display for Places {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let table = &self.fill.table;
        match &self.fill.write {
            Write::Copy { to, .. } => write!(f, "`{table}` with `{to}`"),
            Write::Update { .. }
            | Write::Delete
            | Write::InsertSelect { .. }
            | Write::InsertValues { .. } => {
                write!(f, "{} of `{table}` with the place they replace", self.columns())
            }
        }
    }
}
