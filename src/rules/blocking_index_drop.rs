//! `blocking-index-drop`: an index is dropped while nobody may read or write.

use super::of_migrations::{fixes, on_used_tables, report_fixable};
use super::{Evidence, of_steps};
use crate::change::Change;
use crate::diagnostic::Sink;
use crate::dialect::Dialect;
use crate::dialects::locks::LockMode;

super::declare_rule! {
    /// A hand-written migration, or a plan's `sql` step, drops an index, and not concurrently (PostgreSQL).
    ///
    /// # Why it matters
    ///
    /// `DROP INDEX` locks the table against reads and writes. It is quick once it has the lock, but while it waits for a long query everybody else waits behind it.
    /// `DROP INDEX CONCURRENTLY` waits without standing in the way.
    ///
    /// `planner check --fix` shows the rewrite where it is the only statement of a migration that is not locked; `--write` makes it. Among other statements it is left to people: those
    /// behind it may rely on the index being gone.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- proves: locks users ACCESS EXCLUSIVE
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text, team_id bigint);
    /// CREATE TABLE teams (id bigint PRIMARY KEY);
    /// CREATE INDEX users_name ON users (name);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// DROP INDEX users_name;
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// CREATE INDEX CONCURRENTLY users_name ON users (name);
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
    /// DROP INDEX CONCURRENTLY users_name;
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// CREATE INDEX CONCURRENTLY users_name ON users (name);
    /// -- file: migrations/2024-03-01-000000_later/metadata.toml
    /// run_in_transaction = false
    /// ```
    pub static RULE = { id: "EC402", severity: Warning, since: "0.1.0", check: Some(check), waivable: true }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    if evidence.context.project.dialect != Dialect::Postgres {
        return;
    }
    for (act, migration) in on_used_tables(evidence) {
        let Some(Change::DropIndex { table, name }) = act.change() else { continue };
        if act.how.concurrently || act.how.along {
            continue;
        }
        let message = format!("drops index `{name}`, and nobody can read or write `{table}` while it waits");
        let help = "say DROP INDEX CONCURRENTLY, alone in a migration with `run_in_transaction = false`";
        let fix = fixes::concurrently(evidence, act, migration);
        report_fixable(CODE, act, (message, help.to_owned()), fix, sink);
    }
    for judged in of_steps::on_used_tables(evidence) {
        let Change::DropIndex { table, name } = judged.change else { continue };
        if judged.demands.iter().any(|of| of.lock == LockMode::AccessExclusive) {
            let message = format!("drops index `{name}`, and nobody can read or write `{table}` while it waits");
            let help = "use `drop_index`, which drops it beside readers and writers";
            sink.report(judged.finding(CODE, message).help(help));
        }
    }
}
