//! Properties of what is there: a column's type, how its value is made, its comment, a constraint's validity.

use super::{ApplyError, found, found_mut, has_column, uses};
use crate::catalog::{Catalog, Column, Generated, Identity, SqlType};
use crate::change::effect::Object;
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};

pub(super) fn set_type(
    catalog: &mut Catalog,
    name: &ObjectName,
    column: &Name,
    sql_type: &SqlType,
    collation: Option<&Name>,
) -> Result<(), ApplyError> {
    has_column(name, found(catalog, name)?, column)?;
    // SQLite's table is made anew, and what reads it takes what is there.
    if catalog.dialect == Dialect::Postgres
        && let Some(user) = uses::of_type(catalog, name, column)
    {
        let object = Object::Column(name.clone(), column.clone());
        return Err(ApplyError::InUse { kind: "column", object, user });
    }
    let dialect = catalog.dialect;
    let Some(table) = found_mut(catalog, name) else { return Ok(()) };
    let is_key =
        table.primary_key.as_ref().is_some_and(|key| key.columns.as_slice() == [column.clone()])
            && !table.without_rowid;
    if let Some(column) = table.column_mut(column) {
        column.sql_type = sql_type.clone();
        column.collation = collation.cloned();
        if dialect == Dialect::Sqlite && is_key {
            follow_row_id(column);
        }
    }
    Ok(())
}

/// A key of its own is the row id if its type is `INTEGER`, and not otherwise (SQLite).
fn follow_row_id(column: &mut Column) {
    let is_row_id = matches!(
        column.generated,
        Some(Generated::Identity(Identity::RowId | Identity::AutoIncrement))
    );
    let is_integer = column.sql_type.0.eq_ignore_ascii_case("integer");
    if is_integer && column.generated.is_none() {
        column.generated = Some(Generated::Identity(Identity::RowId));
    } else if !is_integer && is_row_id {
        column.generated = None;
    }
}

pub(super) fn set_generated(
    catalog: &mut Catalog,
    name: &ObjectName,
    column: &Name,
    generated: Option<&Generated>,
) -> Result<(), ApplyError> {
    let table = found(catalog, name)?;
    has_column(name, table, column)?;
    let is_numbered = matches!(generated, Some(Generated::Identity(_)));
    if let (Some(was), true) = (table.column(column), is_numbered) {
        let object = || Object::Column(name.clone(), column.clone());
        if was.default.is_some() && was.generated.is_none() {
            return Err(ApplyError::Exists { kind: "a default of column", object: object() });
        }
        if was.nullable && catalog.dialect == Dialect::Postgres {
            let kind = "NOT NULL of column";
            return Err(ApplyError::Missing { kind, object: object(), known: Vec::new() });
        }
    }
    if let Some(column) = found_mut(catalog, name).and_then(|table| table.column_mut(column)) {
        let was_serial = column.generated == Some(Generated::Identity(Identity::Serial));
        if was_serial || generated.is_some() {
            column.default = None;
        }
        column.generated = generated.cloned();
    }
    Ok(())
}

pub(super) fn validate(
    catalog: &mut Catalog,
    name: &ObjectName,
    constraint: &Name,
) -> Result<(), ApplyError> {
    let table = found(catalog, name)?;
    let checks = table.checks.iter().map(|check| &check.name);
    let known: Vec<&Name> = checks.chain(table.foreign_keys.iter().map(|key| &key.name)).collect();
    if !known.contains(&constraint) {
        return Err(ApplyError::Missing {
            kind: "check or foreign key",
            object: Object::Constraint(name.clone(), constraint.clone()),
            known: known.into_iter().map(ToString::to_string).collect(),
        });
    }
    if let Some(table) = found_mut(catalog, name) {
        for check in table.checks.iter_mut().filter(|check| check.name == *constraint) {
            check.validated = true;
        }
        for key in table.foreign_keys.iter_mut().filter(|key| key.name == *constraint) {
            key.validated = true;
        }
    }
    Ok(())
}

pub(super) fn set_comment(
    catalog: &mut Catalog,
    name: &ObjectName,
    column: Option<&Name>,
    comment: Option<&str>,
) -> Result<(), ApplyError> {
    // The catalog holds no comments on a view and its columns.
    if catalog.views.contains_key(name) {
        return Ok(());
    }
    let Some(column) = column else {
        found(catalog, name)?;
        if let Some(table) = found_mut(catalog, name) {
            table.comment = comment.map(str::to_owned);
        }
        return Ok(());
    };
    has_column(name, found(catalog, name)?, column)?;
    if let Some(column) = found_mut(catalog, name).and_then(|table| table.column_mut(column)) {
        column.comment = comment.map(str::to_owned);
    }
    Ok(())
}
