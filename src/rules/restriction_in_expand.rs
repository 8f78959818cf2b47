//! `restriction-in-expand`: a restriction of writes comes in expand.

use super::Evidence;
use super::evidence::Misplaced;
use crate::diagnostic::Sink;

super::declare_rule! {
    /// An expand step restricts what may be written to an existing table: NOT NULL, CHECK, UNIQUE, FOREIGN KEY, a unique index.
    ///
    /// # Why it matters
    ///
    /// Live releases write as before, and some of their writes would fail from then on; with CHECK that happens even while it is `NOT VALID`. So restrictions
    /// wait in contract for releases that can live with them. Two exceptions: anything may be put on a table that the same expand phase
    /// creates; and a restriction on columns that the same plan adds is allowed when rows that ignore those columns are
    /// proven to satisfy it, because they are NULL or have a constant default. Columns that a sync fills are not ignored.
    ///
    /// # Bad
    ///
    /// ```yaml bad
    /// # given: INSERT INTO users (id, name) VALUES (1, 'ann')
    /// # proves: breaks INSERT INTO users (id, name) VALUES (2, 'ann')
    /// # file: 2026-01-01-000000_create_users.yaml
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: bigint, primary_key: true }
    ///         - { name: name, type: text }
    /// # file: 2026-02-01-000000_names_are_unique.yaml
    /// after: [create_users]
    /// expand:
    ///   - create_index: { table: users, columns: [name], unique: true }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml good
    /// # given: INSERT INTO users (id, name) VALUES (1, 'ann')
    /// # file: 2026-01-01-000000_create_users.yaml
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: bigint, primary_key: true }
    ///         - { name: name, type: text }
    /// # file: 2026-02-01-000000_add_slug.yaml
    /// after: [create_users]
    /// expand:
    ///   - add_column: { table: users, column: slug, type: text }
    ///   - create_index: { table: users, columns: [slug], unique: true }
    /// # file: 2026-03-01-000000_names_are_unique.yaml
    /// after: [create_users]
    /// contract:
    ///   - create_index: { table: users, columns: [name], unique: true }
    /// gates:
    ///   contract:
    ///     releases: { web: ">=2.0.0" }
    ///     query: SELECT count(*) = count(DISTINCT name) FROM users
    /// ```
    pub static RULE = { id: "EC204", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for (judged, object) in evidence.misplaced(Misplaced::RestrictionInExpand) {
        let message = format!("{} `{object}` restricts writes in expand", object.kind());
        sink.report(judged.finding(CODE, message).help(
            "move the step to `contract`, behind a gate on the releases whose writes satisfy it",
        ));
    }
}
