//! A component proved app by app, without multiplying the apps' states: enough in most cases, and cheap.
//!
//! Each app is looked at with the phases alone, as if all other apps were always willing. Whatever can happen can then still
//! happen, so nothing harmful is missed; what this cannot prove is looked at exactly by [`super::together`].

use super::component::Component;
use super::fleet::{Fleet, Live};
use super::model::{Beside, Model, Move};

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
    let crews = component.crews.iter().enumerate();
    let views: Vec<View<'_>> = crews
        .map(|(at, crew)| View::of(component, at, fleets.get(crew.app).unwrap_or(&nothing)))
        .collect();
    let all = Views { model, component, all: &views };
    Certain { harmless: all.are_harmless(), lively: all.make_way() && all.come_to_an_end() }
}

/// A component as one app meets it.
struct View<'a> {
    component: &'a Component,
    /// The app's place among the component's.
    at: usize,
    fleet: &'a Fleet,
    /// By state of the phases and of the fleet, whether both may come together.
    reached: Vec<Vec<bool>>,
}

impl<'a> View<'a> {
    fn of(component: &'a Component, at: usize, fleet: &'a Fleet) -> Self {
        let row = vec![false; fleet.states.len()];
        let reached = vec![row; component.lattice.states.len()];
        let mut view = View { component, at, fleet, reached };
        let mut open = vec![(0, 0)];
        view.mark(0, 0);
        while let Some((state, place)) = open.pop() {
            let Some(live) = fleet.states.get(place) else { continue };
            let phases = component.lattice.next(state);
            let phases =
                phases.filter(|(phase, _)| component.may_go_on(state, *phase, &[(at, live)]));
            let mut next: Vec<(usize, usize)> = phases.map(|(_, to)| (to, place)).collect();
            let moves = fleet.moves.get(place).into_iter().flatten();
            let moves = moves.filter(|(what, _)| view.may_move(state, live, *what));
            next.extend(moves.map(|(_, to)| (state, *to)));
            open.extend(next.into_iter().filter(|(state, place)| view.mark(*state, *place)));
        }
        view
    }

    fn may_move(&self, state: usize, live: &Live, what: Move) -> bool {
        match what {
            Move::Start(_, release) => {
                self.component.may_start(state, self.at, release, &[(self.at, live)])
            }
            Move::Phase(_) | Move::Finish(..) | Move::Abort(..) | Move::Retire(..) => true,
        }
    }

    /// Returns whether this is new.
    fn mark(&mut self, state: usize, place: usize) -> bool {
        let reached = self.reached.get_mut(state).and_then(|of| of.get_mut(place));
        reached.is_some_and(|reached| !std::mem::replace(reached, true))
    }

    fn is_reached(&self, state: usize, place: usize) -> bool {
        self.reached.get(state).and_then(|of| of.get(place)).is_some_and(|reached| *reached)
    }

    /// What may be live in a state of the phases.
    fn live(&self, state: usize) -> impl Iterator<Item = &Live> {
        let reached = self.reached.get(state).into_iter().flatten();
        let states = self.fleet.states.iter().zip(reached);
        states.filter(|(_, reached)| **reached).map(|(live, _)| live)
    }

    /// All releases that may be live in a state of the phases, as if they were at once.
    fn any_live(&self, state: usize) -> Live {
        let mut live: Vec<u16> = self.live(state).flat_map(|of| &of.live).copied().collect();
        live.sort_unstable();
        live.dedup();
        Live { live, ..Live::default() }
    }

    /// The place of what is live once all has gone forward.
    fn last(&self, model: &Model) -> usize {
        let app = self.component.crews.get(self.at).and_then(|crew| model.apps.get(crew.app));
        let last = app.map_or(0, |app| app.n_releases.saturating_sub(1));
        let only = |of: &Live| of.starting.is_empty() && of.live == [last];
        self.fleet.states.iter().rposition(only).unwrap_or(0)
    }
}

/// A component as all apps meet it.
struct Views<'a> {
    model: &'a Model,
    component: &'a Component,
    all: &'a [View<'a>],
}

