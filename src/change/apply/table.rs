//! Tables and columns.

use std::sync::Arc;

use super::{
    ApplyError, constraint, found, found_mut, has_column, is_free, is_no_enum, is_same_name, uses,
};
use crate::catalog::{Catalog, Column, Generated, Identity, Relation, SqlExpression, Table};
use crate::change::definition;
use crate::change::effect::Object;
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};

pub(super) fn create(
    catalog: &mut Catalog,
    name: &ObjectName,
    table: &Table,
) -> Result<(), ApplyError> {
    is_free(catalog, name)?;
    is_no_enum(catalog, name)?;
    for (at, column) in table.columns.iter().enumerate() {
        let earlier = table.columns.iter().take(at);
        is_new_column(catalog, name, earlier, &column.name)?;
    }
    let mut names: Vec<&Name> = table.constraint_names().collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find_map(|pair| match pair {
        [one, other] if one == other => Some(*one),
        _ => None,
    }) {
        let object = Object::Constraint(name.clone(), twice.clone());
        return Err(ApplyError::Exists { kind: "constraint", object });
    }
    let keys: Vec<&Name> = table.index_constraints().collect();
    for key in table.primary_key.iter().chain(&table.uniques) {
        constraint::can_add_key(catalog, name, table, key)?;
    }
    for exclusion in &table.exclusions {
        constraint::can_add_exclusion(catalog, name, table, exclusion)?;
    }
    for key in &table.foreign_keys {
        constraint::can_add_foreign_key(catalog, name, table, key)?;
    }
    catalog.tables.insert(name.clone(), Arc::new(table.clone()));
    catalog.remember(Relation::Table(name.clone()));
    for key in keys {
        catalog.remember(Relation::Key(name.clone(), key.clone()));
    }
    for key in &table.foreign_keys {
        catalog.remember_reference(name, &key.references);
    }
    for constraint in table.constraint_names() {
        catalog.remember_constraint(name, constraint);
    }
    if catalog.dialect == Dialect::Sqlite {
        complete_references(catalog, name, table);
    }
    Ok(())
}

/// Gives foreign keys that were there before the table which they refer to its primary key, where they name no columns.
fn complete_references(catalog: &mut Catalog, name: &ObjectName, table: &Table) {
    let Some(primary) = &table.primary_key else { return };
    for referrer in catalog.referrers(name) {
        let keys = found_mut(catalog, &referrer).into_iter().flat_map(|t| &mut t.foreign_keys);
        for key in keys.filter(|key| key.references == *name && key.referenced_columns.is_empty()) {
            key.referenced_columns.clone_from(&primary.columns);
        }
    }
}

pub(super) fn drop(catalog: &mut Catalog, name: &ObjectName) -> Result<(), ApplyError> {
    found(catalog, name)?;
    if let Some(user) = uses::of_table(catalog, name) {
        let object = Object::Table(name.clone());
        return Err(ApplyError::InUse { kind: "table", object, user });
    }
    take_away(catalog, name);
    Ok(())
}

/// Takes a table away, whoever uses it.
pub(super) fn take_away(catalog: &mut Catalog, name: &ObjectName) {
    catalog.tables.remove(name);
    catalog.others.retain(|_, on| on.as_ref() != Some(name));
    definition::forget(catalog, name);
    catalog.count_again();
}

pub(super) fn add_column(
    catalog: &mut Catalog,
    name: &ObjectName,
    column: &Column,
) -> Result<(), ApplyError> {
    let table = found(catalog, name)?;
    is_new_column(catalog, name, table.columns.iter(), &column.name)?;
    if let Some(table) = found_mut(catalog, name) {
        table.columns.push(column.clone());
    }
    Ok(())
}

fn is_new_column<'a>(
    catalog: &Catalog,
    table: &ObjectName,
    mut there: impl Iterator<Item = &'a Column>,
    new: &Name,
) -> Result<(), ApplyError> {
    let same = |column: &&Column| is_same_name(catalog.dialect, column.name.as_str(), new.as_str());
    match there.find(same) {
        None => Ok(()),
        Some(column) => Err(ApplyError::Exists {
            kind: "column",
            object: Object::Column(table.clone(), column.name.clone()),
        }),
    }
}

pub(super) fn drop_column(
    catalog: &mut Catalog,
    name: &ObjectName,
    column: &Name,
) -> Result<(), ApplyError> {
    has_column(name, found(catalog, name)?, column)?;
    let taken_along = uses::of_column(catalog, name, column).map_err(|user| {
        let object = Object::Column(name.clone(), column.clone());
        ApplyError::InUse { kind: "column", object, user }
    })?;
    if let Some(table) = found_mut(catalog, name) {
        table.columns.retain(|there| there.name != *column);
        let stays = |part: &Name| !taken_along.contains(part);
        table.primary_key = table.primary_key.take().filter(|key| stays(&key.name));
        table.uniques.retain(|key| stays(&key.name));
        table.checks.retain(|check| stays(&check.name));
        table.foreign_keys.retain(|key| stays(&key.name));
        table.exclusions.retain(|exclusion| stays(&exclusion.name));
        table.indexes.retain(|index, _| stays(index));
    }
    Ok(())
}

pub(super) fn set_default(
    catalog: &mut Catalog,
    name: &ObjectName,
    column: &Name,
    default: Option<&SqlExpression>,
) -> Result<(), ApplyError> {
    has_column(name, found(catalog, name)?, column)?;
    if let Some(column) = found_mut(catalog, name).and_then(|table| table.column_mut(column)) {
        // A serial is no more than a default on a sequence of its own.
        if column.generated == Some(Generated::Identity(Identity::Serial)) {
            column.generated = None;
        }
        column.default = default.cloned();
    }
    Ok(())
}

pub(super) fn set_nullable(
    catalog: &mut Catalog,
    name: &ObjectName,
    column: &Name,
    nullable: bool,
) -> Result<(), ApplyError> {
    let table = found(catalog, name)?;
    has_column(name, table, column)?;
    let key = table.primary_key.as_ref().filter(|key| nullable && key.columns.contains(column));
    if let Some(key) = key {
        return Err(ApplyError::InUse {
            kind: "column",
            object: Object::Column(name.clone(), column.clone()),
            user: format!("primary key `{}`", key.name),
        });
    }
    if let Some(column) = found_mut(catalog, name).and_then(|table| table.column_mut(column)) {
        column.nullable = nullable;
        column.on_null = column.on_null.filter(|_| !nullable);
    }
    Ok(())
}
