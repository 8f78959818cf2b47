//! Partitions (PostgreSQL): what a change of a partitioned table does to them, and how they come and go.

mod detached;

use super::super::inherited::{inherited, matching};
use super::{ApplyError, found, found_mut, with_partitions};
use crate::catalog::{Catalog, Generated, Identity, ObjectKind, Partition, SqlExpression, Table};
use crate::change::effect::Object;
use crate::change::{Change, Constraint, Other, Verb};
use crate::name::{Name, ObjectName};

/// Returns whether a change reaches further than the table that it names.
pub(super) fn is_followed(change: &Change, catalog: &Catalog) -> bool {
    let is_partitioned =
        |name: &ObjectName| catalog.table(name).is_some_and(|table| table.partition_by.is_some());
    match change {
        Change::CreateTable { table, .. } => table.partition_of.is_some(),
        Change::Other(other) => other.kind == ObjectKind::Partition,
        _ => change.table().is_some_and(is_partitioned),
    }
}

/// Refuses to change by itself what a partition has from its table.
pub(super) fn refuse(change: &Change, catalog: &Catalog) -> Result<(), ApplyError> {
    let Some(name) = change.table() else { return Ok(()) };
    if let Change::CreateTable { table, .. } = change
        && let Some(partition) = &table.partition_of
    {
        return refuse_circle(catalog, &partition.of, name);
    }
    let Some(table) = catalog.table(name) else { return Ok(()) };
    let Some(of) = table.partition_of.as_ref().map(|partition| &partition.of) else {
        return Ok(());
    };
    let Some(whole) = catalog.table(of) else { return Ok(()) };
    let in_use = |kind, object| {
        let user = format!("table `{of}`, which `{name}` is a partition of");
        Err(ApplyError::InUse { kind, object, user })
    };
    match change {
        Change::AddColumn { column, .. } => Err(ApplyError::OfWhole {
            object: Object::Column(name.clone(), column.name.clone()),
            of: of.clone(),
        }),
        Change::DropColumn { column, .. }
        | Change::SetType { column, .. }
        | Change::RenameColumn { from: column, .. }
            if whole.column(column).is_some() =>
        {
            in_use("column", Object::Column(name.clone(), column.clone()))
        }
        Change::DropConstraint { constraint, .. } => {
            let keys = table.primary_key.iter().chain(&table.uniques);
            let keys = keys.map(|key| (&key.name, &key.terms.part_of));
            let foreign = table.foreign_keys.iter().map(|key| (&key.name, &key.terms.part_of));
            let mut belongs = keys.chain(foreign).filter(|(_, of)| of.is_some());
            let is_checked = whole.checks.iter().any(|check| check.name == *constraint);
            if is_checked || belongs.any(|(name, _)| name == constraint) {
                return in_use("constraint", Object::Constraint(name.clone(), constraint.clone()));
            }
            Ok(())
        }
        Change::DropIndex { name: index, .. } => match table.indexes.get(index) {
            Some(own) if own.terms.part_of.is_some() => {
                in_use("index", Object::Index(name.clone(), index.clone()))
            }
            Some(_) | None => Ok(()),
        },
        _ => Ok(()),
    }
}

/// Does to the partitions what the change does to their table, after it was applied there.
pub(super) fn follow(
    change: &Change,
    parts: &[ObjectName],
    catalog: &mut Catalog,
) -> Result<(), ApplyError> {
    match change {
        Change::CreateTable { name, table } => match &table.partition_of {
            Some(partition) => join(catalog, &partition.of, name),
            None => Ok(()),
        },
        Change::RenameTable { from, to } => {
            renamed(catalog, from, to);
            Ok(())
        }
        Change::Other(_) => Ok(()),
        _ => parts.iter().try_for_each(|part| of_part(change, catalog, part)),
    }
}

/// Does to one partition what the change does to its table.
fn of_part(change: &Change, catalog: &mut Catalog, part: &ObjectName) -> Result<(), ApplyError> {
    if let Change::RenameConstraint { table: _, from, to }
    | Change::RenameIndex { table: _, from, to } = change
    {
        let parts = found_mut(catalog, part).into_iter().flat_map(belongings);
        for name in parts.flatten().filter(|name| *name == from) {
            name.clone_from(to);
        }
    }
    if let Some(name) = matching(change, catalog, part) {
        let whole = match change {
            Change::AddConstraint { table: _, constraint } => constraint.name(),
            Change::CreateIndex { table: _, name, .. } => name,
            _ => return Ok(()),
        };
        belong(catalog, part, &name, Some(whole));
        return Ok(());
    }
    match inherited(change, catalog, part) {
        Some(own) => with_partitions(&own, catalog),
        None => Ok(()),
    }
}

