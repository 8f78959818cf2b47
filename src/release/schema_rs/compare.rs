//! What differs between two `schema.rs`.

use std::collections::BTreeMap;

use super::declared::{DeclaredColumn, DeclaredSchema, DeclaredTable};
use crate::catalog::diff::Difference;
use crate::name::{Name, ObjectName};

/// Compares what two files declare: tables, columns, types, primary keys.
#[must_use]
pub fn compare(expected: &DeclaredSchema, found: &DeclaredSchema) -> Vec<Difference> {
    let (one, other) = (by_name(expected), by_name(found));
    let mut differences = Vec::new();
    let mut add = |object: String, expected: Option<String>, found: Option<String>| {
        differences.push(Difference { object, expected, found });
    };
    for (name, table) in &one {
        let object = format!("table `{name}`");
        let Some(other) = other.get(name) else {
            add(object, Some(columns(table)), None);
            continue;
        };
        compare_columns(table, other, &mut add);
        let key = |table: &DeclaredTable| format!("with key `{}`", table.key.join("`, `"));
        let (one, other) = (key(table), key(other));
        if one != other {
            add(object, Some(one), Some(other));
        }
    }
    for (name, table) in other.iter().filter(|(name, _)| !one.contains_key(*name)) {
        add(format!("table `{name}`"), None, Some(columns(table)));
    }
    differences
}

fn compare_columns(
    table: &DeclaredTable,
    other: &DeclaredTable,
    add: &mut impl FnMut(String, Option<String>, Option<String>),
) {
    let object = |name: &Name| format!("column `{}.{name}`", table.name);
    let declared = |column: &DeclaredColumn| format!("`{}`", column.declared);
    for column in &table.columns {
        match other.columns.iter().find(|of| of.name == column.name) {
            None => add(object(&column.name), Some(declared(column)), None),
            Some(of) if of.declared != column.declared => {
                add(object(&column.name), Some(declared(column)), Some(declared(of)));
            }
            Some(_) => {}
        }
    }
    let is_new = |of: &&DeclaredColumn| !table.columns.iter().any(|known| known.name == of.name);
    for column in other.columns.iter().filter(is_new) {
        add(object(&column.name), None, Some(declared(column)));
    }
}

fn by_name(schema: &DeclaredSchema) -> BTreeMap<&ObjectName, &DeclaredTable> {
    schema.tables.iter().map(|table| (&table.name, table)).collect()
}

fn columns(table: &DeclaredTable) -> String {
    let names: Vec<String> =
        table.columns.iter().map(|column| format!("`{}`", column.name)).collect();
    format!("with columns {}", names.join(", "))
}
