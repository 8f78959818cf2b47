//! `not-a-migration`: a directory among the migrations that is none.

use super::Evidence;
use crate::diagnostic::{Diagnostic, Sink};

super::declare_rule! {
    /// A directory in the migrations folder has no `up.sql`. Directories whose names begin with a dot, and files, are no matter.
    ///
    /// # Why it matters
    ///
    /// Diesel takes every directory there for a migration. One without `up.sql` makes it refuse the whole folder, also when the migrations are embedded into a program: that does not compile any more.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- proves: diesel refuses
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/scripts/grant.sql
    /// GRANT SELECT ON users TO reports;
    /// ```
    ///
    /// # Good
    ///
    /// Other files go elsewhere, or into a directory whose name begins with a dot:
    ///
    /// ```sql good
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// ```
    pub static RULE = { id: "EC705", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for path in &evidence.context.history.others {
        sink.report(
            Diagnostic::new(
                CODE,
                "the directory has no `up.sql`, so that Diesel refuses the whole folder",
            )
            .in_file(path)
            .help("write its `up.sql`, or move it out of the folder of migrations"),
        );
    }
}
