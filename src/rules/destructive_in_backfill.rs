//! `destructive-in-backfill`: something is destroyed in backfill.

use super::Evidence;
use super::evidence::Misplaced;
use crate::diagnostic::Sink;

super::declare_rule! {
    /// A backfill step drops something, or takes columns from a view.
    ///
    /// # Why it matters
    ///
    /// A backfill only moves data: it can stop anywhere, go on later, and run twice. Releases that use what goes are live while it runs.
    ///
    /// # Bad
    ///
    /// ```yaml bad
    /// # proves: breaks SELECT name FROM users
    /// # file: 2026-01-01-000000_create_users.yaml
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: bigint, primary_key: true }
    ///         - { name: name, type: text }
    /// # file: 2026-02-01-000000_drop_name.yaml
    /// after: [create_users]
    /// backfill:
    ///   - drop_column: { table: users, column: name }
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
    /// # file: 2026-02-01-000000_drop_name.yaml
    /// after: [create_users]
    /// expand:
    ///   - deprecate_column: { table: users, column: name }
    /// contract:
    ///   - drop_column: { table: users, column: name }
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
    /// ```
    pub static RULE = { id: "EC203", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for (judged, object) in evidence.misplaced(Misplaced::DestructiveInBackfill) {
        let message = format!("{} `{object}` goes in backfill", object.kind());
        sink.report(
            judged
                .finding(CODE, message)
                .help("move the step to `contract`, and prepare it by a step in `expand`"),
        );
    }
}
