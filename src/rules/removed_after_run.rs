//! `removed-after-run`: a step that ran is in no plan.

use crate::diagnostic::code;

super::declare_rule! {
    /// A step ran on the database, and no plan has it any more.
    ///
    /// # Why it matters
    ///
    /// What it did is there, and nothing says so. Bring the plan back; what is to go, goes in the contract phase of a plan.
    ///
    /// # Bad
    ///
    /// ```text bad
    /// the ledger   add_email/add_column_users_email  done
    /// plans/       (no plan `add_email`)
    /// ```
    pub static RULE = { code: code::REMOVED_AFTER_RUN, since: "0.1.0", check: None, waivable: false }
}
