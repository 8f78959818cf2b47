//! What goes and what comes may be one thing under another name: that is asked, never guessed.

use super::Draft;
use super::yaml::Yaml;
use crate::catalog::{Column, Table};
use crate::dialects::quote;
use crate::name::ObjectName;

impl Draft<'_> {
    /// Asks of each column that comes and could be this one.
    pub(super) fn is_it_renamed(
        &self,
        table: &ObjectName,
        (have, want): (&Table, &Table),
        column: &Column,
    ) -> Vec<String> {
        let added = want.columns.iter().filter(|new| have.column(&new.name).is_none());
        let like = added.filter(|new| is_similar(&new.sql_type.0, &column.sql_type.0));
        like.map(|new| {
            let (old, new) = (&column.name, &new.name);
            let (from, to) = (quote(self.dialect, old), quote(self.dialect, new));
            let pair = |key: &crate::name::Name, value: &str| {
                Yaml::Map(vec![(key.to_string(), Yaml::text(value))]).flow()
            };
            let (table, filled) = (Yaml::text(table).flow(), format!("{to} IS NULL AND {from} IS NOT NULL"));
            format!(
                "is `{new}` the new name of `{old}`? Then its data must move. In `expand`, instead of this step:\n\
                 - id: keep_in_step\n\
                 \u{20} sync_columns: {{ table: {table}, forward: {}, backward: {} }}\n\
                 in `backfill`:\n\
                 - update: {{ table: {table}, set: {}, where: {} }}\n\
                 in `contract`, before the column goes: `- drop_sync: {{ step: keep_in_step }}`, and there `replaced_by: [{}]`",
                pair(new, &from),
                pair(old, &to),
                pair(new, &from),
                Yaml::text(filled).flow(),
                Yaml::text(new).flow(),
            )
        })
        .collect()
    }

    /// Asks of each table that comes and could be this one: most of its columns have the same names.
    pub(super) fn is_table_renamed(&self, name: &ObjectName, table: &Table) -> Vec<String> {
        let new = self.want.tables.iter().filter(|(new, _)| !self.have.tables.contains_key(*new));
        let like = new.filter(|(_, new)| {
            let known = table.columns.iter().filter(|column| new.column(&column.name).is_some());
            known.count() * 2 >= table.columns.len().max(new.columns.len())
        });
        like.map(|(new, _)| {
            format!(
                "is `{new}` the new name of `{name}`? Then its rows must move: `sync_tables` in `expand` instead of this step,\n\
                 `copy_table` in `backfill`, and `replaced_by: [{}]` where it is dropped",
                Yaml::text(new).flow()
            )
        })
        .collect()
    }
}

/// Returns whether values of one type could have been written into the other.
fn is_similar(one: &str, other: &str) -> bool {
    family(one) == family(other)
}

fn family(sql_type: &str) -> String {
    let lower = sql_type.to_ascii_lowercase();
    let base = lower.split('(').next().unwrap_or_default().trim();
    let is = |words: &[&str]| words.iter().any(|word| base.contains(word));
    if lower.ends_with("[]") {
        lower
    } else if is(&["char", "text", "clob"]) {
        "text".to_owned()
    } else if is(&["timestamp", "datetime"]) {
        "timestamp".to_owned()
    } else if base != "interval" && base != "point" && is(&["int"]) {
        "integer".to_owned()
    } else {
        base.to_owned()
    }
}
