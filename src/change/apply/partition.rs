//! Partitions that come and go.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::found_mut;
use crate::catalog::{Catalog, IndexKey, ObjectKind, Partition, Relation, Table};
use crate::change::{Other, Verb};
use crate::name::{Name, ObjectName};

/// Notes a partition that is made, attached, detached or dropped. It has the columns of its table, which holds it; so it is no
/// table of its own.
pub(super) fn apply(catalog: &mut Catalog, other: &Other, name: &ObjectName) {
    let Some(on) = &other.on else { return };
    match other.verb {
        Verb::Create | Verb::Replace => {
            let Some(bound) = Partition::bound_in(&other.text) else { return };
            let attached = catalog.tables.remove(name);
            catalog.count_again();
            catalog.others.insert((ObjectKind::Partition, name.clone()), Some(on.clone()));
            let Some(root) = root(catalog, on) else { return };
            let mut partitions = BTreeMap::new();
            let mut bound = bound;
            if let Some(table) = attached {
                if let Some(by) = &table.partition_by {
                    bound =
                        crate::catalog::SqlExpression::new(format!("{bound} PARTITION BY {by}"));
                }
                partitions.clone_from(&table.partitions);
            }
            partitions.insert(name.clone(), Partition { of: on.clone(), bound });
            if let Some(table) = found_mut(catalog, &root) {
                table.partitions.extend(partitions);
            }
        }
        Verb::Drop => {
            let is_dropped =
                other.text.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("drop"));
            take_out(catalog, on, name, is_dropped);
        }
        Verb::Alter | Verb::Rename | Verb::Run => {}
    }
}

/// Follows a table's new name into its partitions.
pub(super) fn renamed(catalog: &mut Catalog, from: &ObjectName, to: &ObjectName) {
    let Some(table) = found_mut(catalog, to).filter(|table| !table.partitions.is_empty()) else {
        return;
    };
    for partition in table.partitions.values_mut().filter(|partition| partition.of == *from) {
        partition.of = to.clone();
    }
    for ((kind, _), on) in &mut catalog.others {
        if *kind == ObjectKind::Partition && on.as_ref() == Some(from) {
            *on = Some(to.clone());
        }
    }
}

/// Returns the table that a partition is of in the end, or the table itself.
fn root(catalog: &Catalog, on: &ObjectName) -> Option<ObjectName> {
    if catalog.tables.contains_key(on) {
        return Some(on.clone());
    }
    let mut tables = catalog.tables.iter();
    tables.find(|(_, table)| table.partitions.contains_key(on)).map(|(name, _)| name.clone())
}

/// Takes a partition out of its table, with its own partitions; what is detached is a table of its own from then on.
fn take_out(catalog: &mut Catalog, on: &ObjectName, name: &ObjectName, is_dropped: bool) {
    catalog.others.remove(&(ObjectKind::Partition, name.clone()));
    let Some(root) = root(catalog, on) else { return };
    let Some(table) = found_mut(catalog, &root) else { return };
    let Some(partition) = table.partitions.remove(name) else { return };
    let (mut below, mut parents) = (BTreeMap::new(), vec![name.clone()]);
    while let Some(parent) = parents.pop() {
        let is_below = |(_, of): &(&ObjectName, &Partition)| of.of == parent;
        let children = table.partitions.iter().filter(is_below);
        let children: Vec<ObjectName> = children.map(|(name, _)| name.clone()).collect();
        for child in children {
            below.extend(table.partitions.remove_entry(&child));
            parents.push(child);
        }
    }
    if is_dropped {
        for name in below.into_keys() {
            catalog.others.remove(&(ObjectKind::Partition, name));
        }
        return;
    }
    let mut own = named_after(table, name);
    let bound = partition.bound.as_str();
    let by = bound.to_ascii_uppercase().find("PARTITION BY ").and_then(|at| bound.get(at + 13..));
    own.partition_by = by.map(crate::catalog::SqlExpression::new);
    own.partitions = below;
    let keys: Vec<Name> = own.index_constraints().cloned().collect();
    let indexes: Vec<Name> = own.indexes.keys().cloned().collect();
    let targets: Vec<ObjectName> =
        own.foreign_keys.iter().map(|key| key.references.clone()).collect();
    catalog.tables.insert(name.clone(), Arc::new(own));
    catalog.remember(Relation::Table(name.clone()));
    for key in keys {
        catalog.remember(Relation::Key(name.clone(), key));
    }
    for index in indexes {
        catalog.remember(Relation::Index(name.clone(), index));
    }
    for target in targets {
        catalog.remember_reference(name, &target);
    }
}

/// Returns the table that a partition is by itself: what it has of the whole, under the names that the server gave it.
fn named_after(whole: &Table, name: &ObjectName) -> Table {
    let mut own = Table { comment: None, partitions: BTreeMap::new(), ..whole.clone() };
    let called = |columns: &[Name], label: &str| {
        let mut words = vec![name.name.as_str()];
        words.extend(columns.iter().map(Name::as_str));
        words.push(label);
        Name::new(words.join("_"))
    };
    if let Some(key) = &mut own.primary_key {
        key.name = called(&[], "pkey");
    }
    for key in &mut own.uniques {
        key.name = called(&key.columns, "key");
    }
    own.indexes = std::mem::take(&mut own.indexes)
        .into_values()
        .map(|index| {
            let labels = index.columns.iter().map(|part| match &part.key {
                IndexKey::Column(name) => name.clone(),
                IndexKey::Expression(_) => Name::new("expr"),
            });
            let labels: Vec<Name> = labels.chain(index.include.iter().cloned()).collect();
            (called(&labels, "idx"), index)
        })
        .collect();
    for column in &mut own.columns {
        column.comment = None;
    }
    own
}
