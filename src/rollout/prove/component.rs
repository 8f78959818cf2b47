//! Phases that are looked at together, with everything that is permitted and wrong in each of their states.

use std::collections::{BTreeMap, BTreeSet};

use super::fleet::{Fleet, Live};
use super::lattice::Lattice;
use super::model::{Group, Judgement, Model, Move, Rules};

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
}

/// The releases of one app, as far as the component tells them apart.
#[derive(Clone, Debug)]
pub struct Crew {
    /// The app.
    pub app: usize,
    /// By release its class: releases of one class are judged alike in every state.
    pub class_of: Vec<usize>,
    /// By class and state what holds for its releases.
    judged: Vec<Vec<Judgement>>,
    /// By place of a phase whether it asks that a release of this app was started.
    asked: Vec<bool>,
}

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
        let crews = judged.into_iter().enumerate();
        let crews =
            crews.filter_map(|(app, judged)| Crew::of(model, app, &phases, judged)).collect();
        let mut component = Self { group, phases, lattice, crews, waiting: BTreeSet::new() };
        component.waiting = component.find_waiting(model, fleets);
        Some(component)
    }

    fn find_waiting(&self, model: &Model, fleets: &[Fleet]) -> BTreeSet<usize> {
        let mut waiting = BTreeSet::new();
        for (place, phase) in self.phases.iter().enumerate() {
            let Some(of) = model.phases.get(*phase) else { continue };
            if of.start == 0
                && (of.shut || self.crews.iter().any(|crew| !crew.may_ever_begin(place, fleets)))
            {
                waiting.insert(place);
            }
        }
        // What waits for such a phase waits with it.
        loop {
            let is_stuck = |before: &usize| {
                self.phases
                    .iter()
                    .position(|of| of == before)
                    .is_some_and(|at| waiting.contains(&at))
            };
            let more = self.phases.iter().enumerate().find(|(place, phase)| {
                let waits =
                    model.phases.get(**phase).is_some_and(|of| of.before.iter().any(is_stuck));
                waits && !waiting.contains(place)
            });
            let Some((place, _)) = more else { return waiting };
            waiting.insert(place);
        }
    }

    /// Returns its phases that cannot run with the releases that are known.
    pub fn waiting_phases(&self) -> impl Iterator<Item = usize> {
        self.waiting.iter().filter_map(|place| self.phases.get(*place).copied())
    }

    /// Returns whether one of the phases may make the move that leads on from this state, as far as one app goes.
    #[must_use]
    pub fn may_go_on(&self, crew: &Crew, state: usize, phase: usize, live: &Live) -> bool {
        self.lattice.place(state, phase) > 0 || crew.may_begin(state, phase, live)
    }

    /// Returns whether a phase's gates are shut for good and it has not begun.
    #[must_use]
    pub fn is_shut(&self, model: &Model, state: usize, phase: usize) -> bool {
        let of = self.phases.get(phase).and_then(|of| model.phases.get(*of));
        self.lattice.place(state, phase) == 0 && of.is_some_and(|of| of.shut)
    }

    /// Returns whether in this state all phases are complete but for those that cannot run anyway.
    #[must_use]
    pub fn is_complete(&self, model: &Model, state: usize) -> bool {
        self.phases.iter().enumerate().all(|(place, phase)| {
            let end = model.phases.get(*phase).map_or(0, |of| of.end);
            self.waiting.contains(&place) || self.lattice.place(state, place) >= end
        })
    }

    /// Returns whether an app's release may start where the phases of the whole model stand at `at`.
    #[must_use]
    pub fn lets_start(&self, at: &[u16], app: usize, release: u16) -> bool {
        let Some(crew) = self.crews.iter().find(|crew| crew.app == app) else { return true };
        let own: Vec<u16> =
            self.phases.iter().filter_map(|phase| at.get(*phase).copied()).collect();
        let state = self.lattice.states.iter().position(|state| *state == own);
        state.is_none_or(|state| crew.may_start(state, release))
    }
}

impl Crew {
    /// Tells an app's releases apart; `None` if the phases have nothing to do with the app.
    fn of(
        model: &Model,
        app: usize,
        phases: &[usize],
        judged: Vec<Vec<Judgement>>,
    ) -> Option<Self> {
        let asked: Vec<bool> = phases
            .iter()
            .map(|phase| model.phases.get(*phase).is_some_and(|of| of.asks_of.contains(&app)))
            .collect();
        let has_started = model.apps.get(app).is_some_and(|app| app.has_started);
        let trivial =
            |of: &Judgement| !of.harmed && of.may_start && of.may_begin.iter().all(|may| *may);
        if judged.iter().flatten().all(trivial) && (has_started || !asked.contains(&true)) {
            return None;
        }
        let mut classes = BTreeMap::new();
        let mut crew = Self { app, class_of: Vec::new(), judged: Vec::new(), asked };
        for of_release in judged {
            let n = classes.len();
            let class = *classes.entry(of_release.clone()).or_insert(n);
            crew.class_of.push(class);
            if class == n {
                crew.judged.push(of_release);
            }
        }
        Some(crew)
    }

    /// Returns what holds for a release in a state.
    #[must_use]
    pub fn judgement(&self, state: usize, release: u16) -> Option<&Judgement> {
        let class = self.class_of.get(usize::from(release))?;
        self.judged.get(*class)?.get(state)
    }

    /// Returns whether a live release is harmed.
    #[must_use]
    pub fn is_harmed(&self, state: usize, live: &Live) -> bool {
        live.live.iter().any(|of| self.judgement(state, *of).is_some_and(|of| of.harmed))
    }

    /// Returns whether a release may start.
    #[must_use]
    pub fn may_start(&self, state: usize, release: u16) -> bool {
        self.judgement(state, release).is_none_or(|of| of.may_start)
    }

    /// Returns whether a phase, by its place, may begin.
    #[must_use]
    pub fn may_begin(&self, state: usize, phase: usize, live: &Live) -> bool {
        let allows = |of: &u16| {
            self.judgement(state, *of)
                .and_then(|of| of.may_begin.get(phase).copied())
                .unwrap_or(true)
        };
        (live.has_started || !self.asked.get(phase).copied().unwrap_or(false))
            && live.live.iter().all(allows)
    }

    /// Returns whether a move of the app may be made; one that starts no release always may.
    #[must_use]
    pub fn may_move(&self, state: usize, what: Move) -> bool {
        match what {
            Move::Start(_, release) => self.may_start(state, release),
            Move::Phase(_) | Move::Finish(..) | Move::Abort(..) | Move::Retire(..) => true,
        }
    }

    /// Returns whether there is anything that may be live with which a phase may begin.
    fn may_ever_begin(&self, phase: usize, fleets: &[Fleet]) -> bool {
        let states = 0..self.judged.first().map_or(1, Vec::len);
        let Some(fleet) = fleets.get(self.app) else { return true };
        states
            .into_iter()
            .any(|state| fleet.states.iter().any(|live| self.may_begin(state, phase, live)))
    }
}
