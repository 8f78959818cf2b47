//! `blocking-reindex`: an index is built anew while nobody may write.

use super::of_migrations::{acts, report_by_size};
use super::{Evidence, of_steps};
use crate::catalog::ObjectKind;
use crate::change::Change;
use crate::change::words::Words;
use crate::diagnostic::Sink;
use crate::dialect::Dialect;

super::declare_rule! {
    /// A hand-written migration, or a `sql` step, rebuilds indexes of a table that is in use, and not concurrently (PostgreSQL).
    ///
    /// # Why it matters
    ///
    /// `REINDEX` keeps writers out until the index is built again, and readers who want that index too. `REINDEX … CONCURRENTLY` builds a new one beside it; like
    /// every concurrent statement it must be alone in a migration without a transaction.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- proves: scans users under SHARE
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text, team_id bigint);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// REINDEX TABLE users;
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// -- irreversible: a test
    /// ```
    ///
    /// # Good
    ///
    /// ```sql good
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text, team_id bigint);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// REINDEX TABLE CONCURRENTLY users;
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// -- irreversible: a test
    /// -- file: migrations/2024-03-01-000000_later/metadata.toml
    /// run_in_transaction = false
    /// ```
    pub static RULE = { id: "EC406", severity: Warning, since: "0.1.0", check: Some(check), waivable: true }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    if evidence.context.project.dialect != Dialect::Postgres {
        return;
    }
    for (act, _) in acts(evidence) {
        let Some(what) = act.change().and_then(rebuilt).filter(|_| !act.is_fresh) else { continue };
        let help = "say REINDEX … CONCURRENTLY, alone in a migration with `run_in_transaction = false`";
        report_by_size(evidence, CODE, act, (message(&what), help.to_owned()), sink);
    }
    for judged in of_steps::on_used_tables(evidence) {
        let Some(what) = rebuilt(judged.change) else { continue };
        let help = "say REINDEX … CONCURRENTLY, in a step with `transaction: false`";
        of_steps::report_by_size(evidence, CODE, judged, (message(&what), help), sink);
    }
}

fn message(what: &str) -> String {
    format!("rebuilds indexes, and nobody can write to {what} meanwhile")
}

/// Returns the table whose indexes a change rebuilds while nobody can write to it.
fn rebuilt(change: &Change) -> Option<String> {
    let Change::Other(other) = change else { return None };
    let words = Words::of(&other.text);
    let rebuilds = other.kind == ObjectKind::Maintenance && words.has("reindex");
    let what = || other.on.as_ref().map_or("many tables".to_owned(), |table| format!("`{table}`"));
    (rebuilds && !words.has("concurrently")).then(what)
}
