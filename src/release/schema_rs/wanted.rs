//! The catalog that a `schema.rs` asks for, where another one is: what it says is as it says, the rest stays.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::as_catalog::{column, made, spelled, sql_type};
use super::declared::{DeclaredColumn, DeclaredSchema, DeclaredTable};
use super::read;
use crate::catalog::{Catalog, Table};
use crate::change::widening::widens;
use crate::compile::schema_rs::options::PrintOptions;
use crate::compile::schema_rs::{schema_rs, sqlite_type};
use crate::diagnostic::Sink;
use crate::dialect::Dialect;
use crate::expressions;
use crate::name::{Name, ObjectName};
use crate::source::Sources;

/// A catalog that is asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The catalog.
    pub catalog: Catalog,
    /// What of the file could not be put into it.
    pub unsaid: Vec<String>,
    /// What was not compared at all, and is no difference.
    pub uncompared: Vec<String>,
}

/// Returns the catalog that a `schema.rs` asks for where `have` is. Types that Diesel prints alike are no difference. Tables that it
/// lacks are to go, unless the options' filter leaves them out of it, or it has nothing of their schema: Diesel prints one schema at a time.
#[must_use]
pub fn wanted(have: &Catalog, declared: &DeclaredSchema, options: &PrintOptions) -> Wanted {
    let domains_as_types = options.domains_as_types.clone();
    let printed = printed(have, &PrintOptions { domains_as_types, ..PrintOptions::default() });
    let before: BTreeMap<&ObjectName, &DeclaredTable> =
        printed.tables.iter().map(|table| (&table.name, table)).collect();
    let after: BTreeMap<&ObjectName, &DeclaredTable> =
        declared.tables.iter().map(|table| (&table.name, table)).collect();
    let mut wanted = Wanted { catalog: have.clone(), unsaid: Vec::new(), uncompared: Vec::new() };
    for (name, table) in &after {
        match before.get(*name) {
            Some(known) => wanted.table(known, table),
            None if have.views.contains_key(*name) => {}
            None if have.tables.contains_key(*name) => wanted
                .uncompared
                .push(format!("table `{name}` was not compared: Diesel prints no such table")),
            None => wanted.new_table(table),
        }
    }
    let schemas: BTreeSet<Option<&Name>> = after.keys().map(|name| name.schema.as_ref()).collect();
    let mut not_compared = BTreeSet::new();
    for name in before.keys().filter(|name| !after.contains_key(*name)) {
        let schema = name.schema.as_ref();
        // A file without any table is about the tables that have no schema named.
        if !schemas.contains(&schema) && (schema.is_some() || !schemas.is_empty()) {
            not_compared.insert(schema.map_or("public", Name::as_str));
        } else if options.filter.leaves_out(name.name.as_str()) {
            wanted.unsaid.push(format!(
                "table `{name}` is not in the file, but `diesel.toml` filters tables, so that it may be meant to stay"
            ));
        } else {
            wanted.without_table(name);
        }
    }
    wanted.uncompared.extend(
        not_compared.into_iter().map(|schema| {
            format!("schema `{schema}` was not compared: nothing of it is in the file")
        }),
    );
    let known: BTreeSet<&ObjectName> = printed.types.iter().chain(have.enums.keys()).collect();
    for name in declared.types.iter().filter(|name| !known.contains(*name)) {
        if name.schema.as_ref().is_none_or(|schema| schema.as_str() != "pg_catalog") {
            wanted.unsaid.push(format!(
                "type `{name}` is not known, and the file does not say what it is: for an enum add `create_enum` with its values before it is \
                 used; any other needs a `sql` step that makes it or its extension, unless it is there"
            ));
        }
    }
    wanted
}

