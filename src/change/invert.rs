//! The way back: the changes that undo a change.

mod altered;

use super::apply::taken_along;
use super::making;
use super::{Batch, Change, Constraint, DataChange, Write};
use crate::catalog::{Catalog, Column, SqlExpression, Table, Trigger};
use crate::name::{Name, ObjectName};

/// Returns the changes that undo `change`, in the order to apply them, given the catalog just before it;
/// or why nothing can.
///
/// Data changes undo to nothing: what they filled is dropped with the column it is in. A column that comes
/// back stands last in its table.
///
/// # Errors
///
/// Says why the change cannot be undone, as a clause: "an enum value cannot be removed".
pub fn invert(change: &Change, before: &Catalog) -> Result<Vec<Change>, String> {
    let undone = match change {
        // SQLite lets a foreign key wait for its table.
        Change::CreateTable { name, .. }
            if before.references_to(name).any(|(of, _)| of != name) =>
        {
            return Err(format!("foreign keys of other tables were waiting for `{name}`"));
        }
        Change::RenameTable { to, .. } if before.references_to(to).next().is_some() => {
            return Err(format!("foreign keys were waiting for `{to}`"));
        }
        Change::CreateTable { name, .. } => vec![Change::DropTable { name: name.clone() }],
        Change::DropTable { name } => recreate_table(before, name, table(before, name)?),
        Change::AddColumn { table, column } => vec![Change::DropColumn {
            table: table.clone(),
            column: column.name.clone(),
            refill: None,
        }],
        Change::DropColumn { table: name, column, refill } => {
            add_column_again(before, name, column, refill.as_ref())?
        }
        Change::SetDefault { table, column: name, .. } => {
            let default = column(before, table, name)?.default.clone();
            vec![Change::SetDefault { table: table.clone(), column: name.clone(), default }]
        }
        Change::SetNullable { table, column: name, .. } => {
            let nullable = column(before, table, name)?.nullable;
            vec![Change::SetNullable { table: table.clone(), column: name.clone(), nullable }]
        }
        Change::AddConstraint { table, constraint } => {
            remove_constraint(before, table, constraint)?
        }
        Change::DropConstraint { table: name, constraint } => {
            let constraint = constraint_of(table(before, name)?, constraint)?;
            vec![Change::AddConstraint { table: name.clone(), constraint }]
        }
        Change::CreateIndex { table, name, .. } => {
            vec![Change::DropIndex { table: table.clone(), name: name.clone() }]
        }
        Change::DropIndex { table: name, name: index } => {
            vec![create_index(name, table(before, name)?, index)?]
        }
        Change::CreateEnum { name, .. } => vec![Change::DropEnum { name: name.clone() }],
        Change::AddEnumValue { .. } => return Err("an enum value cannot be removed".to_owned()),
        Change::DropEnum { name } => {
            let values = before.enums.get(name).ok_or_else(|| unknown("enum", name))?;
            vec![Change::CreateEnum { name: name.clone(), values: values.clone() }]
        }
        Change::CreateView { name, .. } => vec![Change::DropView { name: name.clone() }],
        Change::ReplaceView { name, .. } => {
            let view = before.views.get(name).ok_or_else(|| unknown("view", name))?;
            vec![Change::ReplaceView { name: name.clone(), view: view.clone() }]
        }
        Change::DropView { name } => {
            let view = before.views.get(name).ok_or_else(|| unknown("view", name))?;
            vec![Change::CreateView { name: name.clone(), view: view.clone() }]
        }
        Change::CreateSync(sync) => vec![Change::DropSync(sync.clone())],
        Change::DropSync(sync) => vec![Change::CreateSync(sync.clone())],
        Change::Deprecate { .. } | Change::Write(_) => Vec::new(),
        Change::Opaque(opaque) => return Err(opaque.why.clone()),
        Change::RenameTable { .. }
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
        | Change::Other(_) => altered::invert(change, before)?,
    };
    Ok(undone)
}

/// Drops what was added, and gives back what it took: an index that it used, and NULL in a primary key's columns.
fn remove_constraint(
    before: &Catalog,
    name: &ObjectName,
    constraint: &Constraint,
) -> Result<Vec<Change>, String> {
    let drop =
        Change::DropConstraint { table: name.clone(), constraint: constraint.name().clone() };
    let mut changes = vec![drop];
    let columns: Vec<&Name> = match constraint {
        Constraint::Unique(_)
        | Constraint::Check(_)
        | Constraint::ForeignKey(_)
        | Constraint::Exclude(_) => Vec::new(),
        Constraint::Primary(key) => key.columns.iter().collect(),
        Constraint::UsingIndex { name: _, index, primary, deferral: _ } => {
            let of = table(before, name)?;
            changes.push(create_index(name, of, index)?);
            let parts = of.indexes.get(index).into_iter().flat_map(|index| &index.columns);
            parts.filter_map(|part| part.key.column()).filter(|_| *primary).collect()
        }
    };
    for of in columns {
        if column(before, name, of)?.nullable {
            let (table, column) = (name.clone(), of.clone());
            changes.push(Change::SetNullable { table, column, nullable: true });
        }
    }
    Ok(changes)
}

