//! `invalid-value`: a value that cannot stand there.

use crate::diagnostic::code;

super::declare_rule! {
    /// A value is not of the kind that is due there: a word that is none of the known ones, a list where a text is due, a duration without its unit.
    ///
    /// # Why it matters
    ///
    /// Values are taken as written; a column named `no` is a name. Where a yes or no, a number or a duration is due, it must be one.
    ///
    /// # Bad
    ///
    /// ```yaml bad
    /// # file: 2026-01-01-000000_create_users.yaml
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: bigint, primary_key: perhaps }
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
    pub static RULE = { code: code::INVALID_VALUE, since: "0.1.0", check: None, waivable: false }
}
