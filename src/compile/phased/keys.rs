//! A primary key in the place of another one, also where other tables refer to that (PostgreSQL).

use super::yaml::{Step, Yaml};
use super::{Columns, Draft, Place, named};
use crate::catalog::{ForeignKey, Key, Table};
use crate::change::{Change, Constraint};
use crate::dialect::Dialect;
use crate::dialects::{Hindrance, quote};
use crate::name::{Name, ObjectName};

/// How a primary key comes in the place of another one.
#[derive(Debug)]
pub(super) struct Swap {
    old: Option<Name>,
    /// The unique constraint on the same columns that goes.
    pub(super) gone: Option<Name>,
    key: Key,
    /// Keys of tables that refer to what goes, and stay.
    staying: Vec<(ObjectName, ForeignKey)>,
}

impl Draft<'_> {
    /// Returns whether the primary key of a table is to be on other columns.
    pub(super) fn changes_key(have: &Table, want: &Table) -> bool {
        let columns = |of: &Table| of.primary_key.as_ref().map(|key| key.columns.clone());
        columns(have) != columns(want)
    }

    /// Finds out how a primary key comes in the place of another one.
    pub(super) fn swap(
        &mut self,
        table: &ObjectName,
        (have, want): (&Table, &Table),
        columns: &Columns,
    ) -> Option<Swap> {
        if !Self::changes_key(have, want) {
            return None;
        }
        let swap = want.primary_key.as_ref().and_then(|key| {
            let is_there = |name: &Name| have.column(name).is_some() && !columns.goes(name);
            let is_possible = self.dialect == Dialect::Postgres && key.columns.iter().all(is_there);
            let gone = have.uniques.iter().find(|of| {
                of.columns == key.columns && !want.uniques.iter().any(|new| new.name == of.name)
            });
            let relied_on = have.primary_key.iter().chain(gone);
            let staying = self.staying(table, &relied_on.collect::<Vec<_>>());
            let has_unique = |(_, of): &(ObjectName, ForeignKey)| {
                let keys = want.uniques.iter().chain([key]);
                keys.into_iter().any(|key| key.columns == of.referenced_columns)
            };
            (is_possible && staying.iter().all(has_unique)).then(|| Swap {
                old: have.primary_key.as_ref().map(|old| old.name.clone()),
                gone: gone.map(|key| key.name.clone()),
                key: key.clone(),
                staying,
            })
        });
        if swap.is_none() {
            self.unsaid(format!(
                "the primary key of table `{table}` is to be another: make a new table with it (`create_table`), keep the two in step \
                 (`sync_tables`), copy the rows (`copy_table`), and drop the old one (`drop_table` with `replaced_by`)"
            ));
        }
        swap
    }

    /// Drafts a primary key in the place of another one: a unique index is built for it beside the writers, and then the two change places
    /// in one go. A key of another table that stays refers to a unique constraint from then on, which is there before, and its rows are
    /// looked at once more beside the writers.
    pub(super) fn primary_key(&mut self, table: &ObjectName, swap: Swap) {
        let Swap { old, gone, key, staying } = swap;
        let index = Name::new(format!("{}_new_key", table.name));
        let build = Step::new("create_index")
            .with("table", named(table))
            .with("columns", Yaml::texts(&key.columns))
            .text("name", &index)
            .text("unique", "true");
        self.put(Place::Keys, build);
        let parts = key.columns.iter().map(|name| quote(self.dialect, name)).collect();
        self.plan.hindrances.push(Hindrance::Equal {
            table: table.clone(),
            parts,
            condition: None,
        });
        let constraint = Constraint::UsingIndex {
            name: key.name.clone(),
            index,
            primary: true,
            deferral: key.terms.deferral,
        };
        let drop = |table: &ObjectName, constraint: &Name| Change::DropConstraint {
            table: table.clone(),
            constraint: constraint.clone(),
        };
        let again = |(on, key): &(ObjectName, ForeignKey)| Change::AddConstraint {
            table: on.clone(),
            constraint: Constraint::ForeignKey(ForeignKey { validated: false, ..key.clone() }),
        };
        let mut changes: Vec<Change> =
            staying.iter().map(|(on, key)| drop(on, &key.name)).collect();
        changes.extend(old.iter().chain(&gone).map(|name| drop(table, name)));
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
        self.relax(table, &key);
    }

    /// Lets columns of the old primary key be NULL again that are no more in it, if that is wanted.
    fn relax(&mut self, table: &ObjectName, key: &Key) {
        let (Some(have), Some(want)) = (self.have.table(table), self.want.table(table)) else {
            return;
        };
        let may_be_null = |name: &&Name| {
            !key.columns.contains(name) && want.column(name).is_some_and(|column| column.nullable)
        };
        let old = have.primary_key.iter().flat_map(|old| &old.columns);
        for column in old.filter(may_be_null) {
            let step =
                Step::new("drop_not_null").with("table", named(table)).text("column", column);
            self.put(Place::Keys, step);
        }
    }

    /// Returns the keys that refer to one of these that go, and stay.
    fn staying(&self, table: &ObjectName, going: &[&Key]) -> Vec<(ObjectName, ForeignKey)> {
        let stays = |(on, key): &(&ObjectName, &ForeignKey)| {
            let wanted = self.want.table(on);
            going.iter().any(|of| of.columns == key.referenced_columns)
                && wanted.is_some_and(|of| of.foreign_keys.contains(key))
        };
        let all = self.have.references_to(table).filter(stays);
        all.map(|(on, key)| (on.clone(), key.clone())).collect()
    }
}
