//! Which table a change is on.

use super::Change;
use crate::name::ObjectName;

impl Change {
    /// Returns the table that it is on: of a write the one that is written, of several the first.
    #[must_use]
    pub fn table(&self) -> Option<&ObjectName> {
        match self {
            Self::CreateTable { name: table, .. }
            | Self::DropTable { name: table }
            | Self::AddColumn { table, .. }
            | Self::DropColumn { table, .. }
            | Self::SetDefault { table, .. }
            | Self::SetNullable { table, .. }
            | Self::AddConstraint { table, .. }
            | Self::DropConstraint { table, .. }
            | Self::CreateIndex { table, .. }
            | Self::DropIndex { table, .. }
            | Self::RenameTable { from: table, .. }
            | Self::RenameColumn { table, .. }
            | Self::RenameConstraint { table, .. }
            | Self::RenameIndex { table, .. }
            | Self::SetType { table, .. }
            | Self::SetGenerated { table, .. }
            | Self::ValidateConstraint { table, .. }
            | Self::SetDeferral { table, .. }
            | Self::SetComment { table, .. }
            | Self::CreateTrigger { table, .. }
            | Self::DropTrigger { table, .. }
            | Self::Deprecate { table, .. } => Some(table),
            Self::Write(data) => Some(data.target()),
            Self::Truncate { tables } => tables.first(),
            Self::Other(other) => other.on.as_ref(),
            Self::CreateSync(sync) | Self::DropSync(sync) => Some(sync.table()),
            Self::CreateEnum { .. }
            | Self::AddEnumValue { .. }
            | Self::DropEnum { .. }
            | Self::RenameEnum { .. }
            | Self::RenameEnumValue { .. }
            | Self::CreateView { .. }
            | Self::ReplaceView { .. }
            | Self::DropView { .. }
            | Self::CreateSequence { .. }
            | Self::DropSequence { .. }
            | Self::RenameSequence { .. }
            | Self::Opaque(_) => None,
        }
    }
}
