//! Entries into the state they leave.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Entry, StepEvent};
use crate::compile::Checksum;
use crate::name::PlanName;
use crate::phase::{Phase, PhaseKey};
use crate::release::App;
use crate::version::MigrationVersion;

/// The state that a ledger's entries leave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerSnapshot {
    /// Migrations that were ever started, with their last state.
    pub migrations: BTreeMap<MigrationVersion, MigrationState>,
    /// Phases opened and not closed since.
    pub opened: BTreeMap<PhaseKey, Opened>,
    /// Approvals by phase, the last one for each.
    pub approvals: BTreeMap<PhaseKey, Approval>,
    /// Apps and their releases, by app.
    pub apps: BTreeMap<String, App>,
    /// Plans whose backfill was made void since it was last finished, with the release that did it: `app version`.
    pub voided: BTreeMap<PlanName, String>,
    /// The id of the last entry, 0 if there is none.
    pub last_id: i64,
}

/// A migration's state, with its last event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MigrationState {
    /// Started and not known finished.
    InDoubt(StepEvent, Timestamp),
    /// Finished then.
    Done(StepEvent, Timestamp),
    /// Undone; as if it never ran.
    Reverted(StepEvent, Timestamp),
    /// Failed cleanly; as if it never ran.
    Failed(StepEvent, Timestamp),
}

/// When and why a phase was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// When.
    pub at: Timestamp,
    /// Over the phase's steps then.
    pub checksum: Checksum,
}

/// Who approved a phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// When.
    pub at: Timestamp,
    /// Over the phase's steps then.
    pub checksum: Checksum,
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// Replays entries, oldest first.
#[must_use]
pub fn replay(entries: &[Entry]) -> LedgerSnapshot {
    let _ = entries;
    todo!()
}

impl LedgerSnapshot {
    /// Returns whether the migration is finished and not undone.
    #[must_use]
    pub fn is_done(&self, version: &MigrationVersion) -> bool {
        matches!(self.migrations.get(version), Some(MigrationState::Done(..)))
    }

    /// Returns when the last of these phases' migrations was finished.
    #[must_use]
    pub fn phase_finished_at(&self, plan: &PlanName, phase: Phase) -> Option<Timestamp> {
        let _ = (plan, phase);
        todo!()
    }
}
