//! `unreadable-file`: a file cannot be read at all.

use crate::diagnostic::code;

super::declare_rule! {
    /// A file in the folder of plans cannot be read: it is a directory, it is not UTF-8, or access is denied.
    ///
    /// # Why it matters
    ///
    /// A plan that cannot be read is a plan that nobody checks. Save it as UTF-8, or move it out of the folder.
    ///
    /// # Bad
    ///
    /// ```text bad
    /// plans/2026-01-01-000000_create_users.yaml/     a directory
    /// plans/2026-01-02-000000_add_email.yaml         saved as UTF-16
    /// ```
    pub static RULE = { code: code::UNREADABLE_FILE, since: "0.1.0", check: None, waivable: false }
}
