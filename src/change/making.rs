//! The changes that make a catalog from nothing.

use std::collections::BTreeSet;

use super::apply::apply;
use super::{Change, Constraint};
use crate::catalog::{Catalog, ForeignKey, Lookup, Table, View};
use crate::dialect::Dialect;
use crate::expressions;
use crate::name::{Name, ObjectName};

/// Returns changes that make a catalog out of an empty one, each after what it needs: types, sequences, tables, what is on them,
/// keys between them, views, triggers.
#[must_use]
pub fn making(catalog: &Catalog) -> Vec<Change> {
    let mut changes = Vec::new();
    changes.extend(
        catalog
            .enums
            .iter()
            .map(|(name, of)| Change::CreateEnum { name: name.clone(), values: of.clone() }),
    );
    let sequences = catalog.sequences.iter().cloned();
    changes.extend(sequences.map(|name| Change::CreateSequence { name }));
    let is_part = |table: &Table| table.partition_of.is_some();
    for (name, table) in catalog.tables.iter().filter(|(_, table)| !is_part(table)) {
        changes
            .push(Change::CreateTable { name: name.clone(), table: bare(catalog.dialect, table) });
        changes.extend(table.indexes.iter().map(|(index, of)| Change::CreateIndex {
            table: name.clone(),
            name: index.clone(),
            index: of.clone(),
        }));
    }
    let parts = in_order(catalog, catalog.tables.keys());
    for name in &parts {
        if let Some(table) = catalog.table(name) {
            changes.extend(partition(name, table));
        }
    }
    // SQLite takes keys to tables that are not there yet, and no others.
    if catalog.dialect == Dialect::Postgres {
        for (name, table) in &catalog.tables {
            changes.extend(foreign(name, table));
        }
    }
    if !parts.is_empty() {
        let mut made = Catalog::empty(catalog.dialect);
        // What does not fit is told by whoever makes it.
        let fits = changes.iter().map(|change| apply(change, &mut made)).all(|done| done.is_ok());
        if fits {
            changes.extend(parts.iter().flat_map(|name| called_as(catalog, &made, name)));
        }
    }
    changes.extend(views_in_order(catalog));
    for (name, table) in &catalog.tables {
        changes.extend(table.triggers.iter().map(|(trigger, of)| Change::CreateTrigger {
            table: name.clone(),
            name: trigger.clone(),
            trigger: of.clone(),
        }));
    }
    changes
}

/// Returns the partitions among these, each after what it is a partition of.
fn in_order<'a>(
    catalog: &'a Catalog,
    names: impl Iterator<Item = &'a ObjectName>,
) -> Vec<ObjectName> {
    let depth = |name: &ObjectName| {
        let above = |table: &&Table| catalog.table(&table.partition_of.as_ref()?.of);
        let tables = std::iter::successors(catalog.table(name), above);
        tables.take(catalog.tables.len()).count()
    };
    let names = names.map(|name| (depth(name), name.clone())).filter(|(depth, _)| *depth > 1);
    let mut names: Vec<(usize, ObjectName)> = names.collect();
    names.sort();
    names.into_iter().map(|(_, name)| name).collect()
}

/// Returns what makes a partition: the rest it gets from its table.
pub(super) fn partition(name: &ObjectName, table: &Table) -> Vec<Change> {
    let mut own = bare(Dialect::Postgres, table);
    own.primary_key = own.primary_key.filter(|key| key.terms.part_of.is_none());
    own.uniques.retain(|key| key.terms.part_of.is_none());
    let create = Change::CreateTable { name: name.clone(), table: own };
    let indexes = table.indexes.iter().filter(|(_, index)| index.terms.part_of.is_none());
    let indexes = indexes.map(|(index, of)| Change::CreateIndex {
        table: name.clone(),
        name: index.clone(),
        index: of.clone(),
    });
    std::iter::once(create).chain(indexes).collect()
}

/// Returns what adds the foreign keys that a table has of its own.
pub(super) fn foreign(name: &ObjectName, table: &Table) -> Vec<Change> {
    let own = table.foreign_keys.iter().filter(|key| key.terms.part_of.is_none());
    let add = |key: &ForeignKey| Change::AddConstraint {
        table: name.clone(),
        constraint: Constraint::ForeignKey(key.clone()),
    };
    own.map(add).collect()
}

