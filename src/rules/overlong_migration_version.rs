//! `overlong-migration-version`: a version that does not fit into Diesel's table.

use super::Evidence;
use crate::diagnostic::{Diagnostic, Sink};
use crate::dialect::Dialect;

super::declare_rule! {
    /// The version of a migration is longer than 50 characters: the part of the directory's name before the first `_`, without its `-`. Without a `_` the whole name is the version. SQLite does not mind.
    ///
    /// # Why it matters
    ///
    /// Diesel keeps versions in a column `VARCHAR(50)`. A longer one fails after the migration has run: in a transaction that is undone, without one the change stays and is not recorded.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- proves: diesel refuses
    /// -- file: migrations/2024-01-01-000000-create-the-table-of-users-and-that-of-their-teams/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- file: migrations/2024-01-01-000000-create-the-table-of-users-and-that-of-their-teams/down.sql
    /// DROP TABLE users;
    /// ```
    ///
    /// # Good
    ///
    /// ```sql good
    /// -- file: migrations/2024-01-01-000000_create-the-table-of-users-and-that-of-their-teams/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- file: migrations/2024-01-01-000000_create-the-table-of-users-and-that-of-their-teams/down.sql
    /// DROP TABLE users;
    /// ```
    pub static RULE = { id: "EC707", since: "0.1.0", check: Some(check), waivable: false }
}

/// How many characters Diesel's column takes.
const VERSION_MAX: usize = 50;

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    match evidence.context.project.dialect {
        Dialect::Postgres => {}
        // Its columns take texts of any length, whatever they are declared as.
        Dialect::Sqlite => return,
    }
    for migration in evidence.context.history.judged() {
        let n = migration.version.as_str().chars().count();
        if n > VERSION_MAX {
            let message = format!(
                "the version of `{}` has {n} characters, Diesel keeps {VERSION_MAX}",
                migration.directory
            );
            sink.report(
                Diagnostic::new(CODE, message)
                    .at(migration.span())
                    .help("put a `_` behind the stamp in the directory's name"),
            );
        }
    }
}
