//! `edited-after-run`: a step was edited after it ran.

use crate::diagnostic::code;

super::declare_rule! {
    /// A step that ran on the database does something else in its file now.
    ///
    /// # Why it matters
    ///
    /// What ran stays as it ran. Databases on which it did not run yet would get something else, and nobody could tell any more what is where. Put the step back as it was, and write a new plan; or revert the step first, then it may change. Titles, comments, gates and steps that did not run may be edited at any time.
    ///
    /// # Bad
    ///
    /// ```text bad
    /// the ledger     add_email/add_column_users_email  done, checksum 3f2a…
    /// the file now   add_email/add_column_users_email  checksum 91bc…
    /// ```
    pub static RULE = { code: code::EDITED_AFTER_RUN, since: "0.1.0", check: None, waivable: false }
}
