//! Who uses a table, a column, a view or a type, so that it cannot go.

use std::collections::BTreeSet;

use super::{is_same_name, texts};
use crate::catalog::{
    Catalog, Column, ForeignKey, Generated, Index, IndexKey, Key, ObjectKind, SqlExpression,
    SqlType, Sync, Table, View,
};
use crate::dialect::Dialect;
use crate::expressions;
use crate::name::{Name, ObjectName};

/// Returns another table's foreign key, a view or a sync that uses the table.
pub(super) fn of_table(catalog: &mut Catalog, name: &ObjectName) -> Option<String> {
    let referrers = catalog.referrers(name);
    for other in referrers.iter().filter(|other| *other != name) {
        let keys = catalog.table(other).into_iter().flat_map(|table| &table.foreign_keys);
        let points = |key: &&ForeignKey| key.references == *name && key.terms.part_of.is_none();
        if let Some(key) = keys.into_iter().find(points) {
            return Some(format!("foreign key `{}` of table `{other}`", key.name));
        }
    }
    view_reading(catalog, name).or_else(|| {
        let uses = |sync: &Sync| match sync {
            Sync::Columns { table, .. } => table == name,
            Sync::Tables(tables) => tables.from == *name || tables.to == *name,
        };
        catalog.syncs.values().find(|sync| uses(sync)).map(|sync| format!("sync `{}`", sync.name()))
    })
}

/// Returns another view that reads this table or view.
pub(super) fn view_reading(catalog: &Catalog, name: &ObjectName) -> Option<String> {
    let reads = |view: &View| {
        may_mention(&view.query, &name.name)
            && expressions::query(catalog.dialect, view.query.as_str()).map_or(
                true,
                |(query, _)| {
                    query.tables.iter().any(|table| is_table(catalog.dialect, &table.name, name))
                },
            )
    };
    let mut others = catalog.views.iter().filter(|(other, _)| *other != name);
    others.find(|(_, view)| reads(view)).map(|(other, _)| format!("view `{other}`"))
}

/// Returns a foreign key to this table that fits, of whichever table.
pub(super) fn foreign_key_to(
    catalog: &mut Catalog,
    name: &ObjectName,
    fits: impl Fn(&ForeignKey) -> bool,
) -> Option<String> {
    catalog.referrers(name).iter().find_map(|other| {
        let mut keys = catalog.table(other)?.foreign_keys.iter();
        let mut own = keys.by_ref().filter(|key| key.terms.part_of.is_none());
        let key = own.find(|key| key.references == *name && fits(key))?;
        Some(format!("foreign key `{}` of table `{other}`", key.name))
    })
}

/// Returns the constraints and indexes that go with a column because they are about it alone.
///
/// # Errors
///
/// Returns who else uses the column.
pub(super) fn of_column(
    catalog: &mut Catalog,
    name: &ObjectName,
    column: &Name,
) -> Result<BTreeSet<Name>, String> {
    let foreign = foreign_key_to(catalog, name, |key| key.referenced_columns.contains(column));
    if let Some(user) = foreign {
        return Err(user);
    }
    let dialect = catalog.dialect;
    let Some(table) = catalog.table(name) else { return Ok(BTreeSet::new()) };
    let along = taken_along(dialect, table, column)?;
    if let Some(view) = catalog
        .views
        .iter()
        .find(|(_, view)| view_names_column(dialect, view, name, column))
        .map(|(view, _)| format!("view `{view}`"))
    {
        return Err(view);
    }
    match catalog.syncs.values().find(|sync| sync_names_column(dialect, sync, name, column)) {
        Some(sync) => Err(format!("sync `{}`", sync.name())),
        None => Ok(along),
    }
}

