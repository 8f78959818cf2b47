//! Changes that no release notices, and those of which nobody knows what they do.

use super::{Change, Verb};
use crate::catalog::ObjectKind;

/// Returns why nobody can tell what a change does to the schema.
#[must_use]
pub fn unknown(change: &Change) -> Option<&str> {
    if let Change::Opaque(opaque) = change {
        return Some(&opaque.why);
    }
    let Change::Other(other) = change else { return None };
    // What writes rows of one table does no more than that.
    let calls = (other.verb, other.kind) == (Verb::Run, ObjectKind::Query) && other.on.is_none();
    calls.then_some("it calls what may do anything")
}

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
