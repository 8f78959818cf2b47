//! Constraints and indexes.

use super::{ApplyError, found, found_mut, has_columns, is_free, uses};
use crate::catalog::{
    Catalog, Deferral, Exclusion, ForeignKey, Generated, Identity, Index, Key, KeyTerms, Relation,
    Table,
};
use crate::change::Constraint;
use crate::change::effect::Object;
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};

pub(super) fn add(
    catalog: &mut Catalog,
    name: &ObjectName,
    constraint: &Constraint,
) -> Result<(), ApplyError> {
    let table = found(catalog, name)?;
    if table.constraint_names().any(|there| there == constraint.name()) {
        let object = Object::Constraint(name.clone(), constraint.name().clone());
        return Err(ApplyError::Exists { kind: "constraint", object });
    }
    match constraint {
        Constraint::Unique(key) => can_add_key_later(catalog, name, key)?,
        Constraint::Primary(key) => {
            has_no_primary_key(name, table)?;
            can_add_key_later(catalog, name, key)?;
        }
        Constraint::UsingIndex { name: constraint, index, primary, deferral } => {
            return use_index(catalog, name, constraint, index, (*primary, *deferral));
        }
        Constraint::Check(_) => {}
        Constraint::Exclude(exclusion) => {
            let table = table.clone();
            can_add_exclusion(catalog, name, &table, exclusion)?;
        }
        Constraint::ForeignKey(key) => can_add_foreign_key(catalog, name, table, key)?,
    }
    add_checked(catalog, name, constraint);
    Ok(())
}

/// Adds what was found to fit.
fn add_checked(catalog: &mut Catalog, name: &ObjectName, constraint: &Constraint) {
    let dialect = catalog.dialect;
    let Some(table) = found_mut(catalog, name) else { return };
    match constraint {
        Constraint::Primary(key) => {
            set_primary_key(dialect, table, key.clone());
            catalog.remember(Relation::Key(name.clone(), key.name.clone()));
        }
        Constraint::UsingIndex { .. } => {}
        Constraint::Unique(key) => {
            table.uniques.push(key.clone());
            catalog.remember(Relation::Key(name.clone(), key.name.clone()));
        }
        Constraint::Check(check) => table.checks.push(check.clone()),
        Constraint::Exclude(exclusion) => {
            table.exclusions.push(exclusion.clone());
            catalog.remember(Relation::Key(name.clone(), exclusion.name.clone()));
        }
        Constraint::ForeignKey(key) => {
            table.foreign_keys.push(key.clone());
            catalog.remember_reference(name, &key.references);
        }
    }
    catalog.remember_constraint(name, constraint.name());
}

/// Makes a key the table's primary key, so that its columns hold no NULL.
///
/// SQLite's `INTEGER PRIMARY KEY` is the row id.
fn set_primary_key(dialect: Dialect, table: &mut Table, key: Key) {
    let is_alone = key.columns.len() == 1 && !table.without_rowid;
    for column in table.columns.iter_mut().filter(|column| key.columns.contains(&column.name)) {
        column.nullable = false;
        let is_integer = column.sql_type.0.eq_ignore_ascii_case("integer");
        if dialect == Dialect::Sqlite && is_alone && is_integer && column.generated.is_none() {
            column.generated = Some(Generated::Identity(Identity::RowId));
        }
    }
    table.primary_key = Some(key);
}

fn has_no_primary_key(name: &ObjectName, table: &Table) -> Result<(), ApplyError> {
    match &table.primary_key {
        None => Ok(()),
        Some(key) => Err(ApplyError::Exists {
            kind: "primary key",
            object: Object::Constraint(name.clone(), key.name.clone()),
        }),
    }
}

/// Checks a key of a table that is there.
fn can_add_key_later(
    catalog: &mut Catalog,
    name: &ObjectName,
    key: &Key,
) -> Result<(), ApplyError> {
    has_columns(name, found(catalog, name)?, &key.columns)?;
    has_columns(name, found(catalog, name)?, &key.terms.include)?;
    match catalog.dialect {
        Dialect::Postgres => is_free(catalog, &name.sibling(key.name.clone())),
        Dialect::Sqlite => Ok(()),
    }
}

