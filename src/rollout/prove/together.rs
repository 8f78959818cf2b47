//! A component looked at exactly: every state of its phases with everything that may be live, breadth first.

use std::collections::BTreeMap;

use super::component::Component;
use super::fleet::{Fleet, Live};
use super::model::{Model, Move};
use super::quotient::Quotient;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// No live release is ever harmed, and every phase can eventually run.
    Nothing,
    /// After these moves, none fewer, a live release is harmed.
    Harm(Vec<Step>),
    /// After these moves, none fewer, some phase can never run any more; no release is ever harmed.
    DeadEnd(Vec<Step>),
    /// There are more states than were to be looked at.
    TooMany,
}

/// A move of a component, as it tells moves apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A phase, by its place, goes on.
    Phase(usize),
    /// An app, by its place among the component's crews, moves: the class of the release that starts, and the block then.
    Crew(usize, (Option<usize>, usize)),
}

/// The search through a component's states.
#[derive(Debug)]
pub struct Search<'a> {
    model: &'a Model,
    component: &'a Component,
    fleets: &'a [Fleet],
    quotients: Vec<Quotient>,
    /// By state: where the phases stand, and by crew the block.
    states: Vec<Vec<u32>>,
    known: BTreeMap<Vec<u32>, usize>,
    /// By state the one it was first reached from, and how.
    from: Vec<Option<(usize, Step)>>,
    /// By state what follows it.
    next: Vec<Vec<usize>>,
}

impl<'a> Search<'a> {
    /// Prepares the search.
    #[must_use]
    pub fn of(model: &'a Model, component: &'a Component, fleets: &'a [Fleet]) -> Self {
        let nothing = Fleet::default();
        let quotients = component
            .crews
            .iter()
            .map(|crew| Quotient::of(crew, fleets.get(crew.app).unwrap_or(&nothing)))
            .collect();
        Self {
            model,
            component,
            fleets,
            quotients,
            states: Vec::new(),
            known: BTreeMap::new(),
            from: Vec::new(),
            next: Vec::new(),
        }
    }

    /// Looks at every state that can be reached, if there are not more than `max`.
    pub fn run(&mut self, max: usize) -> Found {
        let blocks =
            self.quotients.iter().map(|of| of.block_of.first().copied().unwrap_or(0) as u32);
        let first: Vec<u32> = std::iter::once(0).chain(blocks).collect();
        self.reach(first, None);
        while let Some(state) = self.states.get(self.next.len()).cloned() {
            let at = self.next.len();
            if self.is_harmed(&state) {
                return Found::Harm(self.way_to(at));
            }
            let mut next = Vec::new();
            for (step, then) in self.following(&state) {
                next.push(self.reach(then, Some((at, step))));
            }
            self.next.push(next);
            if self.states.len() > max {
                return Found::TooMany;
            }
        }
        self.dead_end().map_or(Found::Nothing, |at| Found::DeadEnd(self.way_to(at)))
    }

    fn reach(&mut self, state: Vec<u32>, from: Option<(usize, Step)>) -> usize {
        if let Some(at) = self.known.get(&state) {
            return *at;
        }
        let at = self.states.len();
        self.known.insert(state.clone(), at);
        self.states.push(state);
        self.from.push(from);
        at
    }

