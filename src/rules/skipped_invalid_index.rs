//! `skipped-invalid-index`: a concurrent index build is passed over because an interrupted one left something.

use super::Evidence;
use super::of_migrations::{acts, report};
use crate::change::Change;
use crate::diagnostic::Sink;
use crate::dialect::Dialect;

super::declare_rule! {
    /// `CREATE INDEX CONCURRENTLY` with `IF NOT EXISTS` (PostgreSQL).
    ///
    /// # Why it matters
    ///
    /// A concurrent build that is interrupted leaves an invalid index under that name: writes keep it up to date, no query uses it, and a unique one refuses rows. When the
    /// migration is tried again, `IF NOT EXISTS` says that the index is there and passes. Drop what may have been left, then build.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- given: INSERT INTO users (id, name) VALUES (11, 'a'), (12, 'a')
    /// -- given, and fails: CREATE UNIQUE INDEX CONCURRENTLY users_name ON users (name)
    /// -- proves: leaves index users_name invalid
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text, team_id bigint);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// CREATE INDEX CONCURRENTLY IF NOT EXISTS users_name ON users (name);
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// -- irreversible: a test
    /// -- file: migrations/2024-03-01-000000_later/metadata.toml
    /// run_in_transaction = false
    /// ```
    ///
    /// # Good
    ///
    /// ```sql good
    /// -- given: INSERT INTO users (id, name) VALUES (11, 'a'), (12, 'a')
    /// -- given, and fails: CREATE UNIQUE INDEX CONCURRENTLY users_name ON users (name)
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text, team_id bigint);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_clear/up.sql
    /// DROP INDEX CONCURRENTLY IF EXISTS users_name;
    /// -- file: migrations/2024-03-01-000000_clear/down.sql
    /// -- irreversible: a test
    /// -- file: migrations/2024-03-01-000000_clear/metadata.toml
    /// run_in_transaction = false
    /// -- file: migrations/2024-03-01-000001_build/up.sql
    /// CREATE INDEX CONCURRENTLY users_name ON users (name);
    /// -- file: migrations/2024-03-01-000001_build/down.sql
    /// -- irreversible: a test
    /// -- file: migrations/2024-03-01-000001_build/metadata.toml
    /// run_in_transaction = false
    /// ```
    pub static RULE = { id: "EC411", severity: Warning, since: "0.1.0", check: Some(check), waivable: true }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    if evidence.context.project.dialect != Dialect::Postgres {
        return;
    }
    for (act, _) in acts(evidence) {
        let Some(Change::CreateIndex { name, .. }) = act.change() else { continue };
        if !(act.how.concurrently && act.how.if_not_exists) {
            continue;
        }
        let message = format!("passes over `{name}` if an interrupted build left it invalid");
        let help = "leave IF NOT EXISTS out, and put DROP INDEX CONCURRENTLY IF EXISTS into a migration before it";
        report(CODE, act, (message, help.to_owned()), sink);
    }
}
