//! `unreadable-baseline`: the file that says what was there before planner is not as it was written.

use crate::diagnostic::code;

super::declare_rule! {
    /// `baseline.postgres.sql` or `baseline.sqlite.sql` cannot be read: its header is not one, it is of another dialect or of a newer planner, or a statement in it does not fit.
    ///
    /// # Why it matters
    ///
    /// Plans build on the schema that the baseline holds. If part of it were passed over, plans would be judged against a schema that is not
    /// there. `planner baseline` writes the file; it is SQL so that it can be read and reviewed, not so that it is edited: what comes
    /// after it belongs into a plan or a migration.
    ///
    /// # Bad
    ///
    /// ```text bad
    /// -- planner baseline 1
    /// -- dialect: postgres
    /// -- from: database
    ///
    /// CREATE TABLE users (id bigint PRIMARY KEY;
    /// ```
    ///
    /// # Good
    ///
    /// ```text good
    /// -- planner baseline 1
    /// -- dialect: postgres
    /// -- from: database
    ///
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// ```
    pub static RULE = { code: code::UNREADABLE_BASELINE, since: "0.1.0", check: None, waivable: false }
}
