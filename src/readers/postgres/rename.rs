//! Renames, and what `ALTER TABLE` does to what is no table.

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::reading::{Reading, Thing};
use super::{alter, index, names, views};
use crate::catalog::ObjectKind;
use crate::change::{Change, Verb};
use crate::name::{Name, ObjectName};

/// Returns the name after `SET SCHEMA`.
pub(super) fn moved(name: &ObjectName, to: &ast::SetSchema) -> Option<ObjectName> {
    let schema = names::of(&to.schema_ref()?)?;
    Some(ObjectName { schema: names::schema(schema.as_str().to_owned()), name: name.name.clone() })
}

/// `RENAME CONSTRAINT`.
pub(super) fn constraint(
    reading: &mut Reading<'_>,
    table: &ObjectName,
    node: &ast::RenameConstraint,
) -> Option<()> {
    let from = Name::new(names::parts(node.constraint_name_ref()?.syntax()).pop()?);
    let to = names::of(&node.constraint_name()?)?;
    let table = table.clone();
    reading.change(node.syntax(), Change::RenameConstraint { table, from, to });
    Some(())
}

/// Gives an index another name; that of a key is its constraint's.
pub(super) fn index(reading: &mut Reading<'_>, node: &SyntaxNode, name: &ObjectName, to: Name) {
    let from = name.name.clone();
    if let Some(table) = index::table_of(reading, name) {
        reading.change(node, Change::RenameIndex { table, from, to });
    } else if let Some(table) = index::table_of_key(reading, name) {
        reading.change(node, Change::RenameConstraint { table, from, to });
    } else {
        reading.opaque(node, index::unknown_index(name));
    }
}

/// What `ALTER TABLE` does to a view, a sequence, an index, a partition, or a table that planner does not know.
pub(super) fn of_another(
    reading: &mut Reading<'_>,
    name: &ObjectName,
    action: &ast::AlterTableAction,
) -> Option<()> {
    use ast::AlterTableAction as Action;
    let catalog = reading.now();
    let is_view = catalog.views.contains_key(name);
    let is_sequence = catalog.sequences.contains(name);
    let partition_of = catalog.others.get(&(ObjectKind::Partition, name.clone())).cloned();
    if let Some(on) = partition_of {
        let thing = Thing::new(Verb::Alter, ObjectKind::Partition).named(name.clone()).on(on);
        reading.other(action.syntax(), thing);
        return Some(());
    }
    let to = match action {
        Action::TableRenameTo(of) => {
            Some(name.sibling(Name::new(names::parts(of.table_name()?.syntax()).pop()?)))
        }
        Action::SetSchema(of) => moved(name, of),
        _ => None,
    };
    match (to, action) {
        (Some(to), _) if is_view => {
            let from = name.clone();
            reading.change(action.syntax(), Change::RenameTable { from, to });
        }
        (Some(to), _) if is_sequence => {
            let from = name.clone();
            reading.change(action.syntax(), Change::RenameSequence { from, to });
        }
        (Some(to), _) if reading.has_relation(name) => {
            index(reading, action.syntax(), name, to.name);
        }
        (Some(to), _) => {
            let from = name.clone();
            reading.change(action.syntax(), Change::RenameTable { from, to });
        }
        (None, Action::RenameColumn(of)) => {
            let from = names::of(&of.column_name_ref()?)?;
            let to = names::of(&of.column_name()?)?;
            let table = name.clone();
            reading.change(action.syntax(), Change::RenameColumn { table, from, to });
        }
        (None, Action::AlterColumn(_)) if is_view => {
            views::column_property(reading, name, action.syntax());
        }
        (None, _) => unknown(reading, name, action)?,
    }
    Some(())
}

/// An action on something that the catalog does not have: a foreign table, or one that is older than the history.
fn unknown(
    reading: &mut Reading<'_>,
    name: &ObjectName,
    action: &ast::AlterTableAction,
) -> Option<()> {
    use ast::AlterTableAction as Action;
    if reading.now().others.contains_key(&(ObjectKind::Foreign, name.clone())) {
        let thing = Thing::new(Verb::Alter, ObjectKind::Foreign).named(name.clone());
        reading.other(action.syntax(), thing);
        return Some(());
    }
    match action {
        Action::AddColumn(_)
        | Action::AddConstraint(_)
        | Action::DropColumn(_)
        | Action::DropConstraint(_)
        | Action::AlterColumn(_)
        | Action::ValidateConstraint(_)
        | Action::RenameConstraint(_) => alter::of_unknown(reading, name, action.clone()),
        _ => alter::property(reading, name, action),
    }
}
