//! `opaque-sql`: SQL that its author does not explain.

use crate::diagnostic::code;

super::declare_rule! {
    /// A `sql` step does not say what it touches, how it is undone, or how to see that it has been done.
    ///
    /// # Why it matters
    ///
    /// Planner does not read it, so its author says with `touches` what it changes and reads, with `down` how to undo it or with `irreversible` why nothing does, and with `probe` how to see that it has been done.
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
    ///   - sql: { up: CREATE INDEX users_lower ON users (lower(name)) }
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
    ///   - sql:
    ///       up: CREATE INDEX users_lower ON users (lower(name))
    ///       down: DROP INDEX users_lower
    ///       probe: SELECT to_regclass('users_lower') IS NOT NULL
    ///       touches: [users.name]
    /// ```
    pub static RULE = { code: code::OPAQUE_SQL, since: "0.1.0", check: None, waivable: false }
}
