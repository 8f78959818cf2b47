//! `rows-left-behind`: what goes holds what its replacement does not.

use crate::diagnostic::code;

super::declare_rule! {
    /// A contract phase drops a column or a table with `replaced_by`, and rows are found in the old place that the new one does not have.
    ///
    /// # Why it matters
    ///
    /// They would be gone for good. `planner run` compares the two places just before it opens the phase, read-only and within `query_timeout`, and tells how many rows there are and the keys of the first five; `next-phase` says which places it will compare. What it looks for follows from who may write which place by then. Where `sync_columns` keeps the columns in step in both directions, a row counts whose new columns are not what `forward` makes of the old ones and whose old ones are not what `backward` makes of the new ones. Where nothing carries back what the last releases write, the old column is stale by then, and a row counts that the backfill's `where` still finds and that has nothing in the new column but something in what it is filled from. Of a table that was copied, a row counts that has no row with its key in the new table.
    ///
    /// Fill the rows again or correct them. If they may be lost, because the last releases deleted them from the new table on purpose, say so with a waiver on the step that drops the old place; then the places are not compared.
    ///
    /// # Bad
    ///
    /// ```text bad
    /// split_user_name/contract is blocked: 2 rows of `users` have something else in `given_name` than in the place they replace (keys: 4, 7)
    /// ```
    ///
    /// # Waived
    ///
    /// ```yaml
    /// # file: 2026-01-01-000000_create_sessions.yaml
    /// expand:
    ///   - create_table:
    ///       table: sessions
    ///       columns:
    ///         - { name: id, type: bigint, primary_key: true }
    ///         - { name: data, type: text }
    /// # file: 2026-02-01-000000_visits.yaml
    /// after: [create_sessions]
    /// expand:
    ///   - create_table:
    ///       table: visits
    ///       columns:
    ///         - { name: id, type: bigint, primary_key: true }
    ///         - { name: data, type: text }
    ///   - id: carry_over
    ///     sync_tables: { from: sessions, to: visits, columns: [id, data], key: [id] }
    /// backfill:
    ///   - copy_table: { from: sessions, to: visits, columns: [id, data] }
    /// contract:
    ///   - drop_sync: { step: carry_over }
    ///   - drop_table: { table: sessions, replaced_by: [visits] }
    ///     waive: { hazard: rows-left-behind, reason: releases from 2.0.0 on delete visits only, until: 2099-01-01 }
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
    /// ```
    pub static RULE = { code: code::ROWS_LEFT_BEHIND, since: "0.1.0", check: None, waivable: true }
}
