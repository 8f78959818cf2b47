//! `invalid-yaml`: a file is not YAML.

use crate::diagnostic::code;

super::declare_rule! {
    /// A file cannot be read as YAML.
    ///
    /// # Why it matters
    ///
    /// Nothing in it can be checked. Most often a bracket or a quote is not closed, or the indentation is off.
    ///
    /// # Bad
    ///
    /// ```yaml bad
    /// # file: 2026-01-01-000000_create_users.yaml
    /// expand:
    ///   - create_table: { table: users
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
    pub static RULE = { code: code::INVALID_YAML, since: "0.1.0", check: None, waivable: false }
}
