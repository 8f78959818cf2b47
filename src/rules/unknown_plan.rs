//! `unknown-plan`: `after` names a plan or a phase that is not there.

use crate::diagnostic::code;

super::declare_rule! {
    /// `after` names a plan that does not exist, or a phase that the plan does not have.
    ///
    /// # Why it matters
    ///
    /// What a plan builds on must be known, else it may run before it.
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
    /// # file: 2026-02-01-000000_create_people.yaml
    /// after: [creat_users]
    /// expand:
    ///   - create_table:
    ///       table: people
    ///       columns: [{ name: id, type: bigint, primary_key: true }]
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
    /// # file: 2026-02-01-000000_add_email.yaml
    /// after: [create_users]
    /// expand:
    ///   - add_column: { table: users, column: email, type: text }
    /// ```
    pub static RULE = { code: code::UNKNOWN_PLAN, since: "0.1.0", check: None, waivable: false }
}
