//! `missing-key`: a key that must be there is not.

use crate::diagnostic::code;

super::declare_rule! {
    /// A mapping lacks a key that it needs.
    ///
    /// # Why it matters
    ///
    /// Planner never guesses what a step is about.
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
    ///         - { name: name }
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
    pub static RULE = { code: code::MISSING_KEY, since: "0.1.0", check: None, waivable: false }
}
