//! Which tables Diesel joins, and which may appear in one query.

use std::collections::{BTreeMap, BTreeSet};

use super::names;
use super::options::InSameQuery;
use super::table::PrintedTable;
use crate::catalog::Catalog;
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};

/// What a `joinable!` says, and what decides whether there is one.
pub(super) struct Join<'a> {
    pub(super) child: &'a str,
    pub(super) parent: &'a str,
    pub(super) column: String,
    tables: (&'a ObjectName, &'a ObjectName),
    to_primary_key: bool,
}

/// Returns the foreign keys that Diesel joins by: of one column to a primary key of one column, the only one between
/// two tables.
pub(super) fn joins<'a>(catalog: &'a Catalog, tables: &'a [PrintedTable<'a>]) -> Vec<Join<'a>> {
    let mut all: Vec<Join<'_>> = Vec::new();
    for child in tables {
        let mut keys: Vec<(&Name, &ObjectName, Option<&Name>, bool)> = Vec::new();
        for key in child.table.foreign_keys.iter().filter(|key| !key.terms.respells_table) {
            let targets = &key.referenced_columns;
            // A key of a whole table to a divided one is one to each partition too.
            let own = key.terms.part_of.is_none();
            let partitions =
                if own { catalog.all_partitions_of(&key.references) } else { Vec::new() };
            for parent in std::iter::once(&key.references).chain(partitions) {
                keys.extend(key.columns.iter().enumerate().map(|(nth, column)| {
                    // On PostgreSQL the only column of a longer key is no key by itself, nor is it on SQLite, which
                    // lists each column as a key and so finds more than one between the tables.
                    (column, parent, targets.get(nth), key.terms.respells_column)
                }));
            }
        }
        keys.sort_by(|one, other| (one.1, one.0).cmp(&(other.1, other.0)));
        for (column, parent_name, target, is_respelled) in keys {
            let Some(parent) = tables.iter().find(|table| table.name == parent_name) else {
                continue;
            };
            let pair = (child.name.min(parent_name), child.name.max(parent_name));
            let target = target.map(|name| name.as_str().to_owned());
            let to_primary_key = match (catalog.dialect, parent.key.as_slice()) {
                // To Diesel a column that is written in another case is none.
                _ if is_respelled => false,
                // A key that names no column of a table without a key refers to its row id.
                (Dialect::Sqlite, [_]) if target.is_none() => true,
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

/// Returns the groups of tables that may appear in one query, by their Rust names.
pub(super) fn groups<'a>(
    which: InSameQuery,
    tables: &'a [PrintedTable<'a>],
    joins: &[Join<'_>],
) -> Vec<Vec<&'a str>> {
    let mut groups: Vec<Vec<&str>> = match which {
        InSameQuery::None => Vec::new(),
        InSameQuery::AllTables => {
            vec![tables.iter().map(|table| table.rust_name.as_str()).collect()]
        }
        InSameQuery::FkRelatedTables => related(tables, joins),
    };
    groups.retain(|group| group.len() >= 2);
    groups
}

/// Returns the tables that are joined over any number of others, in the order in which they are printed.
fn related<'a>(tables: &'a [PrintedTable<'a>], joins: &[Join<'_>]) -> Vec<Vec<&'a str>> {
    let mut groups = Vec::new();
    let mut seen: BTreeSet<&ObjectName> = BTreeSet::new();
    for table in tables {
        if !seen.insert(table.name) {
            continue;
        }
        let mut group = BTreeSet::from([table.name]);
        let mut open = vec![table.name];
        while let Some(name) = open.pop() {
            for Join { tables: (one, other), .. } in joins {
                let next = if *one == name {
                    *other
                } else if *other == name {
                    *one
                } else {
                    continue;
                };
                let Some(next) = tables.iter().find(|table| table.name == next) else { continue };
                if group.insert(next.name) {
                    open.push(next.name);
                }
            }
        }
        seen.extend(&group);
        let in_group = tables.iter().filter(|table| group.contains(table.name));
        groups.push(in_group.map(|table| table.rust_name.as_str()).collect());
    }
    groups
}
