//! Entries into the state they leave.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::deploys::Deploys;
use super::{Entry, Event, StepEvent};
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
    /// Approvals by phase, the last one for each. An approval is used up when its phase is reverted.
    pub approvals: BTreeMap<PhaseKey, Approval>,
    /// Apps and their releases, by app.
    pub apps: BTreeMap<String, App>,
    /// Plans whose backfill was made void and has not been finished since, with the release that did it:
    /// `app version`. What is still to do of their backfills is to be done *again*, by "differs".
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
    /// A backfill that had finished or was under way when a release outside its gate made it void: it is to
    /// be done again from its first row. Its version may well stand in Diesel's table.
    Voided(StepEvent, Timestamp),
}

impl MigrationState {
    /// Returns the migration and when its last event was.
    #[must_use]
    pub const fn last(&self) -> (&StepEvent, Timestamp) {
        match self {
            Self::InDoubt(step, at)
            | Self::Done(step, at)
            | Self::Reverted(step, at)
            | Self::Failed(step, at)
            | Self::Voided(step, at) => (step, *at),
        }
    }
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

/// Replays entries, oldest first. Any sequence has a meaning: what does not fit the state before it, such as
/// the end of a rollout that never started, counts for what it says.
#[must_use]
pub fn replay(entries: &[Entry]) -> LedgerSnapshot {
    let mut replayer = Replayer::default();
    for entry in entries {
        replayer.take(entry);
    }
    LedgerSnapshot { apps: replayer.deploys.apps, ..replayer.snapshot }
}

/// The snapshot while it grows, with what only growing needs.
#[derive(Default)]
struct Replayer {
    snapshot: LedgerSnapshot,
    deploys: Deploys,
    /// By plan the migrations of a void backfill that have not been finished since.
    to_redo: BTreeMap<PlanName, BTreeSet<MigrationVersion>>,
    /// By plan the migrations of its backfill phase that were ever started.
    backfills: BTreeMap<PlanName, BTreeSet<MigrationVersion>>,
    /// Of migrations in doubt the state before, if it was done then: the intent was to undo it.
    done_before: BTreeMap<MigrationVersion, MigrationState>,
}

impl Replayer {
    fn take(&mut self, entry: &Entry) {
        let at = entry.at;
        self.snapshot.last_id = self.snapshot.last_id.max(entry.id);
        match &entry.event {
            Event::Started(step) => {
                if let Some(done @ MigrationState::Done(..)) =
                    self.snapshot.migrations.get(&step.version)
                {
                    self.done_before.insert(step.version.clone(), done.clone());
                }
                self.set(step, MigrationState::InDoubt(step.clone(), at));
            }
            Event::Finished(step) => {
                self.settle(step);
                self.set(step, MigrationState::Done(step.clone(), at));
            }
            Event::Failed(step, _) => self.fail(step, at),
            Event::Reverted(step) => {
                self.settle(step);
                self.set(step, MigrationState::Reverted(step.clone(), at));
                let phase = PhaseKey { plan: step.plan.clone(), phase: step.phase };
                self.snapshot.opened.remove(&phase);
                self.snapshot.approvals.remove(&phase);
            }
            Event::Opened { plan, phase, checksum, because: _ } => {
                let phase = PhaseKey { plan: plan.clone(), phase: *phase };
                self.snapshot.opened.insert(phase, Opened { at, checksum: checksum.clone() });
            }
            Event::Closed { plan, phase, because: _ } => {
                let phase = PhaseKey { plan: plan.clone(), phase: *phase };
                self.snapshot.opened.remove(&phase);
            }
            Event::Approved { plan, phase, checksum, by, reason } => {
                let phase = PhaseKey { plan: plan.clone(), phase: *phase };
                let (checksum, by, reason) = (checksum.clone(), by.clone(), reason.clone());
                self.snapshot.approvals.insert(phase, Approval { at, checksum, by, reason });
            }
            Event::Registered { app, version, registration } => {
                self.deploys.know(app, version, registration);
            }
            Event::DeployStarted { app, version, marks, forced: _ } => {
                self.deploys.start(entry.id, app, version, marks, at);
            }
            Event::DeployFinished { app, version, keep } => {
                self.deploys.finish(app, version, keep, at);
            }
            Event::DeployAborted { app, version } => self.deploys.abort(app, version, at),
            Event::Retired { app, version } => self.deploys.retire(app, version, at),
            // What it says stands in the baseline, from which plans are read.
            Event::Baselined { .. } => {}
            Event::BackfillVoided { plan, app, version } => {
                self.void(plan, &format!("{app} {version}"), at);
            }
        }
    }

