//! `blocking-refresh`: a materialized view is filled anew while nobody may read it.

use super::Evidence;
use super::of_migrations::{acts, report_by_size};
use crate::catalog::ObjectKind;
use crate::change::{Change, Verb};
use crate::diagnostic::Sink;
use crate::dialect::Dialect;

super::declare_rule! {
    /// A hand-written migration refreshes a materialized view, and not concurrently (PostgreSQL).
    ///
    /// # Why it matters
    ///
    /// `REFRESH MATERIALIZED VIEW` keeps readers out until its query has run. With `CONCURRENTLY` they read what was there before; it needs a unique index on plain columns
    /// without a predicate, and a view that was filled once.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- proves: locks names ACCESS EXCLUSIVE
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text, team_id bigint);
    /// CREATE MATERIALIZED VIEW names AS SELECT id, name FROM users;
    /// CREATE UNIQUE INDEX names_id ON names (id);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP MATERIALIZED VIEW names;
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// REFRESH MATERIALIZED VIEW names;
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// -- irreversible: a test
    /// ```
    ///
    /// # Good
    ///
    /// ```sql good
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text, team_id bigint);
    /// CREATE MATERIALIZED VIEW names AS SELECT id, name FROM users;
    /// CREATE UNIQUE INDEX names_id ON names (id);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP MATERIALIZED VIEW names;
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// REFRESH MATERIALIZED VIEW CONCURRENTLY names;
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// -- irreversible: a test
    /// ```
    pub static RULE = { id: "EC408", severity: Warning, since: "0.1.0", check: Some(check), waivable: true }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    if evidence.context.project.dialect != Dialect::Postgres {
        return;
    }
    for (act, _) in acts(evidence) {
        let Some(Change::Other(other)) = act.change() else { continue };
        let refreshes = other.kind == ObjectKind::MaterializedView && other.verb == Verb::Run;
        if !refreshes || act.how.concurrently || act.is_fresh {
            continue;
        }
        let Some(view) = &other.on else { continue };
        let message = format!("fills `{view}` anew, and nobody can read it meanwhile");
        let help = "say REFRESH MATERIALIZED VIEW CONCURRENTLY; it needs a unique index on the view";
        report_by_size(evidence, CODE, act, (message, help.to_owned()), sink);
    }
}
