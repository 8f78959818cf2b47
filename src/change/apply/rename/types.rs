//! Renames of sequences, enum types and their values.

use std::sync::Arc;

use super::each_text;
use crate::catalog::{Catalog, Column, Relation, SqlExpression, SqlType};
use crate::change::apply::other::has_sequence;
use crate::change::apply::{ApplyError, is_free, is_no_enum, object, texts, uses};
use crate::change::effect::Object;
use crate::name::ObjectName;

/// Renames a sequence; defaults that take their numbers from it follow.
pub(in crate::change::apply) fn sequence(
    catalog: &mut Catalog,
    from: &ObjectName,
    to: &ObjectName,
) -> Result<(), ApplyError> {
    has_sequence(catalog, from)?;
    is_free(catalog, to)?;
    is_no_enum(catalog, to)?;
    catalog.sequences.remove(from);
    catalog.sequences.insert(to.clone());
    catalog.remember(Relation::Sequence(to.clone()));
    each_default(catalog, |_| true, |text| texts::with_sequence(text, from, to));
    Ok(())
}

/// Rewrites the defaults of those columns that are asked for.
fn each_default(
    catalog: &mut Catalog,
    which: impl Fn(&Column) -> bool,
    with: impl Fn(&SqlExpression) -> Option<SqlExpression>,
) {
    for table in catalog.tables.values_mut() {
        let new = |column: &Column| with(column.default.as_ref()?);
        if !table.columns.iter().any(|column| which(column) && new(column).is_some()) {
            continue;
        }
        for column in Arc::make_mut(table).columns.iter_mut().filter(|column| which(column)) {
            if let Some(text) = new(column) {
                column.default = Some(text);
            }
        }
    }
}

/// Renames an enum type; columns and casts follow.
pub(in crate::change::apply) fn enum_type(
    catalog: &mut Catalog,
    from: &ObjectName,
    to: &ObjectName,
) -> Result<(), ApplyError> {
    object::has_enum(catalog, from)?;
    is_no_enum(catalog, to)?;
    match catalog.relation(to) {
        Some(Relation::Table(_) | Relation::View(_) | Relation::Sequence(_)) => {
            is_free(catalog, to)?;
        }
        Some(Relation::Index(..) | Relation::Key(..)) | None => {}
    }
    if let Some(values) = catalog.enums.remove(from) {
        catalog.enums.insert(to.clone(), values);
    }
    follow_type(catalog, from, to);
    Ok(())
}

/// Has what is of a type follow it to its new name: columns, domains, texts.
pub(in crate::change::apply) fn follow_type(
    catalog: &mut Catalog,
    from: &ObjectName,
    to: &ObjectName,
) {
    if let Some(domain) = catalog.domains.remove(from) {
        catalog.domains.insert(to.clone(), domain);
    }
    for domain in catalog.domains.values_mut() {
        if uses::is_type(&domain.over, from) {
            domain.over = renamed(&domain.over, to);
        }
    }
    let dialect = catalog.dialect;
    for table in catalog.tables.values_mut() {
        if !table.columns.iter().any(|column| uses::is_of_type(column, from)) {
            continue;
        }
        let table = Arc::make_mut(table);
        for column in table.columns.iter_mut().filter(|column| uses::is_of_type(column, from)) {
            column.sql_type = renamed(&column.sql_type, to);
        }
        each_text(table, |text| texts::with_type(dialect, text, from, to));
    }
    each_default(catalog, |_| true, |text| texts::with_type(dialect, text, from, to));
}

fn renamed(sql_type: &SqlType, to: &ObjectName) -> SqlType {
    let arrays = sql_type.0.matches("[]").count();
    SqlType(format!("{}{}", texts::type_name(to), "[]".repeat(arrays)))
}

/// Renames a value of an enum type. Defaults of that type follow, and texts that name columns of that type only, as
/// elsewhere the same string may be another value.
pub(in crate::change::apply) fn enum_value(
    catalog: &mut Catalog,
    name: &ObjectName,
    from: &str,
    to: &str,
) -> Result<(), ApplyError> {
    object::has_enum(catalog, name)?;
    let Some(of) = catalog.enums.get_mut(name) else { return Ok(()) };
    let object = |value: &str| Object::EnumValue(name.clone(), value.to_owned());
    if of.values.iter().any(|there| there == to) {
        return Err(ApplyError::Exists { kind: "enum value", object: object(to) });
    }
    let Some(value) = of.values.iter_mut().find(|there| *there == from) else {
        let known = of.values.clone();
        return Err(ApplyError::Missing { kind: "enum value", object: object(from), known });
    };
    to.clone_into(value);
    let dialect = catalog.dialect;
    let is_of_it = |column: &Column| uses::is_of_type(column, name);
    each_default(catalog, is_of_it, |text| texts::with_string(text, from, to));
    for table in catalog.tables.values_mut() {
        if !table.columns.iter().any(is_of_it) {
            continue;
        }
        let columns = table.columns.clone();
        let all_of_it = |text: &SqlExpression| {
            let others = columns.iter().filter(|column| !is_of_it(column));
            !others.into_iter().any(|column| uses::names_column(dialect, text, &column.name))
        };
        each_text(Arc::make_mut(table), |text| {
            texts::with_string(text, from, to).filter(|_| all_of_it(text))
        });
    }
    Ok(())
}
