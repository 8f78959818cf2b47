//! Unique constraints, checks and foreign keys that come and go.

use super::yaml::{Step, Yaml};
use super::{Columns, Draft, Place, named};
use crate::catalog::{Check, ForeignKey, Key, ReferentialAction, Table};
use crate::dialects::{Hindrance, quote};
use crate::expressions;
use crate::name::{Name, ObjectName};

impl Draft<'_> {
    /// Drafts what differs in the constraints of a table that stays.
    pub(super) fn constraints(
        &mut self,
        table: &ObjectName,
        (have, want): (&Table, &Table),
        columns: &Columns,
    ) {
        let swap = self.swap(table, (have, want), columns);
        let goes_along = swap.as_ref().and_then(|swap| swap.gone.clone());
        for old in have.uniques.iter().filter(|old| Some(&old.name) != goes_along.as_ref()) {
            let is_same = want.uniques.contains(old) && columns.moved(&old.columns).is_none();
            if !is_same {
                self.old_rule(table, &old.name, &old.columns, columns);
            }
        }
        for new in &want.uniques {
            match columns.moved(&new.columns) {
                Some(moved) => {
                    self.new_unique(table, &Key { columns: moved, ..new.clone() }, columns);
                }
                None if have.uniques.contains(new) => {}
                None => self.new_unique(table, new, columns),
            }
        }
        if let Some(swap) = swap {
            self.primary_key(table, swap);
        }
        for old in &have.checks {
            let of = self.columns_of(have, old.expression.as_str());
            let same =
                |new: &Check| new.name == old.name && self.same(&new.expression, &old.expression);
            if !want.checks.iter().any(same) || columns.moved(&of).is_some() {
                self.old_rule(table, &old.name, &of, columns);
            }
        }
        for new in &want.checks {
            let of = self.columns_of(want, new.expression.as_str());
            let same =
                |old: &Check| new.name == old.name && self.same(&new.expression, &old.expression);
            if let Some(gone) = of.iter().find(|name| columns.retyped.contains_key(*name)) {
                let name = &new.name;
                self.unsaid(format!("check `{name}` on `{table}` is to be on column `{gone}`, which another one replaces: add it there"));
            } else if !have.checks.iter().any(same) {
                self.new_check(table, new, &of, columns);
            }
        }
        for old in &have.foreign_keys {
            if !want.foreign_keys.contains(old) || columns.moved(&old.columns).is_some() {
                self.old_rule(table, &old.name, &old.columns, columns);
            }
        }
        for new in &want.foreign_keys {
            match columns.moved(&new.columns) {
                Some(moved) => {
                    self.new_foreign_key(
                        table,
                        &ForeignKey { columns: moved, ..new.clone() },
                        columns,
                    );
                }
                None if have.foreign_keys.contains(new) => {}
                None => self.new_foreign_key(table, new, columns),
            }
        }
    }

    fn old_rule(&mut self, table: &ObjectName, name: &Name, of: &[Name], columns: &Columns) {
        // What is on a column alone goes with it.
        if let [only] = of
            && columns.goes(only)
        {
            return;
        }
        let step =
            Step::new("drop_constraint").with("table", named(table)).text("constraint", name);
        self.put(Place::OldRules, step);
    }

    /// Returns whether a new rule may come in expand: rows that do not know its columns satisfy it.
    pub(super) fn is_free(&self, table: &ObjectName, of: &[Name], columns: &Columns) -> bool {
        let want = self.want.table(table);
        !of.is_empty()
            && of.iter().all(|name| {
                let column = want.and_then(|table| table.column(name));
                let is_bare = column
                    .is_some_and(|column| column.default.is_none() && column.generated.is_none());
                columns.added.contains(name) && is_bare
            })
    }

    fn new_unique(&mut self, table: &ObjectName, key: &Key, columns: &Columns) {
        let step = Step::new("add_unique")
            .with("table", named(table))
            .with("columns", Yaml::texts(&key.columns))
            .text("name", &key.name);
        if self.is_free(table, &key.columns, columns) {
            self.put(Place::NewRules, step);
            return;
        }
        let parts = key.columns.iter().map(|name| quote(self.dialect, name)).collect();
        self.plan.hindrances.push(Hindrance::Equal {
            table: table.clone(),
            parts,
            condition: None,
        });
        let (have, want) = (self.have.table(table), self.want.table(table));
        let is_old_key = have
            .zip(want)
            .filter(|(have, want)| Self::changes_key(have, want))
            .and_then(|(have, _)| have.primary_key.as_ref())
            .is_some_and(|old| old.columns == key.columns);
        // Keys of other tables come to refer to it before the primary key goes.
        self.put(if is_old_key { Place::Keys } else { Place::Restrict }, step);
    }

    fn new_check(&mut self, table: &ObjectName, check: &Check, of: &[Name], columns: &Columns) {
        let step = Step::new("add_check")
            .with("table", named(table))
            .text("check", &check.expression)
            .text("name", &check.name);
        let lower = check.expression.as_str().to_ascii_lowercase();
        let tells_null = ["null", "coalesce", "distinct"].iter().any(|word| lower.contains(word));
        if !tells_null && self.is_free(table, of, columns) {
            self.put(Place::NewRules, step);
            return;
        }
        let condition = check.expression.clone();
        self.plan.hindrances.push(Hindrance::Outside { table: table.clone(), condition });
        self.put(Place::Restrict, step);
    }

    fn new_foreign_key(&mut self, table: &ObjectName, key: &ForeignKey, columns: &Columns) {
        let step = Step::new("add_foreign_key").with("table", named(table));
        let step = Step { fields: [step.fields, foreign_key(key)].concat(), ..step };
        self.plan.about.insert(key.references.clone());
        if self.is_free(table, &key.columns, columns) {
            self.put(Place::NewRules, step);
            return;
        }
        self.plan.hindrances.push(Hindrance::Alone {
            table: table.clone(),
            columns: key.columns.clone(),
            target: key.references.clone(),
            target_columns: key.referenced_columns.clone(),
        });
        self.put(Place::Restrict, step);
    }

    /// Returns the columns of a table that an expression names.
    pub(super) fn columns_of(&self, table: &Table, expression: &str) -> Vec<Name> {
        let read = expressions::expression(self.dialect, expression);
        let named = read.map(|read| read.columns).unwrap_or_default();
        let is_named = |name: &Name| {
            named.iter().any(|column| column.name.eq_ignore_ascii_case(name.as_str()))
        };
        table.columns.iter().map(|column| column.name.clone()).filter(is_named).collect()
    }
}

/// Returns the fields of a foreign key.
pub(super) fn foreign_key(key: &ForeignKey) -> Vec<(String, Yaml)> {
    let entry = |key: &str, value| (key.to_owned(), value);
    let target = Yaml::Map(vec![
        entry("table", named(&key.references)),
        entry("columns", Yaml::texts(&key.referenced_columns)),
    ]);
    let mut fields = vec![entry("columns", Yaml::texts(&key.columns)), entry("references", target)];
    for (event, action) in [("on_delete", key.on_delete), ("on_update", key.on_update)] {
        if action != ReferentialAction::NoAction {
            fields.push(entry(event, Yaml::text(action.words())));
        }
    }
    fields.push(entry("name", Yaml::text(&key.name)));
    fields
}
