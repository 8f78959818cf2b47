//! What renames, alterations, sequences and triggers do.

use super::{Effect, Object, column_of};
use crate::catalog::{Catalog, Deferral, Generated, Identity, SqlExpression, SqlType};
use crate::change::{Change, Constraint, widening};
use crate::expressions::same_expression;
use crate::name::{Name, ObjectName};

/// See [`super::effects`], which asks only for what stands here.
pub(super) fn effects(change: &Change, before: &Catalog) -> Vec<Effect> {
    match change {
        Change::RenameTable { from, to } if before.views.contains_key(from) => {
            renamed(Object::View(from.clone()), Object::View(to.clone()))
        }
        Change::RenameTable { from, to } => {
            renamed(Object::Table(from.clone()), Object::Table(to.clone()))
        }
        Change::RenameColumn { table, from, to } => {
            renamed(column_of(table, from), column_of(table, to))
        }
        Change::RenameEnum { from, to } => {
            renamed(Object::Enum(from.clone()), Object::Enum(to.clone()))
        }
        Change::RenameEnumValue { name, from, to } => renamed(
            Object::EnumValue(name.clone(), from.clone()),
            Object::EnumValue(name.clone(), to.clone()),
        ),
        Change::RenameSequence { from, to } => {
            renamed(Object::Sequence(from.clone()), Object::Sequence(to.clone()))
        }
        Change::RenameConstraint { table, from, to: _ } => {
            vec![Effect::Invisible(Object::Constraint(table.clone(), from.clone()))]
        }
        Change::RenameIndex { table, from, to: _ } => {
            vec![Effect::Invisible(Object::Index(table.clone(), from.clone()))]
        }
        Change::SetType { table, column, sql_type, using: _, collation } => {
            retyped(table, column, (sql_type, collation.as_ref()), before)
        }
        Change::SetGenerated { table, column, generated } => {
            generated_otherwise(table, column, generated.as_ref(), before)
        }
        // What writers must obey they obey since the constraint is there; comments are for people.
        Change::ValidateConstraint { .. } | Change::SetComment { .. } => Vec::new(),
        // What is written is the same; what fails may fail later, or sooner.
        Change::SetDeferral { table, constraint, deferral } => {
            set_deferral(table, constraint, *deferral, before)
        }
        Change::CreateSequence { name } => vec![Effect::Adds(Object::Sequence(name.clone()))],
        Change::DropSequence { name } => vec![Effect::Destroys(Object::Sequence(name.clone()))],
        // Nobody knows what it does to the rows that are written.
        Change::CreateTrigger { table, name: _, trigger: _ } => {
            vec![Effect::Restricts(table_or_view(table, before))]
        }
        Change::DropTrigger { table, name } => {
            vec![Effect::RemovesGuarantee(Object::Trigger(table.clone(), name.clone()))]
        }
        Change::Truncate { tables } => {
            tables.iter().map(|table| Effect::Destroys(Object::Table(table.clone()))).collect()
        }
        Change::CreateTable { .. }
        | Change::DropTable { .. }
        | Change::AddColumn { .. }
        | Change::DropColumn { .. }
        | Change::SetDefault { .. }
        | Change::SetNullable { .. }
        | Change::AddConstraint { .. }
        | Change::DropConstraint { .. }
        | Change::CreateIndex { .. }
        | Change::DropIndex { .. }
        | Change::CreateEnum { .. }
        | Change::AddEnumValue { .. }
        | Change::DropEnum { .. }
        | Change::CreateView { .. }
        | Change::ReplaceView { .. }
        | Change::DropView { .. }
        | Change::Deprecate { .. }
        | Change::CreateSync(_)
        | Change::DropSync(_)
        | Change::Write(_)
        | Change::Opaque(_)
        | Change::Other(_) => super::effects(change, before),
    }
}

