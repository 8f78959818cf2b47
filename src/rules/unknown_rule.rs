//! `unknown-rule`: a name that is no rule's.

use crate::diagnostic::code;

super::declare_rule! {
    /// A waiver, or `rules` in `planner.yaml`, names a rule that does not exist.
    ///
    /// # Why it matters
    ///
    /// It would have no effect, and nobody would notice. `planner explain` lists all rules by code and name.
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
    ///     waive: { hazard: blocking-indx, reason: the table is empty, until: 2099-01-01 }
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
    /// ```
    pub static RULE = { code: code::UNKNOWN_RULE, since: "0.1.0", check: None, waivable: false }
}
