//! What going back to before a step or phase means.

use super::Situation;
use crate::name::StepKey;
use crate::phase::PhaseKey;
use crate::version::MigrationVersion;

/// Where to go back to: just before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RevertTarget {
    /// A step.
    Step(StepKey),
    /// A phase.
    Phase(PhaseKey),
}

/// The migrations to undo, last first, or why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevertPlan {
    /// The migrations to undo, in the order to undo them.
    pub versions: Vec<MigrationVersion>,
    /// Contract phases among them, which need consent by name.
    pub contracts: Vec<PhaseKey>,
    /// Why it cannot be done at all: irreversible steps, live releases that rely on what would go.
    pub refused: Vec<String>,
}

/// Plans a revert: every done migration of the target and of what comes after it in the graph.
#[must_use]
pub fn plan_revert(situation: &Situation<'_>, target: &RevertTarget) -> RevertPlan {
    let _ = (situation, target);
    todo!()
}
