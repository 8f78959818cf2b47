//! `statement-not-alone`: a statement that cannot be in a transaction stands in one.

use super::Evidence;
use super::of_migrations::{acts, fixes, report_fixable};
use crate::diagnostic::{Code, Severity, Sink};
use crate::dialect::Dialect;

super::declare_rule! {
    /// A statement that the server refuses in a transaction stands in a migration that runs in one, or, on PostgreSQL, beside another statement.
    ///
    /// # Why it matters
    ///
    /// Diesel opens a transaction unless `metadata.toml` says `run_in_transaction = false`, and it sends the whole file as one message, which the
    /// server runs as one transaction when it has more than one statement, even a `SET`. So such a statement must be the only one of its file. SQLite refuses
    /// `VACUUM` and `DETACH` in a transaction, and does nothing on `PRAGMA foreign_keys`, which is a warning: a table that is then dropped to be made
    /// anew takes the rows of its children with it.
    ///
    /// `planner check --fix` shows the `metadata.toml` for one that is the only statement of its migration; `--write` writes it.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- proves: fails
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// CREATE INDEX CONCURRENTLY users_name ON users (name);
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// DROP INDEX CONCURRENTLY users_name;
    /// ```
    ///
    /// # Good
    ///
    /// ```sql good
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// CREATE INDEX CONCURRENTLY users_name ON users (name);
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// DROP INDEX CONCURRENTLY users_name;
    /// -- file: migrations/2024-03-01-000000_later/metadata.toml
    /// run_in_transaction = false
    /// ```
    pub static RULE = { id: "EC405", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    let dialect = evidence.context.project.dialect;
    for (act, migration) in acts(evidence) {
        let Some(what) = act.alone else { continue };
        let in_transaction = migration.metadata.run_in_transaction();
        let shares = match dialect {
            Dialect::Postgres => act.n_statements > 1,
            Dialect::Sqlite => false,
        };
        if !in_transaction && !shares {
            continue;
        }
        let is_ignored = what.starts_with("PRAGMA");
        let message = if is_ignored {
            format!("`{what}` does nothing in a transaction, and this migration runs in one")
        } else if in_transaction {
            format!("`{what}` cannot be in a transaction, and this migration runs in one")
        } else {
            format!("`{what}` cannot stand beside another statement: the server runs a file of several as one transaction")
        };
        let help = "put it alone into a migration whose `metadata.toml` says `run_in_transaction = false`";
        let code = Code { severity: if is_ignored { Severity::Warning } else { CODE.severity }, ..CODE };
        let fix = fixes::alone(evidence, act, migration);
        report_fixable(code, act, (message, help.to_owned()), fix, sink);
    }
}