fn unknown(kind: &str, name: &ObjectName) -> String {
    format!("{kind} `{name}` does not exist")
}

fn table<'a>(catalog: &'a Catalog, name: &ObjectName) -> Result<&'a Table, String> {
    catalog.table(name).ok_or_else(|| unknown("table", name))
}

fn column<'a>(catalog: &'a Catalog, of: &ObjectName, name: &Name) -> Result<&'a Column, String> {
    let found = table(catalog, of)?.column(name);
    found.ok_or_else(|| format!("column `{of}.{name}` does not exist"))
}

/// The table without its parts that are changes of their own, then these.
fn recreate_table(before: &Catalog, name: &ObjectName, table: &Table) -> Vec<Change> {
    let mut bare = table.clone();
    bare.indexes.clear();
    bare.triggers.clear();
    let mut changes = if table.partition_of.is_some() {
        [making::partition(name, table), making::foreign(name, table)].concat()
    } else {
        vec![Change::CreateTable { name: name.clone(), table: bare }]
    };
    let indexes = table.indexes.iter().filter(|_| table.partition_of.is_none());
    changes.extend(indexes.map(|(index, content)| Change::CreateIndex {
        table: name.clone(),
        name: index.clone(),
        index: content.clone(),
    }));
    if table.partition_of.is_some() || table.partition_by.is_some() {
        changes.extend(making::partitions_again(before, name).1);
    }
    // A live sync would have kept the table; what is left are triggers that planner did not make.
    changes.extend(table.triggers.iter().filter_map(|(of, trigger)| {
        Some(Change::CreateTrigger {
            table: name.clone(),
            name: of.clone(),
            trigger: Trigger { definition: Some(trigger.definition.clone()?) },
        })
    }));
    changes
}

fn add_column_again(
    before: &Catalog,
    name: &ObjectName,
    column_name: &Name,
    refill: Option<&SqlExpression>,
) -> Result<Vec<Change>, String> {
    let content = table(before, name)?;
    let column = column(before, name, column_name)?.clone();
    let along = taken_along(before.dialect, content, column_name)
        .map_err(|user| format!("column `{name}.{column_name}` is used by {user}"))?;
    // A column that must have a value comes back without, is filled, and only then must have it.
    let late = !column.nullable && column.default.is_none() && column.generated.is_none();
    let added = Column { nullable: column.nullable || late, ..column };
    let mut changes = vec![Change::AddColumn { table: name.clone(), column: added }];
    if let Some(refill) = refill {
        changes.push(Change::Write(DataChange {
            table: name.clone(),
            key: content.primary_key.iter().flat_map(|key| key.columns.clone()).collect(),
            write: Write::Update { set: vec![(column_name.clone(), refill.clone())] },
            condition: None,
            batch: Batch::default(),
        }));
    }
    if late {
        changes.push(Change::SetNullable {
            table: name.clone(),
            column: column_name.clone(),
            nullable: false,
        });
    }
    for constraint in content.constraint_names().filter(|name| along.contains(*name)) {
        let constraint = constraint_of(content, constraint)?;
        changes.push(Change::AddConstraint { table: name.clone(), constraint });
    }
    for index in content.indexes.keys().filter(|index| along.contains(*index)) {
        changes.push(create_index(name, content, index)?);
    }
    Ok(changes)
}

fn constraint_of(table: &Table, name: &Name) -> Result<Constraint, String> {
    let primary = table.primary_key.clone().filter(|key| key.name == *name);
    let unique = table.uniques.iter().find(|key| key.name == *name).cloned();
    let check = table.checks.iter().find(|check| check.name == *name).cloned();
    let foreign_key = table.foreign_keys.iter().find(|key| key.name == *name).cloned();
    let exclusion = table.exclusions.iter().find(|of| of.name == *name).cloned();
    primary
        .map(Constraint::Primary)
        .or_else(|| exclusion.map(Constraint::Exclude))
        .or_else(|| unique.map(Constraint::Unique))
        .or_else(|| check.map(Constraint::Check))
        .or_else(|| foreign_key.map(Constraint::ForeignKey))
        .ok_or_else(|| format!("constraint `{name}` does not exist"))
}

fn create_index(name: &ObjectName, table: &Table, index: &Name) -> Result<Change, String> {
    let content = table.indexes.get(index).cloned();
    let content = content.ok_or_else(|| format!("index `{index}` does not exist"))?;
    Ok(Change::CreateIndex { table: name.clone(), name: index.clone(), index: content })
}
