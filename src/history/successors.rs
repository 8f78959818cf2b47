//! What takes the place of a view, and when the last column let go of a type.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Catalog, Column, View};
use crate::change::Change;
use crate::expressions;
use crate::name::ObjectName;

/// The views and types that migrations made and left.
#[derive(Debug, Default)]
pub(super) struct Successors {
    now: usize,
    /// The views that the statement which is being read drops.
    leaving: BTreeSet<ObjectName>,
    /// The migration that made each view.
    views: BTreeMap<ObjectName, usize>,
    /// The last migration that took a type away from a column.
    left: BTreeMap<ObjectName, usize>,
}

impl Successors {
    pub(super) const fn begin(&mut self, migration: usize) {
        self.now = migration;
    }

    /// Takes note of the views that a statement drops, none of which takes another's place.
    pub(super) fn statement(&mut self, leaving: BTreeSet<ObjectName>) {
        self.leaving = leaving;
    }

    /// Takes note of what a change makes, and of the types that its columns had.
    pub(super) fn take(&mut self, change: &Change, before: &Catalog) {
        if let Change::CreateView { name, .. } = change {
            self.views.insert(name.clone(), self.now);
        } else if let Change::DropTable { name } = change {
            for column in before.table(name).into_iter().flat_map(|of| &of.columns) {
                self.leave(column);
            }
        } else if let Change::DropColumn { table, column, .. }
        | Change::SetType { table, column, .. } = change
            && let Some(column) = before.column(table, column)
        {
            self.leave(column);
        }
    }

    fn leave(&mut self, column: &Column) {
        self.left.insert(type_of(column), self.now);
    }

    /// Returns the migration in which the last column let go of a type.
    pub(super) fn of_type(&self, name: &ObjectName) -> Option<usize> {
        self.left.get(name).copied()
    }

    /// Returns the migrations that made younger views which may take this one's place: of a table that it reads too, and with
    /// most of its columns.
    pub(super) fn of_view(&self, name: &ObjectName, before: &Catalog) -> BTreeSet<usize> {
        let Some(view) = before.views.get(name) else { return BTreeSet::new() };
        let tables = tables(view, before);
        let age = self.views.get(name).copied();
        let younger = before.views.iter().filter_map(|(other, of)| {
            let made = *self.views.get(other)?;
            let stays = other != name && !self.leaving.contains(other);
            (stays && Some(made) > age).then_some((made, of))
        });
        let fits = younger
            .filter(|(_, of)| has_most(of, view) && !tables.is_disjoint(&self::tables(of, before)));
        fits.map(|(made, _)| made).collect()
    }
}

/// Returns whether a column has a type, or an array of it.
pub(super) fn is_held(name: &ObjectName, by: &Catalog) -> bool {
    by.tables.values().flat_map(|table| &table.columns).any(|column| type_of(column) == *name)
}

fn type_of(column: &Column) -> ObjectName {
    ObjectName::parse(&column.sql_type.0.trim_end_matches("[]").replace('"', ""))
}

/// Returns whether a view has three in four of the columns of another.
fn has_most(of: &View, view: &View) -> bool {
    let n_shared = view.columns.iter().filter(|column| of.columns.contains(column)).count();
    n_shared > 0 && n_shared * 4 >= view.columns.len() * 3
}

fn tables(view: &View, before: &Catalog) -> BTreeSet<String> {
    let read = expressions::query(before.dialect, view.query.as_str());
    let tables = read.map(|(read, _)| read.tables).unwrap_or_default();
    tables.into_iter().map(|of| of.name).collect()
}
