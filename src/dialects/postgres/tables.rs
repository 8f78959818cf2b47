//! Tables: created with all their constraints, dropped one lock at a time, brought back with all they had.

use super::{columns, constraints, group, indexes, quote, sync};
use crate::catalog::{Catalog, ForeignKey, Table};
use crate::dialects::{Group, Refusal, RenderContext, Script};
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
    let mut groups = vec![group::shared(context, create_statements(name, table, at_once)?, back)];
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
    name: &ObjectName,
    table: &Table,
    which: impl Fn(&ForeignKey) -> bool,
) -> Result<Vec<String>, Refusal> {
    let mut parts = Vec::new();
    for column in &table.columns {
        parts.push(columns::definition(column)?);
    }
    parts.extend(table.primary_key.iter().map(constraints::primary_key));
    parts.extend(table.uniques.iter().map(constraints::unique));
    parts.extend(table.exclusions.iter().map(constraints::exclusion));
    // Inside CREATE TABLE every constraint is taken as valid, so the others are added afterwards.
    parts.extend(table.checks.iter().filter(|check| check.validated).map(constraints::check));
    let keys = || table.foreign_keys.iter().filter(|key| which(key));
    parts.extend(keys().filter(|key| key.validated).map(constraints::foreign_key));
    let inside =
        if parts.is_empty() { "()".to_owned() } else { format!("(\n  {}\n)", parts.join(",\n  ")) };
    let by = table.partition_by.as_ref();
    let by = by.map_or_else(String::new, |by| format!(" PARTITION BY {by}"));
    let mut statements = vec![format!("CREATE TABLE {} {inside}{by}", quote::object(name))];
    let unvalidated = table.checks.iter().filter(|check| !check.validated);
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

/// Writes the statements that make a table's partitions, each after what it is a partition of.
pub(in crate::dialects) fn partitions(
    name: &ObjectName,
    table: &Table,
) -> Vec<(ObjectName, ObjectName, String)> {
    let mut made = Vec::new();
    let mut parents = vec![name];
    while let Some(parent) = parents.pop() {
        for (child, of) in table.partitions.iter().filter(|(_, of)| of.of == *parent) {
            let (child_name, on) = (quote::object(child), quote::object(parent));
            let text = format!("CREATE TABLE {child_name} PARTITION OF {on} {}", of.bound);
            made.push((child.clone(), parent.clone(), text));
            parents.push(child);
        }
    }
    made
}

/// Writes all it takes to bring a dropped table back: itself, its indexes, its triggers.
fn restore(
    catalog: &Catalog,
    name: &ObjectName,
    table: &Table,
    which: impl Fn(&ForeignKey) -> bool,
) -> Result<Vec<String>, String> {
    let mut statements =
        create_statements(name, table, which).map_err(|refusal| refusal.message)?;
    statements.extend(partitions(name, table).into_iter().map(|(_, _, statement)| statement));
    for (index, of) in &table.indexes {
        statements.push(indexes::plain(name, index, of));
    }
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
