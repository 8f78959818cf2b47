//! Columns whose type changes: a new one comes beside, is kept in step, filled, and the old one goes.

use super::columns::{fields, free_name, may_be_synced, which_default};
use super::yaml::{Step, Yaml};
use super::{Draft, Place, named};
use crate::catalog::{Column, ForeignKey, SqlType, Table, View};
use crate::change::Change;
use crate::change::widening::widens;
use crate::dialect::Dialect;
use crate::dialects::{Hindrance, quote};
use crate::expressions;
use crate::name::{Name, ObjectName};

impl Draft<'_> {
    /// Drafts the change of a column's type and returns the column that takes its place; `None` if there is no way by steps.
    pub(super) fn retyped(
        &mut self,
        table: &ObjectName,
        have: &Table,
        before: &Column,
        after: &Column,
    ) -> Option<Name> {
        let old = &before.name;
        let (from, to) = (&before.sql_type, &after.sql_type);
        let in_key = have.primary_key.as_ref().is_some_and(|key| key.columns.contains(old));
        if in_key || before.generated.is_some() || after.generated.is_some() {
            self.unsaid(format!("column `{table}.{old}` is to be of type `{to}`, and is of type `{from}`: make a new table or column, and move the rows"));
            return None;
        }
        if let Some(who) = self.is_relied_on(table, old) {
            self.unsaid(format!("column `{table}.{old}` is to be of type `{to}`, and is of type `{from}`; {who} relies on it: plan that first"));
            return None;
        }
        let new = free_name(have, self.want.table(table).unwrap_or(have), old);
        let bare = Column {
            name: new.clone(),
            nullable: true,
            default: None,
            comment: after.comment.clone(),
            ..after.clone()
        };
        let lost = before.default.as_ref().filter(|_| after.default.is_none());
        let lost = lost.map_or_else(String::new, |default| format!(".\nThe default `{default}` is not carried over: add it with `set_default` in `contract` if it is wanted"));
        let mut add = Step::new("add_column")
            .ask(format!(
                "`{table}.{old}` is to be `{to}`, and is `{from}`. No release can live with a change in place, so a new column\n\
                 takes its place and keeps its own name. Is `{new}` the right one? `schema.rs` must have it too{lost}"
            ))
            .with("table", named(table));
        add.fields.extend(fields(&bare, "column", false));
        self.put(Place::NewParts, add);
        let syncs = self.kept_in_step(table, have, (before, after), &new);
        let (own, other) = (quote(self.dialect, old), quote(self.dialect, &new));
        let value = self.cast(&own, from, to).0;
        let fill = Step::new("update")
            .with("table", named(table))
            .with("set", Yaml::Map(vec![(new.to_string(), Yaml::text(value))]))
            .text("where", format!("{other} IS NULL AND {own} IS NOT NULL"));
        self.put(Place::Fill, fill);
        if let Some(id) = syncs {
            self.put(Place::OldColumns, Step::new("drop_sync").text("step", id));
        }
        let drop = Step::new("drop_column")
            .with("table", named(table))
            .text("column", old)
            .with("replaced_by", Yaml::texts([&new]));
        self.put(Place::OldColumns, drop);
        let on = |key| Step::new(key).with("table", named(table)).text("column", &new);
        if let Some(default) = &after.default {
            self.put(Place::Restrict, on("set_default").text("default", default));
        }
        if !after.nullable {
            let hindrance = Hindrance::Null { table: table.clone(), column: new.clone() };
            self.plan.hindrances.push(hindrance);
            self.put(Place::Restrict, on("set_not_null"));
        }
        Some(new)
    }

    /// Drafts a wider type in place, which rewrites nothing and looks at no row (PostgreSQL): releases that read the column must only
    /// be able to live with longer values. Returns whether that is all.
    pub(super) fn widened(&mut self, table: &ObjectName, before: &Column, after: &Column) -> bool {
        let is_wider = self.dialect == Dialect::Postgres
            && before.sql_type != after.sql_type
            && widens(&before.sql_type, &after.sql_type)
            && before.generated == after.generated
            && self.is_relied_on(table, &before.name).is_none();
        let change = Change::SetType {
            table: table.clone(),
            column: before.name.clone(),
            sql_type: after.sql_type.clone(),
            using: None,
            collation: after.collation.clone(),
        };
        let id = ["widen", &table.to_string(), before.name.as_str()];
        let have = self.have;
        is_wider && self.raw(Place::Relax, &id, &[change], have)
    }

    /// Returns a foreign key or a view that needs the column as it is, and stays.
    fn is_relied_on(&self, table: &ObjectName, column: &Name) -> Option<String> {
        let points =
            |key: &&ForeignKey| key.references == *table && key.referenced_columns.contains(column);
        let mut keys = self.have.references_to(table).map(|(_, key)| key);
        if let Some(key) = keys.find(points) {
            return Some(format!("foreign key `{}`", key.name));
        }
        let reads = |view: &View| {
            expressions::query(self.dialect, view.query.as_str()).is_ok_and(|(read, _)| {
                read.tables.iter().any(|of| ObjectName::parse(&of.name) == *table)
                    && read.columns.iter().any(|of| of.name.eq_ignore_ascii_case(column.as_str()))
            })
        };
        let mut views =
            self.have.views.iter().filter(|(name, _)| self.want.views.contains_key(*name));
        views.find(|(_, view)| reads(view)).map(|(name, _)| format!("view `{name}`"))
    }

    /// Turns a value into another type; with the question that is open in it.
    fn cast(&self, value: &str, from: &SqlType, to: &SqlType) -> (String, Option<String>) {
        match self.dialect {
            Dialect::Postgres => self
                .other_enum(value, &from.0, &to.0)
                .unwrap_or_else(|| (format!("CAST({value} AS {to})"), None)),
            // Whatever is written into a column takes the column's affinity.
            Dialect::Sqlite => (value.to_owned(), None),
        }
    }

    /// Drafts how the two columns are kept in step: by a sync, whose id is returned, or by the releases themselves.
    fn kept_in_step(
        &mut self,
        table: &ObjectName,
        have: &Table,
        (before, after): (&Column, &Column),
        new: &Name,
    ) -> Option<String> {
        let old = &before.name;
        let (own, other) = (quote(self.dialect, old), quote(self.dialect, new));
        if may_be_synced(self.dialect, before) {
            let id = format!("keep_{}_{}_in_step", word(&table.name), word(old));
            let value = |name: &Name, value| Yaml::Map(vec![(name.to_string(), Yaml::text(value))]);
            let (forward, open) = self.cast(&own, &before.sql_type, &after.sql_type);
            let question = open.unwrap_or_else(|| format!("do these expressions, and the backfill's, turn `{}` into `{}` and back as you want it?", before.sql_type, after.sql_type));
            let mut sync = Step::new("sync_columns")
                .ask(question)
                .with("table", named(table))
                .with("forward", value(new, forward))
                .with(
                    "backward",
                    value(old, self.cast(&other, &after.sql_type, &before.sql_type).0),
                );
            sync.id = Some(id.clone());
            self.put(Place::NewParts, sync);
            return Some(id);
        }
        // A column with a default cannot be kept in step by trigger: a default cannot be told from what was written.
        self.plan.asks_backfill_gate = true;
        let mut step =
            Step::new("deprecate_column").with("table", named(table)).text("column", old);
        if before.default.is_none() {
            step = step.ask(which_default(table, have, before));
        }
        self.put(Place::Retire, step);
        None
    }
}

/// Returns a name as a part of an id.
fn word(name: &Name) -> String {
    name.as_str().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}
