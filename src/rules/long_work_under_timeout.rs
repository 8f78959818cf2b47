//! `long-work-under-timeout`: what must look at every row may only take a moment.

use super::Evidence;
use super::of_migrations::{acts, report_by_size};
use crate::diagnostic::Sink;
use crate::dialects::locks::LockMode;

super::declare_rule! {
    /// A hand-written migration sets a `statement_timeout` before a statement that takes the longer the more rows there are (PostgreSQL).
    ///
    /// # Why it matters
    ///
    /// The timeout is meant for what should be quick. `VALIDATE CONSTRAINT` or a concurrent index build keeps nobody out, may take an hour on a large table, and is stopped by it
    /// each time it is tried. A `lock_timeout` is the limit to set there.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- given: INSERT INTO users (id, name) SELECT n, 'a' FROM generate_series(1, 300000) n
    /// -- proves: fails
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text, team_id bigint);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-01-15-000000_fill/up.sql
    /// UPDATE users SET name = '' WHERE name IS NULL AND id < 100;
    /// -- file: migrations/2024-01-15-000000_fill/down.sql
    /// -- irreversible: a test
    /// -- file: migrations/2024-02-01-000000_check/up.sql
    /// ALTER TABLE users ADD CONSTRAINT users_name_set CHECK (name IS NOT NULL) NOT VALID;
    /// -- file: migrations/2024-02-01-000000_check/down.sql
    /// ALTER TABLE users DROP CONSTRAINT users_name_set;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// SET LOCAL statement_timeout = '3ms';
    /// ALTER TABLE users VALIDATE CONSTRAINT users_name_set;
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// -- irreversible: a test
    /// ```
    ///
    /// # Good
    ///
    /// ```sql good
    /// -- given: INSERT INTO users (id, name) SELECT n, 'a' FROM generate_series(1, 300000) n
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text, team_id bigint);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-01-15-000000_fill/up.sql
    /// UPDATE users SET name = '' WHERE name IS NULL AND id < 100;
    /// -- file: migrations/2024-01-15-000000_fill/down.sql
    /// -- irreversible: a test
    /// -- file: migrations/2024-02-01-000000_check/up.sql
    /// ALTER TABLE users ADD CONSTRAINT users_name_set CHECK (name IS NOT NULL) NOT VALID;
    /// -- file: migrations/2024-02-01-000000_check/down.sql
    /// ALTER TABLE users DROP CONSTRAINT users_name_set;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// SET LOCAL lock_timeout = '2s';
    /// ALTER TABLE users VALIDATE CONSTRAINT users_name_set;
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// -- irreversible: a test
    /// ```
    pub static RULE = { id: "EC415", severity: Warning, since: "0.1.0", check: Some(check), waivable: true }
}

/// Who sets more than this has thought of it.
const SHORT_MS: u64 = 600_000;

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for (act, _) in acts(evidence) {
        let works = act.demands.iter().find(|of| of.work.is_long());
        let Some(works) = works.filter(|of| of.lock < LockMode::Share) else { continue };
        let Some(limit) = act.timeouts.statement_ms.filter(|limit| *limit < SHORT_MS) else {
            continue;
        };
        let message = format!(
            "looks at every row of `{}`, and is stopped after {limit} ms",
            works.table
        );
        let help = "set `lock_timeout` instead, or `SET LOCAL statement_timeout = 0` for this statement";
        report_by_size(evidence, CODE, act, (message, help.to_owned()), sink);
    }
}