/// Returns what each key, index and foreign key of a partition says that it belongs to.
fn belongings(table: &mut Table) -> impl Iterator<Item = &mut Option<Name>> {
    let keys = table.primary_key.iter_mut().chain(&mut table.uniques);
    let keys = keys.map(|key| &mut key.terms.part_of);
    let foreign = table.foreign_keys.iter_mut().map(|key| &mut key.terms.part_of);
    keys.chain(foreign).chain(table.indexes.values_mut().map(|index| &mut index.terms.part_of))
}

/// Makes a key, index or foreign key of a partition one of the whole table's.
fn belong(catalog: &mut Catalog, part: &ObjectName, name: &Name, whole: Option<&Name>) {
    let Some(table) = found_mut(catalog, part) else { return };
    let keys = table.primary_key.iter_mut().chain(&mut table.uniques);
    for key in keys.filter(|key| key.name == *name) {
        key.terms.part_of = whole.cloned();
    }
    for key in table.foreign_keys.iter_mut().filter(|key| key.name == *name) {
        key.terms.part_of = whole.cloned();
    }
    if let Some(index) = table.indexes.get_mut(name) {
        index.terms.part_of = whole.cloned();
    }
}

/// Gives a partition what its table has: of its own keys and indexes those that fit belong to the table's, others are made.
fn join(catalog: &mut Catalog, whole: &ObjectName, part: &ObjectName) -> Result<(), ApplyError> {
    let Some(table) = catalog.table(whole).cloned() else { return Ok(()) };
    let keys = table.primary_key.iter().cloned().map(Constraint::Primary);
    let keys = keys.chain(table.uniques.iter().cloned().map(Constraint::Unique));
    let foreign = table.foreign_keys.iter().cloned().map(Constraint::ForeignKey);
    let checks = table.checks.iter().cloned().map(Constraint::Check);
    let add = |constraint| Change::AddConstraint { table: whole.clone(), constraint };
    let indexes = table.indexes.iter().map(|(name, index)| Change::CreateIndex {
        table: whole.clone(),
        name: name.clone(),
        index: crate::catalog::Index { valid: true, ..index.clone() },
    });
    let all = keys.map(add).chain(indexes).chain(foreign.chain(checks).map(add));
    all.collect::<Vec<_>>().iter().try_for_each(|change| of_part(change, catalog, part))
}

/// Follows a table's new name into its partitions.
fn renamed(catalog: &mut Catalog, from: &ObjectName, to: &ObjectName) {
    let is_part = |table: &Table| table.partition_of.as_ref().is_some_and(|of| of.of == *from);
    let parts = catalog.tables.iter().filter(|(_, table)| is_part(table));
    for part in parts.map(|(name, _)| name.clone()).collect::<Vec<_>>() {
        if let Some(of) = found_mut(catalog, &part).and_then(|table| table.partition_of.as_mut()) {
            of.of = to.clone();
        }
    }
}

/// Attaches or detaches a table, or an index. What is known by name only, since nobody knows its table, comes and goes.
pub(super) fn other(catalog: &mut Catalog, other: &Other) -> Result<(), ApplyError> {
    let (Some(name), Some(on)) = (&other.name, &other.on) else { return Ok(()) };
    match other.verb {
        Verb::Create | Verb::Replace => attach(catalog, other, on, name),
        Verb::Drop if catalog.tables.contains_key(name) => {
            let check = detached::check(catalog, other, on, name);
            detach(catalog, on, name)?;
            if let (Some(check), Some(table)) = (check, found_mut(catalog, name)) {
                let constraint = check.name.clone();
                table.checks.push(check);
                catalog.remember_constraint(name, &constraint);
            }
            Ok(())
        }
        Verb::Drop => {
            catalog.others.remove(&(ObjectKind::Partition, name.clone()));
            Ok(())
        }
        Verb::Alter => {
            if let Some(whole) = other.touches.first() {
                attach_index(catalog, on, &whole.object.name, name);
            }
            Ok(())
        }
        Verb::Rename | Verb::Run => Ok(()),
    }
}

/// Refuses to make a table part of its own part.
fn refuse_circle(catalog: &Catalog, on: &ObjectName, name: &ObjectName) -> Result<(), ApplyError> {
    if !catalog.is_within(on, name) {
        return Ok(());
    }
    let user = format!("table `{on}`, which is within it");
    Err(ApplyError::InUse { kind: "table", object: Object::Table(name.clone()), user })
}