/// Returns the constraints and indexes of the table that go with the column.
///
/// # Errors
///
/// Returns the part of the table that uses the column together with others.
pub(in crate::change) fn taken_along(
    dialect: Dialect,
    table: &Table,
    column: &Name,
) -> Result<BTreeSet<Name>, String> {
    let mut along = BTreeSet::new();
    let mut take_part = |kind: &str, name: &Name, columns: &[&Name], texts: &[&SqlExpression]| {
        let named = texts.iter().any(|text| names_column(dialect, text, column));
        if !named && !columns.contains(&column) {
            return Ok(());
        }
        let only_one = columns.iter().all(|other| *other == column)
            && texts.iter().all(|text| names_only(dialect, text, table, column));
        if only_one {
            along.insert(name.clone());
            return Ok(());
        }
        Err(format!("{kind} `{name}`"))
    };
    if let Some(key) = &table.primary_key {
        take_part("primary key", &key.name, &of_key(key), &[])?;
    }
    for key in &table.uniques {
        take_part("unique constraint", &key.name, &of_key(key), &[])?;
    }
    for key in &table.foreign_keys {
        take_part("foreign key", &key.name, &key.columns.iter().collect::<Vec<_>>(), &[])?;
    }
    for check in &table.checks {
        take_part("check", &check.name, &[], &[&check.expression])?;
    }
    for exclusion in &table.exclusions {
        let (columns, texts) = of_index(&exclusion.index);
        take_part("exclusion constraint", &exclusion.name, &columns, &texts)?;
    }
    for (name, index) in &table.indexes {
        let (columns, texts) = of_index(index);
        take_part("index", name, &columns, &texts)?;
    }
    for other in table.columns.iter().filter(|other| other.name != *column) {
        let from = match &other.generated {
            Some(Generated::Stored(text) | Generated::Virtual(text)) => text,
            Some(Generated::Identity(_)) | None => continue,
        };
        if names_column(dialect, from, column) {
            return Err(format!("generated column `{}`", other.name));
        }
    }
    Ok(along)
}

/// Returns the columns that a key's index consists of.
fn of_key(key: &Key) -> Vec<&Name> {
    key.columns.iter().chain(&key.terms.include).collect()
}

/// Returns the columns and the expressions that an index consists of.
fn of_index(index: &Index) -> (Vec<&Name>, Vec<&SqlExpression>) {
    let mut columns: Vec<&Name> = index.include.iter().collect();
    let mut texts: Vec<&SqlExpression> = index.predicate.iter().collect();
    for part in &index.columns {
        match &part.key {
            IndexKey::Column(name) => columns.push(name),
            IndexKey::Expression(text) => texts.push(text),
        }
    }
    (columns, texts)
}

/// Returns whether the view's query names the column, or takes all columns of its table.
fn view_names_column(dialect: Dialect, view: &View, table: &ObjectName, column: &Name) -> bool {
    let may = may_mention(&view.query, &table.name)
        && (view.query.as_str().contains('*') || may_mention(&view.query, column));
    if !may {
        return false;
    }
    let Ok((query, _)) = expressions::query(dialect, view.query.as_str()) else { return true };
    let sources = query.tables.iter().filter(|source| is_table(dialect, &source.name, table));
    let sources: Vec<_> = sources.collect();
    if sources.is_empty() {
        return false;
    }
    let is_whole = sources.iter().any(|source| source.is_whole);
    let aliases: Vec<&str> = sources.iter().filter_map(|source| source.alias.as_deref()).collect();
    let is_of_table = |qualifier: &str| {
        is_table(dialect, qualifier, table)
            || is_same_name(dialect, qualifier, table.name.as_str())
            || aliases.iter().any(|alias| is_same_name(dialect, qualifier, alias))
    };
    // PostgreSQL fixes `*` to the columns of the moment; SQLite takes what is there.
    if dialect == Dialect::Postgres && is_whole {
        return true;
    }
    query.columns.iter().any(|named| {
        named.qualifier.as_deref().is_none_or(is_of_table)
            && is_same_name(dialect, &named.name, column.as_str())
    })
}

