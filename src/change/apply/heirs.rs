//! What a change of a table does to those that inherit from it (PostgreSQL).

use super::super::inherited::inherited;
use super::{ApplyError, with_partitions};
use crate::catalog::{Catalog, Generated, ObjectKind};
use crate::change::{Change, Constraint, Other, Verb};
use crate::name::{Name, ObjectName};

/// Notes which table inherits from which. Where that is said when the table is made, the columns that it names are its own; else all are.
pub(super) fn note(catalog: &mut Catalog, other: &Other) {
    let Some(table) = &other.on else { return };
    let of = catalog.table(table).cloned().unwrap_or_default();
    let columns: Vec<Name> = of.columns.iter().map(|column| column.name.clone()).collect();
    let checks: Vec<Name> = of.checks.iter().map(|check| check.name.clone()).collect();
    let touched = || other.touches.iter();
    let parents: Vec<ObjectName> =
        touched().filter(|of| of.object != *table).map(|of| of.object.clone()).collect();
    match other.verb {
        _ if parents.is_empty() => {}
        Verb::Create => {
            let named = touched().filter(|of| of.object == *table);
            let is_made = other.text.trim_start().to_ascii_lowercase().starts_with("inherits");
            let (own, checks) = if is_made {
                (named.filter_map(|of| of.column.clone()).collect(), Vec::new())
            } else {
                (columns, checks)
            };
            catalog.heirs.add(table, parents, own, checks);
        }
        Verb::Drop => {
            let all = (columns.as_slice(), checks.as_slice());
            for parent in &parents {
                catalog.heirs.end(table, parent, all);
            }
        }
        Verb::Alter | Verb::Replace | Verb::Rename | Verb::Run => {}
    }
    debug_assert!(other.kind == ObjectKind::Inheritance, "{other:?}");
}

/// Does to tables that inherit what the change does to the one that they inherit from, after it was applied there.
pub(super) fn follow(
    change: &Change,
    heirs: &[ObjectName],
    catalog: &mut Catalog,
) -> Result<(), ApplyError> {
    heirs.iter().try_for_each(|heir| match of_heir(change, catalog, heir) {
        Some(own) => with_partitions(&own, catalog),
        None => Ok(()),
    })?;
    match change {
        Change::DropTable { name } => catalog.heirs.forget(name),
        Change::RenameTable { from, to } => catalog.heirs.rename(from, to),
        Change::RenameColumn { table, from, to } => catalog.heirs.rename_column(table, from, to),
        _ => {}
    }
    Ok(())
}

/// Returns the change of a table that comes with that of one that it inherits from, if one does.
fn of_heir(change: &Change, catalog: &Catalog, heir: &ObjectName) -> Option<Change> {
    let is_numbered = |column: &Name| {
        let own = catalog.column(heir, column);
        own.is_some_and(|of| matches!(of.generated, Some(Generated::Identity(_))))
    };
    match change {
        // Only with `CASCADE` does the server take it.
        Change::DropTable { .. }
        | Change::AddColumn { .. }
        | Change::SetType { .. }
        | Change::SetNullable { .. }
        | Change::RenameConstraint { .. }
        | Change::ValidateConstraint { .. }
        | Change::AddConstraint { constraint: Constraint::Check(_), .. } => {}
        // One that inherits on two ways has followed already.
        Change::RenameColumn { from, .. } if catalog.column(heir, from).is_some() => {}
        Change::SetDefault { column, .. } if !is_numbered(column) => {}
        Change::DropConstraint { table, constraint } => {
            let inherits = catalog.heirs.get(heir)?;
            let has = |of: &ObjectName| {
                let checks = catalog.table(of).map(|of| &of.checks);
                checks.into_iter().flatten().any(|check| check.name == *constraint)
            };
            let mut others = inherits.parents.iter().filter(|of| *of != table);
            if inherits.own_checks.contains(constraint) || !has(heir) || others.any(has) {
                return None;
            }
        }
        Change::DropColumn { table, column, .. } => {
            let inherits = catalog.heirs.get(heir)?;
            let mut others = inherits.parents.iter().filter(|of| *of != table);
            if inherits.own.contains(column)
                || catalog.column(heir, column).is_none()
                || others.any(|of| catalog.column(of, column).is_some())
            {
                return None;
            }
        }
        _ => return None,
    }
    inherited(change, catalog, heir)
}
