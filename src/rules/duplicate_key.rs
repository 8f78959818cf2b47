//! `duplicate-key`: a key is written twice.

use crate::diagnostic::code;

super::declare_rule! {
    /// A mapping has a key twice.
    ///
    /// # Why it matters
    ///
    /// One of the two would win, and the reader cannot know which.
    ///
    /// # Bad
    ///
    /// ```yaml bad
    /// # file: 2026-01-01-000000_create_users.yaml
    /// title: Users
    /// title: People
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
    /// title: Users
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: bigint, primary_key: true }
    ///         - { name: name, type: text }
    /// ```
    pub static RULE = { code: code::DUPLICATE_KEY, since: "0.1.0", check: None, waivable: false }
}
