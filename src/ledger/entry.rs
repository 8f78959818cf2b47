//! One entry of the ledger.

use std::sync::Arc;

use jiff::Timestamp;

use crate::compile::Checksum;
use crate::history::Origin;
use crate::name::{Name, PlanName};
use crate::phase::Phase;
use crate::release::Requirements;
use crate::version::MigrationVersion;

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Ascending from 1 in the order of appending.
    pub id: i64,
    /// By the database's clock, in UTC.
    pub at: Timestamp,
    /// Who: a user's name, or what `PLANNER_ACTOR` says.
    pub actor: String,
    /// What happened.
    pub event: Event,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A migration was started that cannot share a transaction with its end, or a backfill.
    Started(StepEvent),
    /// A migration was finished.
    Finished(StepEvent),
    /// An attempt is known to have failed and left nothing behind.
    Failed(StepEvent, String),
    /// A migration was undone.
    Reverted(StepEvent),
    /// A gated phase was opened: its gates held at that moment.
    Opened {
        /// The plan.
        plan: PlanName,
        /// The phase.
        phase: Phase,
        /// Over the phase's steps.
        checksum: Checksum,
        /// The facts that opened it, for people.
        because: Vec<String>,
    },
    /// A phase that was opened and has not begun was closed again.
    Closed {
        /// The plan.
        plan: PlanName,
        /// The phase.
        phase: Phase,
        /// Why, for people.
        because: String,
    },
    /// A named person approved a phase.
    Approved {
        /// The plan.
        plan: PlanName,
        /// The phase.
        phase: Phase,
        /// Over the phase's steps; an approval of other steps does not count.
        checksum: Checksum,
        /// Who, as they gave their name.
        by: String,
        /// Why.
        reason: String,
    },
    /// A release is known by name; this makes it not live. What is recorded of it before stays, unless it is said anew.
    Registered {
        /// The app.
        app: String,
        /// The release.
        version: String,
        /// What is known of it.
        registration: Box<Registration>,
    },
    /// A rollout started.
    DeployStarted {
        /// The app.
        app: String,
        /// The release.
        version: String,
        /// What the release declares it can do.
        marks: Vec<String>,
        /// Why it was started although it was refused.
        forced: Option<String>,
    },
    /// A rollout finished: the other live releases of the app ended, but for those kept.
    DeployFinished {
        /// The app.
        app: String,
        /// The release.
        version: String,
        /// Releases that stay live.
        keep: Vec<String>,
    },
    /// A rollout was taken back.
    DeployAborted {
        /// The app.
        app: String,
        /// The release.
        version: String,
    },
    /// A release ended.
    Retired {
        /// The app.
        app: String,
        /// The release.
        version: String,
    },
    /// What was there before planner is recorded in a baseline, and these migrations had made it.
    Baselined {
        /// Where the schema was taken from.
        origin: Origin,
        /// The migrations that the baseline covers.
        migrations: Vec<MigrationVersion>,
        /// Over the baseline file, but for the day it was made on.
        checksum: Checksum,
    },
    /// A backfill was made void by a release outside its standing gate; it must be done again.
    BackfillVoided {
        /// The plan.
        plan: PlanName,
        /// The app of the release.
        app: String,
        /// The release.
        version: String,
    },
}

/// What is known of a release when it is registered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registration {
    /// What it needs from the schema.
    pub needs: Option<Arc<Requirements>>,
    /// The plans that no release of the app registered before contains.
    pub plans: Vec<PlanName>,
    /// The hand-written migrations that no release of the app registered before contains.
    pub migrations: Vec<MigrationVersion>,
}

/// Which migration of which step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepEvent {
    /// The plan.
    pub plan: PlanName,
    /// The phase.
    pub phase: Phase,
    /// The step.
    pub step: Name,
    /// The migration.
    pub version: MigrationVersion,
    /// Over the step's changes.
    pub checksum: Checksum,
    /// Counted from 1.
    pub attempt: i64,
    /// How long it took, where it ended.
    pub duration_ms: Option<i64>,
}