pub(super) fn sync_names_column(
    dialect: Dialect,
    sync: &Sync,
    table: &ObjectName,
    column: &Name,
) -> bool {
    let in_text = |text: &SqlExpression| names_column(dialect, text, column);
    match sync {
        Sync::Columns { table: on, forward, backward, .. } => {
            on == table
                && forward.iter().chain(backward).any(|(set, to)| set == column || in_text(to))
        }
        Sync::Tables(tables) => {
            let read =
                tables.from == *table && tables.columns.iter().any(|(_, text)| in_text(text));
            let filled = tables.to == *table
                && (tables.key.contains(column)
                    || tables.columns.iter().any(|(set, _)| set == column));
            read || filled
        }
    }
}

/// Returns the first column whose type is this enum, domain …, or an array of it.
pub(super) fn of_enum(catalog: &Catalog, name: &ObjectName) -> Option<String> {
    catalog.tables.iter().find_map(|(table, content)| {
        let column = content.columns.iter().find(|column| is_of_type(column, name))?;
        Some(format!("column `{table}.{}`", column.name))
    })
}

/// Returns whether a column's type is this one, or an array of it.
pub(super) fn is_of_type(column: &Column, name: &ObjectName) -> bool {
    is_type(&column.sql_type, name)
}

/// Returns whether a type is the one with this name, or an array of it.
pub(super) fn is_type(sql_type: &SqlType, name: &ObjectName) -> bool {
    sql_type.0.trim_end_matches("[]").replace('"', "") == name.to_string()
}

/// Returns what keeps a column's type from being changed (PostgreSQL): a view, a generated column, a trigger.
pub(super) fn of_type(catalog: &Catalog, name: &ObjectName, column: &Name) -> Option<String> {
    let dialect = catalog.dialect;
    let mut views = catalog.views.iter();
    let view = views.find(|(_, view)| view_names_column(dialect, view, name, column));
    let table = catalog.table(name)?;
    let generated = || {
        let mut others = table.columns.iter().filter(|other| other.name != *column);
        let made = others.find(|other| match &other.generated {
            Some(Generated::Stored(text) | Generated::Virtual(text)) => {
                names_column(dialect, text, column)
            }
            Some(Generated::Identity(_)) | None => false,
        })?;
        Some(format!("generated column `{}`", made.name))
    };
    let view = view.map(|(view, _)| format!("view `{view}`"));
    view.or_else(generated).or_else(|| {
        let mut triggers = table.triggers.iter();
        let (trigger, _) = triggers.find(|(_, trigger)| {
            trigger.definition.as_ref().is_some_and(|text| texts::trigger_names(text, column))
        })?;
        Some(format!("trigger `{trigger}`"))
    })
}

/// Returns the first column whose default takes its numbers from this sequence.
pub(super) fn of_sequence(catalog: &Catalog, name: &ObjectName) -> Option<String> {
    catalog.tables.iter().find_map(|(table, content)| {
        let takes = |column: &&Column| {
            column.default.as_ref().is_some_and(|text| texts::takes_from(text, name))
        };
        let column = content.columns.iter().find(takes)?;
        Some(format!("column `{table}.{}`", column.name))
    })
}

