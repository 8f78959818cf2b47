//! A table and its parts.

use std::collections::BTreeMap;

use super::{
    Exclusion, IndexTerms, KeyTerms, OnConflict, PartTerms, Partition, ReferenceTerms,
    SqlExpression, SqlType,
};
use crate::name::{Name, ObjectName};

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Table {
    /// Columns in their order.
    pub columns: Vec<Column>,
    /// The primary key.
    pub primary_key: Option<Key>,
    /// Unique constraints (not unique indexes).
    pub uniques: Vec<Key>,
    /// Check constraints.
    pub checks: Vec<Check>,
    /// Foreign keys to other tables or to itself.
    pub foreign_keys: Vec<ForeignKey>,
    /// Exclusion constraints (PostgreSQL).
    pub exclusions: Vec<Exclusion>,
    /// Indexes that no constraint owns, by name.
    pub indexes: BTreeMap<Name, Index>,
    /// Triggers by name.
    pub triggers: BTreeMap<Name, Trigger>,
    /// How it is cut into partitions: `RANGE (at)` (PostgreSQL).
    pub partition_by: Option<SqlExpression>,
    /// What it is a partition of, if it is one (PostgreSQL).
    pub partition_of: Option<Partition>,
    /// The comment (PostgreSQL).
    pub comment: Option<String>,
    /// `STRICT` (SQLite).
    pub strict: bool,
    /// `WITHOUT ROWID` (SQLite).
    pub without_rowid: bool,
}

impl Table {
    /// Returns the column with this name.
    #[must_use]
    pub fn column(&self, name: &Name) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == *name)
    }

    /// Returns the column with this name to change it.
    pub fn column_mut(&mut self, name: &Name) -> Option<&mut Column> {
        self.columns.iter_mut().find(|column| column.name == *name)
    }

    /// Returns the names of all its constraints: primary key, unique, check, foreign key, exclusion.
    pub fn constraint_names(&self) -> impl Iterator<Item = &Name> {
        let keys = self.primary_key.iter().chain(&self.uniques).map(|key| &key.name);
        let checks = self.checks.iter().map(|check| &check.name);
        let exclusions = self.exclusions.iter().map(|exclusion| &exclusion.name);
        keys.chain(checks).chain(self.foreign_keys.iter().map(|key| &key.name)).chain(exclusions)
    }

    /// Returns the column lists that hold no two equal rows, as the columns compare: the primary key, unique constraints, and
    /// unique indexes on plain columns without a predicate.
    #[must_use]
    pub fn unique_column_lists(&self) -> Vec<Vec<&Name>> {
        let keys = self.primary_key.iter().chain(&self.uniques);
        let keys = keys.filter(|key| key.terms.collations.is_empty());
        let mut lists: Vec<Vec<&Name>> = keys.map(|key| key.columns.iter().collect()).collect();
        lists.extend(self.indexes.values().filter_map(Index::unique_columns));
        lists
    }

    /// Returns the names of the constraints that have an index of their name: primary key, unique and exclusion constraints.
    pub fn index_constraints(&self) -> impl Iterator<Item = &Name> {
        let keys = self.primary_key.iter().chain(&self.uniques).map(|key| &key.name);
        keys.chain(self.exclusions.iter().map(|exclusion| &exclusion.name))
    }

    /// Returns those of [`Self::unique_column_lists`] that `ON CONFLICT` and foreign keys find: not those that may be checked at
    /// the end of a transaction only.
    #[must_use]
    pub fn arbiter_column_lists(&self) -> Vec<Vec<&Name>> {
        let keys = self.primary_key.iter().chain(&self.uniques);
        let keys = keys.filter(|key| key.terms.is_arbiter());
        let mut lists: Vec<Vec<&Name>> = keys.map(|key| key.columns.iter().collect()).collect();
        lists.extend(self.indexes.values().filter_map(Index::unique_columns));
        lists
    }
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: Name,
    /// Its normalised type.
    pub sql_type: SqlType,
    /// Whether it may be NULL. Columns of a primary key may not.
    pub nullable: bool,
    /// The default.
    pub default: Option<SqlExpression>,
    /// How the database makes its value, if it does.
    pub generated: Option<Generated>,
    /// A collation other than the type's own.
    pub collation: Option<Name>,
    /// What is done with a row that has NULL where it may have none (SQLite).
    pub on_null: Option<OnConflict>,
    /// The comment (PostgreSQL).
    pub comment: Option<String>,
}

impl Column {
    /// Returns a nullable column without anything else.
    pub fn new(name: impl Into<Name>, sql_type: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            sql_type: SqlType(sql_type.into()),
            nullable: true,
            default: None,
            generated: None,
            collation: None,
            on_null: None,
            comment: None,
        }
    }

    /// Returns whether an insert that does not name the column passes.
    #[must_use]
    pub fn may_be_left_out(&self) -> bool {
        self.nullable || self.default.is_some() || self.generated.is_some()
    }
}

/// How the database makes a column's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Generated {
    /// `GENERATED … AS IDENTITY`, a serial (PostgreSQL), or an `INTEGER PRIMARY KEY` (SQLite).
    Identity(Identity),
    /// `GENERATED ALWAYS AS (…) STORED`.
    Stored(SqlExpression),
    /// `GENERATED ALWAYS AS (…) VIRTUAL`.
    Virtual(SqlExpression),
}

