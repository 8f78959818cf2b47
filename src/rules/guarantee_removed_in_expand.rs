//! `guarantee-removed-in-expand`: something that releases rely on ends in expand.

use super::Evidence;
use super::evidence::Misplaced;
use crate::diagnostic::Sink;

super::declare_rule! {
    /// An expand step takes away what releases may rely on: a NOT NULL, a default, a constraint, a unique index.
    ///
    /// # Why it matters
    ///
    /// A release that reads the column as non-null fails on the first NULL; one that leaves the column out fails without its default; one that upserts
    /// fails without the unique index that it names. So guarantees end in contract, behind the releases that can do without.
    ///
    /// # Bad
    ///
    /// ```yaml bad
    /// # proves: accepts INSERT INTO users (id, name) VALUES (2, NULL)
    /// # file: 2026-01-01-000000_create_users.yaml
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: bigint, primary_key: true }
    ///         - { name: name, type: text, nullable: false }
    /// # file: 2026-02-01-000000_names_may_miss.yaml
    /// after: [create_users]
    /// expand:
    ///   - drop_not_null: { table: users, column: name }
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
    ///         - { name: name, type: text, nullable: false }
    /// # file: 2026-02-01-000000_names_may_miss.yaml
    /// after: [create_users]
    /// contract:
    ///   - drop_not_null: { table: users, column: name }
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
    /// ```
    pub static RULE = { id: "EC205", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for (judged, object) in evidence.misplaced(Misplaced::GuaranteeRemovedInExpand) {
        let message = format!("what {} `{object}` guarantees ends in expand", object.kind());
        sink.report(judged.finding(CODE, message).help(
            "move the step to `contract`, behind a gate on the releases that do not rely on it",
        ));
    }
}
