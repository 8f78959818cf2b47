//! `unordered-conflict`: two plans touch one object, and nobody says which comes first.

use super::Evidence;
use super::evidence::at_step;
use crate::change::footprint::Access;
use crate::diagnostic::Sink;

super::declare_rule! {
    /// Two plans touch the same object in ways that do not commute, and neither is `after` the other.
    ///
    /// # Why it matters
    ///
    /// Plans that nobody ordered run in any order, phase by phase, on every database. If one adds a column that the other fills, or both write
    /// the same rows, the order decides whether it works and what the data is afterwards. That one version is smaller is no order: its
    /// contract may wait for weeks. Two teams that add different columns to one table do not conflict.
    ///
    /// `after: [p]` lets each phase wait for the same phase of `p`; `after: [p/contract]` lets the whole plan wait for that
    /// phase, which is what it takes to use again what the other plan drops.
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
    /// # file: 2026-02-01-000000_index_names.yaml
    /// expand:
    ///   - create_index: { table: users, columns: [name] }
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
    /// # file: 2026-02-01-000000_index_names.yaml
    /// after: [create_users]
    /// expand:
    ///   - create_index: { table: users, columns: [name] }
    /// # file: 2026-02-02-000000_add_email.yaml
    /// after: [create_users]
    /// expand:
    ///   - add_column: { table: users, column: email, type: text }
    /// ```
    pub static RULE = { id: "EC209", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for conflict in &evidence.conflicts {
        let (older, newer) = (&conflict.older.name, &conflict.newer.name);
        let (kind, object) = (conflict.object.kind(), &conflict.object);
        let message = format!(
            "plans `{newer}` and `{older}` both touch {kind} `{object}`, and nothing says which comes first"
        );
        let after = match conflict.settled_by.phase {
            Some(phase) => format!("{older}/{phase}"),
            None => older.to_string(),
        };
        let mut diagnostic = at_step(CODE, conflict.newer, conflict.newer_step, message);
        diagnostic.labels.clear();
        sink.report(
            diagnostic
                .label(
                    conflict.newer_step.operation.span,
                    format!("{} {} it", conflict.newer_step.key, verb(conflict.newer_access)),
                )
                .label(
                    conflict.older_step.operation.span,
                    format!("{} {} it", conflict.older_step.key, verb(conflict.older_access)),
                )
                .help(format!("add `after: [{after}]` to `{newer}`")),
        );
    }
}

const fn verb(access: Access) -> &'static str {
    match access {
        Access::Uses => "uses",
        Access::ReadsData => "reads",
        Access::WritesData => "writes",
        Access::Alters => "alters",
        Access::Defines => "creates, changes or drops",
    }
}
