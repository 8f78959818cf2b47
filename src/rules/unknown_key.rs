//! `unknown-key`: a key that means nothing there.

use crate::diagnostic::code;

super::declare_rule! {
    /// A mapping has a key that means nothing there.
    ///
    /// # Why it matters
    ///
    /// A misspelt key would be silently left out: a `defualt` is no default.
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
    ///         - { name: name, type: text, defualt: "''" }
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
    ///         - { name: name, type: text, default: "''" }
    /// ```
    pub static RULE = { code: code::UNKNOWN_KEY, since: "0.1.0", check: None, waivable: false }
}
