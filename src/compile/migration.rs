//! A step's migrations: what runs, what undoes it, and how it shares a transaction with the ledger.

use std::collections::BTreeMap;

use super::Checksum;
use crate::change::{Change, DataChange};
use crate::diagnostic::Sink;
use crate::dialect::Dialect;
use crate::dialects::Transaction;
use crate::graph::StepGraph;
use crate::name::{Name, StepKey};
use crate::phase::{Phase, PhaseKey};
use crate::plan::checked::CheckedProject;
use crate::version::MigrationVersion;

/// All migrations of a project. Only [`compile`] makes one.
#[derive(Clone, Debug)]
pub struct CompiledProject {
    /// The dialect.
    pub dialect: Dialect,
    /// The steps in version order.
    pub steps: Vec<CompiledStep>,
    /// Where each step is in `steps`.
    pub by_key: BTreeMap<StepKey, usize>,
    /// Step and place of the migration with this version.
    pub by_version: BTreeMap<MigrationVersion, (usize, usize)>,
}

/// A step and its migrations.
#[derive(Clone, Debug)]
pub struct CompiledStep {
    /// Which step.
    pub key: StepKey,
    /// Its phase.
    pub phase: Phase,
    /// Over its changes; a step that ran must not change.
    pub checksum: Checksum,
    /// Its changes.
    pub changes: Vec<Change>,
    /// Its migrations in order; at least one.
    pub migrations: Vec<CompiledMigration>,
    /// Whether the phase has a gate, so that its migrations guard themselves.
    pub gated: bool,
}

impl CompiledStep {
    /// Returns the step's phase and plan.
    #[must_use]
    pub fn phase_key(&self) -> PhaseKey {
        PhaseKey { plan: self.key.plan.clone(), phase: self.phase }
    }
}

/// One Diesel migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompiledMigration {
    /// Its version.
    pub version: MigrationVersion,
    /// Its directory: version, plan, phase, step, and where a step has several, what this one does.
    pub directory: String,
    /// What it does.
    pub work: Work,
    /// The statements forward, each without its final `;`, without guards. For a backfill the whole at once, as Diesel runs it.
    pub up: Vec<String>,
    /// How they meet transactions.
    pub transaction: Transaction,
    /// The statements back, or why there are none.
    pub down: Result<Vec<String>, String>,
    /// How those meet transactions.
    pub down_transaction: Transaction,
    /// The texts of `up.sql`, `down.sql` and `metadata.toml`.
    pub files: MigrationFiles,
}

/// The files of a migration directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationFiles {
    /// `up.sql`, guards included.
    pub up: String,
    /// `down.sql`.
    pub down: String,
    /// `metadata.toml`, always with `run_in_transaction`.
    pub metadata: String,
}

/// What a migration does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// Statements. On SQLite a table rebuild is rendered again from the live catalog when planner runs it
    /// ([`CompiledStep::changes`]), since plans may have run in another order than they were written.
    Statements,
    /// A backfill that planner runs in batches.
    Backfill(DataChange),
    /// Only the guard before a statement that must be alone (PostgreSQL); planner itself runs nothing for it.
    Guard,
}

/// Returns the name of the object that exists while a gated migration is open: `planner_open_<version>`.
#[must_use]
pub fn open_marker(version: &MigrationVersion) -> Name {
    Name::new(format!("planner_open_{version}"))
}

/// Options of compiling.
#[derive(Clone, Copy, Debug)]
pub struct CompileOptions {
    /// The lock timeout in milliseconds that transactional migrations set (PostgreSQL).
    pub lock_timeout_ms: u32,
}

impl Default for CompileOptions {
    fn default() -> Self {
        Self { lock_timeout_ms: 2_000 }
    }
}

/// Compiles every step. What the dialect cannot do is reported at the step, with the alternative.
pub fn compile(
    project: &CheckedProject,
    graph: &StepGraph,
    options: CompileOptions,
    sink: &mut Sink,
) -> CompiledProject {
    let _ = (project, graph, options, sink);
    todo!()
}
