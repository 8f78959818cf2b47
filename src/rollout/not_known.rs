//! What a baseline that was taken from a `schema.rs` does not know, taken over from the live database: it is no drift.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::catalog::{Catalog, Column, Key, Table};
use crate::compile::schema_rs::options::PrintOptions;
use crate::compile::schema_rs::schema_rs;
use crate::diagnostic::Sink;
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};
use crate::release::schema_rs::{DeclaredColumn, read};
use crate::source::Sources;

/// What was not compared, and why.
pub(super) const NOT_KNOWN: &str = "of what was there before planner only tables, columns, types and primary keys were compared, since the baseline \
     is taken from `schema.rs`; one from the database knows the rest: `planner baseline --from database`";

/// Returns an expected catalog with all that nobody knows of what is there since before the first plan and migration: that of the
/// live one. What plans and migrations have changed stays as they left it.
pub(super) fn completed(
    expected: &Catalog,
    base: &Catalog,
    live: &Catalog,
    unprinted: &BTreeSet<ObjectName>,
) -> Catalog {
    let mut all = expected.clone();
    let (mine, theirs) = (declared(expected), declared(live));
    let same_type = |path: &(ObjectName, Name)| {
        mine.get(path)
            .is_some_and(|one| theirs.get(path).is_some_and(|of| of.declared == one.declared))
    };
    for (name, found) in &live.tables {
        if let (Some(known), Some(table)) = (base.table(name), all.table_mut(name)) {
            complete(table, known, found, &|column| same_type(&(name.clone(), column.clone())));
        } else if !expected.tables.contains_key(name)
            && (unprinted.contains(name) || is_never_printed(base, live.dialect, name, found))
        {
            all.tables.insert(name.clone(), Arc::clone(found));
        }
    }
    let is_new = |name: &&ObjectName| !all.tables.contains_key(*name);
    let views = live.views.iter().filter(|(name, _)| is_new(name));
    let views: Vec<_> = views.map(|(name, view)| (name.clone(), view.clone())).collect();
    for (name, view) in views {
        all.views.entry(name).or_insert(view);
    }
    for (name, values) in &live.enums {
        all.enums.entry(name.clone()).or_insert_with(|| values.clone());
    }
    all.sequences.extend(live.sequences.iter().cloned());
    all.functions.extend(live.functions.iter().cloned());
    all
}

/// Diesel prints no table without a key (PostgreSQL), and one schema at a time.
fn is_never_printed(base: &Catalog, dialect: Dialect, name: &ObjectName, table: &Table) -> bool {
    let has_schema = base.tables.keys().any(|of| of.schema == name.schema);
    dialect == Dialect::Postgres && (table.primary_key.is_none() || !has_schema)
}

fn complete(table: &mut Table, known: &Table, found: &Table, same_type: &dyn Fn(&Name) -> bool) {
    for column in &mut table.columns {
        let (Some(was), Some(is)) = (known.column(&column.name), found.column(&column.name)) else {
            continue;
        };
        let Column { name: _, sql_type, nullable, default, generated, collation, on_null, comment } =
            was;
        if (&column.sql_type, column.nullable) == (sql_type, *nullable) && same_type(&column.name) {
            column.sql_type.clone_from(&is.sql_type);
            column.nullable = is.nullable;
        }
        take(&mut column.default, default, &is.default);
        take(&mut column.generated, generated, &is.generated);
        take(&mut column.collation, collation, &is.collation);
        take(&mut column.on_null, on_null, &is.on_null);
        take(&mut column.comment, comment, &is.comment);
    }
    if let (Some(key), Some(is)) = (&mut table.primary_key, &found.primary_key)
        && known.primary_key.as_ref() == Some(&*key)
        && in_any_order(key) == in_any_order(is)
    {
        key.clone_from(is);
    }
    add(&mut table.uniques, &found.uniques, |key| &key.name);
    add(&mut table.checks, &found.checks, |check| &check.name);
    add(&mut table.foreign_keys, &found.foreign_keys, |key| &key.name);
    add(&mut table.exclusions, &found.exclusions, |of| &of.name);
    for (name, index) in &found.indexes {
        table.indexes.entry(name.clone()).or_insert_with(|| index.clone());
    }
    for (name, trigger) in &found.triggers {
        table.triggers.entry(name.clone()).or_insert_with(|| trigger.clone());
    }
    take(&mut table.comment, &known.comment, &found.comment);
    take(&mut table.partition_by, &known.partition_by, &found.partition_by);
    take(&mut table.partition_of, &known.partition_of, &found.partition_of);
    (table.strict, table.without_rowid) = (found.strict, found.without_rowid);
}

/// Takes over what nobody has changed since.
fn take<T: Clone + PartialEq>(value: &mut T, was: &T, is: &T) {
    if value == was {
        value.clone_from(is);
    }
}

fn add<T: Clone>(all: &mut Vec<T>, found: &[T], name: impl Fn(&T) -> &Name) {
    for of in found {
        if !all.iter().any(|known| name(known) == name(of)) {
            all.push(of.clone());
        }
    }
}

fn in_any_order(key: &Key) -> Vec<&Name> {
    let mut columns: Vec<&Name> = key.columns.iter().collect();
    columns.sort_unstable();
    columns
}

/// Returns what Diesel would print for each column.
fn declared(catalog: &Catalog) -> BTreeMap<(ObjectName, Name), DeclaredColumn> {
    let mut sources = Sources::default();
    let source = sources.add("schema.rs", schema_rs(catalog, &PrintOptions::default()));
    let read = read(&sources, &[source], &mut Sink::default());
    let of_table = |table: crate::release::schema_rs::DeclaredTable| {
        let name = table.name;
        table.columns.into_iter().map(move |column| ((name.clone(), column.name.clone()), column))
    };
    read.tables.into_iter().flat_map(of_table).collect()
}