/// Which kind of self-numbering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// `GENERATED ALWAYS AS IDENTITY`.
    Always,
    /// `GENERATED BY DEFAULT AS IDENTITY`.
    ByDefault,
    /// `serial` and `bigserial`: a default on an owned sequence.
    Serial,
    /// `INTEGER PRIMARY KEY`: the row id.
    RowId,
    /// `INTEGER PRIMARY KEY AUTOINCREMENT`.
    AutoIncrement,
}

/// A primary key or a unique constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The constraint's name. SQLite's unnamed constraints get the conventional name.
    pub name: Name,
    /// Its columns in order.
    pub columns: Vec<Name>,
    /// What it says beside.
    pub terms: KeyTerms,
}

impl Key {
    /// Returns a key that says nothing else.
    #[must_use]
    pub fn new(name: Name, columns: Vec<Name>) -> Self {
        Self { name, columns, terms: KeyTerms::default() }
    }
}

/// A check constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The constraint's name.
    pub name: Name,
    /// The condition.
    pub expression: SqlExpression,
    /// False between `NOT VALID` and `VALIDATE` (PostgreSQL).
    pub validated: bool,
    /// Whether tables that inherit do without it (`NO INHERIT`, PostgreSQL).
    pub no_inherit: bool,
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignKey {
    /// The constraint's name.
    pub name: Name,
    /// The referring columns.
    pub columns: Vec<Name>,
    /// The table referred to.
    pub references: ObjectName,
    /// The columns referred to, as many.
    pub referenced_columns: Vec<Name>,
    /// What a delete there does here.
    pub on_delete: ReferentialAction,
    /// What an update there does here.
    pub on_update: ReferentialAction,
    /// False between `NOT VALID` and `VALIDATE` (PostgreSQL).
    pub validated: bool,
    /// What it says beside.
    pub terms: ReferenceTerms,
}

/// What a foreign key does when the row it refers to goes or changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum ReferentialAction {
    /// `NO ACTION`, the default.
    #[default]
    NoAction,
    /// `RESTRICT`.
    Restrict,
    /// `CASCADE`.
    Cascade,
    /// `SET NULL`.
    SetNull,
    /// `SET DEFAULT`.
    SetDefault,
}

impl ReferentialAction {
    /// All actions.
    pub const ALL: [Self; 5] =
        [Self::NoAction, Self::Restrict, Self::Cascade, Self::SetNull, Self::SetDefault];

    /// Returns the action's words, in lower case; dialects render them in upper case.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoAction => "no action",
            Self::Restrict => "restrict",
            Self::Cascade => "cascade",
            Self::SetNull => "set null",
            Self::SetDefault => "set default",
        }
    }

    /// Returns the action with these words, in any case.
    #[must_use]
    pub fn parse(words: &str) -> Option<Self> {
        let words = words.trim().to_ascii_lowercase().replace('_', " ");
        Self::ALL.into_iter().find(|action| action.words() == words)
    }
}

/// An index that no constraint owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its parts in order.
    pub columns: Vec<IndexColumn>,
    /// Whether it holds no two equal rows.
    pub unique: bool,
    /// The condition of a partial index.
    pub predicate: Option<SqlExpression>,
    /// The access method (PostgreSQL), `None` for `btree`.
    pub method: Option<Name>,
    /// `INCLUDE` columns (PostgreSQL).
    pub include: Vec<Name>,
    /// False after an interrupted concurrent build (PostgreSQL).
    pub valid: bool,
    /// What it says beside.
    pub terms: IndexTerms,
}

impl Index {
    /// Returns the columns of which it holds no two equal lists, as the columns compare; nothing of one that is partial, on
    /// expressions or of another collation.
    #[must_use]
    pub fn unique_columns(&self) -> Option<Vec<&Name>> {
        let own = |part: &IndexColumn| part.terms.collation.is_none();
        if !self.unique || self.predicate.is_some() || !self.columns.iter().all(own) {
            return None;
        }
        self.columns.iter().map(|part| part.key.column()).collect()
    }
}

/// One part of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexColumn {
    /// What is indexed.
    pub key: IndexKey,
    /// Ascending unless said otherwise.
    pub order: Order,
    /// Where NULLs go, `None` for the engine's default.
    pub nulls: Option<Nulls>,
    /// The operator class (PostgreSQL), `None` for the type's default.
    pub opclass: Option<Name>,
    /// What it says beside.
    pub terms: PartTerms,
}

/// What a part of an index is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexKey {
    /// A column.
    Column(Name),
    /// An expression.
    Expression(SqlExpression),
}

impl IndexKey {
    /// Returns the column, if it is one.
    #[must_use]
    pub const fn column(&self) -> Option<&Name> {
        match self {
            Self::Column(name) => Some(name),
            Self::Expression(_) => None,
        }
    }
}

/// The order of an index's part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Order {
    /// Ascending.
    #[default]
    Ascending,
    /// Descending.
    Descending,
}

/// Where an index puts NULLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nulls {
    /// Before all values.
    First,
    /// After all values.
    Last,
}

/// A trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// The whole `CREATE TRIGGER` text, where it was read from a database; `None` for a predicted
    /// trigger of a sync, which the dialect renders from the sync.
    pub definition: Option<String>,
}
