//! `opaque-sql`: SQL that its author does not explain.

use crate::diagnostic::code;

super::declare_rule! {
    /// Planner cannot tell what a `sql` step does, how it is undone, or how to see that it has been done, and its author does not say it.
    ///
    /// # Why it matters
    ///
    /// What a parser can read, planner judges as it judges its own operations. A `DO` block that puts its SQL together, a function that is called, or what the parser does not know may do anything. Then its author says with `touches` what it changes and reads, with `down` how to undo it or with `irreversible` why nothing does, and with `probe` how to see that it has been done. What is read needs `down` or `irreversible` only where no inverse is known, as for a new function, and `probe` only where it cannot be in a transaction and leaves nothing to look for.
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
    ///   - sql: { up: "DO $$ BEGIN EXECUTE format('CREATE INDEX %I ON users (lower(name))', 'users_lower'); END $$" }
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
    ///   - id: index_names
    ///     sql:
    ///       up: CREATE INDEX users_lower ON users (lower(name))
    ///   - id: share_the_work
    ///     sql:
    ///       up: DO $$ BEGIN EXECUTE format('GRANT SELECT ON users TO %I', current_user); END $$
    ///       down: DO $$ BEGIN EXECUTE format('REVOKE SELECT ON users FROM %I', current_user); END $$
    ///       probe: SELECT has_table_privilege('users', 'SELECT')
    ///       touches: [users]
    /// ```
    pub static RULE = { code: code::OPAQUE_SQL, since: "0.1.0", check: None, waivable: false }
}
