//! Which releases the schema serves at every stage of the plans: now, and after each phase that is still to do.

mod walk;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Situation;
use super::crowd::Crowd;
use super::deploy_schema::undone_phases;
use crate::compile::CompiledStep;
use crate::name::StepKey;
use crate::phase::PhaseKey;
use crate::release::{App, Break, Broken, Release};
use walk::Walk;

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
    /// For each release that was asked about: every way in which it breaks, in order, none if it works; `None` if it is not
    /// recorded what it needs. Stages at which it breaks in the same ways share them.
    pub cells: Vec<Option<Arc<Vec<Break>>>>,
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
    /// Returns how one of the releases breaks, if it is recorded what it needs.
    #[must_use]
    pub fn breaks(&self, at: usize) -> Option<&Arc<Vec<Break>>> {
        self.cells.get(at).and_then(Option::as_ref)
    }

    /// Returns how one of the releases fares.
    #[must_use]
    pub fn verdict(&self, at: usize) -> Verdict {
        let Some(breaks) = self.breaks(at) else { return Verdict::Unknown };
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
/// Now, a release is judged beside those that are live; later, beside those of them that the schema then still serves, since a
/// phase waits until the others have ended. From the empty database nobody is live. A contract phase that asks something of
/// writes breaks whoever is not known to satisfy it: the phase's written gate does not let it in, and its own `requires.yaml`
/// does not say so.
#[must_use]
pub fn compat(situation: &Situation<'_>, asked: &[Asked<'_>], from_empty: bool) -> Compat {
    let live = if from_empty { Crowd::of(situation, Vec::new()) } else { Crowd::live(situation) };
    let mut walk = Walk::new(situation, asked, &live, from_empty);
    let mut stages = vec![walk.stage(if from_empty { Moment::Empty } else { Moment::Now })];
    let phases = if from_empty { all_phases(situation) } else { undone_phases(situation) };
    for phase in phases {
        walk.take(&phase);
        stages.push(walk.stage(Moment::After(phase)));
    }
    Compat { stages, doubts: walk.doubts().to_vec() }
}

/// Returns all phases in the order of the graph.
fn all_phases(situation: &Situation<'_>) -> Vec<PhaseKey> {
    let mut seen = BTreeSet::new();
    let steps = situation.graph.order.iter().filter_map(|key| step(situation, key));
    steps.map(CompiledStep::phase_key).filter(|phase| seen.insert(phase.clone())).collect()
}

fn step<'a>(situation: &Situation<'a>, key: &StepKey) -> Option<&'a CompiledStep> {
    situation.compiled.by_key.get(key).and_then(|at| situation.compiled.steps.get(*at))
}
