//! How far the migrations, steps and phases have come, from the ledger and Diesel's own table.

use std::collections::BTreeMap;
use std::ops::Bound;

use jiff::Timestamp;

use super::Situation;
use crate::compile::{CompiledProject, CompiledStep};
use crate::ledger::MigrationState;
use crate::name::{Name, PlanName, StepKey};
use crate::phase::{Phase, PhaseKey};
use crate::version::MigrationVersion;

/// How far a migration has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Still to do.
    Pending,
    /// Started and not known finished, since then.
    InDoubt(Timestamp),
    /// Done, then; it is not known when if Diesel itself ran it.
    Done(Option<Timestamp>),
    /// Done or under way when it was made void; to be done again.
    Voided,
}

impl Standing {
    /// Takes together what the ledger says of a migration and whether its version is in Diesel's table. What
    /// the ledger does not know, or knows as undone or failed, Diesel itself has run since if it is there.
    #[must_use]
    pub fn of(ledger: Option<&MigrationState>, applied: bool) -> Self {
        match ledger {
            Some(MigrationState::InDoubt(_, since)) => Self::InDoubt(*since),
            Some(MigrationState::Done(_, at)) => Self::Done(Some(*at)),
            Some(MigrationState::Voided(..)) => Self::Voided,
            Some(MigrationState::Reverted(..) | MigrationState::Failed(..)) | None => {
                if applied {
                    Self::Done(None)
                } else {
                    Self::Pending
                }
            }
        }
    }

    /// Returns whether it is done.
    #[must_use]
    pub const fn is_done(self) -> bool {
        matches!(self, Self::Done(_))
    }

    /// Returns whether anything of it is, or may be, in the database.
    #[must_use]
    pub const fn has_begun(self) -> bool {
        match self {
            Self::Pending => false,
            Self::InDoubt(_) | Self::Done(_) | Self::Voided => true,
        }
    }
}

/// Returns how far one migration has come.
#[must_use]
pub fn standing(situation: &Situation<'_>, version: &MigrationVersion) -> Standing {
    let applied = situation.facts.applied.contains(version);
    Standing::of(situation.ledger.migrations.get(version), applied)
}

/// Returns the migrations that Diesel itself ran: in its table, and not done as far as the ledger knows. A run
/// adopts them into the ledger.
#[must_use]
pub fn run_by_diesel(situation: &Situation<'_>) -> Vec<(StepKey, MigrationVersion)> {
    let applied = situation.facts.applied.iter();
    let of_planner = applied.filter_map(|version| {
        let (step, _) = situation.compiled.by_version.get(version)?;
        let step = situation.compiled.steps.get(*step)?;
        (standing(situation, version) == Standing::Done(None))
            .then(|| (step.key.clone(), version.clone()))
    });
    of_planner.collect()
}

/// Returns a phase's steps in the order they run.
#[must_use]
pub fn steps_of<'a>(compiled: &'a CompiledProject, phase: &PhaseKey) -> Vec<&'a CompiledStep> {
    let first = StepKey { plan: phase.plan.clone(), id: Name::new("") };
    let of_plan = compiled
        .by_key
        .range((Bound::Included(&first), Bound::Unbounded))
        .take_while(|(key, _)| key.plan == phase.plan);
    let mut places: Vec<usize> = of_plan.map(|(_, at)| *at).collect();
    places.sort_unstable();
    let steps = places.into_iter().filter_map(|at| compiled.steps.get(at));
    steps.filter(|step| step.phase == phase.phase).collect()
}

/// How far one phase has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhaseProgress {
    /// Whether all its migrations are done.
    pub complete: bool,
    /// Whether anything of it is, or may be, in the database.
    pub begun: bool,
    /// When the last migration was finished, as far as that is known of all of them; only if it is complete.
    pub ended_at: Option<Timestamp>,
}

/// Returns how far a phase has come; one without steps is complete.
#[must_use]
pub fn phase_progress(situation: &Situation<'_>, phase: &PhaseKey) -> PhaseProgress {
    let steps = steps_of(situation.compiled, phase);
    let versions = steps.iter().flat_map(|step| &step.migrations).map(|of| &of.version);
    let standings: Vec<Standing> = versions.map(|version| standing(situation, version)).collect();
    let ends: Option<Vec<Timestamp>> = standings
        .iter()
        .map(|standing| match standing {
            Standing::Done(at) => *at,
            Standing::Pending | Standing::InDoubt(_) | Standing::Voided => None,
        })
        .collect();
    PhaseProgress {
        complete: standings.iter().all(|standing| standing.is_done()),
        begun: standings.iter().any(|standing| standing.has_begun()),
        ended_at: ends.and_then(|ends| ends.into_iter().max()),
    }
}

/// Returns whether a phase was opened and nothing of it has begun, so that it may still be closed.
#[must_use]
pub fn is_only_opened(situation: &Situation<'_>, phase: &PhaseKey) -> bool {
    situation.ledger.opened.contains_key(phase) && !phase_progress(situation, phase).begun
}

/// How far each phase of a plan that has steps has come.
pub(super) type PlanProgress = BTreeMap<Phase, Begun>;

/// Whether a phase is complete, and whether anything of it is, or may be, in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Begun {
    /// All its migrations are done.
    pub complete: bool,
    /// Some have begun.
    pub begun: bool,
}

