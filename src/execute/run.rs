//! Forward, under the lease.

use std::collections::BTreeSet;

use super::event::Observer;
use super::hand_written::run_older;
use super::opening::{Opening, open};
use super::session::{Flow, Session};
use super::{Prepared, RunError, adopt, step};
use crate::compile::{CompiledMigration, CompiledStep, Work};
use crate::database::Database;
use crate::graph::StepGraph;
use crate::ledger::MigrationState;
use crate::name::{PlanName, StepKey};
use crate::phase::PhaseKey;
use crate::plan::checked::CheckedProject;
use crate::release::App;
use crate::rollout::progress::{standing, steps_of};
use crate::rollout::{BlockedPhase, NextPhase, ReadyPhase, next_phase};
use crate::version::MigrationVersion;

/// What to run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunRequest {
    /// Which phases of those that are ready.
    pub only: Only,
    /// Whether to run them, or to open them for somebody else.
    pub mode: Mode,
}

/// Which phases of those that are ready; all of what is said must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Only {
    /// Those of this plan.
    pub plan: Option<PlanName>,
    /// This one.
    pub phase: Option<PhaseKey>,
    /// This one and those before it in version order.
    pub through: Option<PhaseKey>,
}

/// What to do with what is ready.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Run it.
    #[default]
    Run,
    /// Open gated phases, so that the stock `diesel migration run` passes their guards.
    OpenForDiesel,
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunReport {
    /// Phases that were opened.
    pub opened: Vec<PhaseKey>,
    /// Migrations that were finished, in order.
    pub finished: Vec<(StepKey, MigrationVersion)>,
    /// Hand-written migrations that were run, by directory, in order.
    pub hand_written: Vec<String>,
    /// Migrations that Diesel had run itself and that were entered into the ledger.
    pub adopted: Vec<MigrationVersion>,
    /// Migrations that were undone, in order.
    pub reverted: Vec<(StepKey, MigrationVersion)>,
    /// Phases that were open and have not begun, and were closed.
    pub closed: Vec<PhaseKey>,
    /// Phases that seemed ready and whose gates turned out to be shut.
    pub shut: Vec<BlockedPhase>,
    /// Whether somebody asked to stop.
    pub stopped: bool,
    /// What may run now, after it all.
    pub next: NextPhase,
}

/// Runs what is ready, in order, until nothing of what was asked for is.
///
/// `holder` names this process in the lease, `actor` the person in the ledger.
///
/// # Errors
///
/// Stops at the first migration that fails; what was done before it stays done and recorded.
pub fn run(
    database: &mut dyn Database,
    prepared: &Prepared<'_>,
    request: &RunRequest,
    (actor, holder): (&str, &str),
    observer: &mut dyn Observer,
) -> Result<RunReport, RunError> {
    Session::new(database, observer, prepared, actor, holder)
        .with_lease(|session| forward(session, request))
}

fn forward(session: &mut Session<'_>, request: &RunRequest) -> Result<(), RunError> {
    session.ask()?;
    adopt::adopt(session)?;
    adopt::sweep_markers(session)?;
    let mut flow = match request.mode {
        Mode::Run => resume(session, &request.only)?,
        Mode::OpenForDiesel => Flow::Done,
    };
    let mut tried = BTreeSet::new();
    // The answer after all is done, once it is known.
    let mut last = None;
    while flow == Flow::Done {
        let facts = session.facts()?;
        let next = next_phase(&session.situation(&facts));
        let prepared = session.prepared;
        let mut due = due(prepared.project, prepared.graph, &next, &request.only);
        due.retain(|ready| !tried.contains(&ready.phase));
        if due.is_empty() {
            flow = leftover_by_hand(session, request)?;
            last = session.report.hand_written.is_empty().then_some(next);
            break;
        }
        for ready in due {
            tried.insert(ready.phase.clone());
            match phase(session, &ready.phase, request)? {
                Some(Flow::Done) => {}
                Some(Flow::Stopped) => flow = Flow::Stopped,
                // What counted on this phase must not follow: the answer is computed anew.
                None => break,
            }
            if flow == Flow::Stopped {
                break;
            }
        }
        session.ask()?;
    }
    session.report.stopped = flow == Flow::Stopped;
    if last.is_none() {
        session.ask()?;
    }
    adopt::sweep_markers(session)?;
    session.report.next = if let Some(next) = last {
        next
    } else {
        let facts = session.facts()?;
        next_phase(&session.situation(&facts))
    };
    Ok(())
}

