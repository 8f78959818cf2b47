//! `missing-transaction-key`: a `metadata.toml` does not say whether there is a transaction.

use super::Evidence;
use super::of_migrations::fixes;
use crate::diagnostic::{Diagnostic, Sink};
use crate::history::Metadata;

super::declare_rule! {
    /// A migration has a `metadata.toml` without the key `run_in_transaction`.
    ///
    /// # Why it matters
    ///
    /// Without the file Diesel runs a migration in a transaction; with a file that lacks the key (an empty one, one with comments only, one with a mistyped key) it runs it *without*. On SQLite, if a statement fails then, those before it stay done and the version is not recorded: the next run fails at the first of them, and people repair the database by hand. PostgreSQL takes a file for one request, all or nothing, but the version is recorded apart: if the connection is lost between the two, or the file ends a transaction itself, it is the same.
    ///
    /// `planner check --fix` shows, and `--write` writes, the key with what Diesel makes of the file as it is; a key that is only misspelled is left to people.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- proves: diesel leaves half of it done when it fails
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// CREATE TABLE teams (id bigint PRIMARY KEY);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE teams;
    /// DROP TABLE users;
    /// -- file: migrations/2024-01-01-000000_create_users/metadata.toml
    /// run_in_transactions = true
    /// ```
    ///
    /// ```sql bad
    /// -- proves: diesel leaves half of it done when it fails
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-01-01-000000_create_users/metadata.toml
    /// # made for the first release
    /// ```
    ///
    /// # Good
    ///
    /// ```sql good
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// CREATE TABLE teams (id bigint PRIMARY KEY);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE teams;
    /// DROP TABLE users;
    /// -- file: migrations/2024-01-01-000000_create_users/metadata.toml
    /// run_in_transaction = true
    /// ```
    pub static RULE = { id: "EC702", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for migration in evidence.context.history.judged() {
        match &migration.metadata {
            Metadata::Absent | Metadata::Said(_) | Metadata::Invalid { .. } => {}
            Metadata::MissingKey { span, near } => {
                let message = format!("`{}` runs without a transaction", migration.directory);
                let help = match near {
                    Some(near) => format!("write `run_in_transaction` for `{near}`"),
                    None => "write `run_in_transaction = true`, or `false` if that is meant; or remove the file".into(),
                };
                // A key that is only misspelled means what it says, not what Diesel makes of it.
                let fix = near.is_none().then(|| fixes::say_so(*span));
                let found = Diagnostic::new(CODE, message).fix(fix);
                sink.report(found.label(*span, "`run_in_transaction` is missing").help(help));
            }
        }
    }
}
