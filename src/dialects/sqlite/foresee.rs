//! What can be told of SQLite's statements before they are written.

use super::rebuild::row_key;
use super::tables::{can_be_added, refuse_index, self_numbering};
use super::{refuse_schemas, sync};
use crate::catalog::{Catalog, Table};
use crate::change::Change;
use crate::dialects::Foreseen;
use crate::name::{Name, ObjectName};

/// See [`crate::dialects::foresee`].
pub(in crate::dialects) fn foresee(change: &Change, before: &Catalog) -> Option<Foreseen> {
    if refuse_schemas(change).is_err() {
        return None;
    }
    let is_clear = match change {
        Change::CreateTable { name: _, table } => self_numbering(table).is_ok(),
        Change::AddColumn { table: _, column } => can_be_added(column),
        Change::DropColumn { table, column, refill: _ } => {
            let mut triggered = before.with_triggers();
            before.table(table).is_some_and(|of| can_be_rebuilt(table, of, column))
                && triggered.all(|of| sync::are_known(of, before))
        }
        Change::CreateIndex { table: _, name: _, index } => refuse_index(index).is_ok(),
        Change::DropIndex { table, name } => {
            let index = before.table(table).and_then(|table| table.indexes.get(name));
            index.is_some_and(|index| refuse_index(index).is_ok())
        }
        Change::CreateSync(of) | Change::DropSync(of) => sync::refuse(of, before).is_ok(),
        Change::Deprecate { .. } | Change::Write(_) | Change::Opaque(_) => true,
        Change::DropTable { .. }
        | Change::SetDefault { .. }
        | Change::SetNullable { .. }
        | Change::AddConstraint { .. }
        | Change::DropConstraint { .. }
        | Change::CreateEnum { .. }
        | Change::AddEnumValue { .. }
        | Change::DropEnum { .. }
        | Change::CreateView { .. }
        | Change::ReplaceView { .. }
        | Change::DropView { .. }
        | Change::RenameTable { .. }
        | Change::RenameColumn { .. }
        | Change::RenameConstraint { .. }
        | Change::RenameIndex { .. }
        | Change::RenameEnum { .. }
        | Change::RenameEnumValue { .. }
        | Change::RenameSequence { .. }
        | Change::SetType { .. }
        | Change::SetGenerated { .. }
        | Change::ValidateConstraint { .. }
        | Change::SetDeferral { .. }
        | Change::SetComment { .. }
        | Change::CreateSequence { .. }
        | Change::DropSequence { .. }
        | Change::CreateTrigger { .. }
        | Change::DropTrigger { .. }
        | Change::Truncate { .. }
        | Change::Other(_) => false,
    };
    is_clear.then_some(Foreseen::InTransaction)
}

/// Returns whether a table can be written down, with its indexes, and its rows told apart, with a column and without.
fn can_be_rebuilt(name: &ObjectName, table: &Table, without: &Name) -> bool {
    let is_in_key = table.primary_key.as_ref().is_some_and(|key| key.columns.contains(without));
    let is_made = table.column(without).is_none_or(|column| column.generated.is_some());
    !is_in_key
        && !is_made
        && self_numbering(table).is_ok()
        && row_key(name, table).is_ok()
        && table.indexes.values().all(|index| refuse_index(index).is_ok())
}
