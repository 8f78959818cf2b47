//! `schema-drift`: the live schema is not what ran.

use crate::diagnostic::code;

super::declare_rule! {
    /// Something in the live schema is not as the steps that ran have left it: changed, missing, or there without any of them.
    ///
    /// # Why it matters
    ///
    /// Every answer rests on the schema being what the plans say: what may run, whom it breaks, how it is undone. Somebody changed the
    /// database by hand, or a restore brought back an older one. Put it back, or bring what was done by hand into a plan.
    ///
    /// # Bad
    ///
    /// ```text bad
    /// the plans       users (id integer, name text)
    /// the database    users (id integer, name text, nick text)
    /// ```
    pub static RULE = { code: code::SCHEMA_DRIFT, since: "0.1.0", check: None, waivable: false }
}
