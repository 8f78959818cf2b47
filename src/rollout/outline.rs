//! What `next_phase` looks at of plans, as text, so that it can be asked again without reading every plan again.
//!
//! An outline holds for the very files and the very program it was written from; whoever keeps one must tell that it is
//! still so. It has no SQL and no changes: nothing can be run from it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use petgraph::graph::DiGraph;

use super::progress::Standing;
use super::taken::taken_away;
use crate::catalog::Catalog;
use crate::change::Change;
use crate::compile::{Checksum, CompiledMigration, CompiledProject, CompiledStep};
use crate::dialect::Dialect;
use crate::graph::{Reason, StepGraph};
use crate::ledger::LedgerSnapshot;
use crate::name::{Name, PlanName, StepKey};
use crate::phase::{Phase, PhaseKey};
use crate::plan::authored::{AuthoredPlan, AuthoredStep};
use crate::plan::checked::{CheckedPlan, CheckedProject, CheckedStep};
use crate::plan::gate::AuthoredGates;
use crate::plan::places;
use crate::source::{SourceId, Span};
use crate::version::{MigrationVersion, Stamp};

/// The outline of a project.
#[derive(Debug)]
pub struct Outline {
    /// The plans in version order.
    pub plans: Vec<(PlanName, Stamp)>,
    /// The order of phases; of steps it has none.
    pub graph: StepGraph,
    /// Keys, checksums and versions; everything else is empty.
    pub compiled: CompiledProject,
    /// What each phase takes away, where that is anything.
    pub taken: BTreeMap<PhaseKey, Vec<String>>,
    /// Which places each phase compares, in words, where it does.
    pub compared: BTreeMap<PhaseKey, Vec<String>>,
}

/// Returns a project's outline as text; `None` if it has a name that the text cannot hold, or a plan of which a decision asks
/// more than that.
#[must_use]
pub fn text(
    project: &CheckedProject,
    graph: &StepGraph,
    compiled: &CompiledProject,
) -> Option<String> {
    if project.plans.iter().any(needs_its_changes) {
        return None;
    }
    let mut text = String::new();
    let mut steps = compiled.steps.iter().peekable();
    for plan in &project.plans {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "plan {} {}", plan.name, plan.stamp);
        for phase in plan.phases() {
            let key = PhaseKey { plan: plan.name.clone(), phase };
            let _ = write!(text, "phase {phase}");
            for (before, _) in graph.phases.get(&key).into_iter().flatten() {
                let _ = write!(text, " {before}");
            }
            text.push('\n');
            for taken in taken_away(project, &key) {
                let _ = writeln!(text, "taken {taken}");
            }
            for places in places::of_phase(project, &key) {
                let _ = writeln!(text, "compared {places}");
            }
            while let Some(step) = steps.next_if(|step| step.is_of(&key)) {
                let (id, checksum) = (&step.key.id, &step.checksum);
                let (gated, n) = (u8::from(step.gated), step.migrations.len());
                let _ = writeln!(text, "step {id} {checksum} {gated} {n}");
            }
        }
    }
    // A name with a space or a line break in it would be read as something else.
    let read = read(project.dialect, &text)?;
    is_whole(&read, project, graph, compiled).then_some(text)
}

/// Returns whether the decision about a plan asks what its steps do: a contract phase that says of no release whether it may
/// be live is judged by that.
fn needs_its_changes(plan: &CheckedPlan) -> bool {
    let gates = plan.gates.of(Phase::Contract);
    let mut changes = plan.steps_of(Phase::Contract).flat_map(|step| step.changes.iter());
    gates.is_none_or(|gates| gates.releases.is_none()) && changes.any(Change::is_unknown)
}

