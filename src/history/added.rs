//! The columns that a migration adds, which no release knows yet.

use std::collections::{BTreeMap, BTreeSet};

use super::acts::Act;
use crate::catalog::{Catalog, Column};
use crate::change::Change;
use crate::change::effect::{Effect, Object};
use crate::name::{Name, ObjectName};

/// What is in a new column of a row whose writer does not know the column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unwritten {
    /// NULL.
    Null,
    /// Its default, the same in every row as far as anybody knows.
    Default,
    /// What the database computes, or nothing: such an insert fails.
    Other,
}

/// The columns that the migration which is being read has added so far.
#[derive(Debug, Default)]
pub(super) struct Added {
    /// By the names that they have now.
    columns: BTreeMap<(ObjectName, Name), Unwritten>,
    /// The names of columns that releases knew and that the migration took away.
    former: BTreeSet<(ObjectName, Name)>,
}

impl Added {
    /// Takes note of a change.
    pub(super) fn follow(&mut self, change: &Change) {
        if let Change::AddColumn { table, column } = change {
            let key = (table.clone(), column.name.clone());
            let unwritten = match (&column.generated, &column.default) {
                (None, None) if column.nullable => Unwritten::Null,
                (None, Some(_)) => Unwritten::Default,
                (None, None) | (Some(_), _) => Unwritten::Other,
            };
            if !self.former.contains(&key) {
                self.columns.insert(key, unwritten);
            }
        } else if let Change::DropColumn { table, column, .. } = change {
            let key = (table.clone(), column.clone());
            if self.columns.remove(&key).is_none() {
                self.former.insert(key);
            }
        } else if let Change::RenameColumn { table, from, to } = change {
            let (from, to) = ((table.clone(), from.clone()), (table.clone(), to.clone()));
            match self.columns.remove(&from) {
                // Under a name that releases know it is no longer new to them.
                Some(unwritten) if !self.former.contains(&to) => {
                    self.columns.insert(to, unwritten);
                }
                Some(_) => {}
                None => {
                    self.former.insert(from);
                }
            }
        }
    }

    /// Returns what is in a column as long as nobody writes it, if the migration added it under a name that nothing had.
    pub(super) fn unwritten(&self, table: &ObjectName, column: &Name) -> Option<Unwritten> {
        self.columns.get(&(table.clone(), column.clone())).copied()
    }

    /// What is done to such a column takes nothing away from releases, but may ask them to write it.
    pub(super) fn judge(&self, act: &mut Act, change: &Change, before: &Catalog) {
        let (Change::RenameColumn { table, from: column, .. }
        | Change::DropColumn { table, column, .. }
        | Change::SetNullable { table, column, .. }
        | Change::SetDefault { table, column, .. }
        | Change::SetType { table, column, .. }) = change
        else {
            return;
        };
        act.is_of_new_column = self.unwritten(table, column).is_some();
        if !act.is_of_new_column {
            return;
        }
        let takes =
            |effect: &Effect| matches!(effect, Effect::Destroys(_) | Effect::RemovesGuarantee(_));
        act.effects.retain(|effect| !takes(effect));
        let is_required = before.column(table, column).is_some_and(|column| !column.nullable);
        if is_required && matches!(change, Change::SetDefault { default: None, .. }) {
            act.effects.push(Effect::Restricts(Object::Column(table.clone(), column.clone())));
        }
    }
}

/// Takes back what asks releases to write a new column that they may leave out in the end.
pub(super) fn settle(acts: &mut [Act], after: &Catalog) {
    let may_be_left_out = |effect: &Effect| {
        matches!(effect, Effect::Restricts(Object::Column(table, column))
            if after.column(table, column).is_none_or(Column::may_be_left_out))
    };
    for act in acts.iter_mut().filter(|act| act.is_of_new_column) {
        act.effects.retain(|effect| !may_be_left_out(effect));
    }
}
