//! Which releases are live, replayed from what was recorded of deploys.

use jiff::Timestamp;

/// What is known of one app.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct App {
    /// Its name.
    pub name: String,
    /// Its releases in the order they were first registered.
    pub releases: Vec<Release>,
}

/// One release of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its version or commit.
    pub version: String,
    /// What it declares it can do.
    pub marks: Vec<String>,
    /// Whether it is live.
    pub state: LiveState,
}

/// Whether a release is live, and since when or until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiveState {
    /// Being rolled out beside the others; live.
    Starting {
        /// When its rollout started.
        since: Timestamp,
    },
    /// Live.
    Live {
        /// When its rollout started.
        since: Timestamp,
    },
    /// It no longer serves and cannot without a new deploy.
    Ended {
        /// When it ended.
        at: Timestamp,
    },
}

impl Release {
    /// Returns whether it serves or may serve without a new deploy.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        matches!(self.state, LiveState::Starting { .. } | LiveState::Live { .. })
    }
}