impl Views<'_> {
    fn has_pairs(&self) -> bool {
        self.component.crews.iter().any(|crew| crew.has_pairs)
    }

    /// Whether in some state something may hold for a release of one of these apps beside one of another.
    fn across(&self, state: usize, of: &[usize], holds: impl Fn(&Beside) -> bool) -> bool {
        if !self.has_pairs() {
            return false;
        }
        let any: Vec<Live> = self.all.iter().map(|view| view.any_live(state)).collect();
        let any: Vec<(usize, &Live)> = any.iter().enumerate().collect();
        let mut own = any.iter().filter(|(at, _)| of.contains(at));
        own.any(|own| {
            let others: Vec<_> = any.iter().copied().filter(|other| other.0 != own.0).collect();
            self.component.any_beside(state, &[*own], &others, &holds)
                || self.component.any_beside(state, &others, &[*own], &holds)
        })
    }

    fn are_harmless(&self) -> bool {
        let all: Vec<usize> = (0..self.all.len()).collect();
        (0..self.component.lattice.states.len()).all(|state| {
            let harms = |view: &View<'_>| {
                view.live(state).any(|live| self.component.is_harmed(state, &[(view.at, live)]))
            };
            !self.all.iter().any(harms) && !self.across(state, &all, |of| of.harmed)
        })
    }

    /// Whether in every state in which no rollout of an app goes on the phases can, without any rollout, come to let
    /// its next release start.
    fn make_way(&self) -> bool {
        let n_states = self.component.lattice.states.len();
        self.all.iter().all(|view| {
            let crew = self.component.crews.get(view.at);
            let Some(app) = crew.and_then(|crew| self.model.apps.get(crew.app)) else {
                return true;
            };
            view.fleet.states.iter().enumerate().all(|(at, live)| {
                let Some(next) = live.forward(app) else { return true };
                // What follows a state stands behind it.
                let way = self.backward(
                    |state| {
                        self.component.may_start(state, view.at, next, &[(view.at, live)])
                            && !self.across(state, &[view.at], |of| of.no_start)
                    },
                    |state, phase| {
                        self.component.may_go_on(state, phase, &[(view.at, live)])
                            && self.others_let(view.at, state, phase)
                    },
                );
                (0..n_states).all(|state| {
                    !view.is_reached(state, at) || way.get(state).is_some_and(|way| *way)
                })
            })
        })
    }

    /// By state, whether moves of phases that are permitted lead to where something holds.
    fn backward(
        &self,
        holds: impl Fn(usize) -> bool,
        may_go_on: impl Fn(usize, usize) -> bool,
    ) -> Vec<bool> {
        let n_states = self.component.lattice.states.len();
        let mut found = vec![false; n_states];
        for state in (0..n_states).rev() {
            let leads = |(phase, to): (usize, usize)| {
                found.get(to).is_some_and(|found| *found) && may_go_on(state, phase)
            };
            let is_so = holds(state) || self.component.lattice.next(state).any(leads);
            if let Some(found) = found.get_mut(state) {
                *found = is_so;
            }
        }
        found
    }

    /// Whether a phase may go on whatever is live of the other apps.
    fn others_let(&self, own: usize, state: usize, phase: usize) -> bool {
        let lets = |view: &View<'_>| {
            view.live(state).all(|live| self.component.may_go_on(state, phase, &[(view.at, live)]))
        };
        let all: Vec<usize> = (0..self.all.len()).collect();
        let begins = self.component.lattice.place(state, phase) == 0;
        self.all.iter().filter(|view| view.at != own).all(lets)
            && !(begins && self.across(state, &all, |of| of.no_begin.contains(&phase)))
    }

    /// Whether the phases can come to their end without any rollout once the last release of every app is live.
    fn come_to_an_end(&self) -> bool {
        let last: Vec<usize> = self.all.iter().map(|view| view.last(self.model)).collect();
        let views = self.all.iter().zip(&last);
        let live: Vec<(usize, &Live)> = views
            .filter_map(|(view, last)| Some((view.at, view.fleet.states.get(*last)?)))
            .collect();
        let ends = self.backward(
            |state| self.component.is_complete(state),
            |state, phase| self.component.may_go_on(state, phase, &live),
        );
        let is_reached = |state: usize| {
            self.all.iter().zip(&last).all(|(view, last)| view.is_reached(state, *last))
        };
        (0..ends.len()).all(|state| ends.get(state).is_some_and(|ends| *ends) || !is_reached(state))
    }
}
