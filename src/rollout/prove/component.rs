//! Phases that are looked at together, with everything that is permitted and wrong in each of their states.

use std::collections::BTreeSet;

use super::crew::{Crew, crews};
use super::fleet::{Fleet, Live};
use super::lattice::Lattice;
use super::model::{Beside, Group, Judgement, Model, Rules};

/// Phases that are looked at together.
#[derive(Clone, Debug)]
pub struct Component {
    /// What it is looked at for.
    pub group: Group,
    /// Its phases, and behind them those that they wait for.
    pub phases: Vec<usize>,
    /// Their states.
    pub lattice: Lattice,
    /// The apps that they have to do with.
    pub crews: Vec<Crew>,
    /// Places of phases that cannot run with the releases that are known, and of those that wait for such phases.
    pub waiting: BTreeSet<usize>,
    /// By place of a phase, whether its gates are shut for good.
    shut: Vec<bool>,
    /// By place of a phase, where it is complete.
    ends: Vec<u16>,
}

/// What is live of an app that a component has to do with, by its place among them.
pub type LiveOf<'a> = (usize, &'a Live);

impl Component {
    /// Looks at these phases; `None` if they and those they wait for have more than `max` states.
    #[must_use]
    pub fn of(
        model: &Model,
        rules: &dyn Rules,
        fleets: &[Fleet],
        group: Group,
        max: usize,
    ) -> Option<Self> {
        let before = model.before(&group.phases);
        let phases: Vec<usize> = group.phases.iter().copied().chain(before).collect();
        let lattice = Lattice::of(model, &phases, max)?;
        // By app, by release, by state.
        let mut judged: Vec<Vec<Vec<Judgement>>> = model
            .apps
            .iter()
            .map(|app| vec![Vec::with_capacity(lattice.states.len()); usize::from(app.n_releases)])
            .collect();
        for state in &lattice.states {
            for (of_app, found) in judged.iter_mut().zip(rules.judge(&group, &phases, state)) {
                for (of_release, found) in of_app.iter_mut().zip(found) {
                    of_release.push(found);
                }
            }
        }
        let own = || phases.iter().filter_map(|phase| model.phases.get(*phase));
        let shut = own().map(|phase| phase.shut && phase.start == 0).collect();
        let ends = own().map(|phase| phase.end).collect();
        let crews = crews(model, &phases, judged);
        let waiting = BTreeSet::new();
        let mut component = Self { group, phases, lattice, crews, waiting, shut, ends };
        component.waiting = component.find_waiting(model, fleets);
        Some(component)
    }

    fn find_waiting(&self, model: &Model, fleets: &[Fleet]) -> BTreeSet<usize> {
        let never = |place: usize| {
            let begins = self.lattice.place(0, place) == 0;
            let before = || {
                let states = 0..self.lattice.states.len();
                states.filter(|state| self.lattice.place(*state, place) == 0)
            };
            let by_app = |crew: &Crew| {
                let fleet = fleets.get(crew.app);
                fleet.is_some_and(|fleet| !crew.may_ever_begin(before(), place, fleet))
            };
            begins && (self.is_shut(0, place) || self.crews.iter().any(by_app))
        };
        let mut waiting: BTreeSet<usize> =
            (0..self.phases.len()).filter(|place| never(*place)).collect();
        // What waits for such a phase waits with it.
        loop {
            let is_stuck = |before: &usize| {
                let place = self.phases.iter().position(|of| of == before);
                place.is_some_and(|at| waiting.contains(&at))
            };
            let more = self.phases.iter().enumerate().find(|(place, phase)| {
                let before = model.phases.get(**phase).map(|of| &of.before);
                before.into_iter().flatten().any(is_stuck) && !waiting.contains(place)
            });
            let Some((place, _)) = more else { return waiting };
            waiting.insert(place);
        }
    }

    /// Returns its phases that cannot run with the releases that are known.
    pub fn waiting_phases(&self) -> impl Iterator<Item = usize> {
        self.waiting.iter().filter_map(|place| self.phases.get(*place).copied())
    }

