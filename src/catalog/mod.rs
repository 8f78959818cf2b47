//! A database's schema as data: what a plan builds on, what a step leaves behind, what is live.
//!
//! A catalog is the same whether it was predicted by applying changes or read from a live database, so
//! the two can be compared ([`diff`]). Types are normalised per dialect before they get here
//! ([`crate::dialects::normalize_type`]); expressions keep their text and are compared loosely.

mod definitions;
pub mod diff;
mod domain;
mod heirs;
mod lookup;
mod others;
mod partition;
mod sync;
mod table;
mod terms;
mod undeclared;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use definitions::{Defined, Definitions, THEN};
pub use domain::Domain;
pub use heirs::{Heir, Heirs};
pub use lookup::Lookup;
pub(crate) use lookup::Relation;
pub use others::ObjectKind;
pub use partition::Partition;
pub use sync::{Sync, SyncTables};
pub use table::{
    Check, Column, ForeignKey, Generated, Identity, Index, IndexColumn, IndexKey, Key, Nulls,
    Order, ReferentialAction, Table, Trigger,
};
pub use terms::{
    Deferral, Exclusion, IndexTerms, KeyTerms, OnConflict, Parameters, PartTerms, ReferenceTerms,
};
pub use undeclared::Undeclared;

use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};

/// A normalised SQL type, e.g. `integer`, `character varying(20)`, `TEXT`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SqlType(pub String);

impl std::fmt::Display for SqlType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text of a SQL expression in the catalog's dialect.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SqlExpression(pub Arc<str>);

impl SqlExpression {
    /// Wraps a text.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for SqlExpression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// All that planner knows of one database's schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalog {
    /// Whose types and expressions these are.
    pub dialect: Dialect,
    /// Tables, without planner's own and Diesel's.
    pub tables: BTreeMap<ObjectName, Arc<Table>>,
    /// Views.
    pub views: BTreeMap<ObjectName, View>,
    /// Enum types (PostgreSQL).
    pub enums: BTreeMap<ObjectName, EnumType>,
    /// Domains, as far as they are known (PostgreSQL). They are never compared: what they check is told beside the catalog.
    pub domains: BTreeMap<ObjectName, Domain>,
    /// Which tables inherit from which (PostgreSQL), partitions apart.
    pub heirs: Heirs,
    /// Sequences that no identity or serial column owns (PostgreSQL).
    pub sequences: BTreeSet<ObjectName>,
    /// Names of functions that planner's own triggers call (PostgreSQL).
    pub functions: BTreeSet<ObjectName>,
    /// Functions, domains, policies … that changes created, by kind and name, with the table or view that they belong to.
    ///
    /// It may lack any that is there, since no live database is asked for them, so what differs is no drift.
    pub others: BTreeMap<(ObjectKind, ObjectName), Option<ObjectName>>,
    /// What made the things that are known by name only, and what is on tables and views beside what is held.
    pub definitions: Arc<Definitions>,
    /// Columns kept in step by trigger, by the sync's name. A catalog read from a live database has
    /// none: there they are only triggers.
    pub syncs: BTreeMap<Name, Arc<Sync>>,
    /// Speeds up questions about names; no part of the catalog's value. `Lookup::default()` is always right.
    pub lookup: Lookup,
}

/// A view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The query after `AS`.
    pub query: SqlExpression,
    /// The names of its columns, where known (always, when read from a live database).
    pub columns: Vec<Name>,
    /// Whether it is a materialized view (PostgreSQL).
    pub materialized: bool,
}

/// An enum type with its values in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnumType {
    /// The values in the order the database sorts them.
    pub values: Vec<String>,
}

impl Catalog {
    /// Returns the catalog of an empty database.
    #[must_use]
    pub fn empty(dialect: Dialect) -> Self {
        Self {
            dialect,
            tables: BTreeMap::new(),
            views: BTreeMap::new(),
            enums: BTreeMap::new(),
            domains: BTreeMap::new(),
            heirs: Heirs::default(),
            sequences: BTreeSet::new(),
            functions: BTreeSet::new(),
            others: BTreeMap::new(),
            definitions: Arc::default(),
            syncs: BTreeMap::new(),
            lookup: Lookup::default(),
        }
    }

    /// Returns the table with this name.
    #[must_use]
    pub fn table(&self, name: &ObjectName) -> Option<&Table> {
        self.tables.get(name).map(AsRef::as_ref)
    }

    /// Returns the table with this name to change it.
    pub fn table_mut(&mut self, name: &ObjectName) -> Option<&mut Table> {
        self.forget_lookup();
        self.tables.get_mut(name).map(Arc::make_mut)
    }

    /// Returns the column of this table.
    #[must_use]
    pub fn column(&self, table: &ObjectName, column: &Name) -> Option<&Column> {
        self.table(table)?.column(column)
    }

    /// Returns the table that has the index with this name (an index lives in its table's schema).
    #[must_use]
    pub fn table_of_index(&self, index: &ObjectName) -> Option<(&ObjectName, &Table)> {
        self.tables.iter().map(|(name, table)| (name, table.as_ref())).find(|(name, table)| {
            name.schema == index.schema && table.indexes.contains_key(&index.name)
        })
    }

    /// Returns the foreign keys of other tables that point to this one, with their tables; without those that partitions have from
    /// their table.
    pub fn references_to<'a>(
        &'a self,
        target: &'a ObjectName,
    ) -> impl Iterator<Item = (&'a ObjectName, &'a ForeignKey)> {
        self.possible_referrers(target).flat_map(move |(name, table)| {
            table
                .foreign_keys
                .iter()
                .filter(move |key| key.references == *target && key.terms.part_of.is_none())
                .map(move |key| (name, key))
        })
    }
}
