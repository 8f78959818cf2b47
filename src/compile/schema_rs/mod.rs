//! A catalog as Diesel's `schema.rs`, letter by letter as `diesel print-schema` of Diesel 2.3 prints it.

mod layout;
mod names;
mod types;

use std::collections::{BTreeMap, BTreeSet};

use layout::Writer;
pub(crate) use names::upper_camel;
use types::ColumnType;
pub(crate) use types::{DIESEL_TYPES, postgres as postgres_type, sqlite as sqlite_type};

use crate::catalog::{Catalog, Table};
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};

/// Returns what `diesel print-schema` prints for a database with this catalog, formatted as it formats it.
///
/// The tables of the default schema come first, then those of each other schema as a module, as
/// `diesel print-schema --schema NAME` prints them. Diesel refuses tables without a primary key (PostgreSQL) and types that it does
/// not know (SQLite); here such a table is left out and a comment says so.
#[must_use]
pub fn schema_rs(catalog: &Catalog) -> String {
    let mut schemas: BTreeMap<Option<&Name>, Vec<PrintedTable<'_>>> = BTreeMap::new();
    let mut left_out = Vec::new();
    // To Diesel a partition is a table like any other, with all that its table has.
    let tables = catalog.tables.iter().flat_map(|(name, table)| {
        let partitions = table.partitions.keys();
        std::iter::once(name).chain(partitions).map(move |name| (name, table.as_ref()))
    });
    let tables: BTreeMap<&ObjectName, &Table> = tables.collect();
    for (name, table) in tables {
        if is_left_out_silently(catalog.dialect, name) {
            continue;
        }
        match PrintedTable::new(catalog, name, table) {
            Ok(printed) => schemas.entry(name.schema.as_ref()).or_default().push(printed),
            Err(reason) => left_out.push(format!("// `{name}` is left out: {reason}")),
        }
    }
    let mut writer = Writer::default();
    writer.line("// @generated automatically by Diesel CLI.");
    for reason in left_out {
        writer.line(&reason);
    }
    for (schema, tables) in schemas {
        writer.blank();
        match schema {
            None => print_tables(catalog, &tables, &mut writer),
            Some(schema) => {
                writer.open(&format!("pub mod {} {{", names::rust_name(schema.as_str(), None)));
                print_tables(catalog, &tables, &mut writer);
                writer.close("}");
            }
        }
    }
    writer.finish()
}

/// Diesel prints no tables of its own and of the engine.
fn is_left_out_silently(dialect: Dialect, name: &ObjectName) -> bool {
    let name = name.name.as_str();
    match dialect {
        Dialect::Postgres => name.starts_with("__"),
        Dialect::Sqlite => {
            name.starts_with("__")
                || name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("sqlite"))
        }
    }
}

/// A table as Diesel sees it.
struct PrintedTable<'a> {
    name: &'a ObjectName,
    table: &'a Table,
    rust_name: String,
    /// The columns of its primary key by their SQL names.
    key: Vec<String>,
    columns: Vec<PrintedColumn>,
}

/// A column as Diesel sees it.
struct PrintedColumn {
    sql_name: String,
    rust_name: String,
    column_type: ColumnType,
}

impl<'a> PrintedTable<'a> {
    fn new(catalog: &Catalog, name: &'a ObjectName, table: &'a Table) -> Result<Self, String> {
        let rust_name = names::rust_name(name.name.as_str(), None);
        let mut columns = Vec::new();
        for column in &table.columns {
            let sql_name = column.name.as_str().to_owned();
            columns.push(PrintedColumn {
                rust_name: names::rust_name(&sql_name, Some(&rust_name)),
                sql_name,
                column_type: types::column_type(catalog.dialect, column)?,
            });
        }
        let key: Vec<String> = match catalog.dialect {
            Dialect::Postgres => {
                let key = table.primary_key.iter().flat_map(|key| &key.columns);
                key.map(|name| name.as_str().to_owned()).collect()
            }
            // Diesel lists them in the order of the table there.
            Dialect::Sqlite => {
                let key = table.primary_key.as_ref().map_or(&[][..], |key| &key.columns);
                let in_key = table.columns.iter().map(|column| &column.name);
                in_key.filter(|name| key.contains(name)).map(|n| n.as_str().to_owned()).collect()
            }
        };
        let mut printed = Self { name, table, rust_name, key, columns };
        if printed.key.is_empty() {
            printed.add_row_id(catalog.dialect)?;
        }
        Ok(printed)
    }

    /// Adds the row id, under the first of its names that no column has.
    fn add_row_id(&mut self, dialect: Dialect) -> Result<(), String> {
        let taken = |alias: &str| self.columns.iter().any(|column| column.sql_name == alias);
        let alias = match dialect {
            Dialect::Postgres => None,
            Dialect::Sqlite => ["rowid", "oid", "_rowid_"].into_iter().find(|name| !taken(name)),
        };
        let Some(alias) = alias else { return Err("it has no primary key".to_owned()) };
        let column = PrintedColumn {
            sql_name: alias.to_owned(),
            rust_name: names::rust_name(alias, Some(&self.rust_name)),
            column_type: ColumnType::plain("Integer"),
        };
        self.columns.insert(0, column);
        self.key.push(alias.to_owned());
        Ok(())
    }

