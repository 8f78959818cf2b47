//! `table-rewrite`: a table is written anew while nobody may use it.

use super::of_migrations::{on_used_tables, report};
use super::Evidence;
use crate::catalog::Generated;
use crate::change::Change;
use crate::diagnostic::Sink;
use crate::dialect::Dialect;
use crate::expressions;

super::declare_rule! {
    /// A hand-written migration makes PostgreSQL write a table anew.
    ///
    /// # Why it matters
    ///
    /// A new type for a column, a new column with a default that differs from row to row, a serial, identity or stored generated column: the server copies the whole
    /// table, and nobody can read or write it meanwhile. Add a plain column, set the default afterwards, and fill it in batches.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text, team_id bigint);
    /// CREATE TABLE teams (id bigint PRIMARY KEY);
    /// CREATE INDEX users_name ON users (name);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// ALTER TABLE users ADD COLUMN token uuid DEFAULT gen_random_uuid();
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// ALTER TABLE users DROP COLUMN token;
    /// ```
    ///
    /// # Good
    ///
    /// ```sql good
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text, team_id bigint);
    /// CREATE TABLE teams (id bigint PRIMARY KEY);
    /// CREATE INDEX users_name ON users (name);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// ALTER TABLE users ADD COLUMN token uuid;
    /// ALTER TABLE users ALTER COLUMN token SET DEFAULT gen_random_uuid();
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// ALTER TABLE users DROP COLUMN token;
    /// ```
    pub static RULE = { id: "EC404", severity: Warning, since: "0.1.0", check: Some(check), waivable: true }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    if evidence.context.project.dialect != Dialect::Postgres {
        return;
    }
    for (act, _) in on_used_tables(evidence) {
        let (what, help) = match act.change() {
            Some(Change::SetType { table, column, .. }) if !act.needs_no_scan => (
                format!("changes the type of `{table}.{column}`"),
                "add a column of the new type beside it, fill it in batches, and drop the old one later",
            ),
            Some(Change::AddColumn { table, column }) => match &column.generated {
                Some(Generated::Stored(_)) => (
                    format!("adds the generated column `{table}.{}`", column.name),
                    "add a plain column that a trigger fills, and fill the rows that are there in batches",
                ),
                Some(Generated::Identity(_)) => (
                    format!("adds the numbered column `{table}.{}`", column.name),
                    "add a plain column and a sequence, number the rows that are there in batches, then set the default",
                ),
                Some(Generated::Virtual(_)) => continue,
                None => {
                    let default = column.default.as_ref();
                    let is_volatile = default.is_some_and(|default| {
                        expressions::expression(Dialect::Postgres, default.as_str())
                            .is_ok_and(|read| read.is_volatile)
                    });
                    if !is_volatile {
                        continue;
                    }
                    (
                        format!("adds `{table}.{}` with a default that differs from row to row", column.name),
                        "add it without a default, set the default in a statement after that, and fill the rows that are there in batches",
                    )
                }
            },
            Some(_) | None => continue,
        };
        let message = format!("{what}, which writes the whole table anew while nobody can use it");
        report(CODE, act, (message, help.to_owned()), sink);
    }
}
