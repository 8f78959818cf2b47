//! `duplicate-version`: two plans have one version.

use crate::diagnostic::code;

super::declare_rule! {
    /// Two plans have the same moment in their file names, perhaps with and without `-`.
    ///
    /// # Why it matters
    ///
    /// Diesel knows migrations by their version alone: of two with one version it silently runs only one.
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
    /// # file: 20260101000000_create_people.yaml
    /// expand:
    ///   - create_table:
    ///       table: people
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
    /// # file: 20260101000001_create_people.yaml
    /// expand:
    ///   - create_table:
    ///       table: people
    ///       columns: [{ name: id, type: bigint, primary_key: true }]
    /// ```
    pub static RULE = { code: code::DUPLICATE_VERSION, since: "0.1.0", check: None, waivable: false }
}
