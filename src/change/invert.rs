//! The way back: the changes that undo a change.

use super::apply::taken_along;
use super::{Batch, Change, Constraint, DataChange, Opaque, Touched, Write};
use crate::catalog::{Catalog, Column, SqlExpression, Table};
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
        Change::CreateTable { name, .. } => vec![Change::DropTable { name: name.clone() }],
        Change::DropTable { name } => recreate_table(name, table(before, name)?),
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
        Change::AddConstraint { table, constraint } => vec![Change::DropConstraint {
            table: table.clone(),
            constraint: constraint.name().clone(),
        }],
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
        Change::Opaque(opaque) => vec![Change::Opaque(Opaque {
            up: opaque.down.clone()?,
            down: Ok(opaque.up.clone()),
            probe: None,
            touches: opaque.touches.clone(),
            transactional: opaque.transactional,
        })],
    };
    Ok(undone)
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
fn recreate_table(name: &ObjectName, table: &Table) -> Vec<Change> {
    let mut bare = table.clone();
    bare.indexes.clear();
    bare.triggers.clear();
    let mut changes = vec![Change::CreateTable { name: name.clone(), table: bare }];
    changes.extend(table.indexes.iter().map(|(index, content)| Change::CreateIndex {
        table: name.clone(),
        name: index.clone(),
        index: content.clone(),
    }));
    // A live sync would have kept the table; what is left are triggers that planner did not make.
    changes.extend(table.triggers.values().filter_map(|trigger| {
        Some(Change::Opaque(Opaque {
            up: trigger.definition.clone()?,
            down: Err("it came back with its table and goes with it".to_owned()),
            probe: None,
            touches: vec![Touched { object: name.clone(), column: None }],
            transactional: true,
        }))
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
    if table.primary_key.as_ref().is_some_and(|key| key.name == *name) {
        return Err(format!("primary key `{name}` cannot be added to an existing table"));
    }
    let unique = table.uniques.iter().find(|key| key.name == *name).cloned();
    let check = table.checks.iter().find(|check| check.name == *name).cloned();
    let foreign_key = table.foreign_keys.iter().find(|key| key.name == *name).cloned();
    unique
        .map(Constraint::Unique)
        .or_else(|| check.map(Constraint::Check))
        .or_else(|| foreign_key.map(Constraint::ForeignKey))
        .ok_or_else(|| format!("constraint `{name}` does not exist"))
}

fn create_index(name: &ObjectName, table: &Table, index: &Name) -> Result<Change, String> {
    let content = table.indexes.get(index).cloned();
    let content = content.ok_or_else(|| format!("index `{index}` does not exist"))?;
    Ok(Change::CreateIndex { table: name.clone(), name: index.clone(), index: content })
}
