//! A catalog as Diesel's `schema.rs`, letter by letter as `diesel print-schema` of Diesel 2.3 prints it.

pub mod diesel_toml;
mod joins;
mod layout;
mod names;
pub mod options;
mod postgres_types;
mod row_ids;
mod table;
mod types;

use std::collections::BTreeMap;

use layout::Writer;
pub(crate) use names::upper_camel;
use options::{Docs, PrintOptions, Schemas};
pub(crate) use postgres_types::postgres as postgres_type;
use table::{BY_DIESEL, PrintedTable, print_docs};
use types::ColumnType;
pub(crate) use types::{DIESEL_TYPES, sqlite as sqlite_type};

use crate::catalog::{Catalog, ObjectKind};
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};

/// Returns what `diesel print-schema` prints for a database with this catalog, formatted as it formats it.
///
/// Unless the options name a schema, the tables of the default schema come first, then those of each other schema as a module, as
/// `diesel print-schema --schema NAME` prints them. Diesel refuses tables without a primary key (PostgreSQL) and types that it does
/// not know (SQLite); here such a table is left out and a comment says so.
#[must_use]
pub fn schema_rs(catalog: &Catalog, options: &PrintOptions) -> String {
    let mut schemas: BTreeMap<Option<&Name>, Vec<PrintedTable<'_>>> = BTreeMap::new();
    let mut left_out = Vec::new();
    for (name, table) in &catalog.tables {
        let is_of_schema = match &options.schemas {
            Schemas::All => true,
            Schemas::Default => name.schema.is_none(),
            Schemas::Named(schema) => name.schema.as_ref() == in_catalog(schema),
        };
        let is_filtered = options.filter.leaves_out(name.name.as_str());
        if !is_of_schema || is_filtered || is_left_out_silently(catalog.dialect, name) {
            continue;
        }
        match PrintedTable::new(catalog, name, table, options) {
            Ok(printed) => schemas.entry(name.schema.as_ref()).or_default().push(printed),
            Err(reason) => left_out.push(format!("// `{name}` is left out: {reason}")),
        }
    }
    for (_, name) in catalog.others.keys().filter(|(kind, _)| *kind == ObjectKind::Virtual) {
        if !options.filter.leaves_out(name.name.as_str()) {
            left_out.push(format!(
                "// `{name}` is left out: only its module knows the columns of a virtual table"
            ));
        }
    }
    let mut writer = Writer::default();
    writer.line("// @generated automatically by Diesel CLI.");
    for reason in left_out {
        writer.line(&reason);
    }
    // Diesel writes the module of a schema that it was told of even where it has no tables.
    if let Schemas::Named(schema) = &options.schemas {
        schemas.entry(in_catalog(schema)).or_default();
    }
    for (schema, tables) in schemas {
        writer.blank();
        let module = match &options.schemas {
            Schemas::All | Schemas::Default => schema,
            Schemas::Named(schema) => Some(schema),
        };
        match module {
            None => print_tables(catalog, &tables, options, &mut writer),
            Some(schema) if tables.is_empty() => {
                writer.line(&format!("pub mod {} {{}}", names::rust_name(schema.as_str(), None)));
            }
            Some(schema) => {
                writer.open(&format!("pub mod {} {{", names::rust_name(schema.as_str(), None)));
                print_tables(catalog, &tables, options, &mut writer);
                writer.close("}");
            }
        }
    }
    writer.finish()
}

/// Returns the schema as names have it: none is the default one.
fn in_catalog(schema: &Name) -> Option<&Name> {
    Some(schema).filter(|schema| schema.as_str() != "public")
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

fn print_tables(
    catalog: &Catalog,
    tables: &[PrintedTable<'_>],
    options: &PrintOptions,
    writer: &mut Writer,
) {
    let columns = tables.iter().flat_map(|table| &table.columns);
    let custom = columns.filter(|column| column.defines_type).map(|column| &column.column_type);
    let mut custom: Vec<&ColumnType> = custom.collect();
    // Of several with one Rust name Diesel takes the one that its sort puts first, so that it must be the same sort.
    custom.sort_unstable_by_key(|column_type| column_type.rust_name.as_str());
    custom.dedup_by_key(|column_type| column_type.rust_name.as_str());
    if !custom.is_empty() {
        print_custom_types(&custom, options, writer);
        writer.blank();
    }
    for (nth, table) in tables.iter().enumerate() {
        if nth > 0 {
            writer.blank();
        }
        table.print(options, writer);
    }
    let joins = joins::joins(catalog, tables);
    if !joins.is_empty() {
        writer.blank();
    }
    for join in &joins {
        writer.line(&format!(
            "diesel::joinable!({} -> {} ({}));",
            join.child, join.parent, join.column
        ));
    }
    for (nth, group) in joins::groups(options.in_same_query, tables, &joins).iter().enumerate() {
        if nth == 0 {
            writer.blank();
        }
        writer.macro_call("diesel::allow_tables_to_appear_in_same_query!", group);
    }
}

fn print_custom_types(custom: &[&ColumnType], options: &PrintOptions, writer: &mut Writer) {
    let made_up = |what: String| match options.docs {
        Docs::None | Docs::OnlyDatabase => None,
        Docs::DatabaseOrMadeUp => Some(format!("{what}\n\n{BY_DIESEL}")),
    };
    let docs = made_up("A module containing custom SQL type definitions".to_owned());
    print_docs(docs.as_deref(), writer);
    writer.open("pub mod sql_types {");
    for (nth, column_type) in custom.iter().enumerate() {
        if nth > 0 {
            writer.blank();
        }
        let schema = column_type.schema.as_ref().map(|schema| format!("{schema}."));
        let full_name = format!("{}{}", schema.unwrap_or_default(), column_type.sql_name);
        let docs = made_up(format!("The `{}` SQL type", full_name.replace('\n', "\\n")));
        print_docs(docs.as_deref(), writer);
        writer.derive(&options.all_derives());
        let mut arguments = vec![format!("name = {}", names::rust_string(&column_type.sql_name))];
        if let Some(schema) = &column_type.schema {
            arguments.push(format!("schema = {}", names::rust_string(schema)));
        }
        writer.attribute("diesel(postgres_type", &arguments);
        writer.line(&format!("pub struct {};", column_type.rust_name));
    }
    writer.close("}");
}

#[cfg(test)]
mod tests;
