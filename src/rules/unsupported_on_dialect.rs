//! `unsupported-on-dialect`: the database cannot do this.

use crate::diagnostic::code;

super::declare_rule! {
    /// An operation, a type or an option does not exist in one of the project's dialects.
    ///
    /// # Why it matters
    ///
    /// Each finding names an alternative. Types and expressions may be written once for each dialect: `{ postgres: timestamptz, sqlite: timestamp }`.
    ///
    /// # Bad
    ///
    /// ```yaml bad
    /// # dialect: sqlite
    /// # file: 2026-01-01-000000_create_mood.yaml
    /// expand:
    ///   - create_enum: { enum: mood, values: [good, bad] }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml good
    /// # dialect: postgres
    /// # file: 2026-01-01-000000_create_mood.yaml
    /// expand:
    ///   - create_enum: { enum: mood, values: [good, bad] }
    /// ```
    pub static RULE = { code: code::UNSUPPORTED_ON_DIALECT, since: "0.1.0", check: None, waivable: false }
}
