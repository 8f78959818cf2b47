//! `blocking-partition-change`: a partition comes or goes while nobody may use it, or the whole table.

use super::of_migrations::{acts, report_by_size};
use super::{Evidence, of_steps};
use crate::catalog::ObjectKind;
use crate::change::words::Words;
use crate::change::{Change, Verb};
use crate::dialects::locks::Work;
use crate::diagnostic::Sink;
use crate::dialect::Dialect;

super::declare_rule! {
    /// A hand-written migration, or a `sql` step, attaches a partition whose rows must be looked at, or detaches one and not concurrently (PostgreSQL).
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
        let Some(change) = act.change() else { continue };
        let is_used = !act.demands.is_empty();
        let Some((message, is_new)) = told(change, act.work(), is_used) else { continue };
        let help = if is_new {
            "add a check to it as NOT VALID that says what the partition takes, and VALIDATE CONSTRAINT in a migration before this one"
        } else {
            "say DETACH PARTITION … CONCURRENTLY, alone in a migration with `run_in_transaction = false`"
        };
        report_by_size(evidence, CODE, act, (message, help.to_owned()), sink);
    }
    for judged in of_steps::on_used_tables(evidence) {
        let Some((message, is_new)) = told(judged.change, judged.work(), true) else { continue };
        let help = if is_new {
            "let a step before it add a check as NOT VALID that says what the partition takes, and another one validate it"
        } else {
            "say DETACH PARTITION … CONCURRENTLY, in a step with `transaction: false`"
        };
        of_steps::report_by_size(evidence, CODE, judged, (message, help), sink);
    }
}

/// Returns what a change does to who uses the table or the partition, and whether the partition is a new one.
fn told(change: &Change, work: Work, is_used: bool) -> Option<(String, bool)> {
    let Change::Other(other) = change else { return None };
    let (ObjectKind::Partition, Some(table), Some(part)) = (other.kind, &other.on, &other.name)
    else {
        return None;
    };
    match other.verb {
        Verb::Create if work.is_long() => Some((
            format!("attaches `{part}` by reading every row of it while nobody can use it"),
            true,
        )),
        Verb::Drop if is_used && !Words::of(&other.text).has("concurrently") => Some((
            format!("detaches `{part}`, and nobody can use `{table}` while it waits"),
            false,
        )),
        Verb::Create | Verb::Drop | Verb::Replace | Verb::Alter | Verb::Rename | Verb::Run => None,
    }
}