/// Takes `BigInt` of the only key column for the row id, as `print-schema` writes it where `diesel.toml` says
/// `sqlite_integer_primary_key_is_bigint`, but for columns that really are of that type.
pub fn take_row_ids(declared: &mut DeclaredSchema, have: &Catalog) {
    let options = PrintOptions { row_ids_are_bigint: true, ..PrintOptions::default() };
    let widened = printed(have, &options);
    let is_widened = |table: &ObjectName, column: &DeclaredColumn| {
        let of_table = widened.tables.iter().find(|of| of.name == *table);
        let mut columns = of_table.into_iter().flat_map(|of| &of.columns);
        let prints_big = columns.any(|of| of.name == column.name && of.declared.name == "BigInt");
        let known = have.column(table, &column.name);
        prints_big && known.is_some_and(|of| sqlite_type(&of.sql_type.0) == Some("Integer"))
    };
    for table in &mut declared.tables {
        let name = &table.name;
        for column in table.columns.iter_mut().filter(|column| column.declared.name == "BigInt") {
            // A column that refers to a row id is printed as one, whatever integer it was made as.
            if is_widened(name, column) {
                "Integer".clone_into(&mut column.declared.name);
            }
        }
        let [key] = table.key.as_slice() else { continue };
        let is_key = |column: &&mut DeclaredColumn| column.rust_name == *key;
        let Some(column) = table.columns.iter_mut().find(is_key) else { continue };
        let known = have.column(&table.name, &column.name);
        let is_row_id = known.is_none_or(|column| column.sql_type.0 == "INTEGER");
        if is_row_id && column.declared.name == "BigInt" {
            "Integer".clone_into(&mut column.declared.name);
        }
    }
}

fn printed(catalog: &Catalog, options: &PrintOptions) -> DeclaredSchema {
    let mut sources = Sources::default();
    let source = sources.add("schema.rs", schema_rs(catalog, options));
    read(&sources, &[source], &mut Sink::default())
}

impl Wanted {
    fn new_table(&mut self, table: &DeclaredTable) {
        let name = &table.name;
        if !table.access.writes() {
            self.unsaid.push(format!("view `{name}`: the file does not say its query"));
            return;
        }
        let mut left_out = BTreeSet::new();
        let made = made(table, &self.catalog, &mut left_out);
        self.unsaid.extend(left_out);
        self.catalog.tables.insert(name.clone(), Arc::new(made));
        for column in &table.columns {
            self.elements(name, column);
        }
    }

    /// Tells of elements that are declared never to be NULL, which no type of an array says.
    fn elements(&mut self, table: &ObjectName, column: &DeclaredColumn) {
        if self.catalog.dialect == Dialect::Postgres && column.declared.arrays.contains(&false) {
            let name = &column.name;
            self.unsaid.push(format!(
                "the elements of `{table}.{name}` may be NULL: no type of an array forbids it; add a check if one must not be, \
                 as `array_position({name}, NULL) IS NULL`"
            ));
        }
    }

    fn table(&mut self, before: &DeclaredTable, after: &DeclaredTable) {
        let name = &before.name;
        if key(before) != key(after) {
            self.unsaid.push(format!(
                "the primary key of table `{name}` is to be another: make a new table, and move the rows"
            ));
        }
        for old in &before.columns {
            if !after.columns.iter().any(|new| new.name == old.name) {
                self.without_column(name, &old.name);
            }
        }
        for new in &after.columns {
            let old = before.columns.iter().find(|old| old.name == new.name);
            let Some(old) = old else {
                match column(new, &self.catalog) {
                    Some(column) => {
                        self.elements(name, new);
                        if let Some(table) = self.catalog.table_mut(name) {
                            table.columns.push(column);
                        }
                    }
                    None => self.no_type(name, new),
                }
                continue;
            };
            self.column(name, old, new);
        }
    }

