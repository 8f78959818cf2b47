//! `table-rewrite`: a table is written anew while nobody may use it.

use super::of_migrations::{fixes, on_used_tables, report_by_size, report_weighed};
use super::{Evidence, of_steps};
use crate::catalog::{Generated, ObjectKind};
use crate::change::{Change, Other};
use crate::diagnostic::{Code, Severity, Sink};
use crate::dialect::Dialect;
use crate::dialects::locks::Work;
use crate::expressions;

super::declare_rule! {
    /// A hand-written migration, or a plan's `sql` step, makes PostgreSQL write a table anew; where SQLite does, which knows no other way to drop a column or to change one, it is a note.
    ///
    /// # Why it matters
    ///
    /// A new type for a column, a new column with a default that differs from row to row, a serial, identity or stored generated column, `SET LOGGED`, another tablespace or
    /// access method, `VACUUM FULL` and `CLUSTER`: the server copies the whole table, and nobody can read or write it meanwhile. Add a plain column, set the default afterwards, and fill it in batches.
    ///
    /// `planner check --fix` shows, and `--write` makes, just that of a new column with such a default, alone in a file whose `down.sql` drops it, on a table with a primary key of one column: the rows that are there
    /// are filled in a migration just after, a thousand at a time, each batch in a transaction of its own. For the others it has no rewrite: a column of another type needs a new column, and releases that write both.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- proves: rewrites users
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
    /// Other statements copy the table as it is:
    ///
    /// ```sql bad
    /// -- proves: rewrites users
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text, team_id bigint);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// VACUUM FULL users;
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// -- irreversible: there is nothing to undo
    /// -- file: migrations/2024-03-01-000000_later/metadata.toml
    /// run_in_transaction = false
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
    match evidence.context.project.dialect {
        Dialect::Postgres => {}
        Dialect::Sqlite => return copied(evidence, sink),
    }
    for (act, migration) in on_used_tables(evidence) {
        let Some((what, help)) = rewritten(act.change(), act.work()) else { continue };
        let message = format!("{what}, {}", costs(act.work()));
        let fix = fixes::filled_later(evidence, act, migration);
        report_weighed(evidence, CODE, act, (message, help.to_owned(), fix), sink);
    }
    for judged in of_steps::on_used_tables(evidence) {
        let Some((what, help)) = rewritten(Some(judged.change), judged.work()) else { continue };
        let message = format!("{what}, {}", costs(judged.work()));
        of_steps::report_by_size(evidence, CODE, judged, (message, help), sink);
    }
}

/// Says what the server does meanwhile.
const fn costs(work: Work) -> &'static str {
    match work {
        Work::Scan => "which reads every row for its checks and indexes while nobody can use it",
        Work::None | Work::Rewrite => "which writes the whole table anew while nobody can use it",
    }
}

/// Says what writes a table anew, and what to do instead; nothing if nothing does.
fn rewritten(change: Option<&Change>, work: Work) -> Option<(String, &'static str)> {
    Some(match change {
        Some(Change::SetType { table, column, .. }) if work.is_long() => (
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
            Some(Generated::Virtual(_)) => return None,
            None => {
                let default = column.default.as_ref();
                let is_volatile = default.is_some_and(|default| {
                    expressions::expression(Dialect::Postgres, default.as_str())
                        .is_ok_and(|read| read.is_volatile)
                });
                if !is_volatile && work == Work::Rewrite {
                    return Some((
                        format!("adds `{table}.{}`, of a domain that has checks", column.name),
                        "add a column of the type beneath the domain, with a CHECK that is NOT VALID, and validate that in a later migration",
                    ));
                }
                if !is_volatile {
                    return None;
                }
                (
                    format!("adds `{table}.{}` with a default that differs from row to row", column.name),
                    "add it without a default, set the default in a statement after that, and fill the rows that are there in batches",
                )
            }
        },
        Some(Change::Other(other)) if work == Work::Rewrite => moved(other)?,
        Some(_) | None => return None,
    })
}

/// SQLite has no other way to change a table than to write it anew, by itself or by hand.
fn copied(evidence: &Evidence<'_>, sink: &mut Sink) {
    for (act, _) in on_used_tables(evidence) {
        let Some(change) = act.change() else { continue };
        // What comes with a column that is added writes nothing.
        if act.alters && matches!(change, Change::AddConstraint { .. }) {
            continue;
        }
        let (
            Change::DropColumn { table, .. }
            | Change::SetType { table, .. }
            | Change::SetNullable { table, .. }
            | Change::AddConstraint { table, .. }
            | Change::DropConstraint { table, .. }
        ) = change
        else {
            continue;
        };
        let code = Code { severity: Severity::Note, ..CODE };
        let message = format!("writes the whole table `{table}` anew while nobody else can write");
        let help = "run it while little is written; a rebuild takes as long as a copy of the table";
        report_by_size(evidence, code, act, (message, help.to_owned()), sink);
    }
}

/// What moves all rows of a table without changing them: how it is said, and what to do instead.
const MOVES: &[(ObjectKind, &str, &str)] = &[
    (
        ObjectKind::Persistence,
        "changes whether writes are logged for",
        "do it while nobody needs the table, or make a new table and copy the rows",
    ),
    (
        ObjectKind::Tablespace,
        "moves to another tablespace",
        "do it while nobody needs the table, or make a new table there and copy the rows",
    ),
    (
        ObjectKind::AccessMethod,
        "changes the access method of",
        "make a new table and copy the rows",
    ),
    (
        ObjectKind::Maintenance,
        "packs",
        "let autovacuum do its work, or use a tool that packs tables beside their users (pg_repack)",
    ),
];

fn moved(other: &Other) -> Option<(String, &'static str)> {
    let table = other.on.as_ref()?;
    let (_, what, help) = MOVES.iter().find(|(kind, ..)| *kind == other.kind)?;
    Some((format!("{what} `{table}`"), help))
}
