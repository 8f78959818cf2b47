//! `unknown-operation`: there is no such kind of step.

use crate::diagnostic::code;

super::declare_rule! {
    /// A step names an operation that does not exist.
    ///
    /// # Why it matters
    ///
    /// `planner explain` and the reference list all operations; renames and type changes are told in several steps.
    ///
    /// # Bad
    ///
    /// ```yaml bad
    /// # file: 2026-01-01-000000_create_users.yaml
    /// expand:
    ///   - creat_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: bigint, primary_key: true }
    ///         - { name: name, type: text }
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
    pub static RULE = { code: code::UNKNOWN_OPERATION, since: "0.1.0", check: None, waivable: false }
}
