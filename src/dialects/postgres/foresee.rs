//! What can be told of PostgreSQL's statements before they are written.

use crate::catalog::{Column, Generated, Identity, Sync, Table};
use crate::change::Change;
use crate::dialects::{Foreseen, RenderContext};
use crate::name::ObjectName;

/// See [`crate::dialects::foresee`].
pub(in crate::dialects) fn foresee(
    change: &Change,
    context: &RenderContext<'_>,
) -> Option<Foreseen> {
    super::partitioned::refuse(change, context).ok()?;
    let beside_writers =
        if context.fresh_table { Foreseen::InTransaction } else { Foreseen::Alone };
    match change {
        Change::CreateTable { name, table } => {
            let writable = table.columns.iter().all(|column| !is_for_others(column));
            (writable && refers_to_one(name, table)).then_some(Foreseen::InTransaction)
        }
        Change::AddColumn { table: _, column } => {
            // Else the default must be read.
            let fills = column.default.is_none() || column.nullable || context.fresh_table;
            (column.generated.is_none() && fills).then_some(Foreseen::InTransaction)
        }
        Change::DropColumn { table, column, refill: _ } => {
            let table = context.before.table(table)?;
            let refers = table.foreign_keys.iter().any(|key| key.columns.contains(column));
            (!refers).then_some(Foreseen::InTransaction)
        }
        Change::CreateIndex { .. } | Change::DropIndex { .. } => Some(beside_writers),
        Change::CreateSync(sync) => match sync.as_ref() {
            Sync::Columns { .. } => Some(Foreseen::InTransaction),
            Sync::Tables(_) => None,
        },
        Change::SetDefault { .. }
        | Change::SetNullable { nullable: true, .. }
        | Change::CreateEnum { .. }
        | Change::AddEnumValue { .. }
        | Change::DropEnum { .. }
        | Change::CreateView { .. }
        | Change::ReplaceView { .. }
        | Change::DropView { .. }
        | Change::DropSync(_)
        | Change::Deprecate { .. }
        | Change::RenameTable { .. }
        | Change::RenameColumn { .. }
        | Change::RenameConstraint { .. }
        | Change::RenameIndex { .. }
        | Change::RenameEnum { .. }
        | Change::RenameEnumValue { .. }
        | Change::RenameSequence { .. }
        | Change::SetType { .. }
        | Change::ValidateConstraint { .. }
        | Change::SetDeferral { .. }
        | Change::SetComment { .. }
        | Change::CreateSequence { .. }
        | Change::DropSequence { .. }
        | Change::DropTrigger { .. }
        | Change::Truncate { .. }
        | Change::Write(_) => Some(Foreseen::InTransaction),
        Change::DropTable { .. }
        | Change::SetNullable { nullable: false, .. }
        | Change::AddConstraint { .. }
        | Change::DropConstraint { .. }
        | Change::SetGenerated { .. }
        | Change::CreateTrigger { .. }
        | Change::Other(_)
        | Change::Opaque(_) => None,
    }
}

/// Returns whether the column's values are made in a way that other engines, or later versions, have.
fn is_for_others(column: &Column) -> bool {
    matches!(
        column.generated,
        Some(
            Generated::Virtual(_) | Generated::Identity(Identity::RowId | Identity::AutoIncrement)
        )
    )
}

/// Returns whether a table refers to one other table at most: more come in groups of their own.
fn refers_to_one(name: &ObjectName, table: &Table) -> bool {
    let mut others = table.foreign_keys.iter().map(|key| &key.references).filter(|to| *to != name);
    let first = others.next();
    others.all(|other| Some(other) == first)
}
