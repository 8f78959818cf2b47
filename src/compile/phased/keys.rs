//! A primary key in the place of another one, also where other tables refer to that (PostgreSQL).

use super::yaml::{Step, Yaml};
use super::{Draft, Place, named};
use crate::catalog::{ForeignKey, Key, Table};
use crate::change::{Change, Constraint};
use crate::dialect::Dialect;
use crate::dialects::{Hindrance, quote};
use crate::name::{Name, ObjectName};

impl Draft<'_> {
    /// Returns whether the primary key of a table is to be on other columns.
    pub(super) fn changes_key(have: &Table, want: &Table) -> bool {
        let columns = |of: &Table| of.primary_key.as_ref().map(|key| key.columns.clone());
        columns(have) != columns(want)
    }

    /// Drafts a primary key in the place of another one: a unique index is built for it beside the writers, and then the two change places
    /// in one go. A key of another table that stays refers to a unique constraint from then on, which is there before, and its rows are
    /// looked at once more beside the writers.
    pub(super) fn primary_key(&mut self, table: &ObjectName, have: &Table, want: &Table) {
        if !Self::changes_key(have, want) {
            return;
        }
        let (old, new) = (have.primary_key.as_ref(), want.primary_key.as_ref());
        let is_there = |key: &&Key| key.columns.iter().all(|name| have.column(name).is_some());
        let staying = self.staying(table, old);
        let has_unique = |key: &(ObjectName, ForeignKey)| {
            want.uniques.iter().any(|of| of.columns == key.1.referenced_columns)
        };
        let is_possible = self.dialect == Dialect::Postgres && staying.iter().all(has_unique);
        let Some(key) = new.filter(is_there).filter(|_| is_possible).cloned() else {
            self.unsaid(format!(
                "the primary key of table `{table}` is to be another: make a new table with it (`create_table`), keep the two in step \
                 (`sync_tables`), copy the rows (`copy_table`), and drop the old one (`drop_table` with `replaced_by`)"
            ));
            return;
        };
        let index = Name::new(format!("{}_new_key", table.name));
        let build = Step::new("create_index")
            .with("table", named(table))
            .with("columns", Yaml::texts(&key.columns))
            .text("name", &index)
            .text("unique", "true");
        self.put(Place::Keys, build);
        for column in &key.columns {
            if have.column(column).is_some_and(|column| column.nullable) {
                let (table, column) = (table.clone(), column.clone());
                self.plan.hindrances.push(Hindrance::Null { table, column });
            }
        }
        let parts = key.columns.iter().map(|name| quote(self.dialect, name)).collect();
        self.plan.hindrances.push(Hindrance::Equal {
            table: table.clone(),
            parts,
            condition: None,
        });
        let constraint = Constraint::UsingIndex {
            name: key.name,
            index,
            primary: true,
            deferral: key.terms.deferral,
        };
        let gone = |table: &ObjectName, constraint: &Name| Change::DropConstraint {
            table: table.clone(),
            constraint: constraint.clone(),
        };
        let again = |(on, key): &(ObjectName, ForeignKey)| Change::AddConstraint {
            table: on.clone(),
            constraint: Constraint::ForeignKey(ForeignKey { validated: false, ..key.clone() }),
        };
        let mut changes: Vec<Change> =
            staying.iter().map(|(on, key)| gone(on, &key.name)).collect();
        changes.extend(old.map(|old| gone(table, &old.name)));
        changes.push(Change::AddConstraint { table: table.clone(), constraint });
        changes.extend(staying.iter().map(again));
        let before = self.have;
        self.raw(Place::Keys, &["primary_key", &table.to_string()], &changes, before);
        for (on, key) in &staying {
            self.plan.about.insert(on.clone());
            let validate =
                Change::ValidateConstraint { table: on.clone(), constraint: key.name.clone() };
            let id = ["validate", &on.to_string(), key.name.as_str()];
            self.raw(Place::Keys, &id, &[validate], before);
        }
    }

    /// Returns the keys that refer to a primary key that goes, and stay.
    fn staying(&self, table: &ObjectName, old: Option<&Key>) -> Vec<(ObjectName, ForeignKey)> {
        let Some(old) = old else { return Vec::new() };
        let stays = |(on, key): &(&ObjectName, &ForeignKey)| {
            let wanted = self.want.table(on);
            key.referenced_columns == old.columns
                && wanted.is_some_and(|of| of.foreign_keys.contains(key))
        };
        let all = self.have.references_to(table).filter(stays);
        all.map(|(on, key)| (on.clone(), key.clone())).collect()
    }
}
