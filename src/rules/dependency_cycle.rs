//! `dependency-cycle`: steps or plans wait for each other.

use crate::diagnostic::code;

super::declare_rule! {
    /// Steps, or plans, wait for each other in a circle, or for themselves.
    ///
    /// # Why it matters
    ///
    /// None of them could ever run. Each edge of the circle is told with its reason and place. Plans can only form a circle if one of them waits for a newer one, which is reported too.
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
    ///   - { id: first, after: [second], create_index: { table: users, columns: [name] } }
    ///   - { id: second, create_index: { table: users, columns: [id, name] } }
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
    ///   - { id: first, create_index: { table: users, columns: [name] } }
    ///   - { id: second, after: [first], create_index: { table: users, columns: [id, name] } }
    /// ```
    pub static RULE = { code: code::DEPENDENCY_CYCLE, since: "0.1.0", check: None, waivable: false }
}
