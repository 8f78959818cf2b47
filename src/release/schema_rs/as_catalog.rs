//! What a `schema.rs` declares as a catalog: columns, types, primary keys, and nothing else.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::declared::{DeclaredColumn, DeclaredSchema, DeclaredTable};
use crate::catalog::{Catalog, Column, Generated, Identity, Key, SqlType, Table};
use crate::compile::schema_rs::upper_camel;
use crate::dialect::Dialect;
use crate::dialects::{normalize_type, quote};
use crate::name::{Name, ObjectName};

/// What a `schema.rs` says of no table.
pub const NOT_SAID: &str = "what no `schema.rs` says: defaults, checks, unique constraints, foreign keys, indexes, triggers, views, how numbers are made";

/// Diesel's types and what PostgreSQL calls them.
const POSTGRES: [(&str, &str); 38] = [
    ("Bool", "boolean"),
    ("SmallInt", "smallint"),
    ("Integer", "integer"),
    ("BigInt", "bigint"),
    ("Float", "real"),
    ("Double", "double precision"),
    ("Numeric", "numeric"),
    ("Text", "text"),
    ("Binary", "bytea"),
    ("Date", "date"),
    ("Time", "time"),
    ("Timestamp", "timestamp"),
    ("Timestamptz", "timestamptz"),
    ("Interval", "interval"),
    ("Uuid", "uuid"),
    ("Json", "json"),
    ("Jsonb", "jsonb"),
    ("Inet", "inet"),
    ("Cidr", "cidr"),
    ("MacAddr", "macaddr"),
    ("MacAddr8", "macaddr8"),
    ("Money", "money"),
    ("Oid", "oid"),
    ("PgLsn", "pg_lsn"),
    ("Citext", "citext"),
    ("CChar", "\"char\""),
    ("Int4range", "int4range"),
    ("Int8range", "int8range"),
    ("Numrange", "numrange"),
    ("Tsrange", "tsrange"),
    ("Tstzrange", "tstzrange"),
    ("Daterange", "daterange"),
    ("Int4multirange", "int4multirange"),
    ("Int8multirange", "int8multirange"),
    ("Nummultirange", "nummultirange"),
    ("Tsmultirange", "tsmultirange"),
    ("Tstzmultirange", "tstzmultirange"),
    ("Datemultirange", "datemultirange"),
];

/// Diesel's types and the names that `diesel print-schema` takes for them on SQLite.
const SQLITE: [(&str, &str); 12] = [
    ("Bool", "BOOLEAN"),
    ("SmallInt", "SMALLINT"),
    ("Integer", "INTEGER"),
    ("BigInt", "BIGINT"),
    ("Float", "FLOAT"),
    ("Double", "DOUBLE"),
    ("Numeric", "NUMERIC"),
    ("Text", "TEXT"),
    ("Binary", "BLOB"),
    ("Date", "DATE"),
    ("Time", "TIME"),
    ("Timestamp", "TIMESTAMP"),
];

/// Returns the type that a column with this declaration may have; `None` if there is none that Diesel would print so. A type that
/// is only named, as where `diesel.toml` lets types be imported, is looked for among the enums of a catalog.
#[must_use]
pub fn sql_type(known: &Catalog, column: &DeclaredColumn) -> Option<SqlType> {
    let (dialect, declared) = (known.dialect, &column.declared);
    let element = match dialect {
        Dialect::Postgres => postgres(known, column)?,
        Dialect::Sqlite if declared.custom.is_some() || !declared.arrays.is_empty() => return None,
        Dialect::Sqlite => name_of(&SQLITE, &declared.name)?,
    };
    let array = if declared.arrays.is_empty() { "" } else { "[]" };
    Some(normalize_type(dialect, &format!("{element}{array}")))
}

fn name_of(types: &[(&str, &str)], diesel: &str) -> Option<String> {
    types.iter().find(|(name, _)| *name == diesel).map(|(_, name)| (*name).to_owned())
}

