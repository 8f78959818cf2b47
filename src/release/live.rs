//! Which releases are live, replayed from what was recorded of deploys.

use std::sync::Arc;

use jiff::Timestamp;

use super::pulse::Pulse;
use super::requirement::Requirements;
use crate::name::PlanName;
use crate::version::MigrationVersion;

/// What is known of one app.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct App {
    /// Its name.
    pub name: String,
    /// Its releases in the order they were first registered.
    pub releases: Vec<Release>,
}

impl App {
    /// Returns the release with this name.
    #[must_use]
    pub fn release(&self, version: &str) -> Option<&Release> {
        self.releases.iter().find(|release| release.version == version)
    }

    /// Returns the releases that end when the rollout of `version` is finished: all other live ones but those
    /// kept, those whose own rollout is still going on and started later, and those that only their heartbeats make live.
    pub fn ended_by_finish(
        &self,
        version: &str,
        keep: &[String],
    ) -> impl Iterator<Item = &Release> {
        let own_start = self.release(version).map_or(0, |release| release.started_by);
        self.live().filter(move |release| {
            let overtakes = release.is_starting() && release.started_by > own_start;
            let is_other = release.version != version && !keep.contains(&release.version);
            is_other && !overtakes && !release.lives_by_heartbeat()
        })
    }

    /// Returns whether it is known which of its releases are live: one was started at least. Releases that are only
    /// registered say nothing about that, and neither do heartbeats, since other releases may run without them; unless
    /// the app says that its heartbeats are all the evidence there is.
    #[must_use]
    pub fn has_started(&self) -> bool {
        self.releases.iter().any(|release| match &release.pulse {
            Some(pulse) => pulse.sole_evidence || pulse.recorded != LiveState::Registered,
            None => release.state != LiveState::Registered,
        })
    }

    /// Returns whether it is recorded what a live release of it needs from the schema.
    #[must_use]
    pub fn has_known_needs(&self) -> bool {
        self.live().any(|release| release.needs.is_some())
    }

    /// Returns its live releases in the order they were registered.
    pub fn live(&self) -> impl Iterator<Item = &Release> {
        self.releases.iter().filter(|release| release.is_live())
    }
}

/// One release of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its version or commit.
    pub version: String,
    /// What it declares it can do.
    pub marks: Vec<String>,
    /// What it needs from the schema, where that is recorded.
    pub needs: Option<Arc<Requirements>>,
    /// The plans that no earlier release of the app contains, and the hand-written migrations, where that is recorded.
    pub introduces: Introduced,
    /// Whether it is live.
    pub state: LiveState,
    /// The id of the ledger's entry that last started its rollout, 0 if there is none: rollouts may start at
    /// one time, but not with one id.
    pub started_by: i64,
    /// What its instances say themselves, if any ever did. The state takes it into account.
    pub pulse: Option<Pulse>,
}

/// What a release is the first of its app to contain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Introduced {
    /// Plans.
    pub plans: Vec<PlanName>,
    /// Hand-written migrations.
    pub migrations: Vec<MigrationVersion>,
}

/// Whether a release is live, and since when or until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiveState {
    /// Known by name, and never started as far as the ledger knows; not live.
    Registered,
    /// Being rolled out beside the others; live.
    Starting {
        /// When its rollout started.
        since: Timestamp,
    },
    /// Live.
    Live {
        /// When its rollout last started.
        since: Timestamp,
    },
    /// It no longer serves and cannot without a new deploy.
    Ended {
        /// When it ended.
        at: Timestamp,
    },
}

impl Release {
    /// Returns a release of which nothing but its name and state is known.
    #[must_use]
    pub fn new(version: &str, state: LiveState) -> Self {
        Self {
            version: version.to_owned(),
            marks: Vec::new(),
            needs: None,
            introduces: Introduced::default(),
            state,
            started_by: 0,
            pulse: None,
        }
    }

    /// Returns whether it is live for its heartbeats alone: no deploy that was recorded says so.
    #[must_use]
    pub fn lives_by_heartbeat(&self) -> bool {
        let pulse = self.pulse.as_ref().filter(|_| self.is_live());
        pulse.is_some_and(|pulse| match pulse.recorded {
            LiveState::Registered | LiveState::Ended { .. } => true,
            LiveState::Starting { .. } | LiveState::Live { .. } => false,
        })
    }

    /// Returns whether it serves or may serve without a new deploy.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        self.live_since().is_some()
    }

    /// Returns whether it is being rolled out.
    #[must_use]
    pub const fn is_starting(&self) -> bool {
        matches!(self.state, LiveState::Starting { .. })
    }

    /// Returns when its rollout last started, if it is live.
    #[must_use]
    pub const fn live_since(&self) -> Option<Timestamp> {
        match self.state {
            LiveState::Starting { since } | LiveState::Live { since } => Some(since),
            LiveState::Registered | LiveState::Ended { .. } => None,
        }
    }
}
