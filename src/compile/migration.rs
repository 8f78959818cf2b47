//! A step's migrations: what runs, what undoes it, and how it shares a transaction with the ledger.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::rendered::{self, Surroundings, Weighed};
use super::{Checksum, files};
use crate::catalog::Catalog;
use crate::change::{Change, DataChange};
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::dialect::Dialect;
use crate::dialects::{Refusal, Transaction};
use crate::graph::StepGraph;
use crate::name::{Name, StepKey};
use crate::phase::{Phase, PhaseKey};
use crate::plan::checked::{CheckedPlan, CheckedProject, CheckedStep};
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
    pub changes: Arc<[Change]>,
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
    /// Which part of its step it is.
    pub part: Part,
    /// The statements forward, each without its final `;`, without guards. For a backfill the whole at once, as Diesel runs it.
    pub up: Vec<String>,
    /// How they meet transactions.
    pub transaction: Transaction,
    /// The statements back, or why there are none.
    pub down: Result<Vec<String>, String>,
    /// How those meet transactions.
    pub down_transaction: Transaction,
    /// Whether those destroy what somebody may have written since, so that `down.sql` guards itself.
    pub down_destroys: bool,
}

impl CompiledMigration {
    /// Returns a migration of which only the version is known, and that it is the first part of its step.
    #[must_use]
    pub const fn outline(version: MigrationVersion) -> Self {
        Self {
            version,
            directory: String::new(),
            work: Work::Statements,
            part: Part { change: 0, group: 0 },
            up: Vec::new(),
            transaction: Transaction::Shared,
            down: Ok(Vec::new()),
            down_transaction: Transaction::Shared,
            down_destroys: false,
        }
    }
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

/// Which part of its step a migration is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// The place of its change in [`CompiledStep::changes`].
    pub change: usize,
    /// Its place among the groups that the dialect renders the change into.
    pub group: usize,
}

/// What a migration does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// Statements. On SQLite a table rebuild is rendered again from the live catalog when planner runs it
    /// ([`CompiledStep::changes`]), since plans may have run in another order than they were written.
    Statements,
    /// A backfill that planner runs in batches.
    Backfill(DataChange),
    /// What the author of a `sql` step wrote, which runs as it is: it may be several statements.
    Written,
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
///
/// The graph is the proof that there is an order; version order is one, since plans wait only for older plans.
pub fn compile(
    project: &CheckedProject,
    _: &StepGraph,
    options: CompileOptions,
    sink: &mut Sink,
) -> CompiledProject {
    let mut steps = Vec::with_capacity(project.plans.iter().map(|plan| plan.steps.len()).sum());
    let render = |step, around: &mut Surroundings<'_>| rendered::step(step, around, options);
    phases(project, sink, render, |phase| {
        let mut ordinal = 0;
        for step in phase.steps {
            let (plan, gated) = (phase.plan, phase.gated);
            steps.push(files::step(plan, step, gated, &mut ordinal));
        }
    });
    CompiledProject::of(project.dialect, steps)
}

/// As [`compile`], without the statements: which migrations there are, which is what decisions look at.
pub fn outline(
    project: &CheckedProject,
    _: &StepGraph,
    options: CompileOptions,
    sink: &mut Sink,
) -> CompiledProject {
    let mut steps = Vec::with_capacity(project.plans.iter().map(|plan| plan.steps.len()).sum());
    let weigh = |step, around: &mut Surroundings<'_>| rendered::weigh(step, around, options);
    phases(project, sink, weigh, |phase| {
        let mut ordinal = 0;
        for step in &phase.steps {
            steps.push(files::outline(phase.plan, step, phase.gated, &mut ordinal));
        }
    });
    CompiledProject::of(project.dialect, steps)
}

/// Reports what [`compile`] would report, without the price of writing every migration down.
pub fn refusals(project: &CheckedProject, options: CompileOptions, sink: &mut Sink) {
    let weigh = |step, around: &mut Surroundings<'_>| rendered::weigh(step, around, options);
    phases(project, sink, weigh, |_| {});
}

/// The steps of one phase, rendered or weighed.
struct MadePhase<'a, T> {
    plan: &'a CheckedPlan,
    steps: Vec<T>,
    gated: bool,
}

/// Makes every step of every phase in version order; what cannot be compiled is reported.
fn phases<'a, T: Weighed>(
    project: &'a CheckedProject,
    sink: &mut Sink,
    make: impl Fn(&'a CheckedStep, &mut Surroundings<'_>) -> Result<T, Refusal>,
    mut visit: impl FnMut(MadePhase<'a, T>),
) {
    let mut catalog = Catalog::clone(&project.start);
    for plan in &project.plans {
        for phase in Phase::ALL {
            let mut steps = Vec::new();
            let mut around = Surroundings { catalog: &mut catalog, fresh: BTreeSet::new() };
            for step in plan.steps_of(phase) {
                match make(step, &mut around) {
                    Ok(step) => steps.push(step),
                    Err(refusal) => sink.report(
                        Diagnostic::new(code::UNSUPPORTED_ON_DIALECT, refusal.message)
                            .at(step.operation.span)
                            .plan(&plan.name)
                            .step(&step.key.id)
                            .help(refusal.alternative),
                    ),
                }
            }
            let gated = is_gated(plan, phase, &steps);
            let weights = steps.iter().map(T::weight);
            let n_migrations = weights.map(|weight| weight.n_migrations(gated)).sum();
            if n_migrations > ORDINAL_MAX {
                report_too_many(plan, phase, n_migrations, sink);
            }
            visit(MadePhase { plan, steps, gated });
        }
    }
}

/// The greatest number with the three digits that a version has for it.
const ORDINAL_MAX: usize = 999;

fn report_too_many(plan: &CheckedPlan, phase: Phase, n_migrations: usize, sink: &mut Sink) {
    let message = format!(
        "phase {phase} of plan `{}` has {n_migrations} migrations, at most {ORDINAL_MAX} fit",
        plan.name
    );
    sink.report(
        Diagnostic::new(code::INVALID_VALUE, message)
            .at(plan.span)
            .plan(&plan.name)
            .help("move some of its steps to another plan"),
    );
}

/// Contract phases have a gate unless all they do is to drop indexes that nobody can rely on; backfill phases have one
/// if it is written.
fn is_gated(plan: &CheckedPlan, phase: Phase, steps: &[impl Weighed]) -> bool {
    match phase {
        Phase::Expand => false,
        Phase::Backfill => plan.gates.backfill.is_some(),
        Phase::Contract => steps.iter().any(|step| !step.weight().is_invisible),
    }
}

impl CompiledProject {
    /// Makes the maps, at once, which for many steps is quicker than one by one.
    pub(crate) fn of(dialect: Dialect, steps: Vec<CompiledStep>) -> Self {
        let by_key = steps.iter().enumerate().map(|(at, step)| (step.key.clone(), at)).collect();
        let by_version = steps.iter().enumerate().flat_map(|(at, step)| {
            let versions = step.migrations.iter().enumerate();
            versions.map(move |(place, migration)| (migration.version.clone(), (at, place)))
        });
        let by_version = by_version.collect();
        Self { dialect, steps, by_key, by_version }
    }
}
