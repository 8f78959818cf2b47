//! What a migration takes away and makes again itself: whether it comes back as it was, and with its rows.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::acts::Act;
use super::added::{Added, Unwritten};
use super::preparation::Witness;
use crate::catalog::{Catalog, Column, Generated, SqlExpression, Table, View};
use crate::change::effect::{Effect, Object};
use crate::change::widening::widens;
use crate::change::{Change, Constraint};
use crate::expressions;
use crate::name::{Name, ObjectName};

/// How something comes back that its own migration takes away and makes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// Without what was in it.
    Emptied,
    /// With another type.
    Retyped,
    /// With a type of the same name that is not the same any more.
    TypeMadeAnew,
    /// With other rows, which the migration itself writes.
    Filled,
    /// With nobody knows which rows, if any.
    MayBeFilled,
}

/// What a migration has taken away so far.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// New names and those that the same objects had when the migration began, in the order of the renames.
    renamed: Vec<(ObjectName, ObjectName)>,
    /// What was taken away, by the place of the act.
    gone: Vec<(usize, Gone)>,
    /// The constraints that were dropped, with their tables.
    constraints: Vec<(ObjectName, Constraint)>,
    /// The columns that it added.
    pub(super) added: Added,
    /// Whether some of it could not be read, so that rows may have gone where planner does not see it.
    is_unsure: bool,
}

/// What was taken away, as it was.
#[derive(Debug)]
enum Gone {
    /// A table, by the name that it had when the migration began.
    Table(ObjectName, Arc<Table>),
    /// A column of a table.
    Column(ObjectName, Column),
    /// A view.
    View(ObjectName, View),
    /// An enum type, by the name that it had when the migration began.
    Enum(ObjectName, Vec<String>),
    /// The type of a column, for one that now has the name that the old one had when the migration began.
    Type(ObjectName, Name),
}

impl Taken {
    /// Takes note of a statement that cannot be read.
    pub(super) const fn doubt(&mut self) {
        self.is_unsure = true;
    }

    /// Takes note of what a change takes away, which is the act at this place.
    pub(super) fn take(&mut self, at: usize, change: &Change, before: &Catalog) {
        let gone = if let Change::DropTable { name } = change {
            before.tables.get(name).map(|of| Gone::Table(self.first(name), of.clone()))
        } else if let Change::DropColumn { table, column, .. } = change {
            before.column(table, column).map(|of| Gone::Column(table.clone(), of.clone()))
        } else if let Change::DropView { name } = change {
            before.views.get(name).map(|of| Gone::View(name.clone(), of.clone()))
        } else if let Change::DropEnum { name } = change {
            before.enums.get(name).map(|of| Gone::Enum(self.first(name), of.values.clone()))
        } else if let Change::SetType { table, column, sql_type, .. } = change {
            let was = before.column(table, column).map(|of| ObjectName::parse(&of.sql_type.0));
            let is_anew = |was: &ObjectName| {
                self.first(was) != *was && self.first(was) == ObjectName::parse(&sql_type.0)
            };
            was.filter(is_anew).map(|_| Gone::Type(table.clone(), column.clone()))
        } else {
            None
        };
        self.gone.extend(gone.map(|gone| (at, gone)));
        if let Change::RenameTable { from, to } | Change::RenameEnum { from, to } = change {
            self.renamed.push((to.clone(), self.first(from)));
        }
        self.added.follow(change);
        if let Change::DropConstraint { table, constraint } = change
            && let Some(of) = before.table(table)
        {
            let dropped = constraints(of).filter(|of| of.name() == constraint);
            self.constraints.extend(dropped.map(|of| (table.clone(), of)));
        }
    }

    /// Returns whether a name is one that only a rename of this migration gave.
    pub(super) fn is_passing(&self, name: &ObjectName) -> bool {
        self.first(name) != *name
    }

    /// Returns the name that an object had when the migration began.
    fn first(&self, name: &ObjectName) -> ObjectName {
        let last = self.renamed.iter().rev().find(|(now, _)| now == name);
        last.map_or_else(|| name.clone(), |(_, first)| first.clone())
    }

