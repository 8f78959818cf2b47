//! Answers that would otherwise need a look at every table: who has a name, and who refers to a table.
//!
//! Built on first use and kept up by [`crate::change::apply`]. It may remember more than there is, so every
//! answer is verified against the catalog; it never knows less.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Catalog, Sync, Table};
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};

/// The lookup of a catalog; two catalogs never differ by it.
#[derive(Clone, Debug, Default)]
pub struct Lookup(Option<Arc<Tables>>);

impl PartialEq for Lookup {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Lookup {}

/// What has a name in the namespace that tables, views and indexes share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relation {
    /// A table.
    Table(ObjectName),
    /// A view.
    View(ObjectName),
    /// A sequence.
    Sequence(ObjectName),
    /// An index of this table.
    Index(ObjectName, Name),
    /// A primary key or unique constraint of this table, whose index has its name (PostgreSQL).
    Key(ObjectName, Name),
}

impl Relation {
    /// Returns what it is, in a word.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Table(_) => "table",
            Self::View(_) => "view",
            Self::Sequence(_) => "sequence",
            Self::Index(..) => "index",
            Self::Key(..) => "constraint",
        }
    }

    /// Returns its name and schema.
    #[must_use]
    pub fn name(&self) -> ObjectName {
        match self {
            Self::Table(name) | Self::View(name) | Self::Sequence(name) => name.clone(),
            Self::Index(table, name) | Self::Key(table, name) => table.sibling(name.clone()),
        }
    }

    fn exists_in(&self, catalog: &Catalog) -> bool {
        match self {
            Self::Table(name) => catalog.tables.contains_key(name),
            Self::View(name) => catalog.views.contains_key(name),
            Self::Sequence(name) => catalog.sequences.contains(name),
            Self::Index(table, name) => {
                catalog.table(table).is_some_and(|table| table.indexes.contains_key(name))
            }
            Self::Key(table, name) => catalog
                .table(table)
                .is_some_and(|table| table.index_constraints().any(|key| key == name)),
        }
    }
}

#[derive(Clone, Debug, Default)]
struct Tables {
    /// How many tables and views there were when it was last kept up, to notice changes made past it.
    counted: (usize, usize),
    relations: BTreeMap<ObjectName, Relation>,
    /// Table to the tables that have, or had, a foreign key to it.
    referrers: BTreeMap<ObjectName, BTreeSet<ObjectName>>,
    /// Tables that have, or had, a trigger.
    triggered: BTreeSet<ObjectName>,
    /// The name of a constraint to the tables that have, or had, one of that name.
    constrained: BTreeMap<Name, BTreeSet<ObjectName>>,
}

impl Tables {
    fn of(catalog: &Catalog) -> Self {
        let mut built = Self::default();
        let dialect = catalog.dialect;
        for (name, table) in &catalog.tables {
            built.add_table(dialect, name, table);
        }
        for name in catalog.views.keys() {
            built.add(dialect, Relation::View(name.clone()));
        }
        for name in &catalog.sequences {
            built.add(dialect, Relation::Sequence(name.clone()));
        }
        built.counted = (catalog.tables.len(), catalog.views.len());
        built
    }

    fn add_table(&mut self, dialect: Dialect, name: &ObjectName, table: &Table) {
        self.add(dialect, Relation::Table(name.clone()));
        for index in table.indexes.keys() {
            self.add(dialect, Relation::Index(name.clone(), index.clone()));
        }
        for key in table.index_constraints() {
            self.add(dialect, Relation::Key(name.clone(), key.clone()));
        }
        for key in &table.foreign_keys {
            self.refer(name, &key.references);
        }
        if !table.triggers.is_empty() {
            self.triggered.insert(name.clone());
        }
        for constraint in table.constraint_names() {
            self.constrain(name, constraint);
        }
    }

    fn add(&mut self, dialect: Dialect, relation: Relation) {
        // SQLite's constraints have no names of their own in the schema.
        if !(dialect == Dialect::Sqlite && matches!(relation, Relation::Key(..))) {
            self.relations.insert(folded(dialect, &relation.name()), relation);
        }
    }

    fn refer(&mut self, from: &ObjectName, to: &ObjectName) {
        self.referrers.entry(to.clone()).or_default().insert(from.clone());
    }

    fn constrain(&mut self, table: &ObjectName, constraint: &Name) {
        self.constrained.entry(constraint.clone()).or_default().insert(table.clone());
    }
}

