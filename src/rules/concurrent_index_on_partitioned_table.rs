//! `concurrent-index-on-partitioned-table`: an index is built concurrently on a table that has partitions.

use super::Evidence;
use super::of_migrations::{acts, report};
use crate::change::Change;
use crate::diagnostic::Sink;
use crate::dialect::Dialect;

super::declare_rule! {
    /// A hand-written migration builds an index concurrently on a partitioned table (PostgreSQL).
    ///
    /// # Why it matters
    ///
    /// The server refuses it. Make the index on the table alone, which takes a moment and leaves it invalid; build one on each partition concurrently; attach each to it. With the last
    /// one the index becomes valid.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- proves: fails
    /// -- file: migrations/2024-01-01-000000_create_events/up.sql
    /// CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, note text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
    /// CREATE TABLE events_2023 PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
    /// -- file: migrations/2024-01-01-000000_create_events/down.sql
    /// DROP TABLE events;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// CREATE INDEX CONCURRENTLY events_note ON events (note);
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// -- irreversible: a test
    /// -- file: migrations/2024-03-01-000000_later/metadata.toml
    /// run_in_transaction = false
    /// ```
    ///
    /// # Good
    ///
    /// ```sql good
    /// -- file: migrations/2024-01-01-000000_create_events/up.sql
    /// CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, note text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
    /// CREATE TABLE events_2023 PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
    /// -- file: migrations/2024-01-01-000000_create_events/down.sql
    /// DROP TABLE events;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// CREATE INDEX events_note ON ONLY events (note);
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// -- irreversible: a test
    /// ```
    pub static RULE = { id: "EC414", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    if evidence.context.project.dialect != Dialect::Postgres {
        return;
    }
    for (act, _) in acts(evidence) {
        let Some(Change::CreateIndex { table, name, .. }) = act.change() else { continue };
        if !(act.how.concurrently && act.is_partitioned) {
            continue;
        }
        let message = format!("builds `{name}` concurrently on `{table}`, which has partitions");
        let help = "make it ON ONLY the table, build one on each partition concurrently, and attach those to it";
        report(CODE, act, (message, help.to_owned()), sink);
    }
}
