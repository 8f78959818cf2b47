//! `stale-waiver`: a waiver that should go.

super::declare_rule! {
    /// A waiver is past its date, covers nothing, or names a rule that cannot be waived.
    ///
    /// # Why it matters
    ///
    /// A waiver is a promise to look again. While it holds, what it covers is reported as a note.
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
    /// # file: 2026-02-01-000000_drop_name.yaml
    /// after: [create_users]
    /// expand:
    ///   - deprecate_column: { table: users, column: name, default: "''" }
    ///     waive: { hazard: default-violates-constraint, reason: names were unique once, until: 2099-01-01 }
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
    /// # file: 2026-02-01-000000_drop_name.yaml
    /// after: [create_users]
    /// expand:
    ///   - deprecate_column: { table: users, column: name, default: "''" }
    /// ```
    pub static RULE = { id: "EC216", since: "0.1.0", check: None, waivable: false }
}