/// SQLite takes names that differ only in case for one.
fn folded(dialect: Dialect, name: &ObjectName) -> ObjectName {
    match dialect {
        Dialect::Postgres => name.clone(),
        Dialect::Sqlite => ObjectName {
            schema: name.schema.clone(),
            name: Name::new(name.name.as_str().to_ascii_lowercase()),
        },
    }
}

impl Catalog {
    /// Returns the part of the catalog that a change of these tables can meet: the tables, those that they and their
    /// syncs refer to, those that refer to them, and everything that is not a table. Copying all tables for
    /// each of many changes would take longer than anything else.
    pub(crate) fn around(&self, names: &[&ObjectName]) -> Self {
        let mut near: BTreeSet<&ObjectName> = names.iter().copied().collect();
        let references = |name: &&ObjectName| self.table(name).map(|table| &table.foreign_keys);
        near.extend(names.iter().filter_map(references).flatten().map(|key| &key.references));
        match self.current() {
            Some(built) => {
                near.extend(names.iter().filter_map(|name| built.referrers.get(*name)).flatten());
            }
            None => near.extend(self.tables.iter().filter_map(|(other, table)| {
                let mut keys = table.foreign_keys.iter();
                keys.any(|key| names.contains(&&key.references)).then_some(other)
            })),
        }
        for sync in self.syncs.values() {
            if let Sync::Tables(tables) = sync.as_ref()
                && (names.contains(&&tables.from) || names.contains(&&tables.to))
            {
                near.extend([&tables.from, &tables.to]);
            }
        }
        let heirs: Vec<ObjectName> = names.iter().flat_map(|name| self.heirs.of(name)).collect();
        near.extend(&heirs);
        let entry = |name: &ObjectName| Some((name.clone(), Arc::clone(self.tables.get(name)?)));
        Self {
            dialect: self.dialect,
            tables: near.into_iter().filter_map(entry).collect(),
            views: self.views.clone(),
            enums: self.enums.clone(),
            domains: self.domains.clone(),
            heirs: self.heirs.clone(),
            sequences: self.sequences.clone(),
            functions: self.functions.clone(),
            others: self.others.clone(),
            definitions: Arc::clone(&self.definitions),
            syncs: self.syncs.clone(),
            lookup: Lookup::default(),
        }
    }

    /// Returns the lookup, if there is one and nothing was changed past it.
    fn current(&self) -> Option<&Arc<Tables>> {
        let counted = (self.tables.len(), self.views.len());
        self.lookup.0.as_ref().filter(|built| built.counted == counted)
    }

