//! `misleading-migration-order`: migrations run in another order than they are listed in.

use super::Evidence;
use crate::diagnostic::{Diagnostic, Sink};
use crate::history::HandWrittenMigration;

super::declare_rule! {
    /// A hand-written migration stands after another one in the folder, but Diesel runs it before.
    ///
    /// # Why it matters
    ///
    /// Diesel orders migrations by their versions as texts, and a folder is listed by whole names. Whoever reads the folder from top to bottom reads another history than the databases have. `2024-01-02_1200_b` has the version `20240102` and runs before `2024-01-02-000000_a`; names with and without `-` mix badly.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- proves: diesel refuses
    /// -- file: migrations/2024-01-02-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- file: migrations/2024-01-02-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-01-02_1200_add_age/up.sql
    /// ALTER TABLE users ADD COLUMN age integer;
    /// -- file: migrations/2024-01-02_1200_add_age/down.sql
    /// ALTER TABLE users DROP COLUMN age;
    /// ```
    ///
    /// # Good
    ///
    /// ```sql good
    /// -- file: migrations/2024-01-02-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- file: migrations/2024-01-02-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-01-02-120000_add_age/up.sql
    /// ALTER TABLE users ADD COLUMN age integer;
    /// -- file: migrations/2024-01-02-120000_add_age/down.sql
    /// ALTER TABLE users DROP COLUMN age;
    /// ```
    pub static RULE = { id: "EC708", severity: Note, since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    let mut last: Option<&HandWrittenMigration> = None;
    // They come in the order of their names.
    for migration in evidence.context.history.judged() {
        match last {
            Some(last) if migration.version < last.version => {
                let message = format!(
                    "`{}` stands after `{}` and runs before it",
                    migration.directory, last.directory
                );
                sink.report(
                    Diagnostic::new(CODE, message)
                        .label(migration.span(), format!("version `{}`", migration.version))
                        .label(last.span(), format!("version `{}`", last.version))
                        .help("name new migrations as `diesel migration generate` does; leave those that ran as they are"),
                );
            }
            Some(_) | None => last = Some(migration),
        }
    }
}
