//! `empty-plan`: a plan without steps.

use crate::diagnostic::code;

super::declare_rule! {
    /// A plan has no step in any phase.
    ///
    /// # Why it matters
    ///
    /// It compiles to nothing, and others may wait for it without knowing.
    ///
    /// # Bad
    ///
    /// ```yaml bad
    /// # file: 2026-01-01-000000_create_users.yaml
    /// title: Users
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
    pub static RULE = { code: code::EMPTY_PLAN, since: "0.1.0", check: None, waivable: false }
}
