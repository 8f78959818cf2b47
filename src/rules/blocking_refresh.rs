//! `blocking-refresh`: a materialized view is filled anew while nobody may read it.

use super::of_migrations::{acts, report_by_size};
use super::{Evidence, of_steps};
use crate::catalog::ObjectKind;
use crate::change::words::Words;
use crate::change::{Change, Verb};
use crate::diagnostic::Sink;
use crate::dialect::Dialect;
use crate::name::ObjectName;

super::declare_rule! {
    /// A hand-written migration, or a `sql` step, refreshes a materialized view, and not concurrently (PostgreSQL).
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
        let Some(view) = act.change().and_then(refreshed).filter(|_| !act.is_fresh) else { continue };
        report_by_size(evidence, CODE, act, (message(view), HELP.to_owned()), sink);
    }
    for judged in of_steps::on_used_tables(evidence) {
        let Some(view) = refreshed(judged.change) else { continue };
        of_steps::report_by_size(evidence, CODE, judged, (message(view), HELP), sink);
    }
}

const HELP: &str = "say REFRESH MATERIALIZED VIEW CONCURRENTLY; it needs a unique index on the view";

fn message(view: &ObjectName) -> String {
    format!("fills `{view}` anew, and nobody can read it meanwhile")
}

/// Returns the view that a change fills anew while nobody can read it.
fn refreshed(change: &Change) -> Option<&ObjectName> {
    let Change::Other(other) = change else { return None };
    let refreshes = other.kind == ObjectKind::MaterializedView && other.verb == Verb::Run;
    other.on.as_ref().filter(|_| refreshes && !Words::of(&other.text).has("concurrently"))
}