    /// Returns whether a constraint is about columns alone that no release writes yet.
    fn is_about_added(
        &self,
        table: &ObjectName,
        constraint: &Constraint,
        before: &Catalog,
    ) -> bool {
        // A default that breaks a check, or refers to nothing, stops the migration itself on the first row.
        let is_kept_by_default = match constraint {
            Constraint::Check(_) | Constraint::ForeignKey(_) => true,
            Constraint::Unique(_)
            | Constraint::Primary(_)
            | Constraint::Exclude(_)
            | Constraint::UsingIndex { .. } => false,
        };
        let columns: Vec<Name> = match constraint {
            // Then the NULLs of two rows are equal.
            Constraint::Unique(key) if key.terms.nulls_not_distinct => return false,
            Constraint::Unique(key) => key.columns.clone(),
            Constraint::ForeignKey(key) => key.columns.clone(),
            // What is NULL passes a check, unless it asks for just that.
            Constraint::Check(check) if asks_for_values(&check.expression) => return false,
            Constraint::Check(check) => {
                let read = expressions::expression(before.dialect, check.expression.as_str());
                let columns = read.map(|read| read.columns).unwrap_or_default();
                columns.into_iter().map(|column| Name::new(column.name)).collect()
            }
            Constraint::Primary(_) | Constraint::Exclude(_) | Constraint::UsingIndex { .. } => {
                return false;
            }
        };
        let is_added = |column: Name| match self.added.unwritten(table, &column) {
            Some(Unwritten::Null) => true,
            Some(Unwritten::Default) => is_kept_by_default,
            Some(Unwritten::Other) | None => false,
        };
        !columns.is_empty() && columns.into_iter().all(is_added)
    }

    /// Returns whether writers had to obey a change before the migration began: it is about columns that are new and NULL, it makes a key of more columns, or a foreign key with
    /// other actions, of one that it dropped, or a column anew that every insert had to fill.
    pub(super) fn was_obeyed(&self, change: &Change, before: &Catalog) -> bool {
        if let Change::AddConstraint { table, constraint } = change {
            let dropped = self.constraints.iter().filter(|(of, _)| of == table);
            let there = before.table(table).into_iter().flat_map(constraints);
            let is_required =
                |name: &Name| before.column(table, name).is_some_and(|column| !column.nullable);
            if self.is_about_added(table, constraint, before) {
                return true;
            }
            let mut obeyed = dropped.map(|(_, dropped)| dropped.clone()).chain(there);
            obeyed.any(|obeyed| implies(&obeyed, constraint, is_required))
        } else if let Change::AddColumn { table, column } = change {
            self.gone.iter().any(|(_, gone)| {
                matches!(gone, Gone::Column(of, was)
                    if of == table && was.name == column.name && !was.may_be_left_out())
            })
        } else {
            false
        }
    }

    /// Says of each act what is lost of what it took away, where the migration made that again.
    pub(super) fn settle(
        &self,
        acts: &mut [Act],
        unfit: &BTreeSet<usize>,
        after: &Catalog,
        of: &Witness,
    ) {
        for (at, gone) in self.gone.iter().filter(|(at, _)| !unfit.contains(at)) {
            let Some(act) = acts.get_mut(*at) else { continue };
            let Some(lost) = self.lost(gone, after, of) else { continue };
            act.effects.retain(|effect| !matches!(effect, Effect::Destroys(_)));
            if let Some((object, again)) = lost {
                act.effects.push(Effect::Destroys(object));
                act.again = again;
            }
        }
    }

    /// Returns what is lost of something that is there again, if anything is; nothing at all if it is not there again.
    fn lost(&self, gone: &Gone, after: &Catalog, of: &Witness) -> Option<Lost> {
        match gone {
            Gone::Table(name, was) => {
                let Some(new) = after.table(name) else {
                    return after.views.contains_key(name).then_some(None);
                };
                let names = self.renamed.iter().filter(|(_, first)| first == name);
                let mut names = std::iter::once(name).chain(names.map(|(now, _)| now));
                let has_moved = self.is_unsure || names.any(|name| of.moves_now(name, None));
                if !has_moved {
                    return Some(Some((Object::Table(name.clone()), Some(Again::Emptied))));
                }
                let column = |name_of: &Name| Object::Column(name.clone(), name_of.clone());
                let mut lost = was.columns.iter().filter_map(|was| match new.column(&was.name) {
                    None => Some((column(&was.name), None)),
                    Some(new) => {
                        is_retyped(was, new).then(|| (column(&was.name), Some(Again::Retyped)))
                    }
                });
                Some(lost.next())
            }
            Gone::Column(table, was) => {
                let new = after.column(table, &was.name)?;
                let object = || Object::Column(table.clone(), was.name.clone());
                let has_values = self.is_unsure
                    || is_computed(was)
                    || is_computed(new)
                    || of.fills_now(table, &was.name);
                let again = match (has_values, is_retyped(was, new)) {
                    (false, _) => Again::Emptied,
                    (true, true) => Again::Retyped,
                    (true, false) => return Some(None),
                };
                Some(Some((object(), Some(again))))
            }
            Gone::View(name, was) => {
                let new = after.views.get(name)?;
                let is_listed = !was.columns.is_empty() && !new.columns.is_empty();
                let lacks = |column: &&Name| !new.columns.contains(column);
                let lost = was.columns.iter().find(lacks).filter(|_| is_listed);
                Some(lost.map(|column| (Object::Column(name.clone(), column.clone()), None)))
            }
            Gone::Type(table, column) => {
                after.column(table, column)?;
                let object = Object::Column(table.clone(), column.clone());
                Some(Some((object, Some(Again::TypeMadeAnew))))
            }
            Gone::Enum(name, was) => {
                let new = after.enums.get(name)?;
                let lost = was.iter().find(|value| !new.values.contains(value));
                Some(lost.map(|value| (Object::EnumValue(name.clone(), value.clone()), None)))
            }
        }
    }
}