fn attach(
    catalog: &mut Catalog,
    other: &Other,
    on: &ObjectName,
    name: &ObjectName,
) -> Result<(), ApplyError> {
    let Some(bound) = Partition::bound_in(&other.text) else { return Ok(()) };
    if !catalog.tables.contains_key(on) {
        catalog.tables.remove(name);
        catalog.count_again();
        catalog.others.insert((ObjectKind::Partition, name.clone()), Some(on.clone()));
        return Ok(());
    }
    found(catalog, name)?;
    refuse_circle(catalog, on, name)?;
    if let Some(table) = found_mut(catalog, name) {
        table.partition_of = Some(Partition { of: on.clone(), bound });
    }
    join(catalog, on, name)
}

/// Makes a partition a table of its own, with all it has.
fn detach(catalog: &mut Catalog, on: &ObjectName, name: &ObjectName) -> Result<(), ApplyError> {
    let is_part = |of: &Partition| of.of == *on;
    if !found(catalog, name)?.partition_of.as_ref().is_some_and(is_part) {
        return Err(ApplyError::Missing {
            kind: "partition",
            object: Object::Table(name.clone()),
            known: catalog.partitions_of(on).iter().map(ToString::to_string).collect(),
        });
    }
    let root = root(catalog, on);
    if let Some(table) = found_mut(catalog, name) {
        table.partition_of = None;
        belongings(table).for_each(|of| *of = None);
    }
    let mut below = vec![name.clone()];
    while let Some(part) = below.pop() {
        below.extend(catalog.partitions_of(&part));
        // The numbers go on coming from the sequence of the whole table.
        let columns = found_mut(catalog, &part).into_iter().flat_map(|table| &mut table.columns);
        let serial = Some(Generated::Identity(Identity::Serial));
        for column in columns.filter(|column| column.generated == serial) {
            column.generated = None;
            let sequence = format!("nextval('{}_{}_seq'::regclass)", root.name, column.name);
            column.default = Some(SqlExpression::new(sequence));
        }
    }
    Ok(())
}

/// Returns the table that a table is a part of in the end.
fn root(catalog: &Catalog, name: &ObjectName) -> ObjectName {
    let of = |name: &ObjectName| Some(catalog.table(name)?.partition_of.as_ref()?.of.clone());
    let above = std::iter::successors(Some(name.clone()), of).take(catalog.tables.len());
    above.last().unwrap_or_else(|| name.clone())
}

/// Makes an index of a partition one of the table's, which is valid once every partition has one.
fn attach_index(catalog: &mut Catalog, on: &ObjectName, whole: &Name, index: &ObjectName) {
    let parts = catalog.partitions_of(on);
    let has = |table: &Table| {
        table.indexes.contains_key(&index.name)
            || table.index_constraints().any(|key| *key == index.name)
    };
    let is_it =
        |part: &&ObjectName| part.schema == index.schema && catalog.table(part).is_some_and(has);
    let Some(part) = parts.iter().find(is_it).cloned() else { return };
    belong(catalog, &part, &index.name, Some(whole));
    complete(catalog, on, whole);
}

/// Makes the index of a table, or that of its key, valid if each of the partitions has its part of it.
fn complete(catalog: &mut Catalog, on: &ObjectName, whole: &Name) {
    let belongs = |part: &ObjectName| {
        let Some(table) = catalog.table(part) else { return false };
        let is_it = |of: &Option<Name>| of.as_ref() == Some(whole);
        let mut keys = table.primary_key.iter().chain(&table.uniques);
        table.indexes.values().any(|index| index.valid && is_it(&index.terms.part_of))
            || keys.any(|key| !key.terms.incomplete && is_it(&key.terms.part_of))
    };
    if !catalog.partitions_of(on).iter().all(belongs) {
        return;
    }
    let Some(table) = found_mut(catalog, on) else { return };
    let keys = table.primary_key.iter_mut().chain(&mut table.uniques);
    let mut above = None;
    for key in keys.filter(|key| key.name == *whole) {
        key.terms.incomplete = false;
        above.clone_from(&key.terms.part_of);
    }
    if let Some(index) = table.indexes.get_mut(whole) {
        index.valid = true;
        above.clone_from(&index.terms.part_of);
    }
    let of = table.partition_of.as_ref().map(|of| of.of.clone());
    if let (Some(above), Some(of)) = (above, of) {
        complete(catalog, &of, &above);
    }
}
