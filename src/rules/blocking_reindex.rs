//! `blocking-reindex`: an index is built anew while nobody may write.

use super::Evidence;
use super::of_migrations::{acts, report_by_size};
use crate::catalog::ObjectKind;
use crate::change::Change;
use crate::change::words::Words;
use crate::diagnostic::Sink;
use crate::dialect::Dialect;

super::declare_rule! {
    /// A hand-written migration rebuilds indexes of a table that is in use, and not concurrently (PostgreSQL).
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
        let Some(Change::Other(other)) = act.change() else { continue };
        let rebuilds = other.kind == ObjectKind::Maintenance && Words::of(&other.text).has("reindex");
        if !rebuilds || act.how.concurrently || act.is_fresh {
            continue;
        }
        let what = other.on.as_ref().map_or("many tables".to_owned(), |table| format!("`{table}`"));
        let message = format!("rebuilds indexes, and nobody can write to {what} meanwhile");
        let help = "say REINDEX … CONCURRENTLY, alone in a migration with `run_in_transaction = false`";
        report_by_size(evidence, CODE, act, (message, help.to_owned()), sink);
    }
}
