//! `object-exists`: something is created that is there already.

use crate::diagnostic::code;

super::declare_rule! {
    /// A step creates something whose name is taken just before it.
    ///
    /// # Why it matters
    ///
    /// The database would refuse the step. Tables, views and indexes share their names within a schema.
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
    ///   - add_column: { table: users, column: name, type: text }
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
    ///   - add_column: { table: users, column: nick, type: text }
    /// ```
    pub static RULE = { code: code::OBJECT_EXISTS, since: "0.1.0", check: None, waivable: false }
}