/// Returns how far every phase of every plan has come, at the price of one walk.
pub(super) fn by_plan<'a>(situation: &Situation<'a>) -> BTreeMap<&'a PlanName, PlanProgress> {
    let mut of_steps = vec![Begun { complete: true, begun: false }; situation.compiled.steps.len()];
    walk(situation, |row| {
        let standing = Standing::of(row.ledger, row.applied);
        if let Some(of) = row.compiled.and_then(|(step, _)| of_steps.get_mut(step)) {
            of.complete &= standing.is_done();
            of.begun |= standing.has_begun();
        }
    });
    let mut by_plan = BTreeMap::<&PlanName, PlanProgress>::new();
    for (step, own) in situation.compiled.steps.iter().zip(of_steps) {
        let phases = by_plan.entry(&step.key.plan).or_default();
        let of = phases.entry(step.phase).or_insert(Begun { complete: true, begun: false });
        of.complete &= own.complete;
        of.begun |= own.begun;
    }
    by_plan
}

/// What files, ledger and Diesel's table say of one version.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    /// The version.
    pub version: &'a MigrationVersion,
    /// The step's place in [`CompiledProject::steps`] and the migration's in it, if it is compiled.
    pub compiled: Option<(usize, usize)>,
    /// What the ledger says.
    pub ledger: Option<&'a MigrationState>,
    /// Whether it is in Diesel's table.
    pub applied: bool,
}

/// Visits every version that files, ledger or Diesel's table have, in order. The three are walked side by
/// side, so that a long history costs no search a migration.
pub(super) fn walk<'a>(situation: &Situation<'a>, mut visit: impl FnMut(&Row<'a>)) {
    let mut compiled = situation.compiled.by_version.iter().peekable();
    let mut ledger = situation.ledger.migrations.iter().peekable();
    let mut applied = situation.facts.applied.iter().peekable();
    loop {
        let heads = [
            compiled.peek().map(|(version, _)| *version),
            ledger.peek().map(|(version, _)| *version),
            applied.peek().copied(),
        ];
        let least = heads
            .into_iter()
            .flatten()
            .reduce(|least, head| if head < least { head } else { least });
        let Some(version) = least else { return };
        visit(&Row {
            version,
            compiled: compiled.next_if(|(of, _)| *of == version).map(|(_, place)| *place),
            ledger: ledger.next_if(|(of, _)| *of == version).map(|(_, state)| state),
            applied: applied.next_if(|of| *of == version).is_some(),
        });
    }
}

/// A phase of which something is still to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OpenPhase {
    /// The phase.
    pub key: PhaseKey,
    /// Places of its steps that are still to do in [`CompiledProject::steps`].
    pub steps: Vec<usize>,
    /// Its migrations in doubt: the step's place, the migration's place in it, since when.
    pub in_doubt: Vec<(usize, usize, Timestamp)>,
}

/// Collects the phases of which something is still to do.
#[derive(Debug)]
pub(super) struct OpenPhases {
    /// By the step's place, whether it has a migration still to do.
    undone: Vec<bool>,
    /// By the step's place, its migrations in doubt.
    in_doubt: BTreeMap<usize, Vec<(usize, Timestamp)>>,
}

impl OpenPhases {
    pub(super) fn new(situation: &Situation<'_>) -> Self {
        Self { undone: vec![false; situation.compiled.steps.len()], in_doubt: BTreeMap::new() }
    }

    pub(super) fn take(&mut self, row: &Row<'_>) {
        let Some((step, place)) = row.compiled else { return };
        let standing = Standing::of(row.ledger, row.applied);
        if let Some(undone) = self.undone.get_mut(step) {
            *undone |= !standing.is_done();
        }
        match standing {
            Standing::InDoubt(since) => {
                self.in_doubt.entry(step).or_default().push((place, since));
            }
            Standing::Pending | Standing::Done(_) | Standing::Voided => {}
        }
    }

    /// Returns them in version order, and how many phases are complete.
    pub(super) fn finish(self, situation: &Situation<'_>) -> (Vec<OpenPhase>, usize) {
        let mut open = Vec::<OpenPhase>::new();
        let mut n_complete = 0;
        let mut start = 0;
        // INVARIANT: steps are in version order, so the steps of a phase stand together.
        for of_phase in situation.compiled.steps.chunk_by(same_phase) {
            let places = start..start + of_phase.len();
            start = places.end;
            let is_undone = |at: &usize| self.undone.get(*at).is_some_and(|undone| *undone);
            let steps: Vec<usize> = places.filter(is_undone).collect();
            match of_phase.first() {
                Some(first) if !steps.is_empty() => {
                    let doubts = steps.iter().flat_map(|at| {
                        let doubts = self.in_doubt.get(at).into_iter().flatten();
                        doubts.map(|(place, since)| (*at, *place, *since))
                    });
                    let in_doubt = doubts.collect();
                    open.push(OpenPhase { key: first.phase_key(), steps, in_doubt });
                }
                Some(_) | None => n_complete += 1,
            }
        }
        (open, n_complete)
    }
}

fn same_phase(a: &CompiledStep, b: &CompiledStep) -> bool {
    a.phase == b.phase && a.key.plan == b.key.plan
}