    /// Returns whether a phase's gates are shut for good and it has not begun.
    #[must_use]
    pub fn is_shut(&self, state: usize, phase: usize) -> bool {
        self.lattice.place(state, phase) == 0 && self.shut.get(phase).is_some_and(|shut| *shut)
    }

    /// Returns whether a phase may make the move that leads on from a state while these are live.
    #[must_use]
    pub fn may_go_on(&self, state: usize, phase: usize, live: &[LiveOf<'_>]) -> bool {
        if self.lattice.place(state, phase) > 0 {
            return true;
        }
        let alone = live.iter().all(|(at, live)| {
            self.crews.get(*at).is_none_or(|crew| crew.may_begin(state, phase, live))
        });
        alone
            && !self.is_shut(state, phase)
            && !self.any_beside(state, live, live, |of| of.no_begin.contains(&phase))
    }

    /// Returns whether a release of a crew may start while these are live.
    #[must_use]
    pub fn may_start(&self, state: usize, crew: usize, release: u16, live: &[LiveOf<'_>]) -> bool {
        let Some(own) = self.crews.get(crew) else { return true };
        let started = Live { live: vec![release], ..Live::default() };
        own.judgement(state, release).is_none_or(|of| of.may_start)
            && !self.any_beside(state, &[(crew, &started)], live, |of| of.no_start)
    }

    /// Returns whether a live release is harmed.
    #[must_use]
    pub fn is_harmed(&self, state: usize, live: &[LiveOf<'_>]) -> bool {
        let alone = live
            .iter()
            .any(|(at, live)| self.crews.get(*at).is_some_and(|crew| crew.is_harmed(state, live)));
        alone || self.any_beside(state, live, live, |of| of.harmed)
    }

    /// Returns whether something holds for one of these beside one of those.
    pub fn any_beside(
        &self,
        state: usize,
        these: &[LiveOf<'_>],
        others: &[LiveOf<'_>],
        holds: impl Fn(&Beside) -> bool,
    ) -> bool {
        these.iter().any(|(at, live)| {
            let Some(crew) = self.crews.get(*at).filter(|crew| crew.has_pairs) else {
                return false;
            };
            let judged = live.live.iter().filter_map(|of| crew.judgement(state, *of));
            let mut beside = judged.flat_map(|of| &of.beside);
            beside.any(|((app, release), beside)| {
                let other = others
                    .iter()
                    .find(|(at, _)| self.crews.get(*at).is_some_and(|crew| crew.app == *app));
                other.is_some_and(|(_, live)| live.live.contains(release)) && holds(beside)
            })
        })
    }

    /// Returns whether in this state all phases are complete but for those that cannot run anyway.
    #[must_use]
    pub fn is_complete(&self, state: usize) -> bool {
        let places = 0..self.phases.len();
        places.into_iter().all(|place| self.waiting.contains(&place) || self.is_over(state, place))
    }

    /// Returns whether a phase, by its place, is complete in a state.
    #[must_use]
    pub fn is_over(&self, state: usize, phase: usize) -> bool {
        let end = self.ends.get(phase).copied().unwrap_or(0);
        self.lattice.place(state, phase) >= end
    }

    /// Returns whether an app's release may start, as far as the component tells, where the phases of the whole model stand
    /// at `at` and these are live.
    #[must_use]
    pub fn lets_start(&self, at: &[u16], app: usize, release: u16, live: &[&Live]) -> bool {
        let Some(crew) = self.crews.iter().position(|crew| crew.app == app) else { return true };
        let own: Vec<u16> =
            self.phases.iter().filter_map(|phase| at.get(*phase).copied()).collect();
        let state = self.lattice.states.iter().position(|state| *state == own);
        let crews = self.crews.iter().enumerate();
        let live: Vec<LiveOf<'_>> =
            crews.filter_map(|(at, crew)| Some((at, *live.get(crew.app)?))).collect();
        state.is_none_or(|state| self.may_start(state, crew, release, &live))
    }
}
