//! Dual write inside the database: which columns or tables a trigger keeps in step.

use super::SqlExpression;
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};

/// Columns of one table, or two tables, kept in step by trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sync {
    /// Columns of one table.
    Columns {
        /// Names the triggers and functions, e.g. `planner_sync_split_user_name_keep_in_step`; at most
        /// 50 bytes, so that suffixes fit into an identifier.
        name: Name,
        /// The table.
        table: ObjectName,
        /// New column and its value from the old ones.
        forward: Vec<(Name, SqlExpression)>,
        /// Old column and its value from the new ones.
        backward: Vec<(Name, SqlExpression)>,
    },
    /// One table's rows carried over to another.
    Tables(SyncTables),
}

/// One table's inserts, updates and deletes carried over to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncTables {
    /// As for columns.
    pub name: Name,
    /// Where the rows come from.
    pub from: ObjectName,
    /// Where they go.
    pub to: ObjectName,
    /// Target column and its value from the source row.
    pub columns: Vec<(Name, SqlExpression)>,
    /// Target columns that identify the row; each is among `columns`.
    pub key: Vec<Name>,
}

impl Sync {
    /// Returns the name its triggers and functions begin with.
    #[must_use]
    pub const fn name(&self) -> &Name {
        match self {
            Self::Columns { name, .. } => name,
            Self::Tables(tables) => &tables.name,
        }
    }

    /// Returns the table that has the triggers.
    #[must_use]
    pub const fn table(&self) -> &ObjectName {
        match self {
            Self::Columns { table, .. } => table,
            Self::Tables(tables) => &tables.from,
        }
    }

    /// Returns the columns of the table with the triggers that it fills, in order.
    #[must_use]
    pub fn filled(&self) -> Vec<&Name> {
        match self {
            Self::Columns { forward, backward, .. } => {
                forward.iter().chain(backward).map(|(column, _)| column).collect()
            }
            Self::Tables(_) => Vec::new(),
        }
    }

    /// Returns the names of its triggers on [`Self::table`].
    #[must_use]
    pub fn triggers(&self, dialect: Dialect) -> Vec<Name> {
        let suffixes: &[&str] = match (dialect, self) {
            (Dialect::Postgres, _) => &[""],
            (Dialect::Sqlite, Self::Columns { .. }) => &["_insert", "_update"],
            (Dialect::Sqlite, Self::Tables(_)) => &["_insert", "_update", "_delete"],
        };
        suffixes.iter().map(|suffix| Name::new(format!("{}{suffix}", self.name()))).collect()
    }

    /// Returns the function its trigger calls, in the default schema, where the dialect has functions.
    #[must_use]
    pub fn function(&self, dialect: Dialect) -> Option<ObjectName> {
        match dialect {
            Dialect::Postgres => Some(ObjectName::bare(self.name().clone())),
            Dialect::Sqlite => None,
        }
    }
}
