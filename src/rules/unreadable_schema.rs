//! `unreadable-schema`: what a release needs cannot be read from its sources.

use crate::diagnostic::code;

super::declare_rule! {
    /// A release's `schema.rs` or source is not Rust, a `table!` in it is not one that Diesel accepts, or a table is declared where planner cannot see it.
    ///
    /// # Why it matters
    ///
    /// `planner deploy start --schema` and `planner release import` read from it which tables and columns the release needs. A table that
    /// is not read looks like one that the release does not use, and would be dropped under it. So nothing is skipped silently: what is broken is an error,
    /// and what may be hidden (a `table!` written by a `macro_rules!`, a `mod` in a file that was not given) is a warning.
    ///
    /// # Bad
    ///
    /// ```text bad
    /// macro_rules! tenant_table {
    ///     ($name:ident) => { diesel::table! { $name (id) { id -> BigInt, } } };
    /// }
    /// ```
    ///
    /// # Good
    ///
    /// ```text good
    /// diesel::table! {
    ///     tenants (id) {
    ///         id -> BigInt,
    ///     }
    /// }
    /// ```
    pub static RULE = { code: code::UNREADABLE_SCHEMA, since: "0.1.0", check: None, waivable: false }
}
