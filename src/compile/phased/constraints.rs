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
        let key = |of: &Table| of.primary_key.as_ref().map(|key| key.columns.clone());
        if key(have) != key(want) {
            self.unsaid(format!("the primary key of table `{table}` is to be another: make a new table, and move the rows"));
        }
        for old in &have.uniques {
            let same = |new: &&Key| new.name == old.name && new.columns == old.columns;
            if !want.uniques.iter().any(|new| same(&new)) {
                self.old_rule(table, &old.name, &old.columns, columns);
            }
        }
        for new in &want.uniques {
            let same = |old: &Key| new.name == old.name && new.columns == old.columns;
            if !have.uniques.iter().any(same) {
                self.new_unique(table, new, columns);
            }
        }
        for old in &have.checks {
            let same =
                |new: &Check| new.name == old.name && self.same(&new.expression, &old.expression);
            if !want.checks.iter().any(same) {
                let of = self.columns_of(have, old.expression.as_str());
                self.old_rule(table, &old.name, &of, columns);
            }
        }
        for new in &want.checks {
            let same =
                |old: &Check| new.name == old.name && self.same(&new.expression, &old.expression);
            if !have.checks.iter().any(same) {
                self.new_check(table, want, new, columns);
            }
        }
        for old in have.foreign_keys.iter().filter(|old| !want.foreign_keys.contains(old)) {
            self.old_rule(table, &old.name, &old.columns, columns);
        }
        for new in want.foreign_keys.iter().filter(|new| !have.foreign_keys.contains(new)) {
            self.new_foreign_key(table, new, columns);
        }
    }

    fn old_rule(&mut self, table: &ObjectName, name: &Name, of: &[Name], columns: &Columns) {
        // What is on a column alone goes with it.
        if let [only] = of
            && columns.dropped.contains(only)
        {
            return;
        }
        let step =
            Step::new("drop_constraint").with("table", named(table)).text("constraint", name);
        self.put(Place::OldRules, step);
        for retyped in of.iter().filter(|name| columns.retyped.contains(*name)) {
            self.unsaid(format!("constraint `{name}` on `{table}` was on column `{retyped}`, which another one replaces: add it there"));
        }
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

    /// Says that a rule is about a column that is not there under this name; such a rule is left out.
    pub(super) fn is_about_retyped(
        &mut self,
        table: &ObjectName,
        what: &str,
        of: &[Name],
        columns: &Columns,
    ) -> bool {
        let retyped = of.iter().find(|name| columns.retyped.contains(*name)).cloned();
        if let Some(name) = &retyped {
            self.unsaid(format!("{what} on `{table}` is to be on column `{name}`, which another one replaces: add it there"));
        }
        retyped.is_some()
    }

    fn new_unique(&mut self, table: &ObjectName, key: &Key, columns: &Columns) {
        if self.is_about_retyped(
            table,
            &format!("unique constraint `{}`", key.name),
            &key.columns,
            columns,
        ) {
            return;
        }
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
        self.put(Place::Restrict, step);
    }

    fn new_check(&mut self, table: &ObjectName, want: &Table, check: &Check, columns: &Columns) {
        let of = self.columns_of(want, check.expression.as_str());
        if self.is_about_retyped(table, &format!("check `{}`", check.name), &of, columns) {
            return;
        }
        let step = Step::new("add_check")
            .with("table", named(table))
            .text("check", &check.expression)
            .text("name", &check.name);
        let lower = check.expression.as_str().to_ascii_lowercase();
        let tells_null = ["null", "coalesce", "distinct"].iter().any(|word| lower.contains(word));
        if !tells_null && self.is_free(table, &of, columns) {
            self.put(Place::NewRules, step);
            return;
        }
        let condition = check.expression.clone();
        self.plan.hindrances.push(Hindrance::Outside { table: table.clone(), condition });
        self.put(Place::Restrict, step);
    }

    fn new_foreign_key(&mut self, table: &ObjectName, key: &ForeignKey, columns: &Columns) {
        if self.is_about_retyped(
            table,
            &format!("foreign key `{}`", key.name),
            &key.columns,
            columns,
        ) {
            return;
        }
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
