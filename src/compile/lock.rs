//! `planner.lock`: one line a plan and one a table, so that git conflicts exactly where two branches meet.

use super::CompiledProject;
use crate::plan::checked::CheckedProject;

/// Returns the lock file's text.
#[must_use]
pub fn text(project: &CheckedProject, compiled: &CompiledProject) -> String {
    let _ = (project, compiled);
    todo!()
}

/// What a lock file says of one plan, as far as programs that only embed migrations need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedPlan {
    /// Its stamp, with which the versions of its migrations begin.
    pub stamp: crate::version::Stamp,
    /// Its name.
    pub name: crate::name::PlanName,
    /// Phases with a gate.
    pub gated: Vec<crate::phase::Phase>,
    /// Plans it builds on.
    pub after: Vec<crate::plan::authored::After>,
}

/// Reads the plan lines of a lock file.
///
/// # Errors
///
/// Returns the number of the first line (from 1) that planner did not write.
pub fn parse(text: &str) -> Result<Vec<LockedPlan>, usize> {
    let _ = text;
    todo!()
}
