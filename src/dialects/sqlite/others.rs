//! Renames, hand-written triggers, statements that are kept as they were written, and what this engine does not have.

use super::quote::{object, quote};
use super::{missing, refuse, shared, tables};
use crate::catalog::{Catalog, ObjectKind};
use crate::change::probe::Probe;
use crate::change::{Change, Other};
use crate::dialects::{Group, Refusal, Transaction};
use crate::name::{Name, ObjectName};

/// Renders what neither is a table's definition nor has a place of its own.
pub(super) fn render(change: &Change, before: &Catalog) -> Result<Group, Refusal> {
    match change {
        Change::RenameTable { from, to } if before.views.contains_key(from) => Err(refuse(
            format!("SQLite cannot rename the view `{from}`"),
            format!("drop it and create it as `{to}`"),
        )),
        Change::RenameTable { from, to } => {
            let write = |from: &ObjectName, to: &ObjectName| {
                format!("ALTER TABLE {} RENAME TO {}", object(from), object(to))
            };
            Ok(shared(vec![write(from, to)], Ok(vec![write(to, from)])))
        }
        Change::RenameColumn { table, from, .. } if before.views.contains_key(table) => {
            Err(refuse(
                format!("SQLite cannot rename the column `{from}` of the view `{table}`"),
                "write a `replace_view` step",
            ))
        }
        Change::RenameColumn { table, from, to } => {
            let write = |from: &Name, to: &Name| {
                let (on, from, to) = (object(table), quote(from), quote(to));
                format!("ALTER TABLE {on} RENAME COLUMN {from} TO {to}")
            };
            Ok(shared(vec![write(from, to)], Ok(vec![write(to, from)])))
        }
        Change::RenameIndex { table, from, to } => rename_index(table, from, to, before),
        Change::CreateTrigger { table, name, trigger } => {
            let definition = trigger.definition.as_deref().ok_or_else(|| unknown(table, name))?;
            Ok(shared(vec![text(definition)], Ok(vec![drop_trigger(name)])))
        }
        Change::DropTrigger { table, name } => {
            let was = before.table(table).and_then(|table| table.triggers.get(name));
            let back = was.and_then(|trigger| trigger.definition.as_deref()).map(text);
            let back = back.map(|text| vec![text]);
            let why = || format!("what the trigger `{name}` of `{table}` was is not known");
            Ok(shared(vec![drop_trigger(name)], back.ok_or_else(why)))
        }
        Change::Other(other) => Ok(as_written(other)),
        Change::SetType { table, column, .. } => Err(refuse(
            format!("SQLite cannot compute `{table}.{column}` anew while it gets another type"),
            "add a column of the new type and fill it with `update`",
        )),
        Change::SetComment { .. } => {
            Err(refuse("SQLite has no comments on columns", "leave out `comment`"))
        }
        Change::SetDeferral { .. } | Change::ValidateConstraint { .. } => {
            Err(refuse("SQLite has no constraints that do not hold for old rows", "leave it out"))
        }
        Change::AddConstraint { .. } => Err(refuse(
            "SQLite cannot make a constraint of an index",
            "add the constraint and drop the index",
        )),
        Change::RenameSequence { .. }
        | Change::CreateSequence { .. }
        | Change::DropSequence { .. } => {
            Err(refuse("SQLite has no sequences", "number rows by an `integer` primary key"))
        }
        Change::RenameEnum { .. } | Change::RenameEnumValue { .. } => {
            Err(refuse("SQLite has no enum types", "use a text column with a check"))
        }
        Change::Truncate { .. } => {
            Err(refuse("SQLite cannot empty a table at once", "use `delete`"))
        }
        Change::CreateTable { .. }
        | Change::DropTable { .. }
        | Change::AddColumn { .. }
        | Change::DropColumn { .. }
        | Change::SetDefault { .. }
        | Change::SetNullable { .. }
        | Change::DropConstraint { .. }
        | Change::RenameConstraint { .. }
        | Change::SetGenerated { .. }
        | Change::CreateIndex { .. }
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
        | Change::Opaque(_) => {
            Err(refuse("this change has a place of its own", "report this as a defect of planner"))
        }
    }
}

/// The engine cannot rename an index, so it is made anew.
fn rename_index(
    table: &ObjectName,
    from: &Name,
    to: &Name,
    before: &Catalog,
) -> Result<Group, Refusal> {
    let index = before.table(table).and_then(|table| table.indexes.get(from));
    let index = index.ok_or_else(|| missing("index", from))?;
    let write = |from: &Name, to: &Name| -> Result<Vec<String>, Refusal> {
        Ok(vec![format!("DROP INDEX {}", quote(from)), tables::create_index(table, to, index)?])
    };
    Ok(shared(write(from, to)?, Ok(write(to, from)?)))
}

fn unknown(table: &ObjectName, name: &Name) -> Refusal {
    refuse(
        format!("what the trigger `{name}` of `{table}` does is not known"),
        "write a `sql` step",
    )
}

fn drop_trigger(name: &Name) -> String {
    format!("DROP TRIGGER {}", quote(name))
}

/// Writes a statement without what ends it.
pub(in crate::dialects) fn text(definition: &str) -> String {
    definition.trim().trim_end_matches(';').trim_end().to_owned()
}

/// Writes a statement as its author did. The engine vacuums, attaches, and switches foreign keys outside of transactions
/// only; to do so twice does no harm.
fn as_written(other: &Other) -> Group {
    let is_alone =
        matches!(other.kind, ObjectKind::Maintenance | ObjectKind::Pragma | ObjectKind::Database);
    let (verb, kind) = (other.verb.word(), other.kind.word());
    let transaction = if is_alone { never_known() } else { Transaction::Shared };
    Group {
        statements: vec![text(&other.text)],
        undo_transaction: transaction.clone(),
        transaction,
        undo: Err(format!("what undoes this {verb} of a {kind} is not known")),
    }
}

/// What cannot be in a transaction and leaves nothing to look for counts as not done after a crash, as it does for Diesel,
/// which runs it again.
fn never_known() -> Transaction {
    let probe = Probe::Not(Box::new(Probe::All(Vec::new())));
    Transaction::Alone { probe, repair: Vec::new() }
}
