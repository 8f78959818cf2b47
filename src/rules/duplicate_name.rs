//! `duplicate-name`: two plans have one name.

use crate::diagnostic::code;

super::declare_rule! {
    /// Two plans have the same name: the part of the file name after the first `_`.
    ///
    /// # Why it matters
    ///
    /// `after` names plans by it, and so do commands and the ledger.
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
    /// # file: 2026-02-01-000000_create_users.yaml
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
    /// # file: 2026-02-01-000000_create_people.yaml
    /// expand:
    ///   - create_table:
    ///       table: people
    ///       columns: [{ name: id, type: bigint, primary_key: true }]
    /// ```
    pub static RULE = { code: code::DUPLICATE_NAME, since: "0.1.0", check: None, waivable: false }
}
