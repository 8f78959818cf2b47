//! `shipped-together`: a release brings both what prepares a removal and the removal.

use crate::diagnostic::code;

super::declare_rule! {
    /// A contract step removes what another plan prepares, and both plans come first in the same release of an app that is upgraded release by release (`upgrades: by_release` in `planner.yaml`).
    ///
    /// # Why it matters
    ///
    /// On the main branch the two may lie weeks apart. Whoever upgrades by releases gets them at once: there is no release that lives with the
    /// prepared state, so that the release before meets the removal. `planner release import` reports it from the tags, and `planner next-phase` blocks
    /// the phase. As long as neither plan is in a release it is a warning.
    ///
    /// # Bad
    ///
    /// ```text bad
    /// v1.4.0   plans/2026-01-05-000000_retire_name.yaml   expand: deprecate_column users.name
    /// v1.4.0   plans/2026-02-20-000000_drop_name.yaml     after: [retire_name]; contract: drop_column users.name
    /// ```
    ///
    /// # Good
    ///
    /// ```text good
    /// v1.4.0   plans/2026-01-05-000000_retire_name.yaml   expand: deprecate_column users.name
    /// v1.5.0   plans/2026-02-20-000000_drop_name.yaml     after: [retire_name]; contract: drop_column users.name
    /// ```
    pub static RULE = { code: code::SHIPPED_TOGETHER, since: "0.1.0", check: None, waivable: false }
}