/// Returns what gives the parts of a partition that belong to its table the names that they have, where the server chose others.
fn called_as(catalog: &Catalog, made: &Catalog, name: &ObjectName) -> Vec<Change> {
    let (Some(wanted), Some(made)) = (catalog.table(name), made.table(name)) else {
        return Vec::new();
    };
    let constraints = |table: &Table| -> Vec<(Name, Name)> {
        let keys = table.primary_key.iter().chain(&table.uniques);
        let keys = keys.map(|key| (key.name.clone(), key.terms.part_of.clone()));
        let foreign = table.foreign_keys.iter();
        let foreign = foreign.map(|key| (key.name.clone(), key.terms.part_of.clone()));
        keys.chain(foreign).filter_map(|(name, of)| Some((of?, name))).collect()
    };
    let indexes = |table: &Table| -> Vec<(Name, Name)> {
        let indexes = table.indexes.iter();
        indexes.filter_map(|(name, of)| Some((of.terms.part_of.clone()?, name.clone()))).collect()
    };
    let renamed = |had: Vec<(Name, Name)>, want: Vec<(Name, Name)>| -> Vec<(Name, Name)> {
        let to = |of: &Name| want.iter().find(|(other, _)| other == of).map(|(_, to)| to.clone());
        let pairs = had.into_iter().filter_map(|(of, from)| Some((from, to(&of)?)));
        pairs.filter(|(from, to)| from != to).collect()
    };
    let table = || name.clone();
    let constraints = renamed(constraints(made), constraints(wanted)).into_iter();
    let constraints =
        constraints.map(|(from, to)| Change::RenameConstraint { table: table(), from, to });
    let indexes = renamed(indexes(made), indexes(wanted)).into_iter();
    let indexes = indexes.map(|(from, to)| Change::RenameIndex { table: table(), from, to });
    constraints.chain(indexes).collect()
}

/// Returns the catalog in which a dropped table is there again by itself, and what brings back its partitions and the names of what
/// it has as one.
#[must_use]
pub fn partitions_again(catalog: &Catalog, name: &ObjectName) -> (Catalog, Vec<Change>) {
    let mut below = vec![name.clone()];
    let mut at = 0;
    while let Some(parent) = below.get(at) {
        below.extend(catalog.partitions_of(parent));
        at += 1;
    }
    let mut base = catalog.clone();
    base.lookup = Lookup::default();
    for name in &below {
        base.tables.remove(name);
    }
    base.views.clear();
    let Some(table) = catalog.table(name) else { return (base, Vec::new()) };
    let mut again = Vec::new();
    if table.partition_of.is_some() {
        again.extend(partition(name, table));
    } else {
        again.push(Change::CreateTable { name: name.clone(), table: table.clone() });
    }
    if table.partition_of.is_some() {
        again.extend(foreign(name, table));
    }
    for change in &again {
        // What does not fit here does not fit later either, where it is told.
        let _ = apply(change, &mut base);
    }
    let mut changes = Vec::new();
    for name in in_order(catalog, below.iter().skip(1)) {
        if let Some(table) = catalog.table(&name) {
            changes.extend(partition(&name, table));
            changes.extend(foreign(&name, table));
        }
    }
    let mut made = base.clone();
    for change in &changes {
        let _ = apply(change, &mut made);
    }
    let names: Vec<ObjectName> = in_order(catalog, below.iter());
    changes.extend(names.iter().flat_map(|name| called_as(catalog, &made, name)));
    (base, changes)
}

/// Returns a table without what is made after it.
fn bare(dialect: Dialect, table: &Table) -> Table {
    let mut bare = table.clone();
    bare.indexes.clear();
    bare.triggers.clear();
    if dialect == Dialect::Postgres {
        bare.foreign_keys.clear();
    }
    bare
}

/// Returns the views as they are created, each after those that it selects from.
#[must_use]
pub fn views_in_order(catalog: &Catalog) -> Vec<Change> {
    let mut left: Vec<(&ObjectName, &View)> = catalog.views.iter().collect();
    let mut changes = Vec::new();
    while !left.is_empty() {
        let names: BTreeSet<&ObjectName> = left.iter().map(|(name, _)| *name).collect();
        let waits = |(name, view): &(&ObjectName, &View)| {
            let read = expressions::query(catalog.dialect, view.query.as_str());
            let tables = read.into_iter().flat_map(|(read, _)| read.tables);
            let mut tables = tables.map(|table| ObjectName::parse(&table.name));
            tables.any(|table| table != **name && names.contains(&table))
        };
        let (waiting, mut ready): (Vec<_>, Vec<_>) = left.iter().copied().partition(waits);
        left = waiting;
        if ready.is_empty() {
            // None of them comes first, which no database has.
            ready = std::mem::take(&mut left);
        }
        changes.extend(
            ready
                .into_iter()
                .map(|(name, view)| Change::CreateView { name: name.clone(), view: view.clone() }),
        );
    }
    changes
}
