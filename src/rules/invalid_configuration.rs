//! `invalid-configuration`: `planner.yaml` or `diesel.toml` says what cannot be.

use crate::diagnostic::code;

super::declare_rule! {
    /// `planner.yaml` has a value that planner refuses, such as a server's URL under `database`, or `diesel.toml` one that neither Diesel nor planner
    /// can use.
    ///
    /// # Why it matters
    ///
    /// The file is committed, so a URL with a password must not stand in it; it belongs into `DATABASE_URL` or the environment's `url_env`.
    ///
    /// # Bad
    ///
    /// ```yaml bad
    /// # file: planner.yaml
    /// database: postgres://app@db.example.com/shop
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml good
    /// # file: planner.yaml
    /// database: sqlite:shop.db
    /// ```
    pub static RULE = { code: code::INVALID_CONFIGURATION, since: "0.1.0", check: None, waivable: false }
}
