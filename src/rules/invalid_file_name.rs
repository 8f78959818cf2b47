//! `invalid-file-name`: a plan's file is not named as a migration.

use crate::diagnostic::code;

super::declare_rule! {
    /// The name of a file in the folder of plans is not a moment in 14 digits, `_`, and a name.
    ///
    /// # Why it matters
    ///
    /// The moment orders the plans and begins the versions of their migrations; the name is how plans name each other. Names consist of letters, digits, `_` and `-`.
    ///
    /// # Bad
    ///
    /// ```yaml bad
    /// # file: create users.yaml
    /// expand:
    ///   - create_table:
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
    pub static RULE = { code: code::INVALID_FILE_NAME, since: "0.1.0", check: None, waivable: false }
}
