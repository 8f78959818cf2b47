//! Which releases the schema serves at every stage of the plans: now, and after each phase that is still to do.

use std::collections::{BTreeMap, BTreeSet};

use super::crowd::Crowd;
use super::deploy_schema::{still_asked, undone_phases};
use super::derived::{concerned, undone};
use super::derived_gate::lets_in;
use super::progress::{standing, steps_of};
use super::{SchemaAt, Situation};
use crate::change::Change;
use crate::compile::CompiledStep;
use crate::name::ObjectName;
use crate::phase::{Phase, PhaseKey};
use crate::release::restriction::unproven;
use crate::release::{App, Break, Broken, Release, Requirements, breaks};

/// A release that is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Its app.
    pub app: &'a App,
    /// The release.
    pub release: &'a Release,
}

/// Which releases are served at which stage.
#[derive(Clone, Debug)]
pub struct Compat {
    /// The stages, in the order of the graph.
    pub stages: Vec<Stage>,
    /// Why the schema is not known, if it is not.
    pub doubts: Vec<String>,
}

/// The schema at one moment, and whom it serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// When.
    pub moment: Moment,
    /// For each release that was asked about: every way in which it breaks, none if it works; `None` if it is not recorded what
    /// it needs.
    pub cells: Vec<Option<Vec<Break>>>,
}

/// When a stage is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before the first plan.
    Empty,
    /// Now.
    Now,
    /// When this phase, and everything before it, is done.
    After(PhaseKey),
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => f.write_str("before the first plan"),
            Self::Now => f.write_str("now"),
            Self::After(phase) => phase.fmt(f),
        }
    }
}

/// How a release fares at a stage, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It works.
    Works,
    /// What it reads breaks.
    ReadsBreak,
    /// What it writes breaks.
    WritesBreak,
    /// Both.
    BothBreak,
    /// It is not recorded what it needs.
    Unknown,
}

impl Verdict {
    /// Returns the word for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Works => "works",
            Self::ReadsBreak => "reads break",
            Self::WritesBreak => "writes break",
            Self::BothBreak => "both break",
            Self::Unknown => "unknown",
        }
    }

    /// Returns the word in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Works => "works",
            Self::ReadsBreak => "reads_break",
            Self::WritesBreak => "writes_break",
            Self::BothBreak => "both_break",
            Self::Unknown => "unknown",
        }
    }
}

impl Stage {
    /// Returns how one of the releases fares.
    #[must_use]
    pub fn verdict(&self, at: usize) -> Verdict {
        let Some(breaks) = self.cells.get(at).and_then(Option::as_ref) else {
            return Verdict::Unknown;
        };
        let reads = breaks.iter().any(|of| of.broken == Broken::Reads);
        let writes = breaks.iter().any(|of| of.broken != Broken::Reads);
        match (reads, writes) {
            (false, false) => Verdict::Works,
            (true, false) => Verdict::ReadsBreak,
            (false, true) => Verdict::WritesBreak,
            (true, true) => Verdict::BothBreak,
        }
    }

    /// Returns the first of these releases that works.
    #[must_use]
    pub fn first_safe(&self, among: impl IntoIterator<Item = usize>) -> Option<usize> {
        among.into_iter().find(|at| self.verdict(*at) == Verdict::Works)
    }
}

/// Until when a release is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Served {
    /// At the last stage too.
    ToTheEnd,
    /// Never again from this stage on: its point of no return.
    Until(Moment),
    /// At no stage.
    Never,
    /// It is not recorded what it needs.
    Unknown,
}

impl Compat {
    /// Returns until when one of the releases is served.
    #[must_use]
    pub fn served(&self, at: usize) -> Served {
        let verdicts: Vec<Verdict> = self.stages.iter().map(|stage| stage.verdict(at)).collect();
        if verdicts.contains(&Verdict::Unknown) {
            return Served::Unknown;
        }
        let Some(last) = verdicts.iter().rposition(|verdict| *verdict == Verdict::Works) else {
            return Served::Never;
        };
        match self.stages.get(last + 1) {
            Some(stage) => Served::Until(stage.moment.clone()),
            None => Served::ToTheEnd,
        }
    }
}

