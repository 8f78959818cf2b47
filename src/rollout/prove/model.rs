//! What a proof looks at: phases that come step by step, apps whose releases come and go, and what is permitted.

use std::collections::{BTreeMap, BTreeSet};

/// Phases and apps, without their names: both are told by their places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Model {
    /// The phases of which something is still to do.
    pub phases: Vec<PhaseModel>,
    /// The apps.
    pub apps: Vec<AppModel>,
    /// Pairs of phases that have to do with the same things, so that what holds for a release depends on both: they are looked at
    /// together. That one waits for the other is no reason.
    pub links: Vec<(usize, usize)>,
}

/// A phase of which something is still to do. It goes from one place to the next; each is seen by the releases. The first move
/// is the one that gates shut; what has begun goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhaseModel {
    /// Where it stands now; gates are not asked any more unless that is 0.
    pub start: u16,
    /// Where it stands once it is complete.
    pub end: u16,
    /// The phases that must be complete before it.
    pub before: BTreeSet<usize>,
    /// The apps of which a release must have been started, so that it is known what is live.
    pub asks_of: BTreeSet<usize>,
    /// Whether its gates never open, whatever is live.
    pub shut: bool,
}

/// An app and its releases in the order they are rolled out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppModel {
    /// How many releases there are.
    pub n_releases: u16,
    /// Those that are live now.
    pub live: BTreeSet<u16>,
    /// Those of them that are being rolled out, in the order in which that began.
    pub starting: Vec<u16>,
    /// Whether one was ever started.
    pub has_started: bool,
    /// How many releases before the newest that was ever settled may come back.
    pub n_rollback: u16,
}

/// What holds for one release in one state of some phases, whatever else is live.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Judgement {
    /// If it is live, it is broken, or a backfill misses what it writes.
    pub harmed: bool,
    /// Its rollout may start.
    pub may_start: bool,
    /// For each of the phases, whether its gates let it begin while the release is live.
    pub may_begin: Vec<bool>,
    /// By app and release what holds beside that one only, where that is anything.
    pub beside: BTreeMap<(usize, u16), Beside>,
}

/// What holds for one release while a certain other one is live.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Beside {
    /// If both are live, the one is broken.
    pub harmed: bool,
    /// The rollout of the one may not start while the other is live.
    pub no_start: bool,
    /// Places of the phases that do not begin while both are live.
    pub no_begin: BTreeSet<usize>,
}

/// Phases that are looked at together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// The phases.
    pub phases: BTreeSet<usize>,
    /// Whether what no phase of the model has to do with is looked at too.
    pub rest: bool,
}

impl Group {
    /// Takes another group's phases in.
    pub fn join(&mut self, other: &Self) {
        self.phases.extend(&other.phases);
        self.rest |= other.rest;
    }

    /// Returns whether the other group is in this one.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        other.phases.is_subset(&self.phases) && (self.rest || !other.rest)
    }
}

/// What is permitted and what is wrong, for each release, in any state of the phases.
pub trait Rules {
    /// Judges every release of every app where `phases` stand at `at` and all others where they are now. Whether it is harmed or
    /// may start is judged by what the group's own phases have to do with, and where it says so by what no phase has to do with.
    fn judge(&self, group: &Group, phases: &[usize], at: &[u16]) -> Vec<Vec<Judgement>>;
}

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Move {
    /// A phase goes on by one place.
    Phase(usize),
    /// The rollout of a release starts.
    Start(usize, u16),
    /// It ends well, and the others end.
    Finish(usize, u16),
    /// It is taken back.
    Abort(usize, u16),
    /// One of several live releases ends.
    Retire(usize, u16),
}

impl Model {
    /// Returns all phases that must be complete before one of these, without these.
    #[must_use]
    pub fn before(&self, phases: &BTreeSet<usize>) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut open: Vec<usize> = phases.iter().copied().collect();
        while let Some(phase) = open.pop() {
            let before = self.phases.get(phase).into_iter().flat_map(|of| &of.before);
            open.extend(before.filter(|before| !phases.contains(before) && found.insert(**before)));
        }
        found
    }
}
