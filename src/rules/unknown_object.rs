//! `unknown-object`: a name of something that is not there.

use crate::diagnostic::code;

super::declare_rule! {
    /// A step or an expression in it names a table, column, index, constraint, view or type that does not exist just before the step.
    ///
    /// # Why it matters
    ///
    /// The database would refuse the step in the middle of a rollout. Names are checked against the schema as the steps before it leave it.
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
    ///   - create_index: { table: users, columns: [nmae] }
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
    pub static RULE = { code: code::UNKNOWN_OBJECT, since: "0.1.0", check: None, waivable: false }
}
