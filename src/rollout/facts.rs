//! What the answer is computed from besides the plans.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::compare::Compared;
use crate::compile::CompiledProject;
use crate::config::{HeartbeatRules, ReleaseNaming};
use crate::graph::StepGraph;
use crate::ledger::{Entry, LedgerSnapshot, replay};
use crate::phase::PhaseKey;
use crate::plan::checked::CheckedProject;
use crate::plan::gate::ReleaseCondition;
use crate::release::pulse::{Beat, with_heartbeats};
use crate::release::{App, Release, passes};
use crate::version::MigrationVersion;

/// What is known of the world.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The database's clock.
    pub now: Timestamp,
    /// Whether gates are on in this environment.
    pub gates: bool,
    /// Apps that `planner.yaml` names; each must pass every release gate.
    pub apps: Vec<String>,
    /// How the releases of apps are named, for those of which `planner.yaml` says so.
    pub naming: BTreeMap<String, ReleaseNaming>,
    /// Apps that are upgraded release by release, all that is new in one at once.
    pub by_release: BTreeSet<String>,
    /// Versions in Diesel's own table.
    pub applied: BTreeSet<MigrationVersion>,
    /// Hand-written migrations in the migrations folder: version and directory name.
    pub hand_written: BTreeMap<MigrationVersion, String>,
    /// What query gates returned, where they were asked: `Ok(true)`, `Ok(false)`, or why there was no answer.
    pub queries: BTreeMap<PhaseKey, Result<bool, String>>,
    /// What was found where a phase's places were compared.
    pub compared: BTreeMap<PhaseKey, Vec<Compared>>,
    /// Whether planner's ledger is installed.
    pub ledger_installed: bool,
}

/// Returns the state that a ledger's entries leave, with what heartbeats say of who is live. Every decision starts from it;
/// what deploys alone recorded is [`replay()`]'s.
#[must_use]
pub fn ledger_of(
    entries: &[Entry],
    beats: &[Beat],
    rules: &HeartbeatRules,
    now: Timestamp,
) -> LedgerSnapshot {
    let mut ledger = replay(entries);
    ledger.apps = with_heartbeats(ledger.apps, beats, rules, now);
    ledger
}

/// Everything the decision looks at.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// The plans.
    pub project: &'a CheckedProject,
    /// Their order.
    pub graph: &'a StepGraph,
    /// Their migrations.
    pub compiled: &'a CompiledProject,
    /// What was done.
    pub ledger: &'a LedgerSnapshot,
    /// What is known of the world.
    pub facts: &'a Facts,
}

impl Situation<'_> {
    /// Returns whether the migration is done: by the ledger, or by Diesel itself.
    #[must_use]
    pub fn is_done(&self, version: &MigrationVersion) -> bool {
        super::progress::standing(self, version).is_done()
    }

    /// Returns whether a release passes a condition on its app.
    ///
    /// # Errors
    ///
    /// As [`crate::release::passes`].
    pub fn passes(
        &self,
        condition: &ReleaseCondition,
        app: &App,
        release: &Release,
    ) -> Result<bool, String> {
        passes(condition, app, release, self.facts.naming.get(&app.name).copied())
    }
}