/// Returns whether what was read has everything that a decision looks at, as it is.
fn is_whole(
    read: &Outline,
    project: &CheckedProject,
    graph: &StepGraph,
    compiled: &CompiledProject,
) -> bool {
    let plans = project.plans.iter().map(|plan| (&plan.name, &plan.stamp));
    let phases = |of: &StepGraph| {
        let keys =
            |waits: &[(PhaseKey, Reason)]| waits.iter().map(|(key, _)| key.clone()).collect();
        let phases = of.phases.iter().map(|(key, waits)| (key.clone(), keys(waits)));
        phases.collect::<Vec<(PhaseKey, Vec<PhaseKey>)>>()
    };
    let steps = read.compiled.steps.iter().zip(&compiled.steps);
    let mut same_steps = steps.map(|(read, step)| {
        (&read.key, read.phase, read.gated) == (&step.key, step.phase, step.gated)
            && read.checksum == step.checksum
    });
    let keys = phases(graph);
    let words = |of: &dyn Fn(&PhaseKey) -> Vec<String>| {
        let all = keys.iter().map(|(key, _)| (key.clone(), of(key)));
        all.filter(|(_, words)| !words.is_empty()).collect::<BTreeMap<_, _>>()
    };
    let taken = words(&|key| taken_away(project, key).iter().map(ToString::to_string).collect());
    let compared =
        words(&|key| places::of_phase(project, key).iter().map(ToString::to_string).collect());
    plans.eq(read.plans.iter().map(|(name, stamp)| (name, stamp)))
        && phases(&read.graph) == keys
        && read.compiled.steps.len() == compiled.steps.len()
        && same_steps.all(|same| same)
        && read.compiled.by_version == compiled.by_version
        && read.taken == taken
        && read.compared == compared
}

impl CompiledStep {
    fn is_of(&self, phase: &PhaseKey) -> bool {
        self.phase == phase.phase && self.key.plan == phase.plan
    }
}

/// Reads an outline; `None` if the text is none.
#[must_use]
pub fn read(dialect: Dialect, text: &str) -> Option<Outline> {
    let mut reader = Reader::default();
    for line in text.lines() {
        let (kind, rest) = line.split_once(' ')?;
        match kind {
            "plan" => reader.plan(rest)?,
            "phase" => reader.phase(rest)?,
            "step" => reader.step(rest)?,
            "taken" => {
                reader.taken.entry(reader.key.clone()?).or_default().push(rest.to_owned());
            }
            "compared" => {
                reader.compared.entry(reader.key.clone()?).or_default().push(rest.to_owned());
            }
            _ => return None,
        }
    }
    Some(reader.finish(dialect))
}

#[derive(Default)]
struct Reader {
    plans: Vec<(PlanName, Stamp)>,
    phases: Vec<(PhaseKey, Vec<(PhaseKey, Reason)>)>,
    steps: Vec<CompiledStep>,
    taken: BTreeMap<PhaseKey, Vec<String>>,
    compared: BTreeMap<PhaseKey, Vec<String>>,
    /// The phase that steps belong to.
    key: Option<PhaseKey>,
    /// How many migrations of it there were.
    ordinal: usize,
}

impl Reader {
    fn plan(&mut self, rest: &str) -> Option<()> {
        let (name, stamp) = rest.split_once(' ')?;
        self.plans.push((name.into(), Stamp::parse(stamp)?));
        self.key = None;
        Some(())
    }

    fn phase(&mut self, rest: &str) -> Option<()> {
        let mut words = rest.split(' ');
        let phase = Phase::parse(words.next()?)?;
        let key = PhaseKey { plan: self.plans.last()?.0.clone(), phase };
        let before = words.map(|word| Some((PhaseKey::parse(word)?, Reason::PhaseOrder)));
        self.phases.push((key.clone(), before.collect::<Option<_>>()?));
        (self.key, self.ordinal) = (Some(key), 0);
        Some(())
    }

    fn step(&mut self, rest: &str) -> Option<()> {
        let mut words = rest.split(' ');
        let (id, checksum, gated) = (words.next()?, words.next()?, words.next()?);
        let n_migrations: usize = words.next()?.parse().ok()?;
        let (PhaseKey { plan, phase }, stamp) = (self.key.clone()?, &self.plans.last()?.1);
        let mut migrations = Vec::with_capacity(n_migrations);
        for _ in 0..n_migrations {
            self.ordinal = self.ordinal.checked_add(1)?;
            let version = MigrationVersion::compiled(stamp, phase, self.ordinal, checksum);
            migrations.push(CompiledMigration::outline(version));
        }
        self.steps.push(CompiledStep {
            key: StepKey { plan, id: Name::new(id) },
            phase,
            checksum: Checksum::recorded(checksum),
            changes: Arc::default(),
            migrations,
            gated: gated == "1",
        });
        words.next().is_none().then_some(())
    }