    fn column(&mut self, table: &ObjectName, old: &DeclaredColumn, new: &DeclaredColumn) {
        let as_nullable = |of: &DeclaredColumn| {
            let mut declared = of.declared.clone();
            declared.nullable = true;
            // Elements of arrays may always be NULL in the database.
            declared.arrays.fill(true);
            declared
        };
        let is_spelled = |of: &DeclaredColumn| match self.catalog.dialect {
            Dialect::Postgres => spelled(of),
            // It prints all texts alike.
            Dialect::Sqlite => None,
        };
        let is_other = as_nullable(old) != as_nullable(new) || is_spelled(old) != is_spelled(new);
        let other_type = is_other.then(|| sql_type(&self.catalog, new));
        if other_type == Some(None) {
            self.no_type(table, new);
            return;
        }
        let of_table = self.catalog.table_mut(table);
        if let Some(column) = of_table.and_then(|of| of.column_mut(&new.name)) {
            if old.declared.nullable != new.declared.nullable {
                column.nullable = new.declared.nullable;
            }
            if let Some(Some(other)) = other_type {
                // A default of the old type may be none of the new one.
                if !widens(&column.sql_type, &other) {
                    column.default = None;
                }
                column.sql_type = other;
            }
        }
    }

    fn no_type(&mut self, table: &ObjectName, column: &DeclaredColumn) {
        let (dialect, declared) = (self.catalog.dialect, &column.declared);
        self.unsaid.push(format!(
            "column `{table}.{}`: {dialect} has no type that Diesel prints as `{declared}`",
            column.name
        ));
    }

    fn without_column(&mut self, name: &ObjectName, column: &Name) {
        let dialect = self.catalog.dialect;
        let names = |text: &str| {
            let read = expressions::expression(dialect, text);
            let named = read.map(|read| read.columns).unwrap_or_default();
            named.iter().any(|of| of.name.eq_ignore_ascii_case(column.as_str()))
        };
        if let Some(table) = self.catalog.table_mut(name) {
            without(table, column, &names);
        }
        for table in self.catalog.tables.values_mut().map(Arc::make_mut) {
            let points = |key: &crate::catalog::ForeignKey| {
                key.references == *name && key.referenced_columns.contains(column)
            };
            table.foreign_keys.retain(|key| !points(key));
        }
        self.read_by_views(name, Some(column));
    }

    fn without_table(&mut self, name: &ObjectName) {
        self.catalog.tables.remove(name);
        for table in self.catalog.tables.values_mut().map(Arc::make_mut) {
            table.foreign_keys.retain(|key| key.references != *name);
        }
        self.read_by_views(name, None);
    }

    fn read_by_views(&mut self, table: &ObjectName, column: Option<&Name>) {
        for (view, of) in &self.catalog.views {
            let Ok((read, _)) = expressions::query(self.catalog.dialect, of.query.as_str()) else {
                continue;
            };
            let reads_table = read.tables.iter().any(|of| ObjectName::parse(&of.name) == *table);
            let reads_column = column.is_none_or(|column| {
                read.columns.iter().any(|of| of.name.eq_ignore_ascii_case(column.as_str()))
            });
            if reads_table && reads_column {
                let what = column
                    .map_or_else(|| format!("`{table}`"), |column| format!("`{table}.{column}`"));
                self.unsaid.push(format!(
                    "view `{view}` reads {what}, which is to go: add `replace_view` or `drop_view` before that"
                ));
            }
        }
    }
}

/// Takes a column out of a table, with all that is on it.
fn without(table: &mut Table, column: &Name, names: &impl Fn(&str) -> bool) {
    table.columns.retain(|of| of.name != *column);
    table.uniques.retain(|key| !key.columns.contains(column));
    table.foreign_keys.retain(|key| !key.columns.contains(column));
    table.checks.retain(|check| !names(check.expression.as_str()));
    table.indexes.retain(|_, index| {
        let mut parts = index.columns.iter();
        let on_it = parts.any(|part| match &part.key {
            crate::catalog::IndexKey::Column(name) => name == column,
            crate::catalog::IndexKey::Expression(expression) => names(expression.as_str()),
        });
        let chosen = index.predicate.as_ref().is_some_and(|of| names(of.as_str()));
        !on_it && !chosen && !index.include.contains(column)
    });
}

/// Returns the columns of the primary key by their names in the database.
fn key(table: &DeclaredTable) -> BTreeSet<&Name> {
    let in_key = |column: &&DeclaredColumn| table.key.contains(&column.rust_name);
    table.columns.iter().filter(in_key).map(|column| &column.name).collect()
}