fn postgres(known: &Catalog, column: &DeclaredColumn) -> Option<String> {
    let length = column.max_length.map_or_else(String::new, |length| format!("({length})"));
    if let Some(custom) = &column.declared.custom {
        return Some(format!("{}{length}", custom_type(custom)));
    }
    if let Some(text) = spelled(column) {
        return Some(text);
    }
    name_of(&POSTGRES, &column.declared.name).or_else(|| {
        let is_it = |name: &&ObjectName| upper_camel(name.name.as_str()) == column.written;
        known.enums.keys().find(is_it).map(custom_type)
    })
}

/// Returns the type of a column whose name Diesel prints one way and takes for another: `Varchar` is `Text` to it (PostgreSQL).
#[must_use]
pub fn spelled(column: &DeclaredColumn) -> Option<String> {
    if column.declared.custom.is_some() {
        return None;
    }
    let (name, alone) = match column.written.as_str() {
        "Text" => return Some("text".to_owned()),
        "Varchar" | "VarChar" => ("varchar", "varchar"),
        "Bpchar" => ("char", "bpchar"),
        // That is how the type of one byte is printed; a text of some length has it.
        "Char" => ("char", "\"char\""),
        "Bit" => ("bit", "bit"),
        _ => return None,
    };
    Some(column.max_length.map_or_else(|| alone.to_owned(), |length| format!("{name}({length})")))
}

/// Writes a type's name; those of the engine itself have no schema.
fn custom_type(name: &ObjectName) -> String {
    let own = quote(Dialect::Postgres, &name.name);
    let schema = name.schema.as_ref().filter(|schema| schema.as_str() != "pg_catalog");
    schema
        .map_or_else(|| own.clone(), |schema| format!("{}.{own}", quote(Dialect::Postgres, schema)))
}

/// Returns a catalog with what is declared, and what could not be put into it.
#[must_use]
pub fn as_catalog(declared: &DeclaredSchema, dialect: Dialect) -> (Catalog, BTreeSet<String>) {
    let mut catalog = Catalog::empty(dialect);
    let mut left_out = BTreeSet::from([NOT_SAID.to_owned()]);
    for table in declared.tables.iter().filter(|table| table.access.writes()) {
        let made = made(table, &catalog, &mut left_out);
        catalog.tables.insert(table.name.clone(), Arc::new(made));
    }
    let views = declared.tables.iter().filter(|table| !table.access.writes());
    left_out
        .extend(views.map(|view| format!("view `{}`: no `schema.rs` says its query", view.name)));
    for name in &declared.types {
        left_out.insert(format!("type `{name}`: no `schema.rs` says what it is"));
    }
    (catalog, left_out)
}

/// Returns a table with what is declared of it; what has no type is put among what is left out.
#[must_use]
pub fn made(table: &DeclaredTable, known: &Catalog, left_out: &mut BTreeSet<String>) -> Table {
    let dialect = known.dialect;
    let mut made = Table::default();
    let has_own_key = !is_row_id(table, dialect);
    for declared in table.columns.iter().filter(|_| has_own_key || table.columns.len() > 1) {
        if !has_own_key && table.key.contains(&declared.rust_name) {
            continue;
        }
        if let Some(column) = column(declared, known) {
            made.columns.push(column);
        } else {
            let (table, name) = (&table.name, &declared.name);
            left_out.insert(format!(
                "column `{table}.{name}`: {dialect} has no type that Diesel prints as `{}`",
                declared.declared
            ));
        }
    }
    let in_key = |name: &&DeclaredColumn| table.key.contains(&name.rust_name);
    let columns: Vec<Name> =
        table.columns.iter().filter(in_key).map(|column| column.name.clone()).collect();
    let is_there = |name: &Name| made.column(name).is_some();
    if has_own_key && !columns.is_empty() && columns.iter().all(is_there) {
        let name = Name::new(format!("{}_pkey", table.name.name));
        if let ([only], Dialect::Sqlite) = (columns.as_slice(), dialect)
            && let Some(column) = made.column_mut(only)
            && column.sql_type.0 == "INTEGER"
        {
            column.generated = Some(Generated::Identity(Identity::RowId));
        }
        made.primary_key = Some(Key::new(name, columns));
    }
    made
}

