//! What of the catalog tells that several changes have been made.

use super::Probe;
use crate::catalog::Catalog;
use crate::change::apply::apply;
use crate::change::{Change, Constraint};

/// Returns the question that tells whether all of these changes have been made; `None` if nothing that the catalog holds
/// differs before and after, or one of them does not fit.
#[must_use]
pub fn told_by(changes: &[Change], before: &Catalog) -> Option<Probe> {
    let mut after = before.clone();
    let mut probes = Vec::new();
    for change in changes {
        probes.extend(left_by(change));
        apply(change, &mut after).ok()?;
    }
    // What a later change takes back, or was there before, tells nothing.
    probes.retain(|probe| probe.holds(before) == Some(false) && probe.holds(&after) == Some(true));
    match probes.len() {
        0 => None,
        1 => probes.pop(),
        _ => Some(Probe::All(probes)),
    }
}

/// Returns what holds once a change has been made, as far as a question can be put.
fn left_by(change: &Change) -> Vec<Probe> {
    let not = |probe: Probe| Probe::Not(Box::new(probe));
    match change {
        Change::CreateTable { name, .. } => vec![Probe::Table(name.clone())],
        Change::DropTable { name } => vec![not(Probe::Table(name.clone()))],
        Change::RenameTable { from, to } => {
            vec![not(Probe::Table(from.clone())), Probe::Table(to.clone())]
        }
        Change::AddColumn { table, column } => {
            vec![Probe::Column(table.clone(), column.name.clone())]
        }
        Change::DropColumn { table, column, .. } => {
            vec![not(Probe::Column(table.clone(), column.clone()))]
        }
        Change::RenameColumn { table, from, to } => vec![
            not(Probe::Column(table.clone(), from.clone())),
            Probe::Column(table.clone(), to.clone()),
        ],
        Change::SetDefault { table, column, default } => {
            vec![Probe::Default(table.clone(), column.clone(), default.is_some())]
        }
        Change::SetNullable { table, column, nullable } => {
            vec![Probe::Nullable(table.clone(), column.clone(), *nullable)]
        }
        Change::AddConstraint { table, constraint } => {
            let probe = Probe::Constraint(table.clone(), constraint.name().clone());
            // One that does not hold for the rows of before does not count as there.
            let is_late = match constraint {
                Constraint::Check(check) => !check.validated,
                Constraint::ForeignKey(key) => !key.validated,
                Constraint::Unique(_)
                | Constraint::Primary(_)
                | Constraint::Exclude(_)
                | Constraint::UsingIndex { .. } => false,
            };
            if is_late { Vec::new() } else { vec![probe] }
        }
        Change::ValidateConstraint { table, constraint } => {
            vec![Probe::Constraint(table.clone(), constraint.clone())]
        }
        Change::DropConstraint { table, constraint } => {
            vec![not(Probe::Constraint(table.clone(), constraint.clone()))]
        }
        Change::CreateIndex { table, name, .. } => {
            vec![Probe::ValidIndex(table.clone(), name.clone())]
        }
        Change::DropIndex { table, name } => vec![not(Probe::Index(table.clone(), name.clone()))],
        Change::CreateEnum { name, .. } => vec![Probe::Enum(name.clone(), None)],
        Change::AddEnumValue { name, value, .. } => {
            vec![Probe::Enum(name.clone(), Some(value.clone()))]
        }
        Change::DropEnum { name } => vec![not(Probe::Enum(name.clone(), None))],
        Change::CreateView { name, .. } => vec![Probe::View(name.clone())],
        Change::DropView { name } => vec![not(Probe::View(name.clone()))],
        Change::CreateTrigger { table, name, .. } => {
            vec![Probe::Trigger(table.clone(), name.clone())]
        }
        Change::DropTrigger { table, name } => {
            vec![not(Probe::Trigger(table.clone(), name.clone()))]
        }
        Change::CreateSync(_)
        | Change::DropSync(_)
        | Change::ReplaceView { .. }
        | Change::Deprecate { .. }
        | Change::Write(_)
        | Change::RenameConstraint { .. }
        | Change::RenameIndex { .. }
        | Change::RenameEnum { .. }
        | Change::RenameEnumValue { .. }
        | Change::RenameSequence { .. }
        | Change::SetType { .. }
        | Change::SetGenerated { .. }
        | Change::SetComment { .. }
        | Change::CreateSequence { .. }
        | Change::DropSequence { .. }
        | Change::Truncate { .. }
        | Change::Other(_)
        // A probe knows of a constraint only whether it is there.
        | Change::SetDeferral { .. }
        | Change::Opaque(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Column, Table};
    use crate::dialect::Dialect;
    use crate::name::{Name, ObjectName};

    fn users() -> (Catalog, ObjectName) {
        let mut catalog = Catalog::empty(Dialect::Sqlite);
        let columns = vec![Column::new("id", "integer")];
        let table = Table { columns, ..Table::default() };
        catalog.tables.insert("users".into(), table.into());
        (catalog, "users".into())
    }

    #[test]
    fn what_a_later_change_takes_back_tells_nothing() {
        let (before, table) = users();
        let add = |name: &str| Change::AddColumn {
            table: table.clone(),
            column: Column::new(name, "text"),
        };
        let (old, new) = (Name::from("a"), Name::from("b"));
        let drop = Change::DropColumn { table: table.clone(), column: old.clone(), refill: None };
        let probe = told_by(&[add("a"), add("b"), drop.clone()], &before);
        assert_eq!(probe, Some(Probe::Column(table.clone(), new)));
        assert_eq!(told_by(&[add("a"), drop], &before), None);
    }

    #[test]
    fn several_changes_must_all_be_there() {
        let (before, table) = users();
        let rename = Change::RenameTable { from: table.clone(), to: "people".into() };
        let probe = told_by(std::slice::from_ref(&rename), &before).unwrap();
        assert_eq!(probe.holds(&before), Some(false));
        let mut after = before.clone();
        apply(&rename, &mut after).unwrap();
        assert_eq!(probe.holds(&after), Some(true));
    }
}