    /// What is live of the crew at a place.
    fn live(&self, crew: usize, block: u32) -> Option<&'a Live> {
        let of = self.component.crews.get(crew)?;
        let state = self.quotients.get(crew)?.some.get(block as usize)?;
        self.fleets.get(of.app)?.states.get(*state)
    }

    fn crews<'s>(
        &'s self,
        state: &'s [u32],
    ) -> impl Iterator<Item = (usize, &'a super::component::Crew, &'a Live)> + 's {
        let crews = self.component.crews.iter().enumerate().zip(state.iter().skip(1));
        crews.filter_map(|((place, crew), block)| Some((place, crew, self.live(place, *block)?)))
    }

    fn phases(state: &[u32]) -> usize {
        state.first().map_or(0, |of| *of as usize)
    }

    fn is_harmed(&self, state: &[u32]) -> bool {
        self.crews(state).any(|(_, crew, live)| crew.is_harmed(Self::phases(state), live))
    }

    fn following(&self, state: &[u32]) -> Vec<(Step, Vec<u32>)> {
        let at = Self::phases(state);
        let mut following = Vec::new();
        let with = |place: usize, value: usize| {
            let mut then = state.to_vec();
            if let Some(of) = then.get_mut(place) {
                *of = value as u32;
            }
            then
        };
        for (phase, to) in self.component.lattice.next(at) {
            let lets = self
                .crews(state)
                .all(|(_, crew, live)| self.component.may_go_on(crew, at, phase, live));
            if lets && !self.component.is_shut(self.model, at, phase) {
                following.push((Step::Phase(phase), with(0, to)));
            }
        }
        for (place, quotient) in self.quotients.iter().enumerate() {
            let block = state.get(place + 1).map_or(0, |of| *of as usize);
            let crew = self.component.crews.get(place);
            for meaning in quotient.moves.get(block).into_iter().flatten() {
                let class_may = |class: usize| {
                    let release =
                        crew.and_then(|crew| crew.class_of.iter().position(|of| *of == class));
                    let release = release.and_then(|of| u16::try_from(of).ok());
                    crew.zip(release).is_none_or(|(crew, release)| crew.may_start(at, release))
                };
                if meaning.0.is_none_or(class_may) {
                    following.push((Step::Crew(place, *meaning), with(place + 1, meaning.1)));
                }
            }
        }
        following
    }

    fn way_to(&self, mut at: usize) -> Vec<Step> {
        let mut way = Vec::new();
        while let Some((before, step)) = self.from.get(at).copied().flatten() {
            way.push(step);
            at = before;
        }
        way.reverse();
        way
    }

    /// Returns the nearest state from which some phase can never be complete.
    fn dead_end(&self) -> Option<usize> {
        let mut before = vec![Vec::new(); self.states.len()];
        for (at, next) in self.next.iter().enumerate() {
            for next in next {
                if let Some(before) = before.get_mut(*next) {
                    before.push(at);
                }
            }
        }
        let is_complete =
            |state: &Vec<u32>| self.component.is_complete(self.model, Self::phases(state));
        let mut ends: Vec<bool> = self.states.iter().map(is_complete).collect();
        let mut open: Vec<usize> =
            (0..ends.len()).filter(|at| ends.get(*at).is_some_and(|ends| *ends)).collect();
        while let Some(at) = open.pop() {
            for before in before.get(at).into_iter().flatten() {
                if let Some(ends) = ends.get_mut(*before)
                    && !std::mem::replace(ends, true)
                {
                    open.push(*before);
                }
            }
        }
        // States stand in the order of their distance.
        ends.iter().position(|ends| !ends)
    }

    /// Returns moves of real releases for what was found. `lets` says whether all else lets a release start; among equal
    /// releases one that it lets is taken.
    ///
    /// # Errors
    ///
    /// Returns the app and a release that something else does not let start.
    pub fn moves(
        &self,
        steps: &[Step],
        lets: &dyn Fn(usize, u16) -> bool,
    ) -> Result<Vec<Move>, (usize, u16)> {
        let mut at = vec![0; self.component.crews.len()];
        let mut moves = Vec::new();
        for step in steps {
            match step {
                Step::Phase(place) => {
                    moves.extend(self.component.phases.get(*place).map(|of| Move::Phase(*of)))
                }
                Step::Crew(place, meaning) => {
                    let parts = (
                        self.component.crews.get(*place),
                        self.quotients.get(*place),
                        at.get_mut(*place),
                    );
                    let (Some(crew), Some(quotient), Some(at)) = parts else { continue };
                    let Some(fleet) = self.fleets.get(crew.app) else { continue };
                    let mut refused = None;
                    let mut moved = None;
                    for (what, to) in quotient.concrete(crew, fleet, *at, *meaning) {
                        match what {
                            Move::Start(app, release) if !lets(app, release) => {
                                refused = Some((app, release))
                            }
                            Move::Start(..)
                            | Move::Phase(_)
                            | Move::Finish(..)
                            | Move::Abort(..)
                            | Move::Retire(..) => {
                                moved = Some((what, to));
                                break;
                            }
                        }
                    }
                    match (moved, refused) {
                        (Some((what, to)), _) => {
                            moves.push(what);
                            *at = to;
                        }
                        (None, Some(refused)) => return Err(refused),
                        (None, None) => {}
                    }
                }
            }
        }
        Ok(moves)
    }
}
