//! `missing-way-back`: a migration without anything in its `down.sql`.

use super::Evidence;
use crate::diagnostic::{Diagnostic, Sink};
use crate::history::Content;

super::declare_rule! {
    /// A migration has no `down.sql`, or nothing in it but blanks and comments.
    ///
    /// # Why it matters
    ///
    /// `diesel migration revert` fails on a `down.sql` that is missing or empty. One that holds only a comment, such as the line that `diesel migration generate` writes, fails on PostgreSQL as well, and is worse on SQLite: Diesel takes the migration for undone, and the next run fails because what it makes is there. If there is no way back, a comment says so whose first word is `irreversible`.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- proves: diesel cannot revert
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// -- This file should undo anything in `up.sql`
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
    /// ```sql good
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-01-02-000000_forget_names/up.sql
    /// UPDATE users SET name = NULL;
    /// -- file: migrations/2024-01-02-000000_forget_names/down.sql
    /// -- irreversible: the names are gone
    /// ```
    pub static RULE = { id: "EC706", severity: Warning, since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for migration in evidence.context.history.judged() {
        let directory = &migration.directory;
        let (message, span) = match &migration.down {
            None => (format!("`{directory}` has no `down.sql`"), migration.span()),
            Some(down) => match down.content {
                Content::Unreadable
                | Content::Statements
                | Content::Comments { irreversible: true } => continue,
                Content::Empty => {
                    (format!("the `down.sql` of `{directory}` is empty"), down.first_line)
                }
                Content::Comments { irreversible: false } => {
                    (format!("the `down.sql` of `{directory}` undoes nothing"), down.first_line)
                }
            },
        };
        let found = Diagnostic::new(CODE, message).help(
            "write what undoes it, or a comment that begins with `irreversible` and says why",
        );
        let is_blank = span.start == span.end;
        sink.report(if is_blank {
            found.in_file(migration.path.join("down.sql"))
        } else {
            found.at(span)
        });
    }
}
