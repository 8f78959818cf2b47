//! `duplicate-step`: two steps of a plan have one id.

use crate::diagnostic::code;

super::declare_rule! {
    /// Two steps of a plan have the same id, written or derived from what they do.
    ///
    /// # Why it matters
    ///
    /// Steps are known by their ids in `after`, in the ledger and in the names of migrations. Give one of them an `id`.
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
    ///   - { id: by_name, create_index: { table: users, columns: [name] } }
    ///   - { id: by_name, create_index: { table: users, columns: [name, id] } }
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
    ///   - { id: by_name, create_index: { table: users, columns: [name] } }
    ///   - { id: by_name_and_id, create_index: { table: users, columns: [name, id] } }
    /// ```
    pub static RULE = { code: code::DUPLICATE_STEP, since: "0.1.0", check: None, waivable: false }
}
