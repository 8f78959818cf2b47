//! The waist: 39 dialect-free primitives that operations lower to and SQL is read into.
//!
//! A change [`apply`]s to a catalog, [`invert`]s, has a [`probe`], a footprint (what it touches, for
//! conflicts) and effects (what it does to the releases that are live). Only `dialects/` turns it into SQL.
//!
//! To add a primitive: a variant here; the compiler then lists every place that must know it.

pub mod apply;
pub mod canonical;
mod data;
pub mod definition;
pub mod effect;
pub mod footprint;
pub(crate) mod inherited;
pub mod invert;
pub mod making;
pub(crate) mod naming;
pub mod nullness;
pub mod other;
pub mod places;
pub mod probe;
mod table;
pub mod unseen;
pub mod untold;
pub mod widening;
pub mod words;
pub mod written;

use std::sync::Arc;

pub use crate::catalog::ObjectKind;
pub use data::{Batch, DataChange, Write};
pub use other::{Other, Verb};
pub use written::Written;

use crate::catalog::{
    Check, Column, Deferral, EnumType, Exclusion, ForeignKey, Generated, Index, Key, SqlExpression,
    SqlType, Sync, Table, Trigger, View,
};
use crate::name::{Name, ObjectName};

/// One primitive change to a schema or its data.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "a table is the larger, and there are few changes at a time"
)]
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
    /// SQL of which planner cannot tell what it does.
    Opaque(Opaque),
    /// Gives a table or a view another name or schema.
    RenameTable {
        /// Its name so far.
        from: ObjectName,
        /// Its name from then on.
        to: ObjectName,
    },
    /// Gives a column of a table or a view another name.
    RenameColumn {
        /// The table or view.
        table: ObjectName,
        /// The column's name so far.
        from: Name,
        /// Its name from then on.
        to: Name,
    },
    /// Gives a constraint another name; on PostgreSQL the index beneath a key goes with it.
    RenameConstraint {
        /// The table.
        table: ObjectName,
        /// The constraint's name so far.
        from: Name,
        /// Its name from then on.
        to: Name,
    },
    /// Gives an index that no constraint owns another name.
    RenameIndex {
        /// Its table.
        table: ObjectName,
        /// The index's name so far.
        from: Name,
        /// Its name from then on.
        to: Name,
    },
    /// Gives an enum type another name or schema.
    RenameEnum {
        /// Its name so far.
        from: ObjectName,
        /// Its name from then on.
        to: ObjectName,
    },
    /// Gives a value of an enum type another text; rows that hold it follow.
    RenameEnumValue {
        /// The type.
        name: ObjectName,
        /// The value so far.
        from: String,
        /// The value from then on.
        to: String,
    },
    /// Gives a column another type.
    SetType {
        /// The table.
        table: ObjectName,
        /// The column.
        column: Name,
        /// The new type, normalised.
        sql_type: SqlType,
        /// How to compute the new value from the row (`USING`), `None` for the engine's own conversion.
        using: Option<SqlExpression>,
        /// The collation from then on, `None` for the new type's own.
        collation: Option<Name>,
    },
    /// Makes a column generated or self-numbering, or ends it (`ADD GENERATED`, `DROP IDENTITY`, `DROP EXPRESSION`).
    SetGenerated {
        /// The table.
        table: ObjectName,
        /// The column.
        column: Name,
        /// How its value is made from then on, `None` for a plain column that keeps its values.
        generated: Option<Generated>,
    },
    /// Checks the rows of before against a constraint that so far held for new rows only (`VALIDATE CONSTRAINT`).
    ValidateConstraint {
        /// The table.
        table: ObjectName,
        /// The constraint's name.
        constraint: Name,
    },
    /// Has a foreign key checked at another time (`ALTER CONSTRAINT`, PostgreSQL).
    SetDeferral {
        /// The table.
        table: ObjectName,
        /// The foreign key's name.
        constraint: Name,
        /// When it is checked from then on.
        deferral: Deferral,
    },
    /// Sets or drops the comment on a table or a column; comments on anything else are [`Change::Other`].
    SetComment {
        /// The table.
        table: ObjectName,
        /// The column, or the whole table.
        column: Option<Name>,
        /// The comment, `None` to drop it.
        comment: Option<String>,
    },
    /// Creates a sequence that no column owns.
    CreateSequence {
        /// Its name.
        name: ObjectName,
    },
    /// Drops a sequence.
    DropSequence {
        /// Its name.
        name: ObjectName,
    },
    /// Gives a sequence another name or schema.
    RenameSequence {
        /// Its name so far.
        from: ObjectName,
        /// Its name from then on.
        to: ObjectName,
    },
    /// Creates a hand-written trigger.
    CreateTrigger {
        /// The table or view that has it.
        table: ObjectName,
        /// Its name.
        name: Name,
        /// The trigger, with its text.
        trigger: Trigger,
    },
    /// Drops a hand-written trigger.
    DropTrigger {
        /// The table or view that has it.
        table: ObjectName,
        /// Its name.
        name: Name,
    },
    /// Empties tables at once.
    Truncate {
        /// The tables, in the order written.
        tables: Vec<ObjectName>,
    },
    /// Something that the catalog does not hold as structure: functions, domains, policies, grants ….
    Other(Other),
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
    /// `PRIMARY KEY`; its columns become NOT NULL.
    Primary(Key),
    /// `EXCLUDE` (PostgreSQL).
    Exclude(Exclusion),
    /// `UNIQUE USING INDEX` or `PRIMARY KEY USING INDEX`: a unique index that is there becomes the constraint's
    /// (PostgreSQL).
    UsingIndex {
        /// The constraint's name, which the index gets too.
        name: Name,
        /// The index's name so far.
        index: Name,
        /// Whether it is the primary key.
        primary: bool,
        /// When it is checked.
        deferral: Deferral,
    },
}

impl Constraint {
    /// Returns the constraint's name.
    #[must_use]
    pub const fn name(&self) -> &Name {
        match self {
            Self::Unique(key) | Self::Primary(key) => &key.name,
            Self::Check(check) => &check.name,
            Self::ForeignKey(key) => &key.name,
            Self::Exclude(exclusion) => &exclusion.name,
            Self::UsingIndex { name, index: _, primary: _, deferral: _ } => name,
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

/// SQL of which planner cannot tell what it does, and what it touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opaque {
    /// The statements.
    pub text: String,
    /// Why planner cannot tell: "a `DO` block runs SQL that it puts together".
    pub why: String,
    /// What it changes or reads, as its author says or as its words tell.
    pub touches: Vec<Touched>,
    /// What it does if it runs, where that can be told and only whether it runs cannot.
    pub may: Vec<Change>,
}

/// What SQL is said to touch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Touched {
    /// The table, view or type.
    pub object: ObjectName,
    /// One column of it.
    pub column: Option<Name>,
}
