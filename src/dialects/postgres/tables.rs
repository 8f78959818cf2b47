//! Tables: created with all their constraints, dropped one lock at a time, brought back with all they had.

use super::{columns, constraints, group, indexes, partitioned, quote, sync};
use crate::catalog::{Catalog, ForeignKey, Key, Partition, Table};
use crate::change::apply::apply;
use crate::change::making;
use crate::dialects::{Group, Refusal, RenderContext, Script, whole};
use crate::name::{Name, ObjectName};

/// Creates a table.
///
/// A foreign key locks the table it refers to against writes for a moment. Only one such lock is taken
/// at a time, so keys to a second table come in groups of their own.
pub(super) fn create(
    context: &RenderContext<'_>,
    name: &ObjectName,
    table: &Table,
) -> Result<Script, Refusal> {
    let first = table.foreign_keys.iter().map(|key| &key.references).find(|to| *to != name);
    let at_once = |key: &ForeignKey| key.references == *name || Some(&key.references) == first;
    let back = Ok(vec![format!("DROP TABLE {}", quote::object(name))]);
    let mut groups = vec![group::shared(
        context,
        create_statements(context.before, name, table, at_once)?,
        back,
    )];
    let later = table.foreign_keys.iter().filter(|key| !at_once(key));
    groups.extend(later.map(|key| {
        let statement = constraints::add_foreign_key(name, key);
        let back = constraints::drop_statement(name, &key.name);
        group::shared(context, vec![statement], Ok(vec![back]))
    }));
    Ok(Script { groups })
}

/// Drops a table, after its foreign keys to other tables, each of which locks the other table too.
pub(super) fn drop(context: &RenderContext<'_>, name: &ObjectName) -> Script {
    let mut groups = Vec::new();
    let table = context.before.table(name);
    let drops_keys_first = !context.fresh_table;
    if let Some(table) = table.filter(|_| drops_keys_first) {
        groups.extend(drop_foreign_keys(context, name, table, |_| true));
    }
    let back = table.ok_or_else(|| format!("what the table `{name}` was is not known")).and_then(
        |table| {
            restore(context.before, name, table, |key| !drops_keys_first || key.references == *name)
        },
    );
    let statements = vec![format!("DROP TABLE {}", quote::object(name))];
    groups.push(group::shared(context, statements, back));
    Script { groups }
}

/// Drops those foreign keys to other tables that are asked for, each in a group of its own.
pub(super) fn drop_foreign_keys(
    context: &RenderContext<'_>,
    name: &ObjectName,
    table: &Table,
    which: impl Fn(&ForeignKey) -> bool,
) -> Vec<Group> {
    let keys = table.foreign_keys.iter().filter(|key| key.references != *name && which(key));
    keys.map(|key| {
        let back = constraints::add_foreign_key(name, key);
        group::shared(context, vec![constraints::drop_statement(name, &key.name)], Ok(vec![back]))
    })
    .collect()
}

/// Records that something is going to be dropped: nothing to do in the database.
pub(super) fn deprecate(context: &RenderContext<'_>) -> Script {
    Script { groups: vec![group::shared(context, group::nothing(), Ok(group::nothing()))] }
}