/// The first thing that is lost, if any, and how.
type Lost = Option<(Object, Option<Again>)>;

fn asks_for_values(check: &SqlExpression) -> bool {
    check.as_str().to_ascii_lowercase().contains("is not null")
}

const fn is_computed(column: &Column) -> bool {
    matches!(column.generated, Some(Generated::Stored(_) | Generated::Virtual(_)))
}

/// Returns whether who reads the one cannot read the other.
fn is_retyped(was: &Column, new: &Column) -> bool {
    was.sql_type != new.sql_type && !widens(&was.sql_type, &new.sql_type)
}

/// Returns the constraints of a table as those that would be added.
fn constraints(table: &Table) -> impl Iterator<Item = Constraint> {
    let primary = table.primary_key.iter().cloned().map(Constraint::Primary);
    let unique = table.uniques.iter().cloned().map(Constraint::Unique);
    let foreign = table.foreign_keys.iter().cloned().map(Constraint::ForeignKey);
    primary.chain(unique).chain(foreign)
}

/// Returns whether all rows that one constraint lets pass are let pass by the other, too.
fn implies(dropped: &Constraint, added: &Constraint, is_required: impl Fn(&Name) -> bool) -> bool {
    let holds = |few: &[Name], many: &[Name]| few.iter().all(|column| many.contains(column));
    match (dropped, added) {
        (Constraint::Primary(was), Constraint::Primary(is) | Constraint::Unique(is))
        | (Constraint::Unique(was), Constraint::Unique(is)) => holds(&was.columns, &is.columns),
        (Constraint::Unique(was), Constraint::Primary(is)) => {
            holds(&was.columns, &is.columns) && is.columns.iter().all(is_required)
        }
        (Constraint::ForeignKey(was), Constraint::ForeignKey(is)) => {
            was.columns == is.columns
                && was.references == is.references
                && was.referenced_columns == is.referenced_columns
        }
        (
            Constraint::Unique(_)
            | Constraint::Check(_)
            | Constraint::ForeignKey(_)
            | Constraint::Primary(_)
            | Constraint::Exclude(_)
            | Constraint::UsingIndex { .. },
            _,
        ) => false,
    }
}

/// Returns whether a change makes something else of what is there, which stays.
pub(super) const fn makes_otherwise(change: &Change) -> bool {
    match change {
        Change::SetType { .. } | Change::SetGenerated { .. } | Change::Truncate { .. } => true,
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
        | Change::Opaque(_)
        | Change::RenameTable { .. }
        | Change::RenameColumn { .. }
        | Change::RenameConstraint { .. }
        | Change::RenameIndex { .. }
        | Change::RenameEnum { .. }
        | Change::RenameEnumValue { .. }
        | Change::RenameSequence { .. }
        | Change::ValidateConstraint { .. }
        | Change::SetDeferral { .. }
        | Change::SetComment { .. }
        | Change::CreateSequence { .. }
        | Change::DropSequence { .. }
        | Change::CreateTrigger { .. }
        | Change::DropTrigger { .. }
        | Change::Other(_) => false,
    }
}

/// Returns whether an object is in the catalog.
pub(super) fn is_there(catalog: &Catalog, object: &Object) -> bool {
    match object {
        // A view under a table's old name serves whoever still uses it.
        Object::Table(name) | Object::View(name) => {
            catalog.tables.contains_key(name) || catalog.views.contains_key(name)
        }
        Object::Column(table, column) => catalog.column(table, column).is_some(),
        Object::Index(table, name) => {
            catalog.table(table).is_some_and(|table| table.indexes.contains_key(name))
        }
        Object::Trigger(table, name) => {
            catalog.table(table).is_some_and(|table| table.triggers.contains_key(name))
        }
        Object::Enum(name) => catalog.enums.contains_key(name),
        Object::EnumValue(name, value) => {
            catalog.enums.get(name).is_some_and(|of| of.values.contains(value))
        }
        Object::Sequence(name) => catalog.sequences.contains(name),
        Object::Other(kind, name) => catalog.others.contains_key(&(*kind, name.clone())),
        Object::Constraint(..) | Object::Sync(_) => false,
    }
}
