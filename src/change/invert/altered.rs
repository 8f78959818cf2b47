//! The way back of renames, alterations, sequences, triggers and unread objects.

use super::{column, constraint_of, table};
use crate::catalog::{Catalog, Trigger};
use crate::change::Change;
use crate::name::{Name, ObjectName};

/// See [`super::invert`], which asks only for what stands here.
#[expect(clippy::too_many_lines, reason = "one arm for each kind of change")]
pub(super) fn invert(change: &Change, before: &Catalog) -> Result<Vec<Change>, String> {
    let undone = match change {
        Change::RenameTable { from, to } => {
            Change::RenameTable { from: to.clone(), to: from.clone() }
        }
        Change::RenameColumn { table, from, to } => {
            Change::RenameColumn { table: table.clone(), from: to.clone(), to: from.clone() }
        }
        Change::RenameConstraint { table, from, to } => {
            Change::RenameConstraint { table: table.clone(), from: to.clone(), to: from.clone() }
        }
        Change::RenameIndex { table, from, to } => {
            Change::RenameIndex { table: table.clone(), from: to.clone(), to: from.clone() }
        }
        Change::RenameEnum { from, to } => {
            Change::RenameEnum { from: to.clone(), to: from.clone() }
        }
        Change::RenameEnumValue { name, from, to } => {
            Change::RenameEnumValue { name: name.clone(), from: to.clone(), to: from.clone() }
        }
        Change::RenameSequence { from, to } => {
            Change::RenameSequence { from: to.clone(), to: from.clone() }
        }
        Change::SetType { table, column: name, sql_type: _, using, collation: _ } => {
            if using.is_some() {
                return Err(format!("the values that column `{table}.{name}` had are gone"));
            }
            let was = column(before, table, name)?;
            Change::SetType {
                table: table.clone(),
                column: name.clone(),
                sql_type: was.sql_type.clone(),
                using: None,
                collation: was.collation.clone(),
            }
        }
        Change::SetGenerated { table, column: name, generated: _ } => Change::SetGenerated {
            table: table.clone(),
            column: name.clone(),
            generated: column(before, table, name)?.generated.clone(),
        },
        Change::SetDeferral { table: name, constraint, deferral: _ } => {
            let mut keys = table(before, name)?.foreign_keys.iter();
            let was = keys.find(|key| key.name == *constraint);
            let was = was.ok_or_else(|| format!("foreign key `{constraint}` does not exist"))?;
            let (table, constraint) = (name.clone(), constraint.clone());
            Change::SetDeferral { table, constraint, deferral: was.terms.deferral }
        }
        Change::ValidateConstraint { table, constraint } => {
            return validated(before, table, constraint);
        }
        Change::SetComment { table, column: Some(name), comment: _ } => Change::SetComment {
            table: table.clone(),
            column: Some(name.clone()),
            comment: column(before, table, name)?.comment.clone(),
        },
        Change::SetComment { table, column: None, comment: _ } => {
            let unknown = || format!("what the comment on `{table}` was is not known");
            let was = before.table(table).ok_or_else(unknown)?;
            let (table, comment) = (table.clone(), was.comment.clone());
            Change::SetComment { table, column: None, comment }
        }
        Change::CreateSequence { name } => Change::DropSequence { name: name.clone() },
        Change::DropSequence { name } => {
            return Err(format!("where the numbers of sequence `{name}` had got to is not known"));
        }
        Change::CreateTrigger { table, name, trigger: _ } => {
            Change::DropTrigger { table: table.clone(), name: name.clone() }
        }
        Change::DropTrigger { table: on, name } => {
            let was = before.table(on).and_then(|table| table.triggers.get(name));
            let definition = was.and_then(|trigger| trigger.definition.clone());
            let definition = definition
                .ok_or_else(|| format!("what the trigger `{name}` of `{on}` was is not known"))?;
            let trigger = Trigger { definition: Some(definition) };
            Change::CreateTrigger { table: on.clone(), name: name.clone(), trigger }
        }
        Change::Truncate { .. } => return Err("the rows are gone".to_owned()),
        Change::Other(other) => {
            let (verb, kind) = (other.verb.word(), other.kind.word());
            return Err(format!("what undoes this {verb} of a {kind} is not known"));
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
        | Change::CreateSync(_)
        | Change::DropSync(_)
        | Change::Deprecate { .. }
        | Change::Write(_)
        | Change::Opaque(_) => return super::invert(change, before),
    };
    Ok(vec![undone])
}

/// What is validated cannot be made less valid; the constraint is made anew as it was, if it was another.
fn validated(
    before: &Catalog,
    name: &ObjectName,
    constraint: &Name,
) -> Result<Vec<Change>, String> {
    let of = table(before, name)?;
    let is_it = |other: &Name| other == constraint;
    let was_valid = of.checks.iter().any(|check| is_it(&check.name) && check.validated)
        || of.foreign_keys.iter().any(|key| is_it(&key.name) && key.validated);
    if was_valid {
        return Ok(Vec::new());
    }
    let drop = Change::DropConstraint { table: name.clone(), constraint: constraint.clone() };
    let constraint = constraint_of(of, constraint)?;
    Ok(vec![drop, Change::AddConstraint { table: name.clone(), constraint }])
}
