//! `blocking-partition-change`: a partition comes or goes while nobody may use it, or the whole table.

use super::Evidence;
use super::of_migrations::{acts, report_by_size};
use crate::catalog::ObjectKind;
use crate::change::{Change, Verb};
use crate::diagnostic::Sink;
use crate::dialect::Dialect;

super::declare_rule! {
    /// A hand-written migration attaches a partition whose rows must be looked at, or detaches one and not concurrently (PostgreSQL).
    ///
    /// # Why it matters
    ///
    /// `ATTACH PARTITION` reads every row of the partition, which nobody can use meanwhile, unless a validated check on its columns says that they fit. Plain `DETACH
    /// PARTITION` locks the whole partitioned table against reads and writes; `DETACH PARTITION … CONCURRENTLY` does not, alone in a migration without a transaction.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- given: INSERT INTO events_2023 (id, at) VALUES (1, '2023-05-01')
    /// -- proves: scans events_2023 under ACCESS EXCLUSIVE
    /// -- file: migrations/2024-01-01-000000_create_events/up.sql
    /// CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
    /// CREATE TABLE events_2023 (id bigint NOT NULL, at date NOT NULL, PRIMARY KEY (id, at));
    /// -- file: migrations/2024-01-01-000000_create_events/down.sql
    /// DROP TABLE events;
    /// DROP TABLE events_2023;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// ALTER TABLE events ATTACH PARTITION events_2023 FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// -- irreversible: a test
    /// ```
    ///
    /// ```sql bad
    /// -- proves: locks events ACCESS EXCLUSIVE
    /// -- file: migrations/2024-01-01-000000_create_events/up.sql
    /// CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
    /// CREATE TABLE events_2023 PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
    /// -- file: migrations/2024-01-01-000000_create_events/down.sql
    /// DROP TABLE events;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// ALTER TABLE events DETACH PARTITION events_2023;
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// -- irreversible: a test
    /// ```
    ///
    /// # Good
    ///
    /// ```sql good
    /// -- given: INSERT INTO events_2023 (id, at) VALUES (1, '2023-05-01')
    /// -- file: migrations/2024-01-01-000000_create_events/up.sql
    /// CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
    /// CREATE TABLE events_2023 (
    ///     id bigint NOT NULL, at date NOT NULL, PRIMARY KEY (id, at),
    ///     CONSTRAINT events_2023_at CHECK (at >= '2023-01-01' AND at < '2024-01-01')
    /// );
    /// -- file: migrations/2024-01-01-000000_create_events/down.sql
    /// DROP TABLE events;
    /// DROP TABLE events_2023;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// ALTER TABLE events ATTACH PARTITION events_2023 FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// -- irreversible: a test
    /// ```
    ///
    /// ```sql good
    /// -- given: INSERT INTO events_2023 (id, at) VALUES (1, '2023-05-01')
    /// -- file: migrations/2024-01-01-000000_create_events/up.sql
    /// CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
    /// CREATE TABLE events_2023 PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
    /// -- file: migrations/2024-01-01-000000_create_events/down.sql
    /// DROP TABLE events;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// ALTER TABLE events DETACH PARTITION events_2023 CONCURRENTLY;
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// -- irreversible: a test
    /// -- file: migrations/2024-03-01-000000_later/metadata.toml
    /// run_in_transaction = false
    /// ```
    pub static RULE = { id: "EC407", severity: Warning, since: "0.1.0", check: Some(check), waivable: true }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    if evidence.context.project.dialect != Dialect::Postgres {
        return;
    }
    for (act, _) in acts(evidence) {
        let Some(Change::Other(other)) = act.change() else { continue };
        let (ObjectKind::Partition, Some(table), Some(part)) = (other.kind, &other.on, &other.name)
        else {
            continue;
        };
        let (message, help) = match other.verb {
            Verb::Create if act.work().is_long() => (
                format!("attaches `{part}` by reading every row of it while nobody can use it"),
                "add a check to it as NOT VALID that says what the partition takes, and VALIDATE CONSTRAINT in a migration before this one",
            ),
            Verb::Drop if !act.how.concurrently && !act.demands.is_empty() => (
                format!("detaches `{part}`, and nobody can use `{table}` while it waits"),
                "say DETACH PARTITION … CONCURRENTLY, alone in a migration with `run_in_transaction = false`",
            ),
            Verb::Create | Verb::Drop | Verb::Replace | Verb::Alter | Verb::Rename | Verb::Run => {
                continue;
            }
        };
        report_by_size(evidence, CODE, act, (message, help.to_owned()), sink);
    }
}