/// Returns what keeps a thing from being dropped: a column of that type, or a trigger that calls the function.
pub(super) fn of_other(catalog: &Catalog, kind: ObjectKind, name: &ObjectName) -> Option<String> {
    match kind {
        ObjectKind::Domain | ObjectKind::Type => of_enum(catalog, name),
        ObjectKind::Function => catalog.with_triggers().find_map(|table| {
            let mut triggers = catalog.table(table)?.triggers.iter();
            let (trigger, _) = triggers.find(|(_, trigger)| {
                trigger.definition.as_ref().is_some_and(|text| texts::trigger_calls(text, name))
            })?;
            Some(format!("trigger `{trigger}` of table `{table}`"))
        }),
        ObjectKind::Schema => {
            let is_in = |of: &&ObjectName| of.schema.as_ref() == Some(&name.name);
            let tables = catalog.tables.keys().map(|table| ("table", table));
            let views = catalog.views.keys().map(|view| ("view", view));
            let enums = catalog.enums.keys().map(|of| ("enum", of));
            let sequences = catalog.sequences.iter().map(|of| ("sequence", of));
            let mut all = tables.chain(views).chain(enums).chain(sequences);
            all.find(|(_, of)| is_in(of)).map(|(kind, of)| format!("{kind} `{of}`"))
        }
        ObjectKind::Procedure
        | ObjectKind::Aggregate
        | ObjectKind::Extension
        | ObjectKind::Policy
        | ObjectKind::RowSecurity
        | ObjectKind::Privilege
        | ObjectKind::Owner
        | ObjectKind::Role
        | ObjectKind::Rule
        | ObjectKind::Statistics
        | ObjectKind::Partition
        | ObjectKind::Inheritance
        | ObjectKind::StorageParameter
        | ObjectKind::ReplicaIdentity
        | ObjectKind::Tablespace
        | ObjectKind::Persistence
        | ObjectKind::AccessMethod
        | ObjectKind::Comment
        | ObjectKind::Publication
        | ObjectKind::Subscription
        | ObjectKind::Operator
        | ObjectKind::OperatorClass
        | ObjectKind::Cast
        | ObjectKind::Collation
        | ObjectKind::Conversion
        | ObjectKind::TextSearch
        | ObjectKind::Language
        | ObjectKind::Foreign
        | ObjectKind::EventTrigger
        | ObjectKind::Sequence
        | ObjectKind::MaterializedView
        | ObjectKind::Setting
        | ObjectKind::Transaction
        | ObjectKind::Maintenance
        | ObjectKind::Lock
        | ObjectKind::Query
        | ObjectKind::Virtual
        | ObjectKind::Pragma
        | ObjectKind::Database => None,
    }
}

/// Returns whether the names in a query mean this table.
pub(super) fn is_table(dialect: Dialect, written: &str, table: &ObjectName) -> bool {
    let written = ObjectName::parse(written);
    written.schema == table.schema
        && is_same_name(dialect, written.name.as_str(), table.name.as_str())
}

/// Returns whether an expression names the column; one that cannot be read does if the word is in it.
pub(super) fn names_column(dialect: Dialect, text: &SqlExpression, column: &Name) -> bool {
    may_mention(text, column)
        && columns_of(dialect, text).is_none_or(|columns| {
            columns.iter().any(|named| is_same_name(dialect, named, column.as_str()))
        })
}

/// Returns whether an expression names no other column of the table than this one.
fn names_only(dialect: Dialect, text: &SqlExpression, table: &Table, column: &Name) -> bool {
    let Some(columns) = columns_of(dialect, text) else { return false };
    let others = table.columns.iter().filter(|other| other.name != *column);
    let named = |other: &str| columns.iter().any(|column| is_same_name(dialect, column, other));
    !others.map(|other| other.name.as_str()).any(named)
}

fn columns_of(dialect: Dialect, text: &SqlExpression) -> Option<Vec<String>> {
    let read = expressions::expression(dialect, text.as_str()).ok()?;
    Some(read.columns.into_iter().map(|column| column.name).collect())
}

/// Rules out, without parsing, most texts that do not name something.
pub(super) fn may_mention(text: &SqlExpression, name: &Name) -> bool {
    may_be_in(text.as_str(), name)
}

/// As [`may_mention`], of any text.
pub(super) fn may_be_in(text: &str, name: &Name) -> bool {
    let (text, name) = (text.as_bytes(), name.as_str().as_bytes());
    let Some(first) = name.first() else { return true };
    let is_here = |at: usize| {
        let there = text.get(at..).and_then(|rest| rest.get(..name.len()));
        there.is_some_and(|there| there.eq_ignore_ascii_case(name))
    };
    name.contains(&b'"')
        || memchr::memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), text)
            .any(is_here)
}