/// Writes a table with its constraints and comments, and of its foreign keys those asked for.
fn create_statements(
    before: &Catalog,
    name: &ObjectName,
    table: &Table,
    which: impl Fn(&ForeignKey) -> bool,
) -> Result<Vec<String>, Refusal> {
    let mut parts = Vec::new();
    for column in &table.columns {
        match table.partition_of.as_ref().map(|of| before.table(&of.of)) {
            None => parts.push(columns::definition(column)?),
            Some(whole) => {
                let whole = whole.and_then(|whole| whole.column(&column.name));
                parts.extend(partitioned::of_partition(column, whole));
            }
        }
    }
    let own = |key: &&Key| key.terms.part_of.is_none();
    parts.extend(table.primary_key.iter().filter(own).map(constraints::primary_key));
    parts.extend(table.uniques.iter().filter(own).map(constraints::unique));
    parts.extend(table.exclusions.iter().map(constraints::exclusion));
    // What the whole table checks, the partition has by itself.
    let whole = table.partition_of.as_ref().and_then(|of| before.table(&of.of));
    let of_whole: Vec<&Name> =
        whole.into_iter().flat_map(|whole| &whole.checks).map(|check| &check.name).collect();
    let checks = || table.checks.iter().filter(|check| !of_whole.contains(&&check.name));
    // Inside CREATE TABLE every constraint is taken as valid, so the others are added afterwards.
    parts.extend(checks().filter(|check| check.validated).map(constraints::check));
    let keys = || {
        let keys = table.foreign_keys.iter().filter(|key| key.terms.part_of.is_none());
        keys.filter(|key| which(key))
    };
    parts.extend(keys().filter(|key| key.validated).map(constraints::foreign_key));
    let inside = match &table.partition_of {
        Some(_) if parts.is_empty() => String::new(),
        None if parts.is_empty() => "()".to_owned(),
        Some(_) | None => format!("(\n  {}\n)", parts.join(",\n  ")),
    };
    let inside = match &table.partition_of {
        None => inside,
        Some(Partition { of, bound }) if inside.is_empty() => {
            format!("PARTITION OF {} {bound}", quote::object(of))
        }
        Some(Partition { of, bound }) => {
            format!("PARTITION OF {} {inside} {bound}", quote::object(of))
        }
    };
    let by = table.partition_by.as_ref();
    let by = by.map_or_else(String::new, |by| format!(" PARTITION BY {by}"));
    let mut statements = vec![format!("CREATE TABLE {} {inside}{by}", quote::object(name))];
    let unvalidated = checks().filter(|check| !check.validated);
    statements.extend(unvalidated.map(|check| constraints::add_check(name, check)));
    let unvalidated = keys().filter(|key| !key.validated);
    statements.extend(unvalidated.map(|key| constraints::add_foreign_key(name, key)));
    if let Some(comment) = &table.comment {
        let comment = quote::literal(comment);
        statements.push(format!("COMMENT ON TABLE {} IS {comment}", quote::object(name)));
    }
    statements.extend(table.columns.iter().filter_map(|column| columns::comment(name, column)));
    Ok(statements)
}

/// Writes all it takes to bring a dropped table back: itself, its indexes, its triggers.
fn restore(
    catalog: &Catalog,
    name: &ObjectName,
    table: &Table,
    which: impl Fn(&ForeignKey) -> bool,
) -> Result<Vec<String>, String> {
    let mut statements =
        create_statements(catalog, name, table, which).map_err(|refusal| refusal.message)?;
    for (index, of) in table.indexes.iter().filter(|(_, of)| of.terms.part_of.is_none()) {
        statements.push(indexes::plain(name, index, of));
    }
    statements.extend(partitions_again(catalog, name)?);
    for (trigger, of) in &table.triggers {
        let statement = of.definition.clone().or_else(|| sync_trigger(catalog, name, trigger));
        statements.push(
            statement.ok_or_else(|| {
                format!("what the trigger `{trigger}` of `{name}` was is not known")
            })?,
        );
    }
    Ok(statements)
}

/// Writes what brings back a table's partitions, or what it has of its own as one.
fn partitions_again(catalog: &Catalog, name: &ObjectName) -> Result<Vec<String>, String> {
    let is_part = catalog.table(name).is_some_and(|table| table.partition_of.is_some());
    if !is_part && catalog.partitions_of(name).is_empty() {
        return Ok(Vec::new());
    }
    let (mut before, changes) = making::partitions_again(catalog, name);
    let mut statements = Vec::new();
    for change in changes {
        statements.extend(whole::plainly(&change, &before).map_err(|refusal| refusal.message)?);
        apply(&change, &mut before).map_err(|error| error.to_string())?;
    }
    Ok(statements)
}

/// Writes the trigger of the sync that has it, if one has.
fn sync_trigger(catalog: &Catalog, table: &ObjectName, trigger: &Name) -> Option<String> {
    catalog
        .syncs
        .values()
        .find(|sync| {
            sync.table() == table && sync.triggers(catalog.dialect).iter().any(|of| of == trigger)
        })
        .map(|sync| sync::trigger(sync))
}