/// A transaction that writes the rows in another order than they refer to each other relies on the check at its end.
fn set_deferral(
    table: &ObjectName,
    constraint: &Name,
    deferral: Deferral,
    before: &Catalog,
) -> Vec<Effect> {
    let mut keys = before.table(table).into_iter().flat_map(|table| &table.foreign_keys);
    let was = keys.find(|key| key.name == *constraint).map(|key| key.terms.deferral);
    let object = Object::Constraint(table.clone(), constraint.clone());
    if was.is_some_and(|was| was <= deferral) {
        vec![Effect::Invisible(object)]
    } else {
        vec![Effect::Restricts(object)]
    }
}

fn renamed(from: Object, to: Object) -> Vec<Effect> {
    vec![Effect::Destroys(from), Effect::Adds(to)]
}

/// Returns the view with this name if there is one, else the table.
pub(in crate::change) fn table_or_view(name: &ObjectName, before: &Catalog) -> Object {
    if before.views.contains_key(name) {
        Object::View(name.clone())
    } else {
        Object::Table(name.clone())
    }
}

/// Returns whether rows that could be written before may be refused by the constraint: not where an index has kept them
/// unique all along.
pub(super) fn added_constraint_restricts(
    table: &ObjectName,
    constraint: &Constraint,
    before: &Catalog,
) -> bool {
    match constraint {
        Constraint::Unique(_)
        | Constraint::Check(_)
        | Constraint::ForeignKey(_)
        | Constraint::Primary(_)
        | Constraint::Exclude(_) => true,
        Constraint::UsingIndex { name: _, index, primary, deferral: _ } => {
            let Some(of) = before.table(table) else { return true };
            let Some(index) = of.indexes.get(index) else { return true };
            let nullable = |part: &crate::catalog::IndexColumn| {
                let column = part.key.column().and_then(|name| of.column(name));
                column.is_none_or(|column| column.nullable)
            };
            *primary && index.columns.iter().any(nullable)
        }
    }
}

/// Returns whether a constraint is a check that a column is not NULL, which the column says itself.
#[must_use]
pub fn says_only_not_null(table: &ObjectName, constraint: &Name, before: &Catalog) -> bool {
    let Some(table) = before.table(table) else { return false };
    let check = table.checks.iter().find(|check| check.name == *constraint);
    let mut required = table.columns.iter().filter(|column| !column.nullable);
    check.is_some_and(|check| {
        required.any(|column| {
            let says = SqlExpression::new(format!("{} IS NOT NULL", column.name));
            same_expression(before.dialect, &check.expression, &says)
        })
    })
}

/// A retyped column cannot be read as before, unless the new type holds all values of the old one alike: then readers may
/// only meet longer ones.
fn retyped(
    table: &ObjectName,
    column: &Name,
    (sql_type, collation): (&SqlType, Option<&Name>),
    before: &Catalog,
) -> Vec<Effect> {
    let object = column_of(table, column);
    match before.column(table, column) {
        Some(was) if was.sql_type == *sql_type && was.collation.as_ref() == collation => Vec::new(),
        // Another order of texts changes what a query may count on, not what it reads.
        Some(was) if was.sql_type == *sql_type => vec![Effect::RemovesGuarantee(object)],
        Some(was) if widening::widens(&was.sql_type, sql_type) => {
            vec![Effect::RemovesGuarantee(object)]
        }
        Some(_) | None => vec![Effect::Destroys(object)],
    }
}

/// Who writes a column that the database computes from then on fails; who leaves it out of an insert fails once nothing
/// makes its value any more.
fn generated_otherwise(
    table: &ObjectName,
    column: &Name,
    generated: Option<&Generated>,
    before: &Catalog,
) -> Vec<Effect> {
    let object = column_of(table, column);
    let was = before.column(table, column).map(|column| column.generated.as_ref());
    match generated {
        _ if was == Some(generated) => Vec::new(),
        None => vec![Effect::RemovesGuarantee(object)],
        Some(
            Generated::Stored(_) | Generated::Virtual(_) | Generated::Identity(Identity::Always),
        ) => vec![Effect::Restricts(object)],
        Some(Generated::Identity(
            Identity::ByDefault | Identity::Serial | Identity::RowId | Identity::AutoIncrement,
        )) => vec![Effect::Adds(object)],
    }
}