/// Makes a constraint of a unique index, which gets the constraint's name.
fn use_index(
    catalog: &mut Catalog,
    name: &ObjectName,
    constraint: &Name,
    index: &Name,
    (primary, deferral): (bool, Deferral),
) -> Result<(), ApplyError> {
    let table = found(catalog, name)?;
    if primary {
        has_no_primary_key(name, table)?;
    }
    // The engine takes no partial index, and none on expressions.
    let usable = |index: &&Index| index.unique && index.predicate.is_none();
    let columns = table.indexes.get(index).filter(usable).and_then(|index| {
        let columns = index.columns.iter().map(|part| part.key.column().cloned());
        Some((columns.collect::<Option<Vec<Name>>>()?, index))
    });
    let Some((columns, of)) = columns else {
        let known = table.indexes.iter().filter(|(_, index)| usable(index));
        return Err(ApplyError::Missing {
            kind: "unique index",
            object: Object::Index(name.clone(), index.clone()),
            known: known.map(|(name, _)| name.to_string()).collect(),
        });
    };
    let terms = KeyTerms {
        deferral,
        nulls_not_distinct: of.terms.nulls_not_distinct,
        include: of.include.clone(),
        parameters: of.terms.parameters.clone(),
        ..KeyTerms::default()
    };
    let key = Key { name: constraint.clone(), columns, terms };
    if constraint != index {
        is_free(catalog, &name.sibling(constraint.clone()))?;
    }
    let dialect = catalog.dialect;
    if let Some(table) = found_mut(catalog, name) {
        table.indexes.remove(index);
        if primary {
            set_primary_key(dialect, table, key);
        } else {
            table.uniques.push(key);
        }
    }
    catalog.remember(Relation::Key(name.clone(), constraint.clone()));
    catalog.remember_constraint(name, constraint);
    Ok(())
}

/// Checks a primary key or unique constraint of a table that is about to be created.
pub(super) fn can_add_key(
    catalog: &mut Catalog,
    name: &ObjectName,
    table: &Table,
    key: &Key,
) -> Result<(), ApplyError> {
    has_columns(name, table, &key.columns)?;
    has_columns(name, table, &key.terms.include)?;
    match catalog.dialect {
        Dialect::Postgres => is_free(catalog, &name.sibling(key.name.clone())),
        Dialect::Sqlite => Ok(()),
    }
}

/// Checks an exclusion constraint: its columns are there, and its name, which is its index's too, is free.
pub(super) fn can_add_exclusion(
    catalog: &mut Catalog,
    name: &ObjectName,
    table: &Table,
    exclusion: &Exclusion,
) -> Result<(), ApplyError> {
    for part in exclusion.index.columns.iter().filter_map(|part| part.key.column()) {
        super::has_column(name, table, part)?;
    }
    has_columns(name, table, &exclusion.index.include)?;
    is_free(catalog, &name.sibling(exclusion.name.clone()))
}

/// Checks a foreign key of this table: both ends are there, and the far end is unique. SQLite takes one to a table that is yet
/// to come.
pub(super) fn can_add_foreign_key(
    catalog: &Catalog,
    name: &ObjectName,
    table: &Table,
    key: &ForeignKey,
) -> Result<(), ApplyError> {
    has_columns(name, table, &key.columns)?;
    let target = if key.references == *name {
        table
    } else {
        match found(catalog, &key.references) {
            Ok(target) => target,
            Err(_) if catalog.dialect == Dialect::Sqlite => return Ok(()),
            Err(missing) => return Err(missing),
        }
    };
    has_columns(&key.references, target, &key.referenced_columns)?;
    let unique = target.arbiter_column_lists();
    if unique.iter().any(|columns| is_same_set(columns, &key.referenced_columns)) {
        return Ok(());
    }
    let columns: Vec<&str> = key.referenced_columns.iter().map(Name::as_str).collect();
    Err(ApplyError::Missing {
        kind: "primary key or unique constraint on",
        object: Object::Column(key.references.clone(), columns.join(", ").into()),
        known: Vec::new(),
    })
}

fn is_same_set(one: &[&Name], other: &[Name]) -> bool {
    one.len() == other.len() && other.iter().all(|column| one.contains(&column))
}

/// Only a foreign key can be changed so (PostgreSQL).
pub(super) fn set_deferral(
    catalog: &mut Catalog,
    name: &ObjectName,
    constraint: &Name,
    deferral: Deferral,
) -> Result<(), ApplyError> {
    let table = found(catalog, name)?;
    if !table.foreign_keys.iter().any(|key| key.name == *constraint) {
        return Err(ApplyError::Missing {
            kind: "foreign key",
            object: Object::Constraint(name.clone(), constraint.clone()),
            known: table.foreign_keys.iter().map(|key| key.name.to_string()).collect(),
        });
    }
    let keys = found_mut(catalog, name).into_iter().flat_map(|table| &mut table.foreign_keys);
    for key in keys.filter(|key| key.name == *constraint) {
        key.terms.deferral = deferral;
    }
    Ok(())
}

