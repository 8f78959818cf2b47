//! `empty-migration`: an `up.sql` that the engine is given nothing to do by.

use super::Evidence;
use crate::diagnostic::{Diagnostic, Sink};
use crate::dialect::Dialect;
use crate::history::Content;

super::declare_rule! {
    /// The `up.sql` of a migration is empty, or on PostgreSQL has no statement, only blanks and comments.
    ///
    /// # Why it matters
    ///
    /// Diesel refuses to run an empty one, and PostgreSQL one without a statement, and with it every migration that comes after.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- proves: diesel refuses
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// ```
    ///
    /// ```sql bad
    /// -- proves: diesel refuses
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// -- The table was made by the migration before.
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// SELECT 1;
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
    /// A migration that shall do nothing, because databases have run it already, asks for nothing:
    ///
    /// ```sql good
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// -- The table was made by the migration before.
    /// SELECT 1;
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// -- irreversible: there is nothing to undo
    /// ```
    pub static RULE = { id: "EC704", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for migration in evidence.context.history.judged() {
        match migration.up.content {
            Content::Unreadable | Content::Statements => {}
            Content::Comments { .. } if evidence.context.project.dialect == Dialect::Sqlite => {}
            Content::Comments { .. } => {
                let message = format!(
                    "the `up.sql` of `{}` has no statement, which PostgreSQL refuses to run",
                    migration.directory
                );
                let found = Diagnostic::new(CODE, message).at(migration.span());
                sink.report(found.help("write what it does, or `SELECT 1;` if it shall do nothing"));
            }
            Content::Empty => {
                let message = format!(
                    "the `up.sql` of `{}` is empty, which Diesel refuses to run",
                    migration.directory
                );
                sink.report(
                    Diagnostic::new(CODE, message)
                        .in_file(migration.path.join("up.sql"))
                        .help("write what it does, or `SELECT 1;` if it shall do nothing"),
                );
            }
        }
    }
}
