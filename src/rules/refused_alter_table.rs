//! `refused-alter-table`: the engine refuses an `ALTER TABLE` that its grammar takes.

use super::Evidence;
use super::of_migrations::{acts, report};
use crate::change::Change;
use crate::diagnostic::Sink;
use crate::dialect::Dialect;

super::declare_rule! {
    /// A hand-written migration alters a table in a way that the engine's grammar takes and the engine refuses when it runs.
    ///
    /// # Why it matters
    ///
    /// The migration fails, at the latest on a database with rows: a test on an empty one may pass. SQLite adds no column that is UNIQUE or PRIMARY KEY, and to a table with rows
    /// none whose default is no constant (`CURRENT_TIMESTAMP` is none), none that is `GENERATED … STORED`, and, with foreign keys on, none that refers to another table and
    /// has a default. It drops no column that is part of a key or of an index. What views, triggers and checks say of a column only the engine tells: `planner verify` asks it.
    /// PostgreSQL adds no column to a partition alone: it has those of its table.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- dialect: postgres
    /// -- proves: diesel refuses
    /// -- file: migrations/2024-01-01-000000_create_visits/up.sql
    /// CREATE TABLE visits (id integer, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
    /// CREATE TABLE visits_2024 PARTITION OF visits FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    /// -- file: migrations/2024-01-01-000000_create_visits/down.sql
    /// DROP TABLE visits;
    /// -- file: migrations/2024-03-01-000000_page/up.sql
    /// ALTER TABLE visits_2024 ADD COLUMN page text;
    /// -- file: migrations/2024-03-01-000000_page/down.sql
    /// ALTER TABLE visits_2024 DROP COLUMN page;
    /// ```
    ///
    /// ```sql bad
    /// -- dialect: sqlite
    /// -- proves: diesel refuses
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
    /// INSERT INTO users VALUES (1, 'ann');
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_seen/up.sql
    /// ALTER TABLE users ADD COLUMN seen TEXT DEFAULT CURRENT_TIMESTAMP;
    /// -- file: migrations/2024-03-01-000000_seen/down.sql
    /// ALTER TABLE users DROP COLUMN seen;
    /// ```
    ///
    /// ```sql bad
    /// -- dialect: sqlite
    /// -- proves: diesel refuses
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_email/up.sql
    /// ALTER TABLE users ADD COLUMN email TEXT UNIQUE;
    /// -- file: migrations/2024-03-01-000000_email/down.sql
    /// -- irreversible: a test
    /// ```
    ///
    /// # Good
    ///
    /// ```sql good
    /// -- dialect: sqlite
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
    /// INSERT INTO users VALUES (1, 'ann');
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_seen/up.sql
    /// ALTER TABLE users ADD COLUMN seen TEXT;
    /// -- file: migrations/2024-03-01-000000_seen/down.sql
    /// ALTER TABLE users DROP COLUMN seen;
    /// ```
    pub static RULE = { id: "EC721", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for (act, _) in acts(evidence) {
        let Some(refused) = &act.refused else { continue };
        // A table of this migration has the rows that the migration gives it.
        if refused.only_with_rows && act.is_fresh {
            continue;
        }
        let Some(table) = act.change().and_then(Change::table) else { continue };
        let (why, rows) = (&refused.why, if refused.only_with_rows { " once there are rows" } else { "" });
        let (message, help) = match act.change() {
            _ if refused.by == Dialect::Postgres => (
                format!("adds to `{table}` what PostgreSQL refuses: {why}"),
                "add it to the whole table: all of its partitions have it then",
            ),
            Some(Change::DropColumn { column, .. }) => (
                format!("drops `{table}.{column}`, which SQLite refuses: {why}"),
                "drop what uses it first, or make the table anew without it; a plan does that by itself",
            ),
            Some(_) | None => (
                format!("adds to `{table}` what SQLite refuses{rows}: {why}"),
                "add a plain column and fill it, with a unique index for UNIQUE; or make the table anew",
            ),
        };
        report(CODE, act, (message, help.to_owned()), sink);
    }
}
