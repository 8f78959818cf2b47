//! `invalid-expression`: a text is no SQL expression.

use crate::diagnostic::code;

super::declare_rule! {
    /// A text that must be a SQL expression, a condition or a query is none in the dialect of the project.
    ///
    /// # Why it matters
    ///
    /// It is read with the dialect's own parser, so that columns in it are known and the database does not refuse it half way.
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
    ///         - { name: name, type: text, check: "name <> ('" }
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
    ///         - { name: name, type: text, check: "name <> ''" }
    /// ```
    pub static RULE = { code: code::INVALID_EXPRESSION, since: "0.1.0", check: None, waivable: false }
}