/// Answers which of the releases the schema serves now and after every phase that is still to do, or, with `from_empty`, from
/// the empty database through all phases.
///
/// Now, a release is judged beside those that are live. Of later stages it is not known who else will be live, so each release
/// is judged as if it were alone. A contract phase that asks something of writes breaks whoever is not known to satisfy it: the
/// phase's written gate does not let it in, and its own `requires.yaml` does not say so.
#[must_use]
pub fn compat(situation: &Situation<'_>, asked: &[Asked<'_>], from_empty: bool) -> Compat {
    let mut schema =
        if from_empty { SchemaAt::start(situation.project) } else { SchemaAt::done(situation) };
    let mut watched: Vec<Option<Watched<'_>>> =
        asked.iter().map(|of| Watched::new(situation, *of, &schema)).collect();
    let phases = if from_empty { all_phases(situation) } else { undone_phases(situation) };
    let first = if from_empty {
        Stage { moment: Moment::Empty, cells: cells(&watched, &schema) }
    } else {
        watch_done(situation, &mut watched);
        now(situation, asked, &watched, &schema)
    };
    let mut stages = vec![first];
    for phase in phases {
        for step in steps_of(situation.compiled, &phase) {
            let changes: Vec<&Change> = if from_empty {
                step.changes.iter().collect()
            } else {
                undone(situation, step).map(|(_, change)| change).collect()
            };
            for change in changes {
                take(situation, step, change, &mut schema, &mut watched);
            }
        }
        stages.push(Stage { moment: Moment::After(phase), cells: cells(&watched, &schema) });
    }
    Compat { stages, doubts: schema.doubts().to_vec() }
}

/// Returns all phases in the order of the graph.
fn all_phases(situation: &Situation<'_>) -> Vec<PhaseKey> {
    let mut seen = BTreeSet::new();
    let steps = situation.graph.order.iter().filter_map(|key| step(situation, key));
    steps.map(CompiledStep::phase_key).filter(|phase| seen.insert(phase.clone())).collect()
}

fn step<'a>(situation: &Situation<'a>, key: &crate::name::StepKey) -> Option<&'a CompiledStep> {
    situation.compiled.by_key.get(key).and_then(|at| situation.compiled.steps.get(*at))
}

/// A release while the schema changes under it. What breaks is kept table by table, so that a step costs only what it concerns.
struct Watched<'a> {
    of: Asked<'a>,
    crowd: Crowd<'a>,
    tables: BTreeMap<ObjectName, Part>,
    enums: Part,
    /// What was asked of its writes.
    restrictions: Vec<Break>,
}

/// A part of what a release needs, and how it breaks.
struct Part {
    needs: Requirements,
    breaks: Vec<Break>,
}

impl Part {
    fn new(needs: Requirements) -> Self {
        Self { needs, breaks: Vec::new() }
    }

    fn look(&mut self, schema: &SchemaAt, crowd: &Crowd<'_>) {
        let rows = schema.rows(&self.needs, crowd);
        self.breaks = breaks(schema.schema(&rows), &self.needs);
    }
}

impl<'a> Watched<'a> {
    /// `None` if it is not recorded what the release needs.
    fn new(situation: &Situation<'a>, of: Asked<'a>, schema: &SchemaAt) -> Option<Self> {
        let needs = of.release.needs.as_deref()?;
        let nothing =
            Requirements { tables: Vec::new(), enums: Vec::new(), ..Requirements::clone(needs) };
        let part = |need: &crate::release::requirement::TableNeed| {
            let needs = Requirements { tables: vec![need.clone()], ..nothing.clone() };
            (need.name.clone(), Part::new(needs))
        };
        let mut watched = Self {
            of,
            crowd: Crowd::of(situation, vec![(of.app, of.release)]),
            tables: needs.tables.iter().map(part).collect(),
            enums: Part::new(Requirements { enums: needs.enums.clone(), ..nothing.clone() }),
            restrictions: Vec::new(),
        };
        watched.look(schema, None);
        Some(watched)
    }

