//! A component proved app by app, without multiplying the apps' states: enough in most cases, and cheap.
//!
//! Each app is looked at with the phases alone, as if all other apps were always willing. Whatever can happen can then still
//! happen, so nothing harmful is missed; what this cannot prove is looked at exactly by [`super::together`].

use super::component::{Component, Crew};
use super::fleet::{Fleet, Live};
use super::model::Model;

/// What is certain of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Certain {
    /// No live release is ever harmed.
    pub harmless: bool,
    /// Every phase can eventually run, whatever other components do, if this is certain of all of them.
    pub lively: bool,
}

/// Proves what can be proved of a component app by app.
#[must_use]
pub fn certain(model: &Model, component: &Component, fleets: &[Fleet]) -> Certain {
    let nothing = Fleet::default();
    let views: Vec<View<'_>> = component
        .crews
        .iter()
        .map(|crew| View::of(model, component, crew, fleets.get(crew.app).unwrap_or(&nothing)))
        .collect();
    let harmless = views.iter().all(View::is_harmless);
    let ways = views.iter().enumerate().all(|(at, view)| view.makes_way(model, &views, at));
    Certain { harmless, lively: ways && comes_to_an_end(model, component, &views) }
}

/// A component as one app meets it.
struct View<'a> {
    component: &'a Component,
    crew: &'a Crew,
    fleet: &'a Fleet,
    /// By state of the phases and of the fleet, whether both may come together.
    reached: Vec<Vec<bool>>,
}

impl<'a> View<'a> {
    fn of(model: &Model, component: &'a Component, crew: &'a Crew, fleet: &'a Fleet) -> Self {
        let row = vec![false; fleet.states.len()];
        let reached = vec![row; component.lattice.states.len()];
        let mut view = View { component, crew, fleet, reached };
        let mut open = vec![(0, 0)];
        view.mark(0, 0);
        while let Some((state, live)) = open.pop() {
            let mut next = Vec::new();
            if let Some(fleet_state) = fleet.states.get(live) {
                let phases = component.lattice.next(state);
                let phases =
                    phases.filter(|(phase, _)| view.may_go_on(model, state, *phase, fleet_state));
                next.extend(phases.map(|(_, to)| (to, live)));
            }
            let moves = fleet.moves.get(live).into_iter().flatten();
            let moves = moves.filter(|(what, _)| crew.may_move(state, *what));
            next.extend(moves.map(|(_, to)| (state, *to)));
            open.extend(next.into_iter().filter(|(state, live)| view.mark(*state, *live)));
        }
        view
    }

    /// Returns whether this is new.
    fn mark(&mut self, state: usize, live: usize) -> bool {
        let reached = self.reached.get_mut(state).and_then(|of| of.get_mut(live));
        reached.is_some_and(|reached| !std::mem::replace(reached, true))
    }

    fn may_go_on(&self, model: &Model, state: usize, phase: usize, live: &Live) -> bool {
        !self.component.is_shut(model, state, phase)
            && self.component.may_go_on(self.crew, state, phase, live)
    }

    /// What may be live in a state of the phases.
    fn live(&self, state: usize) -> impl Iterator<Item = &Live> {
        let reached = self.reached.get(state).into_iter().flatten();
        self.fleet.states.iter().zip(reached).filter(|(_, reached)| **reached).map(|(live, _)| live)
    }

    fn is_harmless(&self) -> bool {
        (0..self.reached.len())
            .all(|state| !self.live(state).any(|live| self.crew.is_harmed(state, live)))
    }

    /// Whether in every state in which no rollout goes on the phases can, without any rollout, come to let the next release start.
    fn makes_way(&self, model: &Model, all: &[Self], own: usize) -> bool {
        let Some(app) = model.apps.get(self.crew.app) else { return true };
        self.fleet.states.iter().enumerate().all(|(at, live)| {
            let Some(next) = live.forward(app) else { return true };
            let mut way = vec![false; self.reached.len()];
            // What follows a state stands behind it.
            for state in (0..self.reached.len()).rev() {
                let goes_on = || {
                    let mut phases = self.component.lattice.next(state);
                    phases.any(|(phase, to)| {
                        way.get(to).is_some_and(|way| *way)
                            && self.may_go_on(model, state, phase, live)
                            && all.iter().enumerate().all(|(other, view)| {
                                other == own || view.always_lets(model, state, phase)
                            })
                    })
                };
                let found = self.crew.may_start(state, next) || goes_on();
                if let Some(way) = way.get_mut(state) {
                    *way = found;
                }
            }
            let is_reached = |state: &usize| {
                self.reached.get(*state).and_then(|of| of.get(at)).is_some_and(|of| *of)
            };
            (0..way.len()).filter(is_reached).all(|state| way.get(state).is_some_and(|way| *way))
        })
    }

    fn always_lets(&self, model: &Model, state: usize, phase: usize) -> bool {
        self.live(state).all(|live| self.may_go_on(model, state, phase, live))
    }

    /// What is live once all has gone forward.
    fn last(&self, model: &Model) -> Live {
        let n_releases = model.apps.get(self.crew.app).map_or(0, |app| app.n_releases);
        let only = |of: &&Live| of.starting.is_empty() && of.live == [n_releases.saturating_sub(1)];
        let found = self.fleet.states.iter().filter(only).next_back();
        found.or(self.fleet.states.first()).cloned().unwrap_or_default()
    }
}

/// Whether the phases can come to their end without any rollout once the last release of every app is live.
fn comes_to_an_end(model: &Model, component: &Component, views: &[View<'_>]) -> bool {
    let last: Vec<Live> = views.iter().map(|view| view.last(model)).collect();
    let n_states = component.lattice.states.len();
    let mut ends = vec![false; n_states];
    for state in (0..n_states).rev() {
        let may = |phase: usize| {
            !component.is_shut(model, state, phase)
                && views
                    .iter()
                    .zip(&last)
                    .all(|(view, live)| view.may_go_on(model, state, phase, live))
        };
        let mut next = component.lattice.next(state);
        let found = component.is_complete(model, state)
            || next.any(|(phase, to)| ends.get(to).is_some_and(|ends| *ends) && may(phase));
        if let Some(ends) = ends.get_mut(state) {
            *ends = found;
        }
    }
    let is_reached = |state: usize| views.iter().all(|view| view.live(state).next().is_some());
    (0..n_states).all(|state| ends.get(state).is_some_and(|ends| *ends) || !is_reached(state))
}
