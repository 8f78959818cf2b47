//! Executing what was decided: forward under the lease, backward, backfills in batches, recovery after a crash.
//!
//! Whatever can share a transaction with its records does. What cannot (a concurrent index) and what is many
//! transactions (a backfill) is announced first, so that after a crash the next run asks the catalog, or
//! goes on from the cursor.

mod error;
pub mod event;
mod hand_written;
mod limits;
mod session;

mod adopt;
mod backfill;
mod compare;
mod opening;
mod rebuild;
mod recover;
pub mod revert;
pub mod run;
mod step;
pub mod verify;

pub use error::{RunError, StepFailure};
pub use hand_written::HandWritten;
pub use limits::Limits;
pub use revert::revert;
pub use run::{Mode, Only, RunReport, RunRequest, due, run};

use crate::compile::CompiledProject;
use crate::graph::StepGraph;
use crate::plan::checked::CheckedProject;

/// All that a run needs to know besides the database.
#[derive(Clone, Copy, Debug)]
pub struct Prepared<'a> {
    /// The plans.
    pub project: &'a CheckedProject,
    /// Their order.
    pub graph: &'a StepGraph,
    /// Their migrations.
    pub compiled: &'a CompiledProject,
    /// The migrations beside them, in any order.
    pub hand_written: &'a [HandWritten],
    /// Apps that `planner.yaml` names.
    pub apps: &'a [String],
    /// How the releases of apps are named, where `planner.yaml` says so.
    pub naming: &'a std::collections::BTreeMap<String, crate::config::ReleaseNaming>,
    /// Apps that are upgraded release by release.
    pub by_release: &'a std::collections::BTreeSet<String>,
    /// How heartbeats are read.
    pub heartbeats: &'a crate::config::HeartbeatRules,
    /// Whether gates are on in this environment.
    pub gates: bool,
    /// Timeouts, retries, sizes.
    pub limits: Limits,
}