    fn print(&self, writer: &mut Writer) {
        writer.open("diesel::table! {");
        let mut imported = BTreeSet::new();
        for column in &self.columns {
            let name = &column.column_type.rust_name;
            if column.column_type.is_custom() && imported.insert(name) {
                if imported.len() == 1 {
                    writer.line("use diesel::sql_types::*;");
                }
                writer.line(&format!("use super::sql_types::{name};"));
            }
        }
        if !imported.is_empty() {
            writer.blank();
        }
        if self.rust_name != self.name.name.as_str() {
            writer.line(&format!("#[sql_name = {}]", names::rust_string(&self.name.to_string())));
        }
        let key: Vec<String> =
            self.key.iter().map(|name| names::rust_name(name, Some(&self.rust_name))).collect();
        let schema = self.name.schema.as_ref();
        let schema = schema.map(|schema| format!("{}.", names::rust_name(schema.as_str(), None)));
        let schema = schema.unwrap_or_default();
        writer.open(&format!("{schema}{} ({}) {{", self.rust_name, key.join(", ")));
        for column in &self.columns {
            if column.rust_name != column.sql_name {
                writer.line(&format!("#[sql_name = {}]", names::rust_string(&column.sql_name)));
            }
            if let Some(length) = column.column_type.max_length {
                writer.line(&format!("#[max_length = {length}]"));
            }
            writer.line(&format!("{} -> {},", column.rust_name, column.column_type));
        }
        writer.close("}");
        writer.close("}");
    }
}

fn print_tables(catalog: &Catalog, tables: &[PrintedTable<'_>], writer: &mut Writer) {
    let custom: BTreeMap<&str, &ColumnType> = tables
        .iter()
        .flat_map(|table| &table.columns)
        .filter(|column| column.column_type.is_custom())
        .map(|column| (column.column_type.rust_name.as_str(), &column.column_type))
        .collect();
    if !custom.is_empty() {
        print_custom_types(&custom, writer);
        writer.blank();
    }
    for (nth, table) in tables.iter().enumerate() {
        if nth > 0 {
            writer.blank();
        }
        table.print(writer);
    }
    let joins = joins(catalog.dialect, tables);
    if !joins.is_empty() {
        writer.blank();
    }
    for join in &joins {
        writer.line(&format!(
            "diesel::joinable!({} -> {} ({}));",
            join.child, join.parent, join.column
        ));
    }
    if tables.len() >= 2 {
        writer.blank();
        let names: Vec<&str> = tables.iter().map(|table| table.rust_name.as_str()).collect();
        writer.macro_call("diesel::allow_tables_to_appear_in_same_query!", &names);
    }
}

fn print_custom_types(custom: &BTreeMap<&str, &ColumnType>, writer: &mut Writer) {
    writer.open("pub mod sql_types {");
    for (nth, (name, column_type)) in custom.iter().enumerate() {
        if nth > 0 {
            writer.blank();
        }
        writer.line("#[derive(diesel::sql_types::SqlType)]");
        let mut arguments = vec![format!("name = {}", names::rust_string(&column_type.sql_name))];
        if let Some(schema) = &column_type.schema {
            arguments.push(format!("schema = {}", names::rust_string(schema)));
        }
        writer.attribute("diesel(postgres_type", &arguments);
        writer.line(&format!("pub struct {name};"));
    }
    writer.close("}");
}

/// What a `joinable!` says, and what decides whether there is one.
struct Join<'a> {
    child: &'a str,
    parent: &'a str,
    column: String,
    tables: (&'a ObjectName, &'a ObjectName),
    to_primary_key: bool,
}

/// Returns the foreign keys that Diesel joins by: of one column to a primary key of one column, the only one between
/// two tables.
fn joins<'a>(dialect: Dialect, tables: &'a [PrintedTable<'a>]) -> Vec<Join<'a>> {
    let mut all: Vec<Join<'_>> = Vec::new();
    for child in tables {
        let mut keys: Vec<(&Name, &ObjectName, Option<&Name>)> = Vec::new();
        for key in &child.table.foreign_keys {
            let targets = &key.referenced_columns;
            keys.extend(key.columns.iter().enumerate().map(|(nth, column)| {
                // On PostgreSQL the only column of a longer key is no key by itself, nor is it on SQLite, which
                // lists each column as a key and so finds more than one between the tables.
                (column, &key.references, targets.get(nth))
            }));
        }
        keys.sort_by(|one, other| (one.1, one.0).cmp(&(other.1, other.0)));
        for (column, parent_name, target) in keys {
            let Some(parent) = tables.iter().find(|table| table.name == parent_name) else {
                continue;
            };
            let pair = (child.name.min(parent_name), child.name.max(parent_name));
            let target = target.map(|name| name.as_str().to_owned());
            let to_primary_key = match (dialect, parent.key.as_slice()) {
                (Dialect::Postgres | Dialect::Sqlite, [only]) => target.as_ref() == Some(only),
                (Dialect::Postgres | Dialect::Sqlite, _) => false,
            };
            all.push(Join {
                child: &child.rust_name,
                parent: &parent.rust_name,
                column: names::rust_name(column.as_str(), Some(&child.rust_name)),
                tables: pair,
                to_primary_key,
            });
        }
    }
    let mut counts: BTreeMap<(&ObjectName, &ObjectName), u32> = BTreeMap::new();
    for join in &all {
        *counts.entry(join.tables).or_default() += 1;
    }
    let only = |join: &Join<'_>| counts.get(&join.tables) == Some(&1);
    all.retain(|join| join.tables.0 != join.tables.1 && join.to_primary_key && only(join));
    all
}

#[cfg(test)]
mod tests;
