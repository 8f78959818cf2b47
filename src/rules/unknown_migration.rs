//! `unknown-migration`: the database has a migration that no file knows.

use crate::diagnostic::code;

super::declare_rule! {
    /// The database has a migration that is in no file.
    ///
    /// # Why it matters
    ///
    /// Somebody ran it from another branch, or its file was removed. What it did is not in the predicted schema. Bring the file back, or revert it with the program that knows it.
    ///
    /// # Bad
    ///
    /// ```text bad
    /// __diesel_schema_migrations   202602010000001001ab12
    /// migrations/                  (nothing with this version)
    /// ```
    pub static RULE = { code: code::UNKNOWN_MIGRATION, since: "0.1.0", check: None, waivable: false }
}
