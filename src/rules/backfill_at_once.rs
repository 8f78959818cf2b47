//! `backfill-at-once`: rows are written by one statement.

use super::Evidence;
use crate::change::effect::Object;
use crate::change::{Change, DataChange, Write};
use crate::diagnostic::Sink;
use crate::phase::Phase;

super::declare_rule! {
    /// A `sql` step of a backfill writes rows of a table in use with one statement.
    ///
    /// # Why it matters
    ///
    /// SQL runs as written: one statement, one transaction. Every row that it writes stays locked until the last one is written, a writer that
    /// wants one of them waits, and if it fails all of it is done again. `update` and `delete` go through the table in batches, can stop anywhere, go on
    /// where they were, and hold no lock for long.
    ///
    /// # Bad
    ///
    /// ```yaml bad
    /// # file: 2026-01-01-000000_create_users.yaml
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: bigint, primary_key: true }
    ///         - { name: name, type: text }
    /// # file: 2026-02-01-000000_note_length.yaml
    /// after: [create_users]
    /// expand:
    ///   - add_column: { table: users, column: length, type: bigint }
    /// backfill:
    ///   - sql: { up: UPDATE users SET length = length(name) WHERE length IS NULL AND name IS NOT NULL }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml good
    /// # file: 2026-01-01-000000_create_users.yaml
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: bigint, primary_key: true }
    ///         - { name: name, type: text }
    /// # file: 2026-02-01-000000_note_length.yaml
    /// after: [create_users]
    /// expand:
    ///   - add_column: { table: users, column: length, type: bigint }
    /// backfill:
    ///   - update: { table: users, set: { length: length(name) }, where: length IS NULL AND name IS NOT NULL }
    /// ```
    pub static RULE = { id: "EC305", severity: Warning, since: "0.1.0", check: Some(check), waivable: true }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for judged in &evidence.changes {
        if judged.step.phase != Phase::Backfill || judged.step.written.is_none() {
            continue;
        }
        let Change::Write(data) = judged.change else { continue };
        let Some(operation) = instead(data) else { continue };
        // What the plan itself makes has no rows but those that it puts there.
        let made = Object::Table(data.table.clone());
        if evidence.facts(judged.place.plan).is_some_and(|facts| facts.adds.contains(&made)) {
            continue;
        }
        let message = format!("the SQL writes rows of `{}` in one transaction", data.table);
        let help = format!("write it as `{operation}`, which goes through the table in batches");
        sink.report(judged.finding(CODE, message).help(help));
    }
}

/// Returns the operation that does the same in batches.
const fn instead(data: &DataChange) -> Option<&'static str> {
    match &data.write {
        Write::Update { .. } => Some("update"),
        Write::Delete => Some("delete"),
        Write::InsertSelect { .. } | Write::InsertValues { .. } | Write::Copy { .. } => None,
    }
}
