//! `empty-migration`: an `up.sql` without a byte in it.

use super::Evidence;
use crate::diagnostic::{Diagnostic, Sink};
use crate::history::Content;

super::declare_rule! {
    /// The `up.sql` of a migration is empty.
    ///
    /// # Why it matters
    ///
    /// Diesel refuses to run it, and with it every migration that comes after.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// ```
    ///
    /// # Good
    ///
    /// ```sql good
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// ```
    ///
    /// A migration that shall do nothing, because databases have run it already, says so in a comment:
    ///
    /// ```sql good
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// -- The table was made by the migration before.
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// -- irreversible: there is nothing to undo
    /// ```
    pub static RULE = { id: "EC704", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for migration in evidence.context.history.judged() {
        match migration.up.content {
            Content::Unreadable | Content::Comments { .. } | Content::Statements => {}
            Content::Empty => {
                let message = format!(
                    "the `up.sql` of `{}` is empty, which Diesel refuses to run",
                    migration.directory
                );
                sink.report(
                    Diagnostic::new(CODE, message)
                        .in_file(migration.path.join("up.sql"))
                        .help("write what it does, or a comment if it shall do nothing"),
                );
            }
        }
    }
}
