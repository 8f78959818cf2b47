//! `destructive-in-expand`: something is destroyed in expand.

use super::Evidence;
use super::evidence::Misplaced;
use crate::diagnostic::Sink;

super::declare_rule! {
    /// An expand step drops something, or takes columns from a view.
    ///
    /// # Why it matters
    ///
    /// While expand runs, every live release must still work as before, and what is gone is gone for all of them. On a table that the same
    /// expand phase created before, it is allowed: no release knows it.
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
    /// expand:
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
    pub static RULE = { id: "EC202", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for (judged, object) in evidence.misplaced(Misplaced::DestructiveInExpand) {
        let message = format!("{} `{object}` goes in expand", object.kind());
        sink.report(
            judged
                .finding(CODE, message)
                .help("move the step to `contract`, and prepare it by a step in `expand`"),
        );
    }
}
