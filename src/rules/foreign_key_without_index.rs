//! `foreign-key-without-index`: no index helps to find the rows that refer to a row.

use super::Evidence;
use super::of_migrations::{acts, report};
use crate::catalog::{Catalog, ForeignKey, Table};
use crate::change::{Change, Constraint};
use crate::diagnostic::Sink;
use crate::name::{Name, ObjectName};

super::declare_rule! {
    /// A hand-written migration adds a foreign key whose columns no index begins with. Off unless `planner.yaml` turns it on.
    ///
    /// # Why it matters
    ///
    /// Each delete of a row that may be referred to, and each change of its key, looks for rows that refer to it, and without an index it looks at all of them while it holds its locks.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- then: INSERT INTO teams VALUES (1)
    /// -- proves: scans users for DELETE FROM teams WHERE id = 1
    /// -- file: planner.yaml
    /// rules: { foreign-key-without-index: warning }
    /// -- file: migrations/2024-01-01-000000_create/up.sql
    /// CREATE TABLE teams (id bigint PRIMARY KEY);
    /// CREATE TABLE users (id bigint PRIMARY KEY, team_id bigint REFERENCES teams (id));
    /// -- file: migrations/2024-01-01-000000_create/down.sql
    /// DROP TABLE users;
    /// DROP TABLE teams;
    /// ```
    ///
    /// # Good
    ///
    /// ```sql good
    /// -- then: INSERT INTO teams VALUES (1)
    /// -- file: planner.yaml
    /// rules: { foreign-key-without-index: warning }
    /// -- file: migrations/2024-01-01-000000_create/up.sql
    /// CREATE TABLE teams (id bigint PRIMARY KEY);
    /// CREATE TABLE users (id bigint PRIMARY KEY, team_id bigint REFERENCES teams (id));
    /// CREATE INDEX users_team ON users (team_id);
    /// -- file: migrations/2024-01-01-000000_create/down.sql
    /// DROP TABLE users;
    /// DROP TABLE teams;
    /// ```
    pub static RULE = { id: "EC718", severity: Off, since: "0.1.0", check: Some(check), waivable: true }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    // An index may come later, so the schema that all of them leave is what counts.
    let after = evidence.context.project.start.as_ref();
    for (act, _) in acts(evidence) {
        let (table, keys): (_, &[ForeignKey]) = match act.change() {
            Some(Change::CreateTable { name, table }) => (name, &table.foreign_keys),
            Some(Change::AddConstraint { table, constraint: Constraint::ForeignKey(key) }) => {
                (table, std::slice::from_ref(key))
            }
            Some(_) | None => continue,
        };
        for key in keys.iter().filter(|key| is_uncovered(after, table, &key.columns)) {
            let message = format!("no index of `{table}` begins with the columns of foreign key `{}`", key.name);
            let help = "create an index on them";
            report(CODE, act, (message, help.to_owned()), sink);
        }
    }
}

/// Returns whether the table is still there, and no index of it begins with these columns in any order.
fn is_uncovered(after: &Catalog, table: &ObjectName, columns: &[Name]) -> bool {
    let covers = |table: &Table| {
        let whole = table.indexes.values().filter(|index| index.predicate.is_none());
        let mut indexed = whole.map(|index| {
            index.columns.iter().map(|part| part.key.column()).collect::<Vec<Option<&Name>>>()
        });
        let keys = table.primary_key.iter().chain(&table.uniques);
        let mut keyed = keys.map(|key| key.columns.iter().map(Some).collect::<Vec<_>>());
        let begins = |list: Vec<Option<&Name>>| {
            let first = list.get(..columns.len());
            first.is_some_and(|first| columns.iter().all(|column| first.contains(&Some(column))))
        };
        indexed.any(begins) || keyed.any(begins)
    };
    after.table(table).is_some_and(|table| {
        let has = |column| table.column(column).is_some();
        columns.iter().all(has) && !covers(table)
    })
}
