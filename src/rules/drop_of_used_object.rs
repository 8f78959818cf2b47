//! `drop-of-used-object`: something goes that is still used.

use crate::diagnostic::code;

super::declare_rule! {
    /// A step drops something that a view, a foreign key, a column or a sync still uses.
    ///
    /// # Why it matters
    ///
    /// The database would refuse the step, or take what uses it along. Drop or change that first.
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
    ///   - create_view: { view: people, as: "SELECT id, name FROM users" }
    /// # file: 2026-02-01-000000_drop_name.yaml
    /// after: [create_users]
    /// expand:
    ///   - deprecate_column: { table: users, column: name }
    /// contract:
    ///   - drop_column: { table: users, column: name }
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
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
    ///   - create_view: { view: people, as: "SELECT id, name FROM users" }
    /// # file: 2026-02-01-000000_drop_name.yaml
    /// after: [create_users]
    /// expand:
    ///   - deprecate_column: { table: users, column: name }
    ///   - deprecate_table: { table: people }
    /// contract:
    ///   - drop_view: { view: people }
    ///   - drop_column: { table: users, column: name }
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
    /// ```
    pub static RULE = { code: code::DROP_OF_USED_OBJECT, since: "0.1.0", check: None, waivable: false }
}