/// Settles what is in doubt: statements always, backfills where they were asked for.
fn resume(session: &mut Session<'_>, only: &Only) -> Result<Flow, RunError> {
    let prepared = session.prepared;
    for of_step in &prepared.compiled.steps {
        for migration in &of_step.migrations {
            let state = session.ledger.migrations.get(&migration.version);
            let in_doubt = matches!(state, Some(MigrationState::InDoubt(..)));
            let is_backfill = matches!(migration.work, Work::Backfill(_));
            let wanted = !is_backfill || is_wanted(prepared.project, only, &of_step.phase_key());
            if in_doubt && wanted && step::run(session, of_step, migration)? == Flow::Stopped {
                return Ok(Flow::Stopped);
            }
        }
    }
    Ok(Flow::Done)
}

/// Runs, or opens, one phase; `None` if its gates turned out to be shut.
fn phase(
    session: &mut Session<'_>,
    key: &PhaseKey,
    request: &RunRequest,
) -> Result<Option<Flow>, RunError> {
    let prepared = session.prepared;
    let steps = steps_of(prepared.compiled, key);
    let facts = session.facts()?;
    let todo: Vec<(&CompiledStep, &CompiledMigration)> = {
        let situation = session.situation(&facts);
        let all = steps.iter().flat_map(|step| step.migrations.iter().map(move |m| (*step, m)));
        all.filter(|(_, migration)| !standing(&situation, &migration.version).is_done()).collect()
    };
    if let (Some((_, first)), Mode::Run) = (todo.first(), request.mode)
        && run_older(session, Some(&first.version), None)? == Flow::Stopped
    {
        return Ok(Some(Flow::Stopped));
    }
    // Where it is known what live releases need, every phase is judged by it, and must not pass a release that is started at
    // the same time.
    let judged = prepared.gates && session.ledger.apps.values().any(App::has_known_needs);
    if judged || steps.iter().any(|step| step.gated) {
        let mark: Vec<MigrationVersion> = match request.mode {
            Mode::Run => Vec::new(),
            Mode::OpenForDiesel => todo.iter().map(|(_, m)| m.version.clone()).collect(),
        };
        if let Opening::Shut(blocked) = open(session, key, &mark)? {
            session.report.shut.push(blocked);
            return Ok(None);
        }
    }
    if request.mode == Mode::OpenForDiesel {
        return Ok(None);
    }
    for (of_step, migration) in todo {
        if step::run(session, of_step, migration)? == Flow::Stopped {
            return Ok(Some(Flow::Stopped));
        }
    }
    Ok(Some(Flow::Done))
}

/// Runs the hand-written migrations that no phase was run after, unless only plans were asked for.
fn leftover_by_hand(session: &mut Session<'_>, request: &RunRequest) -> Result<Flow, RunError> {
    let Only { plan, phase, through } = &request.only;
    if request.mode == Mode::OpenForDiesel || plan.is_some() || phase.is_some() {
        return Ok(Flow::Done);
    }
    let limit = through.as_ref().and_then(|through| session.prepared.project.plan(&through.plan));
    run_older(session, None, limit.map(|plan| plan.stamp.as_str()))
}

/// Returns the ready phases that were asked for, without those that wait for a ready one that was not.
#[must_use]
pub fn due(
    project: &CheckedProject,
    graph: &StepGraph,
    next: &NextPhase,
    only: &Only,
) -> Vec<ReadyPhase> {
    let ready: BTreeSet<&PhaseKey> = next.ready.iter().map(|ready| &ready.phase).collect();
    let mut included = BTreeSet::new();
    let mut due = Vec::new();
    for one in &next.ready {
        let before = graph.phases.get(&one.phase).map(Vec::as_slice).unwrap_or_default();
        let waits = before.iter().any(|(key, _)| ready.contains(key) && !included.contains(key));
        if !waits && is_wanted(project, only, &one.phase) {
            included.insert(&one.phase);
            due.push(one.clone());
        }
    }
    due
}

/// Returns whether a phase is among those asked for.
fn is_wanted(project: &CheckedProject, only: &Only, phase: &PhaseKey) -> bool {
    let Only { plan, phase: one, through } = only;
    let place = |key: &PhaseKey| (project.by_name.get(&key.plan).copied(), key.phase);
    plan.as_ref().is_none_or(|plan| *plan == phase.plan)
        && one.as_ref().is_none_or(|one| one == phase)
        && through.as_ref().is_none_or(|through| place(phase) <= place(through))
}
