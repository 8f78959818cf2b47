//! `version-not-recorded`: ledger and Diesel disagree.

use crate::diagnostic::code;

super::declare_rule! {
    /// The ledger says that a migration was done, and Diesel's table does not have its version.
    ///
    /// # Why it matters
    ///
    /// Somebody reverted it with the `diesel` command, or removed the row. The stock command would run it again. Look at the schema, and record what is true.
    ///
    /// # Bad
    ///
    /// ```text bad
    /// the ledger                   add_email/add_column_users_email  done
    /// __diesel_schema_migrations   (not there)
    /// ```
    pub static RULE = { code: code::VERSION_NOT_RECORDED, since: "0.1.0", check: None, waivable: false }
}
