//! `transaction-in-migration`: a migration begins or ends transactions itself.

use super::Evidence;
use crate::diagnostic::{Code, Diagnostic, Severity, Sink};
use crate::dialect::Dialect;
use crate::history::{Control, HandWrittenMigration};
use crate::readers::TransactionControl;

super::declare_rule! {
    /// A hand-written `up.sql` has `BEGIN`, `COMMIT` or `ROLLBACK` although Diesel opens a transaction for it, or begins one and never ends it. A warning on PostgreSQL, where the
    /// `BEGIN` is only warned of; an error where it must fail.
    ///
    /// # Why it matters
    ///
    /// The `COMMIT` ends the transaction of Diesel's: what stands behind it, and the row that says that the migration ran, are no longer done together with what stands before. On SQLite
    /// the `BEGIN` is refused. Leave both out, or say `run_in_transaction = false` in `metadata.toml`.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- proves: outlives a rollback SELECT FROM users
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// BEGIN;
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// COMMIT;
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// ```
    ///
    /// # Good
    ///
    /// ```sql good
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// BEGIN;
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// COMMIT;
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-01-01-000000_create_users/metadata.toml
    /// run_in_transaction = false
    /// ```
    pub static RULE = { id: "EC714", severity: Warning, since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    let history = evidence.context.history;
    let must_fail = match evidence.context.project.dialect {
        Dialect::Sqlite => Severity::Error,
        Dialect::Postgres => Severity::Warning,
    };
    for (at, migration) in history.hand_written.iter().enumerate() {
        let controls: Vec<&Control> =
            history.controls.iter().filter(|of| of.migration == at).collect();
        let Some((control, severity, message)) = wrong(&controls, migration, must_fail) else {
            continue;
        };
        let help = "leave BEGIN and COMMIT out, or write `run_in_transaction = false` into `metadata.toml` and end what is begun";
        let code = Code { severity, ..CODE };
        sink.report(Diagnostic::new(code, message).at(control.span).help(help));
    }
}

/// Returns the statement that is wrong, and what is.
fn wrong<'a>(
    controls: &[&'a Control],
    migration: &HandWrittenMigration,
    must_fail: Severity,
) -> Option<(&'a Control, Severity, &'static str)> {
    let begins = |of: &Control| match of.does {
        TransactionControl::Begin => true,
        TransactionControl::Commit | TransactionControl::RollBack => false,
    };
    if migration.metadata.run_in_transaction() {
        let first = controls.first()?;
        return Some(if begins(first) {
            (first, must_fail, "begins a transaction inside the one that Diesel opens for this migration")
        } else {
            (first, must_fail, "ends the transaction that Diesel opens for this migration")
        });
    }
    let last = controls.last().filter(|of| begins(of))?;
    Some((last, Severity::Error, "begins a transaction that this migration never ends"))
}
