//! `several-operations`: a step does two things.

use crate::diagnostic::code;

super::declare_rule! {
    /// A step has two operations.
    ///
    /// # Why it matters
    ///
    /// A step is what runs, fails, and is undone as one. Each operation has its own.
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
    ///     create_index: { table: users, columns: [name] }
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
    ///   - create_index: { table: users, columns: [name] }
    /// ```
    pub static RULE = { code: code::SEVERAL_OPERATIONS, since: "0.1.0", check: None, waivable: false }
}
