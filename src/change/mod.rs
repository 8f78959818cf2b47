//! The waist: about twenty dialect-free primitives that operations lower to and SQL is read into.
//!
//! A change [`apply`]s to a catalog, [`invert`]s, has a [`probe`], a footprint (what it touches, for
//! conflicts) and effects (what it does to the releases that are live). Only `dialects/` turns it into SQL.
//!
//! To add a primitive: a variant here; the compiler then lists every place that must know it.

pub mod apply;
pub mod canonical;
pub mod effect;
pub mod footprint;
pub mod invert;
pub mod nullness;
pub mod places;
pub mod probe;
pub mod words;

use std::sync::Arc;

use crate::catalog::{
    Check, Column, EnumType, ForeignKey, Index, Key, SqlExpression, Sync, Table, View,
};
use crate::name::{Name, ObjectName};

/// One primitive change to a schema or its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Creates a table with all its constraints; its indexes and triggers are changes of their own.
    CreateTable {
        /// Its name.
        name: ObjectName,
        /// What it consists of.
        table: Table,
    },
    /// Drops a table.
    DropTable {
        /// Its name.
        name: ObjectName,
    },
    /// Adds a column at the end of a table.
    AddColumn {
        /// The table.
        table: ObjectName,
        /// The column.
        column: Column,
    },
    /// Drops a column.
    DropColumn {
        /// The table.
        table: ObjectName,
        /// The column.
        column: Name,
        /// How to compute the column's value from the columns that stay, for the way back.
        refill: Option<SqlExpression>,
    },
    /// Sets or drops a column's default.
    SetDefault {
        /// The table.
        table: ObjectName,
        /// The column.
        column: Name,
        /// The default, `None` to drop it.
        default: Option<SqlExpression>,
    },
    /// Allows or forbids NULL in a column.
    SetNullable {
        /// The table.
        table: ObjectName,
        /// The column.
        column: Name,
        /// Whether NULL is allowed.
        nullable: bool,
    },
    /// Adds a constraint to an existing table.
    AddConstraint {
        /// The table.
        table: ObjectName,
        /// The constraint.
        constraint: Constraint,
    },
    /// Drops a constraint.
    DropConstraint {
        /// The table.
        table: ObjectName,
        /// The constraint's name.
        constraint: Name,
    },
    /// Creates an index.
    CreateIndex {
        /// The table.
        table: ObjectName,
        /// The index's name; it lives in the table's schema.
        name: Name,
        /// The index.
        index: Index,
    },
    /// Drops an index.
    DropIndex {
        /// Its table.
        table: ObjectName,
        /// The index's name.
        name: Name,
    },
    /// Creates an enum type.
    CreateEnum {
        /// Its name.
        name: ObjectName,
        /// Its values.
        values: EnumType,
    },
    /// Adds a value to an enum type.
    AddEnumValue {
        /// The type.
        name: ObjectName,
        /// The value.
        value: String,
        /// Where it goes; at the end if nothing is said.
        place: Option<EnumPlace>,
    },
    /// Drops an enum type.
    DropEnum {
        /// Its name.
        name: ObjectName,
    },
    /// Creates a view.
    CreateView {
        /// Its name.
        name: ObjectName,
        /// The view.
        view: View,
    },
    /// Replaces a view's query.
    ReplaceView {
        /// Its name.
        name: ObjectName,
        /// The new view.
        view: View,
    },
    /// Drops a view.
    DropView {
        /// Its name.
        name: ObjectName,
    },
    /// Starts to keep columns, or two tables, in step by trigger.
    CreateSync(Arc<Sync>),
    /// Ends it.
    DropSync(Arc<Sync>),
    /// Records that a table or a column is going to be dropped; changes nothing in the database.
    Deprecate {
        /// The table.
        table: ObjectName,
        /// The column, or the whole table.
        column: Option<Name>,
    },
    /// Moves data.
    Write(DataChange),
    /// SQL that planner does not read.
    Opaque(Opaque),
}

/// A constraint to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// `UNIQUE`.
    Unique(Key),
    /// `CHECK`.
    Check(Check),
    /// `FOREIGN KEY`.
    ForeignKey(ForeignKey),
}

impl Constraint {
    /// Returns the constraint's name.
    #[must_use]
    pub const fn name(&self) -> &Name {
        match self {
            Self::Unique(key) => &key.name,
            Self::Check(check) => &check.name,
            Self::ForeignKey(key) => &key.name,
        }
    }
}

/// Where a value goes in an enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnumPlace {
    /// Just before this value.
    Before(String),
    /// Just after this value.
    After(String),
}

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

/// SQL that planner does not read, and what its author says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opaque {
    /// The statements forward.
    pub up: String,
    /// The statements back, or why there is none.
    pub down: Result<String, String>,
    /// A query that returns one true value once `up` has been done.
    pub probe: Option<String>,
    /// Tables and `table.column`s that it changes or reads.
    pub touches: Vec<Touched>,
    /// Whether it runs in a transaction.
    pub transactional: bool,
}

/// What an opaque step says it touches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Touched {
    /// The table, view or type.
    pub object: ObjectName,
    /// One column of it.
    pub column: Option<Name>,
}
