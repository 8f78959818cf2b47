//! Changes that no release notices.

use super::Change;

/// Returns whether no release can tell if the change is done, or undone.
#[must_use]
pub const fn is_unseen(change: &Change) -> bool {
    match change {
        Change::Deprecate { .. }
        | Change::RenameIndex { .. }
        | Change::ValidateConstraint { .. }
        | Change::SetDeferral { .. }
        | Change::SetComment { .. } => true,
        Change::Other(other) => other.is_invisible(),
        Change::CreateIndex { index, .. } => !index.unique,
        Change::CreateTable { .. }
        | Change::DropTable { .. }
        | Change::AddColumn { .. }
        | Change::DropColumn { .. }
        | Change::SetDefault { .. }
        | Change::SetNullable { .. }
        | Change::AddConstraint { .. }
        | Change::DropConstraint { .. }
        | Change::DropIndex { .. }
        | Change::CreateEnum { .. }
        | Change::AddEnumValue { .. }
        | Change::DropEnum { .. }
        | Change::CreateView { .. }
        | Change::ReplaceView { .. }
        | Change::DropView { .. }
        | Change::CreateSync(_)
        | Change::DropSync(_)
        | Change::RenameTable { .. }
        | Change::RenameColumn { .. }
        | Change::RenameConstraint { .. }
        | Change::RenameEnum { .. }
        | Change::RenameEnumValue { .. }
        | Change::RenameSequence { .. }
        | Change::SetType { .. }
        | Change::SetGenerated { .. }
        | Change::CreateSequence { .. }
        | Change::DropSequence { .. }
        | Change::CreateTrigger { .. }
        | Change::DropTrigger { .. }
        | Change::Truncate { .. }
        | Change::Write(_)
        | Change::Opaque(_) => false,
    }
}
