//! The explorer on models in a few words, and the reduced exploration against the full one.

mod brute;
mod cases;
mod random;

use std::collections::{BTreeMap, BTreeSet};

use super::{AppModel, Beside, Group, Judgement, Model, PhaseModel, Rules};

/// A part of the model's state: these phases, each from a place up to before another.
type When = Vec<(usize, u16, u16)>;

/// Rules as lists of what is wrong and forbidden when; all else is permitted.
#[derive(Clone, Debug, Default)]
struct Listed {
    model: Model,
    /// App, release and when it is harmed.
    harms: Vec<(usize, u16, When)>,
    /// App, release and when it may not start.
    forbids: Vec<(usize, u16, When)>,
    /// Phase, app and release with which it may not begin.
    gates: BTreeSet<(usize, usize, u16)>,
    /// Pairs of releases, what does not go with both live, and when.
    pairs: Vec<Pair>,
}

/// Two releases, each with its app; whether the first is harmed beside the second, may not start beside it, and which phase
/// does not begin beside both; and when the first two are so.
#[derive(Clone, Debug)]
struct Pair {
    first: (usize, u16),
    second: (usize, u16),
    harmed: bool,
    no_start: bool,
    no_begin: Option<usize>,
    when: When,
}

impl Listed {
    /// Links the phases that a release's fate depends on together, and what is shared by several of them.
    fn link(&mut self) {
        let lists = self.harms.iter().chain(&self.forbids).map(|(_, _, when)| when);
        for when in lists.chain(self.pairs.iter().map(|pair| &pair.when)) {
            let pairs = when.windows(2).map(|pair| (pair[0].0, pair[1].0));
            self.model.links.extend(pairs);
        }
    }

    fn holds(when: &When, at: &dyn Fn(usize) -> u16) -> bool {
        when.iter().all(|(phase, from, to)| (*from..*to).contains(&at(*phase)))
    }

    fn is_listed(
        list: &[(usize, u16, When)],
        app: usize,
        release: u16,
        at: &dyn Fn(usize) -> u16,
        concerns: &dyn Fn(&When) -> bool,
    ) -> bool {
        let mut own =
            list.iter().filter(|(a, r, when)| (*a, *r) == (app, release) && concerns(when));
        own.any(|(_, _, when)| Self::holds(when, at))
    }
}

impl Listed {
    fn beside(
        &self,
        first: (usize, u16),
        phases: &[usize],
        at: &dyn Fn(usize) -> u16,
        concerns: &dyn Fn(&When) -> bool,
    ) -> BTreeMap<(usize, u16), Beside> {
        let mut found = BTreeMap::<_, Beside>::new();
        for pair in self.pairs.iter().filter(|pair| pair.first == first) {
            let beside = found.entry(pair.second).or_default();
            if concerns(&pair.when) && Self::holds(&pair.when, at) {
                beside.harmed |= pair.harmed;
                beside.no_start |= pair.no_start;
            }
            let place = pair.no_begin.and_then(|phase| phases.iter().position(|of| *of == phase));
            beside.no_begin.extend(place);
        }
        found.retain(|_, beside| *beside != Beside::default());
        found
    }
}

impl Rules for Listed {
    fn judge(&self, group: &Group, phases: &[usize], at: &[u16]) -> Vec<Vec<Judgement>> {
        let place = |phase: usize| match phases.iter().position(|of| *of == phase) {
            Some(place) => at[place],
            None => self.model.phases[phase].start,
        };
        let concerns = |when: &When| match when.first() {
            Some((phase, _, _)) => group.phases.contains(phase),
            None => group.rest,
        };
        let release = |app: usize, release: u16| Judgement {
            harmed: Self::is_listed(&self.harms, app, release, &place, &concerns),
            may_start: !Self::is_listed(&self.forbids, app, release, &place, &concerns),
            may_begin: phases
                .iter()
                .map(|phase| !self.gates.contains(&(*phase, app, release)))
                .collect(),
            beside: self.beside((app, release), phases, &place, &concerns),
        };
        let apps = self.model.apps.iter().enumerate();
        apps.map(|(app, of)| (0..of.n_releases).map(|at| release(app, at)).collect()).collect()
    }
}

/// A phase with so many moves, after others.
fn phase(end: u16, before: &[usize]) -> PhaseModel {
    PhaseModel { end, before: before.iter().copied().collect(), ..PhaseModel::default() }
}

/// An app of which the first release is live.
fn app(n_releases: u16) -> AppModel {
    AppModel {
        n_releases,
        live: [0].into(),
        starting: Vec::new(),
        has_started: true,
        n_rollback: 1,
    }
}
