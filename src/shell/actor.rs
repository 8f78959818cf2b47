//! Who is acting: the name in the ledger.

use super::Shell;

impl Shell {
    /// Returns `PLANNER_ACTOR`, else the user's name as the system gives it, else `unknown`.
    #[must_use]
    pub fn actor(&self) -> String {
        ["PLANNER_ACTOR", "GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER", "LOGNAME", "USERNAME"]
            .into_iter()
            .find_map(|name| self.variable(name))
            .unwrap_or_else(|| "unknown".into())
    }
}
