//! Changes of tables: natively where the engine can, else by rebuild, each with its way back.

use super::guard::require;
use super::quote::{object, quote};
use super::rebuild::Rebuild;
use super::tables::{can_be_added, column_definition, create_indexes, create_table};
use super::words::mentions;
use super::{missing, refuse, shared, sync};
use crate::catalog::{Catalog, Column, Generated, SqlExpression, Table};
use crate::change::Change;
use crate::dialects::{Group, Refusal, Transaction, literal};
use crate::name::{Name, ObjectName};

/// Renders a change of a table, given the catalogs around it.
pub(super) fn render(change: &Change, before: &Catalog, after: &Catalog) -> Result<Group, Refusal> {
    match change {
        Change::CreateTable { name, table } => {
            let (undo, undo_transaction) = drop_statements(name, table);
            Ok(Group {
                statements: vec![create_table(&name.name, table, name)?],
                transaction: Transaction::Shared,
                undo: Ok(undo),
                undo_transaction,
            })
        }
        Change::DropTable { name } => drop_table(name, before),
        Change::DropColumn { table, column, refill } => {
            drop_column(table, column, refill.as_ref(), before, after)
        }
        Change::AddColumn { table, .. }
        | Change::SetDefault { table, .. }
        | Change::SetNullable { table, .. }
        | Change::AddConstraint { table, .. }
        | Change::DropConstraint { table, .. }
        | Change::RenameConstraint { table, .. }
        | Change::SetType { table, .. } => rebuild_both_ways(table, before, after),
        Change::SetGenerated { table, column, generated: _ } => {
            set_generated(table, column, before, after)
        }
        Change::CreateIndex { .. }
        | Change::DropIndex { .. }
        | Change::CreateEnum { .. }
        | Change::AddEnumValue { .. }
        | Change::DropEnum { .. }
        | Change::CreateView { .. }
        | Change::ReplaceView { .. }
        | Change::DropView { .. }
        | Change::CreateSync(_)
        | Change::DropSync(_)
        | Change::Deprecate { .. }
        | Change::Write(_)
        | Change::RenameTable { .. }
        | Change::RenameColumn { .. }
        | Change::RenameIndex { .. }
        | Change::RenameEnum { .. }
        | Change::RenameEnumValue { .. }
        | Change::RenameSequence { .. }
        | Change::ValidateConstraint { .. }
        | Change::SetDeferral { .. }
        | Change::SetComment { .. }
        | Change::CreateSequence { .. }
        | Change::DropSequence { .. }
        | Change::CreateTrigger { .. }
        | Change::DropTrigger { .. }
        | Change::Truncate { .. }
        | Change::Other(_)
        | Change::Opaque(_) => Err(refuse(
            "this change is not one of a table's definition",
            "report this as a defect of planner",
        )),
    }
}

fn rebuild_both_ways(
    table: &ObjectName,
    before: &Catalog,
    after: &Catalog,
) -> Result<Group, Refusal> {
    let forward = Rebuild { table, from: before, to: after, fill: None };
    let back = Rebuild { table, from: after, to: before, fill: None };
    Ok(Group {
        statements: forward.statements()?,
        transaction: Transaction::ForeignKeysOff,
        undo: Ok(back.statements()?),
        undo_transaction: Transaction::ForeignKeysOff,
    })
}

/// Rebuilds the table such that a column that is computed no more keeps its values.
fn set_generated(
    table: &ObjectName,
    column: &Name,
    before: &Catalog,
    after: &Catalog,
) -> Result<Group, Refusal> {
    let computed = |catalog: &Catalog| match &catalog.column(table, column)?.generated {
        Some(Generated::Stored(text) | Generated::Virtual(text)) => Some(text.clone()),
        Some(Generated::Identity(_)) | None => None,
    };
    let (was, is) = (computed(before), computed(after));
    let forward =
        Rebuild { table, from: before, to: after, fill: was.as_ref().map(|text| (column, text)) };
    let back =
        Rebuild { table, from: after, to: before, fill: is.as_ref().map(|text| (column, text)) };
    Ok(Group {
        statements: forward.statements()?,
        transaction: Transaction::ForeignKeysOff,
        undo: Ok(back.statements()?),
        undo_transaction: Transaction::ForeignKeysOff,
    })
}

fn drop_table(name: &ObjectName, before: &Catalog) -> Result<Group, Refusal> {
    let table = before.table(name).ok_or_else(|| missing("table", &name.name))?;
    let (statements, transaction) = drop_statements(name, table);
    let mut undo = vec![create_table(&name.name, table, name)?];
    undo.extend(create_indexes(name, table)?);
    undo.extend(sync::triggers_of(name, before)?);
    Ok(Group { statements, transaction, undo: Ok(undo), undo_transaction: Transaction::Shared })
}