    /// Looks again at these tables, or at everything.
    fn look(&mut self, schema: &SchemaAt, tables: Option<&BTreeSet<ObjectName>>) {
        match tables {
            Some(tables) => {
                for table in tables {
                    if let Some(part) = self.tables.get_mut(table) {
                        part.look(schema, &self.crowd);
                    }
                }
            }
            None => {
                for part in self.tables.values_mut().chain([&mut self.enums]) {
                    part.look(schema, &self.crowd);
                }
            }
        }
    }

    /// Notes what a step asks of writes, unless the phase's own gate says that the release satisfies it.
    fn ask(
        &mut self,
        situation: &Situation<'_>,
        step: &CompiledStep,
        change: &Change,
        before: &SchemaAt,
    ) {
        if step.phase == Phase::Contract
            && let Some(needs) = self.of.release.needs.as_deref()
            && !lets_in(situation, &step.phase_key(), self.of.app, self.of.release)
        {
            self.restrictions.extend(unproven(change, before.catalog(), needs));
        }
    }

    fn breaks(&self, schema: &SchemaAt) -> Vec<Break> {
        let parts = self.tables.values().chain([&self.enums]).flat_map(|part| &part.breaks);
        let all = parts.chain(self.asked(schema)).cloned();
        all.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Returns what is asked of its writes; what was asked for and taken back since is no matter.
    fn asked(&self, schema: &SchemaAt) -> impl Iterator<Item = &Break> {
        self.restrictions.iter().filter(|of| still_asked(schema.catalog(), &of.object))
    }
}

fn cells(watched: &[Option<Watched<'_>>], schema: &SchemaAt) -> Vec<Option<Vec<Break>>> {
    watched.iter().map(|of| of.as_ref().map(|of| of.breaks(schema))).collect()
}

/// Takes one change, and looks again at what it concerns.
fn take(
    situation: &Situation<'_>,
    step: &CompiledStep,
    change: &Change,
    schema: &mut SchemaAt,
    watched: &mut [Option<Watched<'_>>],
) {
    for of in watched.iter_mut().flatten() {
        of.ask(situation, step, change, schema);
    }
    let tables = concerned(change, schema);
    schema.take(situation.project, step, change);
    let is_enum = matches!(
        change,
        Change::CreateEnum { .. } | Change::AddEnumValue { .. } | Change::DropEnum { .. }
    );
    // Whether a name is an enum's decides what columns of that type load into.
    let tables = if is_enum { None } else { Some(&tables) };
    for of in watched.iter_mut().flatten() {
        of.look(schema, tables);
    }
}

/// Notes what the contract phases that are done have asked of writes.
fn watch_done(situation: &Situation<'_>, watched: &mut [Option<Watched<'_>>]) {
    let mut schema = SchemaAt::start(situation.project);
    for key in &situation.graph.order {
        let Some(step) = step(situation, key) else { continue };
        let is_done = step.migrations.iter().all(|of| standing(situation, &of.version).is_done());
        for change in step.changes.iter().filter(|_| is_done) {
            for of in watched.iter_mut().flatten() {
                of.ask(situation, step, change, &schema);
            }
            schema.take(situation.project, step, change);
        }
    }
}

/// Judges each release as it would fare now, beside those that are live.
fn now(
    situation: &Situation<'_>,
    asked: &[Asked<'_>],
    watched: &[Option<Watched<'_>>],
    schema: &SchemaAt,
) -> Stage {
    let live = Crowd::live(situation);
    let cell = |(of, watched): (&Asked<'_>, &Option<Watched<'_>>)| {
        let needs = of.release.needs.as_deref()?;
        let crowd = live.with(of.app, of.release);
        let rows = schema.rows(needs, &crowd);
        let mut found = breaks(schema.schema(&rows), needs);
        found.extend(watched.iter().flat_map(|watched| watched.asked(schema)).cloned());
        found.sort();
        found.dedup();
        Some(found)
    };
    Stage { moment: Moment::Now, cells: asked.iter().zip(watched).map(cell).collect() }
}