/// Returns a column of this declaration.
#[must_use]
pub fn column(declared: &DeclaredColumn, known: &Catalog) -> Option<Column> {
    let SqlType(text) = sql_type(known, declared)?;
    let mut column = Column::new(declared.name.clone(), text);
    column.nullable = declared.declared.nullable;
    Some(column)
}

/// Diesel prints a table without a primary key with the row id (SQLite).
fn is_row_id(table: &DeclaredTable, dialect: Dialect) -> bool {
    let aliases = ["rowid", "oid", "_rowid_"];
    let first = table.columns.first().map(|column| column.name.as_str());
    dialect == Dialect::Sqlite
        && first.is_some_and(|first| aliases.contains(&first))
        && table.key.len() == 1
        && table.columns.first().is_some_and(|first| table.key.contains(&first.rust_name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::schema_rs::options::PrintOptions;
    use crate::compile::schema_rs::schema_rs;
    use crate::diagnostic::Sink;
    use crate::source::Sources;

    fn declared(text: &str) -> DeclaredSchema {
        let mut sources = Sources::default();
        let source = sources.add("src/schema.rs", text);
        let mut sink = Sink::default();
        let declared = super::super::read(&sources, &[source], &mut sink);
        assert!(sink.is_empty(), "{:?}", sink.found());
        declared
    }

    #[test]
    fn every_type_is_printed_by_diesel_as_it_was_declared() {
        let both: [(Dialect, &[(&str, &str)]); 2] =
            [(Dialect::Postgres, &POSTGRES), (Dialect::Sqlite, &SQLITE)];
        for (dialect, types) in both {
            for (name, _) in types {
                // These two are read as other types by `print-schema` on the engine, which load the same values.
                if matches!((dialect, *name), (Dialect::Sqlite, "Numeric") | (_, "CChar")) {
                    continue;
                }
                let text = format!(
                    "diesel::table! {{ t (id) {{ id -> Integer, x -> Nullable<{name}>, }} }}"
                );
                let one = declared(&text);
                let (catalog, left_out) = as_catalog(&one, dialect);
                assert_eq!(left_out.len(), 1, "{left_out:?}");
                let read = declared(&schema_rs(&catalog, &PrintOptions::default()));
                let of = |schema: &DeclaredSchema| schema.tables[0].columns[1].declared.clone();
                assert_eq!(of(&read), of(&one), "{dialect} {name}");
            }
        }
    }

    #[test]
    fn a_table_without_a_key_has_the_row_id_on_sqlite() {
        let text = "diesel::table! { notes (rowid) { rowid -> Integer, text -> Nullable<Text>, } }";
        let (catalog, left_out) = as_catalog(&declared(text), Dialect::Sqlite);
        let notes = catalog.table(&"notes".into()).unwrap();
        assert_eq!(notes.columns, [Column::new("text", "TEXT")]);
        assert_eq!(notes.primary_key, None);
        assert_eq!(left_out.len(), 1);
    }

    #[test]
    fn what_has_no_type_is_left_out() {
        let text =
            "diesel::table! { t (id) { id -> Integer, mood -> Mood, tags -> Array<Text>, } }";
        let (catalog, left_out) = as_catalog(&declared(text), Dialect::Sqlite);
        assert_eq!(catalog.table(&"t".into()).unwrap().columns.len(), 1);
        assert!(left_out.iter().any(|what| what.starts_with("column `t.mood`")), "{left_out:?}");
        assert!(left_out.iter().any(|what| what.starts_with("column `t.tags`")), "{left_out:?}");
    }
}