/// Returns the statements that drop a table. With foreign keys on the engine first deletes its rows, and cascades: so no other
/// table may refer to it, not even one that planner does not know; and if it refers to itself, foreign keys must be off.
fn drop_statements(name: &ObjectName, table: &Table) -> (Vec<String>, Transaction) {
    let text = literal(name.name.as_str());
    let unreferenced = format!(
        "NOT EXISTS (SELECT 1 FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS k\n    \
         WHERE m.type = 'table' AND k.\"table\" = {text} COLLATE NOCASE AND m.name <> {text} COLLATE NOCASE)"
    );
    let message = format!("planner: other tables still refer to table {name}");
    let mut statements = require(&unreferenced, &message);
    if table.foreign_keys.iter().any(|key| key.references == *name) {
        // Such a script may run twice.
        statements.push(format!("DROP TABLE IF EXISTS {}", object(name)));
        (statements, Transaction::ForeignKeysOff)
    } else {
        statements.push(format!("DROP TABLE {}", object(name)));
        (statements, Transaction::Shared)
    }
}

/// Adds a column that the engine can add without a rebuild.
pub(super) fn add_as_it_is(
    name: &ObjectName,
    column: &Column,
    before: &Catalog,
) -> Result<Group, Refusal> {
    let table = before.table(name).ok_or_else(|| missing("table", &name.name))?;
    let is_it = |other: &Column| other.name.as_str().eq_ignore_ascii_case(column.name.as_str());
    if table.columns.iter().any(is_it) {
        let message = format!("column `{name}.{}` already exists", column.name);
        return Err(refuse(message, "check the order of the steps"));
    }
    Ok(shared(vec![add_natively(name, column)], Ok(vec![drop_natively(name, &column.name)])))
}

fn add_natively(table: &ObjectName, column: &Column) -> String {
    format!("ALTER TABLE {} ADD COLUMN {}", object(table), column_definition(column, table, None))
}

fn drop_natively(table: &ObjectName, column: &Name) -> String {
    format!("ALTER TABLE {} DROP COLUMN {}", object(table), quote(column))
}

fn drop_column(
    name: &ObjectName,
    column_name: &Name,
    refill: Option<&SqlExpression>,
    before: &Catalog,
    after: &Catalog,
) -> Result<Group, Refusal> {
    let table = before.table(name).ok_or_else(|| missing("table", &name.name))?;
    let column = table.column(column_name).ok_or_else(|| missing("column", column_name))?;
    let (statements, transaction) = if is_used(name, table, column_name, before)? {
        let forward = Rebuild { table: name, from: before, to: after, fill: None };
        (forward.statements()?, Transaction::ForeignKeysOff)
    } else {
        (vec![drop_natively(name, column_name)], Transaction::Shared)
    };
    let is_last = table.columns.last().is_some_and(|last| last.name == *column_name);
    let (undo, undo_transaction) = if is_lost(column, refill) {
        let why = format!(
            "column `{column_name}` of `{name}` was NOT NULL without a default, its values are gone"
        );
        (Err(why), Transaction::Shared)
    } else if is_last
        && refill.is_none()
        && can_be_added(column)
        && transaction == Transaction::Shared
    {
        (Ok(vec![add_natively(name, column)]), Transaction::Shared)
    } else {
        let fill = refill.map(|refill| (column_name, refill));
        let back = Rebuild { table: name, from: after, to: before, fill };
        (Ok(back.statements()?), Transaction::ForeignKeysOff)
    };
    Ok(Group { statements, transaction, undo, undo_transaction })
}

/// Returns whether nothing can give the rows a value for the column when it comes back.
fn is_lost(column: &Column, refill: Option<&SqlExpression>) -> bool {
    !column.may_be_left_out() && refill.is_none()
}

/// Returns whether anything names the column, or one like it, so that the engine might not drop it.
fn is_used(
    name: &ObjectName,
    table: &Table,
    column: &Name,
    before: &Catalog,
) -> Result<bool, Refusal> {
    let keys = table.primary_key.iter().chain(&table.uniques).map(|key| &key.columns);
    let referring = table.foreign_keys.iter().map(|key| &key.columns);
    let referred = before.references_to(name).map(|(_, key)| &key.referenced_columns);
    if keys.chain(referring).chain(referred).any(|columns| columns.contains(column)) {
        return Ok(true);
    }
    let mut texts: Vec<String> = create_indexes(name, table)?;
    texts.extend(table.checks.iter().map(|check| check.expression.to_string()));
    texts.extend(table.columns.iter().filter_map(|other| match &other.generated {
        Some(Generated::Stored(expression) | Generated::Virtual(expression)) => {
            Some(expression.to_string())
        }
        Some(Generated::Identity(_)) | None => None,
    }));
    texts.extend(before.views.values().map(|view| view.query.to_string()));
    for table in before.with_triggers() {
        texts.extend(sync::triggers_of(table, before)?);
    }
    Ok(texts.iter().any(|text| mentions(text, column.as_str())))
}
