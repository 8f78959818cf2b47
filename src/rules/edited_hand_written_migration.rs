//! `edited-hand-written-migration`: a migration is not what was locked.

use super::Evidence;
use crate::diagnostic::{Diagnostic, Sink};

super::declare_rule! {
    /// The `up.sql` of a hand-written migration is not what `planner.lock` says of it: somebody edited it after `planner compile` had locked it. A `down.sql` and a `metadata.toml` may be edited at any time.
    ///
    /// # Why it matters
    ///
    /// Diesel knows migrations by their versions and keeps no checksum. Databases that ran the migration as it was keep what it did then, others get what it does now, and nobody can tell any more which is which. If the migration ran nowhere but on databases that can be thrown away, `planner compile` locks it as it is now, and the changed line of the lock shows in review; else put it back, and write what is to change as a new migration or a plan.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- edited after it was locked: 2024-01-01-000000_create_users
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text);
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
    /// -- file: migrations/2024-02-01-000000_add_name/up.sql
    /// ALTER TABLE users ADD COLUMN name text;
    /// -- file: migrations/2024-02-01-000000_add_name/down.sql
    /// ALTER TABLE users DROP COLUMN name;
    /// ```
    pub static RULE = { id: "EC709", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    let history = evidence.context.history;
    let edited = history.judged().filter(|migration| history.edited.contains(&migration.directory));
    for migration in edited {
        let message =
            format!("the `up.sql` of `{}` was edited after it was locked", migration.directory);
        sink.report(
            Diagnostic::new(CODE, message)
                .in_file(migration.path.join("up.sql"))
                .help("if it ran nowhere yet, `planner compile` locks it as it is now; else put it back and write a new migration"),
        );
    }
}
