//! `lock-without-timeout`: a strong lock is waited for without end.

use super::Evidence;
use super::of_migrations::{acts, report};
use crate::diagnostic::Sink;
use crate::dialects::locks::LockMode;

super::declare_rule! {
    /// A hand-written migration wants a lock that keeps others out, and sets no `lock_timeout` (PostgreSQL). Off unless `planner.yaml` turns it on: `planner run` sets one for
    /// every statement, and a role may have one.
    ///
    /// # Why it matters
    ///
    /// A statement that waits for its lock stands in line, and everybody who comes after it stands behind it, even readers: one long query is enough to stop all of them. With
    /// a `lock_timeout` it gives up after a moment, and the migration is tried again.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- proves: waits for readers of users
    /// -- file: planner.yaml
    /// rules: { lock-without-timeout: warning }
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text, team_id bigint);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// ALTER TABLE users ADD COLUMN nick text;
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// ALTER TABLE users DROP COLUMN nick;
    /// ```
    ///
    /// # Good
    ///
    /// ```sql good
    /// -- file: planner.yaml
    /// rules: { lock-without-timeout: warning }
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text, team_id bigint);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// SET LOCAL lock_timeout = '500ms';
    /// ALTER TABLE users ADD COLUMN nick text;
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// ALTER TABLE users DROP COLUMN nick;
    /// ```
    pub static RULE = { id: "EC413", severity: Off, since: "0.1.0", check: Some(check), waivable: true }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    let mut told = None;
    for (act, _) in acts(evidence) {
        let strong = act.demands.iter().find(|of| of.lock >= LockMode::Share);
        let Some(strong) = strong.filter(|_| !act.timeouts.lock && told != Some(act.migration))
        else {
            continue;
        };
        told = Some(act.migration);
        let message = format!(
            "waits for a {} lock on `{}` without end, and everybody else behind it",
            strong.lock, strong.table
        );
        let help = "begin the migration with `SET LOCAL lock_timeout = '2s';`, and try again when it fails";
        report(CODE, act, (message, help.to_owned()), sink);
    }
}