pub(super) fn drop(
    catalog: &mut Catalog,
    name: &ObjectName,
    constraint: &Name,
) -> Result<(), ApplyError> {
    let table = found(catalog, name)?;
    let object = || Object::Constraint(name.clone(), constraint.clone());
    if !table.constraint_names().any(|there| there == constraint) {
        let known = table.constraint_names().map(ToString::to_string).collect();
        return Err(ApplyError::Missing { kind: "constraint", object: object(), known });
    }
    let keys = table.primary_key.iter().chain(&table.uniques);
    let key = keys.clone().find(|key| key.name == *constraint).map(|key| key.columns.clone());
    if let Some(user) = key.and_then(|columns| relying_on(catalog, name, &columns)) {
        return Err(ApplyError::InUse { kind: "constraint", object: object(), user });
    }
    let dialect = catalog.dialect;
    if let Some(table) = found_mut(catalog, name) {
        let drops_primary = table.primary_key.as_ref().is_some_and(|key| key.name == *constraint);
        if drops_primary && dialect == Dialect::Sqlite {
            // Without the key the column is not the row id any more.
            for column in &mut table.columns {
                column.generated = column.generated.take().filter(|made| !is_row_id(made));
            }
        }
        table.primary_key = table.primary_key.take().filter(|key| key.name != *constraint);
        table.uniques.retain(|key| key.name != *constraint);
        table.checks.retain(|check| check.name != *constraint);
        table.foreign_keys.retain(|key| key.name != *constraint);
        table.exclusions.retain(|of| of.name != *constraint);
    }
    Ok(())
}

const fn is_row_id(generated: &Generated) -> bool {
    matches!(generated, Generated::Identity(Identity::RowId | Identity::AutoIncrement))
}

/// Returns the foreign key that relies on these columns being unique.
///
/// PostgreSQL ties a foreign key to one index, most likely the oldest, so another one does not help there.
fn relying_on(catalog: &mut Catalog, name: &ObjectName, columns: &[Name]) -> Option<String> {
    let columns: Vec<&Name> = columns.iter().collect();
    let others = found(catalog, name).ok()?.arbiter_column_lists();
    let alike = others.iter().filter(|list| **list == columns).count();
    if catalog.dialect == Dialect::Sqlite && alike > 1 {
        return None;
    }
    uses::foreign_key_to(catalog, name, |key| is_same_set(&columns, &key.referenced_columns))
}

pub(super) fn create_index(
    catalog: &mut Catalog,
    name: &ObjectName,
    index_name: &Name,
    index: &Index,
) -> Result<(), ApplyError> {
    let table = found(catalog, name)?;
    for part in index.columns.iter().filter_map(|part| part.key.column()) {
        super::has_column(name, table, part)?;
    }
    has_columns(name, table, &index.include)?;
    is_free(catalog, &name.sibling(index_name.clone()))?;
    if let Some(table) = found_mut(catalog, name) {
        table.indexes.insert(index_name.clone(), index.clone());
    }
    catalog.remember(Relation::Index(name.clone(), index_name.clone()));
    Ok(())
}

pub(super) fn drop_index(
    catalog: &mut Catalog,
    name: &ObjectName,
    index_name: &Name,
) -> Result<(), ApplyError> {
    let table = found(catalog, name)?;
    let object = || Object::Index(name.clone(), index_name.clone());
    let Some(index) = table.indexes.get(index_name) else {
        let known = table.indexes.keys().map(ToString::to_string).collect();
        return Err(ApplyError::Missing { kind: "index", object: object(), known });
    };
    let plain = index.unique && index.predicate.is_none();
    let columns: Option<Vec<Name>> =
        index.columns.iter().map(|part| part.key.column().cloned()).collect();
    let columns = columns.filter(|_| plain);
    if let Some(user) = columns.and_then(|columns| relying_on(catalog, name, &columns)) {
        return Err(ApplyError::InUse { kind: "index", object: object(), user });
    }
    if let Some(table) = found_mut(catalog, name) {
        table.indexes.remove(index_name);
    }
    Ok(())
}