    fn set(&mut self, step: &StepEvent, state: MigrationState) {
        match state {
            MigrationState::InDoubt(..) => {}
            MigrationState::Done(..)
            | MigrationState::Reverted(..)
            | MigrationState::Failed(..)
            | MigrationState::Voided(..) => {
                self.done_before.remove(&step.version);
            }
        }
        match step.phase {
            Phase::Backfill => {
                let of_plan = self.backfills.entry(step.plan.clone()).or_default();
                of_plan.insert(step.version.clone());
            }
            Phase::Expand | Phase::Contract => {}
        }
        self.snapshot.migrations.insert(step.version.clone(), state);
    }

    /// A failed attempt left nothing behind, so all is as before it: a void backfill is still void, and what
    /// was to be undone is still done.
    fn fail(&mut self, step: &StepEvent, at: Timestamp) {
        let void =
            self.to_redo.get(&step.plan).is_some_and(|versions| versions.contains(&step.version));
        let done = match self.snapshot.migrations.get(&step.version) {
            Some(done @ MigrationState::Done(..)) => Some(done.clone()),
            Some(_) | None => self.done_before.remove(&step.version),
        };
        let state = match (void, done) {
            (true, _) => MigrationState::Voided(step.clone(), at),
            (false, Some(done)) => done,
            (false, None) => MigrationState::Failed(step.clone(), at),
        };
        self.set(step, state);
    }

    fn void(&mut self, plan: &PlanName, release: &str, at: Timestamp) {
        let versions = self.backfills.get(plan).into_iter().flatten();
        for version in versions {
            let Some(state) = self.snapshot.migrations.get_mut(version) else { continue };
            match state {
                // A failed backfill may have written batches before it failed.
                MigrationState::Done(step, _)
                | MigrationState::InDoubt(step, _)
                | MigrationState::Failed(step, _)
                | MigrationState::Voided(step, _) => {
                    *state = MigrationState::Voided(step.clone(), at);
                    let of_plan = self.to_redo.entry(plan.clone()).or_default();
                    of_plan.insert(version.clone());
                    self.done_before.remove(version);
                    self.snapshot.voided.insert(plan.clone(), release.to_owned());
                }
                MigrationState::Reverted(..) => {}
            }
        }
    }

    /// Takes a migration off the list of those to be done again; the plan's backfill is no longer void once
    /// the list is empty.
    fn settle(&mut self, step: &StepEvent) {
        if let Some(versions) = self.to_redo.get_mut(&step.plan) {
            versions.remove(&step.version);
            if versions.is_empty() {
                self.to_redo.remove(&step.plan);
                self.snapshot.voided.remove(&step.plan);
            }
        }
    }
}

impl LedgerSnapshot {
    /// Returns whether the migration is finished and neither undone nor void.
    #[must_use]
    pub fn is_done(&self, version: &MigrationVersion) -> bool {
        matches!(self.migrations.get(version), Some(MigrationState::Done(..)))
    }

    /// Returns when the last of this phase's migrations was finished; `None` if the ledger knows of none that
    /// is done.
    #[must_use]
    pub fn phase_finished_at(&self, plan: &PlanName, phase: Phase) -> Option<Timestamp> {
        let times = self.migrations.values().filter_map(|state| match state {
            MigrationState::Done(step, at) => {
                (step.phase == phase && step.plan == *plan).then_some(*at)
            }
            MigrationState::InDoubt(..)
            | MigrationState::Reverted(..)
            | MigrationState::Failed(..)
            | MigrationState::Voided(..) => None,
        });
        times.max()
    }
}

#[cfg(test)]
mod tests;
