//! A component looked at exactly: every state of its phases with everything that may be live, breadth first.

use std::collections::BTreeMap;

use super::component::{Component, LiveOf};
use super::fleet::{Fleet, Live};
use super::model::{Group, Move};
use super::quotient::Quotient;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// No live release is ever harmed, and every phase can eventually run.
    Nothing,
    /// After these moves, none fewer, a live release is harmed.
    Harm(Vec<Step>),
    /// After these moves, none fewer, these phases, by their places, can never run any more; no release is ever harmed.
    DeadEnd(Vec<Step>, Vec<usize>),
    /// There are more states than were to be looked at.
    TooMany,
}

/// Whether all else lets a release of an app start, where the phases of the whole model stand so and so and these are live, by
/// app; else what does not.
pub type Lets<'a> = dyn Fn(&[u16], &[&Live], usize, u16) -> Result<(), Group> + 'a;

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
    pub fn of(component: &'a Component, fleets: &'a [Fleet]) -> Self {
        let nothing = Fleet::default();
        let quotients = component
            .crews
            .iter()
            .map(|crew| Quotient::of(crew, fleets.get(crew.app).unwrap_or(&nothing)))
            .collect();
        Self {
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
        self.dead_end().map_or(Found::Nothing, |at| Found::DeadEnd(self.way_to(at), self.stuck(at)))
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

    fn all_live(&self, state: &[u32]) -> Vec<LiveOf<'a>> {
        let blocks = state.iter().skip(1).enumerate();
        blocks.filter_map(|(crew, block)| Some((crew, self.live(crew, *block)?))).collect()
    }

    fn phases(state: &[u32]) -> usize {
        state.first().map_or(0, |of| *of as usize)
    }

    fn is_harmed(&self, state: &[u32]) -> bool {
        self.component.is_harmed(Self::phases(state), &self.all_live(state))
    }

    fn following(&self, state: &[u32]) -> Vec<(Step, Vec<u32>)> {
        let at = Self::phases(state);
        let live = self.all_live(state);
        let mut following = Vec::new();
        let with = |place: usize, value: usize| {
            let mut then = state.to_vec();
            if let Some(of) = then.get_mut(place) {
                *of = value as u32;
            }
            then
        };
        for (phase, to) in self.component.lattice.next(at) {
            if self.component.may_go_on(at, phase, &live) {
                following.push((Step::Phase(phase), with(0, to)));
            }
        }
        for (place, quotient) in self.quotients.iter().enumerate() {
            let block = state.get(place + 1).map_or(0, |of| *of as usize);
            for meaning in quotient.moves.get(block).into_iter().flatten() {
                let class_may = |class: usize| {
                    let release = self.some_release(place, class);
                    release.is_none_or(|of| self.component.may_start(at, place, of, &live))
                };
                if meaning.0.is_none_or(class_may) {
                    following.push((Step::Crew(place, *meaning), with(place + 1, meaning.1)));
                }
            }
        }
        following
    }

    /// Returns a release of a class.
    fn some_release(&self, crew: usize, class: usize) -> Option<u16> {
        let class_of = &self.component.crews.get(crew)?.class_of;
        u16::try_from(class_of.iter().position(|of| *of == class)?).ok()
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
        let is_complete = |state: &Vec<u32>| self.component.is_complete(Self::phases(state));
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

    /// Returns the places of phases that can never be complete once a state is reached.
    fn stuck(&self, from: usize) -> Vec<usize> {
        let mut seen = vec![false; self.states.len()];
        let mut open = vec![from];
        let mut stuck: Vec<usize> = (0..self.component.phases.len())
            .filter(|place| !self.component.waiting.contains(place))
            .collect();
        while let Some(at) = open.pop() {
            if let Some(seen) = seen.get_mut(at)
                && !std::mem::replace(seen, true)
            {
                let phases = self.states.get(at).map_or(0, |state| Self::phases(state));
                stuck.retain(|place| !self.component.is_over(phases, *place));
                open.extend(self.next.get(at).into_iter().flatten());
            }
        }
        stuck
    }

    /// Returns moves of real releases for what was found. `lets` says whether all else lets a release start, where the phases of
    /// the whole model stand so and so and these are live, by app; among equal releases one that it lets is taken.
    ///
    /// # Errors
    ///
    /// Returns what does not let a release start.
    pub fn moves(
        &self,
        steps: &[Step],
        mut phases: Vec<u16>,
        lets: &Lets<'_>,
    ) -> Result<Vec<Move>, Group> {
        let mut at = vec![0; self.fleets.len()];
        let mut moves = Vec::new();
        for step in steps {
            match step {
                Step::Phase(place) => {
                    let Some(phase) = self.component.phases.get(*place) else { continue };
                    moves.push(Move::Phase(*phase));
                    if let Some(place) = phases.get_mut(*phase) {
                        *place += 1;
                    }
                }
                Step::Crew(place, meaning) => {
                    let live: Vec<&Live> = self
                        .fleets
                        .iter()
                        .zip(&at)
                        .filter_map(|(fleet, at)| fleet.states.get(*at))
                        .collect();
                    let mut refused = Ok(());
                    for (what, to) in self.concrete(*place, *meaning, &at) {
                        refused = match what {
                            Move::Start(app, release) => lets(&phases, &live, app, release),
                            Move::Phase(_)
                            | Move::Finish(..)
                            | Move::Abort(..)
                            | Move::Retire(..) => Ok(()),
                        };
                        if refused.is_ok() {
                            moves.push(what);
                            let app = self.component.crews.get(*place).map(|crew| crew.app);
                            if let Some(at) = app.and_then(|app| at.get_mut(app)) {
                                *at = to;
                            }
                            break;
                        }
                    }
                    refused?;
                }
            }
        }
        Ok(moves)
    }

    /// Returns the moves of a crew's app that mean this, from where its fleet is.
    fn concrete(
        &self,
        crew: usize,
        meaning: (Option<usize>, usize),
        at: &[usize],
    ) -> Vec<(Move, usize)> {
        let parts = (self.component.crews.get(crew), self.quotients.get(crew));
        let (Some(crew), Some(quotient)) = parts else { return Vec::new() };
        let from = at.get(crew.app).copied().unwrap_or(0);
        let fleet = self.fleets.get(crew.app);
        fleet.into_iter().flat_map(|fleet| quotient.concrete(crew, fleet, from, meaning)).collect()
    }
}
