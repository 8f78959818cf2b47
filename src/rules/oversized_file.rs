//! `oversized-file`: a file is beyond the limits.

use crate::diagnostic::code;

super::declare_rule! {
    /// A file is larger than a plan can be: over 1 MiB, over 100,000 values with all aliases followed, deeper than 64 levels, or with over 300 steps in a phase.
    ///
    /// # Why it matters
    ///
    /// Plans are read by people. A file of that size is a mistake or an attack, and it is refused before it takes memory.
    ///
    /// # Bad
    ///
    /// ```text bad
    /// plans/2026-01-01-000000_create_users.yaml      104,857,600 bytes
    /// ```
    pub static RULE = { code: code::OVERSIZED_FILE, since: "0.1.0", check: None, waivable: false }
}
