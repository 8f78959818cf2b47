//! `after-newer-plan`: a plan waits for a newer one.

use crate::diagnostic::code;

super::declare_rule! {
    /// A plan is `after` one whose version is larger than its own.
    ///
    /// # Why it matters
    ///
    /// Diesel runs migrations by version. Only if plans build on older ones is that order one that works, everywhere and for everybody.
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
    /// # file: 2026-02-01-000000_create_people.yaml
    /// after: [create_carts]
    /// expand:
    ///   - create_table:
    ///       table: people
    ///       columns: [{ name: id, type: bigint, primary_key: true }]
    /// # file: 2026-03-01-000000_create_carts.yaml
    /// expand:
    ///   - create_table:
    ///       table: carts
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
    /// # file: 2026-02-01-000000_create_carts.yaml
    /// expand:
    ///   - create_table:
    ///       table: carts
    ///       columns: [{ name: id, type: bigint, primary_key: true }]
    /// # file: 2026-03-01-000000_create_people.yaml
    /// after: [create_carts]
    /// expand:
    ///   - create_table:
    ///       table: people
    ///       columns: [{ name: id, type: bigint, primary_key: true }]
    /// ```
    pub static RULE = { code: code::AFTER_NEWER_PLAN, since: "0.1.0", check: None, waivable: false }
}
