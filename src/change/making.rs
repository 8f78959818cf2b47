//! The changes that make a catalog from nothing.

use std::collections::BTreeSet;

use super::{Change, Constraint};
use crate::catalog::{Catalog, Table, View};
use crate::dialect::Dialect;
use crate::expressions;
use crate::name::ObjectName;

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
    for (name, table) in &catalog.tables {
        changes
            .push(Change::CreateTable { name: name.clone(), table: bare(catalog.dialect, table) });
        changes.extend(table.indexes.iter().map(|(index, of)| Change::CreateIndex {
            table: name.clone(),
            name: index.clone(),
            index: of.clone(),
        }));
    }
    // SQLite takes keys to tables that are not there yet, and no others.
    if catalog.dialect == Dialect::Postgres {
        for (name, table) in &catalog.tables {
            changes.extend(table.foreign_keys.iter().map(|key| Change::AddConstraint {
                table: name.clone(),
                constraint: Constraint::ForeignKey(key.clone()),
            }));
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

/// Returns a table without what is made after it.
fn bare(dialect: Dialect, table: &Table) -> Table {
    let mut bare = table.clone();
    bare.indexes.clear();
    bare.triggers.clear();
    // Each is made by a statement of its own.
    bare.partitions.clear();
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