    /// Returns the tables among which those are that have a foreign key to this one: no others can.
    pub(super) fn possible_referrers<'a>(
        &'a self,
        to: &ObjectName,
    ) -> impl Iterator<Item = (&'a ObjectName, &'a Arc<Table>)> {
        let (some, all) = match self.current() {
            Some(built) => (built.referrers.get(to), None),
            None => (None, Some(&self.tables)),
        };
        let some = some.into_iter().flatten().filter_map(|name| self.tables.get_key_value(name));
        some.chain(all.into_iter().flatten())
    }

    /// Returns the tables that have a trigger, by name.
    pub(crate) fn with_triggers(&self) -> impl Iterator<Item = &ObjectName> {
        let (some, all) = match self.current() {
            Some(built) => (Some(&built.triggered), None),
            None => (None, Some(&self.tables)),
        };
        let some = some.into_iter().flatten().filter_map(|name| self.tables.get_key_value(name));
        let tables = some.chain(all.into_iter().flatten());
        tables.filter(|(_, table)| !table.triggers.is_empty()).map(|(name, _)| name)
    }

    /// Returns whether a table, view, sequence, index or key of PostgreSQL's has this name.
    #[must_use]
    pub fn is_relation(&self, name: &ObjectName) -> bool {
        if let Some(built) = self.current() {
            return built.relations.get(name).is_some_and(|relation| relation.exists_in(self));
        }
        let has = |table: &Table| {
            table.indexes.contains_key(&name.name)
                || table.index_constraints().any(|key| *key == name.name)
        };
        self.tables.contains_key(name)
            || self.views.contains_key(name)
            || self.sequences.contains(name)
            || self.tables_in(name.schema.as_ref()).any(has)
    }

    /// Returns whether any table of the schema has a constraint of this name.
    #[must_use]
    pub fn is_constraint(&self, name: &ObjectName) -> bool {
        let has = |table: &Table| table.constraint_names().any(|there| *there == name.name);
        match self.current() {
            Some(built) => {
                let tables = built.constrained.get(&name.name).into_iter().flatten();
                let mut tables = tables.filter(|table| table.schema == name.schema);
                tables.any(|table| self.table(table).is_some_and(has))
            }
            None => self.tables_in(name.schema.as_ref()).any(has),
        }
    }

    fn tables_in(&self, schema: Option<&Name>) -> impl Iterator<Item = &Table> {
        let tables = self.tables.iter().filter(move |(name, _)| name.schema.as_ref() == schema);
        tables.map(|(_, table)| table.as_ref())
    }

    fn tables_by_name(&mut self) -> Arc<Tables> {
        if let Some(built) = self.current() {
            return Arc::clone(built);
        }
        let built = Arc::new(Tables::of(self));
        self.lookup.0 = Some(Arc::clone(&built));
        built
    }

    /// Changes the lookup. A copy of a catalog that is changed once and thrown away must not pay for a copy of
    /// the lookup, so where another catalog has it too it is forgotten.
    fn keep_up(&mut self, with: impl FnOnce(&mut Tables)) {
        let Some(built) = self.lookup.0.as_mut().and_then(Arc::get_mut) else {
            self.lookup.0 = None;
            return;
        };
        with(built);
        built.counted = (self.tables.len(), self.views.len());
    }

    /// Forgets the lookup, because a table was changed past it.
    pub(super) fn forget_lookup(&mut self) {
        self.lookup.0 = None;
    }

    /// Remembers that a table or a view got another name, after it and the foreign keys to it got it.
    pub(crate) fn remember_rename(&mut self, from: &ObjectName, to: &ObjectName) {
        let dialect = self.dialect;
        let moved = self.tables.get(to).cloned();
        self.keep_up(|built| {
            if let Some(referrers) = built.referrers.remove(from) {
                built.referrers.entry(to.clone()).or_default().extend(referrers);
            }
            match moved {
                Some(table) => built.add_table(dialect, to, &table),
                None => built.add(dialect, Relation::View(to.clone())),
            }
        });
    }

    /// Forgets the lookup, because something is no longer what it was.
    pub(crate) fn forget_names(&mut self) {
        self.lookup.0 = None;
    }

    /// Returns what already has this name among tables, views, sequences, indexes and keys.
    pub(crate) fn relation(&mut self, name: &ObjectName) -> Option<Relation> {
        let folded = folded(self.dialect, name);
        let relation = self.tables_by_name().relations.get(&folded).cloned()?;
        relation.exists_in(self).then_some(relation)
    }

    /// Remembers something new, after it was added to the catalog.
    pub(crate) fn remember(&mut self, relation: Relation) {
        let dialect = self.dialect;
        self.keep_up(|built| built.add(dialect, relation));
    }

    /// Remembers that a table got a foreign key to another.
    pub(crate) fn remember_reference(&mut self, from: &ObjectName, to: &ObjectName) {
        self.keep_up(|built| built.refer(from, to));
    }

    /// Remembers that a table got a constraint.
    pub(crate) fn remember_constraint(&mut self, table: &ObjectName, constraint: &Name) {
        self.keep_up(|built| built.constrain(table, constraint));
    }

    /// Remembers that a table got a trigger.
    pub(crate) fn remember_trigger(&mut self, table: &ObjectName) {
        self.keep_up(|built| {
            built.triggered.insert(table.clone());
        });
    }

    /// Remembers that a table lost its last trigger.
    pub(crate) fn forget_trigger(&mut self, table: &ObjectName) {
        self.keep_up(|built| {
            built.triggered.remove(table);
        });
    }

    /// Keeps the lookup after a table or a view was removed; its entries no longer hold and are verified away.
    pub(crate) fn count_again(&mut self) {
        self.keep_up(|_| {});
    }

    /// Returns the tables that have a foreign key to this one, itself included, by name.
    pub(crate) fn referrers(&mut self, to: &ObjectName) -> Vec<ObjectName> {
        let built = self.tables_by_name();
        let refers = |name: &&ObjectName| {
            self.table(name)
                .is_some_and(|table| table.foreign_keys.iter().any(|key| key.references == *to))
        };
        built.referrers.get(to).into_iter().flatten().filter(refers).cloned().collect()
    }
}
