//! `blocking-index`: an index is built while nobody may write.

use super::of_migrations::{fixes, on_used_tables, report_weighed};
use super::{Evidence, of_steps};
use crate::change::Change;
use crate::diagnostic::Sink;
use crate::dialect::Dialect;
use crate::dialects::locks::LockMode;

super::declare_rule! {
    /// A hand-written migration, or a plan's `sql` step, builds an index on a table that is in use, and not concurrently (PostgreSQL).
    ///
    /// # Why it matters
    ///
    /// `CREATE INDEX` takes a SHARE lock: every write to the table waits until the index is built, which for a large table takes minutes. `CREATE INDEX
    /// CONCURRENTLY` builds it beside the writers; it must be alone in a migration without a transaction, and what it leaves behind when it fails
    /// is an invalid index that must be dropped. `create_index` in a plan does all of that.
    ///
    /// `planner check --fix` shows the rewrite, and `--write` makes it: in its place where it is the only statement, else in a migration of its own just after, and its drop goes there from
    /// `down.sql`. Left to people are a migration that is locked or runs without a transaction, one with a transaction of its own, `IF NOT EXISTS` (an invalid index of that name would pass for it), a
    /// partitioned table, and an index that a later statement of the file may need, or whose table or column one takes away.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- proves: scans users under SHARE
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text, team_id bigint);
    /// CREATE TABLE teams (id bigint PRIMARY KEY);
    /// CREATE INDEX users_name ON users (name);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// CREATE INDEX users_team ON users (team_id);
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// DROP INDEX CONCURRENTLY users_team;
    /// -- file: migrations/2024-03-01-000000_later/metadata.toml
    /// run_in_transaction = false
    /// ```
    ///
    /// ```sql bad
    /// -- proves: scans users under SHARE
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text, team_id bigint);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// CREATE TABLE teams (id bigint PRIMARY KEY);
    /// -- whose team is it
    /// CREATE INDEX users_team ON users (team_id);
    /// COMMENT ON TABLE teams IS 'of users';
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// DROP INDEX users_team;
    /// DROP TABLE teams;
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
    /// CREATE INDEX CONCURRENTLY users_team ON users (team_id);
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// DROP INDEX CONCURRENTLY users_team;
    /// -- file: migrations/2024-03-01-000000_later/metadata.toml
    /// run_in_transaction = false
    /// ```
    pub static RULE = { id: "EC401", severity: Warning, since: "0.1.0", check: Some(check), waivable: true }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    if evidence.context.project.dialect != Dialect::Postgres {
        return;
    }
    for (act, migration) in on_used_tables(evidence) {
        let Some(Change::CreateIndex { table, name, .. }) = act.change() else { continue };
        // On the partitioned table alone there are no rows to look at.
        if act.how.concurrently || act.how.only {
            continue;
        }
        let message = format!("builds index `{name}`, and nobody can write to `{table}` meanwhile");
        let help = "say CREATE INDEX CONCURRENTLY, alone in a migration with `run_in_transaction = false`";
        let fix = fixes::concurrently(evidence, act, migration);
        report_weighed(evidence, CODE, act, (message, help.to_owned(), fix), sink);
    }
    for judged in of_steps::on_used_tables(evidence) {
        let Change::CreateIndex { table, name, .. } = judged.change else { continue };
        if judged.demands.iter().any(|of| of.lock >= LockMode::Share) {
            let message = format!("builds index `{name}`, and nobody can write to `{table}` meanwhile");
            let help = "use `create_index`, which builds it beside the writers";
            of_steps::report_by_size(evidence, CODE, judged, (message, help), sink);
        }
    }
}