    fn finish(self, dialect: Dialect) -> Outline {
        Outline {
            plans: self.plans,
            graph: StepGraph {
                graph: DiGraph::default(),
                nodes: BTreeMap::new(),
                order: Vec::new(),
                phases: self.phases.into_iter().collect(),
            },
            compiled: CompiledProject::of(dialect, self.steps),
            taken: self.taken,
            compared: self.compared,
        }
    }
}

impl Outline {
    /// Returns the plans of which something is still to do, or in doubt: the only ones whose files must be read.
    #[must_use]
    pub fn open_plans(
        &self,
        ledger: &LedgerSnapshot,
        applied: &BTreeSet<MigrationVersion>,
    ) -> BTreeSet<PlanName> {
        let steps = self.compiled.steps.iter();
        let open = steps.filter(|step| {
            let mut versions = step.migrations.iter().map(|migration| &migration.version);
            versions.any(|version| {
                let recorded = ledger.migrations.get(version);
                !Standing::of(recorded, applied.contains(version)).is_done()
            })
        });
        open.map(|step| step.key.plan.clone()).collect()
    }

    /// Returns the plans as far as `next_phase` looks at them: the open ones as they are written, the others by name only.
    /// `None` if what is written is not what the outline says.
    #[must_use]
    pub fn project(
        &self,
        mut open: BTreeMap<PlanName, AuthoredPlan>,
        source_of: &BTreeMap<PlanName, SourceId>,
    ) -> Option<CheckedProject> {
        let mut steps = self.compiled.steps.iter().peekable();
        let mut plans = Vec::with_capacity(self.plans.len());
        for (name, stamp) in &self.plans {
            let mut own = Vec::new();
            while let Some(step) = steps.next_if(|step| step.key.plan == *name) {
                own.push(step);
            }
            let plan = match open.remove(name) {
                Some(plan) => as_written(plan, &own)?,
                None => by_name_only(name, stamp, *source_of.get(name)?),
            };
            plans.push(plan);
        }
        let names = plans.iter().enumerate().map(|(at, plan)| (plan.name.clone(), at));
        let catalog = Arc::new(Catalog::empty(self.compiled.dialect));
        Some(CheckedProject {
            dialect: self.compiled.dialect,
            start: Arc::clone(&catalog),
            foundation: Arc::default(),
            end: catalog,
            by_name: names.collect(),
            plans,
        })
    }
}

/// Returns a plan with the steps that it was compiled to, without their changes.
fn as_written(plan: AuthoredPlan, compiled: &[&CompiledStep]) -> Option<CheckedPlan> {
    let mut written: BTreeMap<Name, AuthoredStep> =
        plan.steps.into_iter().map(|step| (step.id.value.clone(), step)).collect();
    let steps = compiled.iter().map(|compiled| {
        let step = written.remove(&compiled.key.id)?;
        (step.phase == compiled.phase).then(|| CheckedStep {
            key: compiled.key.clone(),
            phase: step.phase,
            operation: step.operation,
            changes: Arc::default(),
            written: None,
            after: step.after,
            waivers: step.waivers,
            span: step.span,
        })
    });
    Some(CheckedPlan {
        name: plan.name,
        stamp: plan.stamp,
        source: plan.source,
        span: plan.span,
        title: plan.title.map(|title| title.value),
        owner: plan.owner.map(|owner| owner.value),
        after: plan.after,
        steps: steps.collect::<Option<_>>()?,
        gates: plan.gates,
    })
}

fn by_name_only(name: &PlanName, stamp: &Stamp, source: SourceId) -> CheckedPlan {
    CheckedPlan {
        name: name.clone(),
        stamp: stamp.clone(),
        source,
        span: Span { source, start: 0, end: 0 },
        title: None,
        owner: None,
        after: Vec::new(),
        steps: Vec::new(),
        gates: AuthoredGates::default(),
    }
}
