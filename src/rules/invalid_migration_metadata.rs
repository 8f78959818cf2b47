//! `invalid-migration-metadata`: a `metadata.toml` that Diesel cannot read.

use super::Evidence;
use crate::diagnostic::{Diagnostic, Sink};
use crate::history::Metadata;

super::declare_rule! {
    /// The `metadata.toml` of a migration is not TOML, or its `run_in_transaction` is neither `true` nor `false`.
    ///
    /// # Why it matters
    ///
    /// Diesel says nothing about it and runs the migration in a transaction, whatever the file was to say. What needs to run without one, as `CREATE INDEX CONCURRENTLY`, then fails.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- proves: diesel undoes all of it when it fails
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-01-01-000000_create_users/metadata.toml
    /// run_in_transaction: false
    /// ```
    ///
    /// # Good
    ///
    /// ```sql good
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-01-01-000000_create_users/metadata.toml
    /// run_in_transaction = false
    /// ```
    pub static RULE = { id: "EC703", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for migration in evidence.context.history.judged() {
        match &migration.metadata {
            Metadata::Absent | Metadata::Said(_) | Metadata::MissingKey { .. } => {}
            Metadata::Invalid { span, reason } => {
                let message = format!(
                    "the `metadata.toml` of `{}` is ignored by Diesel, which opens a transaction",
                    migration.directory
                );
                let help = "write `run_in_transaction = true` or `run_in_transaction = false`, and nothing else";
                sink.report(Diagnostic::new(CODE, message).label(*span, reason).help(help));
            }
        }
    }
}
