//! `unknown-step`: a step waits for one that its plan does not have.

use crate::diagnostic::code;

super::declare_rule! {
    /// The `after` of a step, or a `drop_sync`, names a step that its plan does not have.
    ///
    /// # Why it matters
    ///
    /// Steps wait for steps of their own plan; plans wait for plans with the `after` at the top.
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
    ///   - { after: [creat_table], create_index: { table: users, columns: [name] } }
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
    ///   - { after: [create_table_users], create_index: { table: users, columns: [name] } }
    /// ```
    pub static RULE = { code: code::UNKNOWN_STEP, since: "0.1.0", check: None, waivable: false }
}
