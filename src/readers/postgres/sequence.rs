//! Sequences.

use squawk_syntax::ast::{self, AstNode};

use super::reading::{Reading, Space, Thing};
use super::{cascade, names, rename, table};
use crate::catalog::{ObjectKind, SqlExpression};
use crate::change::{Change, Touched, Verb};
use crate::name::{Name, ObjectName};
use crate::readers::How;

/// `CREATE SEQUENCE`.
pub(super) fn create(reading: &mut Reading<'_>, node: &ast::CreateSequence) -> Option<()> {
    let written = node.sequence()?;
    reading.how.if_not_exists = node.if_not_exists().is_some();
    if table::is_temporary(node.persistence().as_ref()) {
        return reading.temporary(node.syntax(), &written);
    }
    let name = reading.new_name(&written)?;
    if reading.how.if_not_exists && reading.has_relation(&name) {
        return Some(());
    }
    reading.change(node.syntax(), Change::CreateSequence { name: name.clone() });
    let owner = node.sequence_options().find_map(|option| owner(reading, &option));
    if let Some(Some(column)) = owner {
        owned(reading, node.syntax(), name, column);
    }
    Some(())
}

/// A column that may own a sequence; `NONE` owns it no longer.
type Owner = Option<(ObjectName, Name)>;

fn owner(reading: &Reading<'_>, option: &ast::SequenceOption) -> Option<Owner> {
    let ast::SequenceOption::OptionOwnedBy(owned) = option else { return None };
    match owned.owned_by_target()? {
        ast::OwnedByTarget::OwnedByNone(_) => Some(None),
        ast::OwnedByTarget::QualifiedColumnNameRef(column) => {
            let mut parts = names::parts(column.syntax());
            let column = Name::new(parts.pop()?);
            Some(Some((reading.name_of_parts(Space::Relation, parts)?, column)))
        }
    }
}

fn owned(
    reading: &mut Reading<'_>,
    node: &squawk_syntax::SyntaxNode,
    name: ObjectName,
    (object, column): (ObjectName, Name),
) {
    let touched = Touched { object: object.clone(), column: Some(column) };
    let thing = Thing::new(Verb::Alter, ObjectKind::Sequence).named(name).on(object);
    reading.other(node, thing.touching(vec![touched]));
}

/// `ALTER SEQUENCE`.
pub(super) fn alter(reading: &mut Reading<'_>, node: &ast::AlterSequence) -> Option<()> {
    reading.how.if_exists = node.if_exists().is_some();
    let from = reading.relation(&node.sequence_ref()?)?;
    for action in node.actions() {
        let to = match action {
            ast::AlterSequenceAction::SequenceRenameTo(to) => {
                from.sibling(Name::new(names::parts(to.sequence()?.syntax()).pop()?))
            }
            ast::AlterSequenceAction::SetSchema(to) => rename::moved(&from, &to)?,
            ast::AlterSequenceAction::SequenceOption(option) => {
                if let Some(Some(column)) = owner(reading, &option) {
                    owned(reading, node.syntax(), from.clone(), column);
                    return Some(());
                }
                continue;
            }
            ast::AlterSequenceAction::OwnerTo(_) => {
                let thing = Thing::new(Verb::Alter, ObjectKind::Owner).on(from.clone());
                reading.other(node.syntax(), thing);
                return Some(());
            }
            ast::AlterSequenceAction::SetLogged(_) | ast::AlterSequenceAction::SetUnlogged(_) => {
                continue;
            }
        };
        // The sequence of a serial has a name that the catalog does not hold.
        if reading.now().sequences.contains(&from) {
            reading.change(node.syntax(), Change::RenameSequence { from, to });
        } else if !reading.how.if_exists {
            let thing = Thing::new(Verb::Alter, ObjectKind::Sequence).named(from);
            reading.other(node.syntax(), thing);
        }
        return Some(());
    }
    let thing = Thing::new(Verb::Alter, ObjectKind::Sequence).named(from);
    reading.other(node.syntax(), thing);
    Some(())
}

/// `DROP SEQUENCE`.
pub(super) fn drop(reading: &mut Reading<'_>, node: &ast::DropSequence) -> Option<()> {
    let cascade = super::cascades(node.drop_behavior());
    reading.how = How { if_exists: node.if_exists().is_some(), cascade, ..How::default() };
    let how = reading.how;
    for sequence in node.sequence_refs() {
        if reading.is_temporary(&sequence) {
            reading.temporary(node.syntax(), &sequence)?;
            continue;
        }
        let name = reading.relation(&sequence)?;
        if how.cascade {
            cascade::defaults_of_sequence(reading, node.syntax(), &name, how);
        }
        let is_there = reading.now().sequences.contains(&name);
        // What a column owned went with its default above.
        if is_there || !(how.if_exists || how.cascade) {
            reading.change(node.syntax(), Change::DropSequence { name });
        }
    }
    Some(())
}

/// Returns the sequence that a default takes its numbers from.
pub(super) fn next_of(reading: &Reading<'_>, default: &SqlExpression) -> Option<ObjectName> {
    reading.name_of_parts(Space::Relation, parts(default)?)
}

/// Returns whether a default takes its numbers from this sequence.
pub(super) fn takes_from(default: &SqlExpression, sequence: &ObjectName) -> bool {
    let Some(mut parts) = parts(default) else { return false };
    let Some(name) = parts.pop() else { return false };
    let schema = parts.pop().and_then(names::schema);
    name == sequence.name.as_str() && schema == sequence.schema
}

/// Reads `nextval('schema.name'::regclass)`.
fn parts(default: &SqlExpression) -> Option<Vec<String>> {
    let text = default.as_str().trim();
    let rest = text.get(.."nextval".len()).filter(|word| word.eq_ignore_ascii_case("nextval"));
    let rest = text.get(rest?.len()..)?.trim_start().strip_prefix('(')?.trim_start();
    let (name, rest) = rest.strip_prefix('\'')?.split_once('\'')?;
    let cast = rest.trim().strip_suffix(')')?.trim();
    let is_cast = cast.is_empty() || cast.to_ascii_lowercase().starts_with("::");
    is_cast.then(|| name.split('.').map(names::fold).collect())
}
