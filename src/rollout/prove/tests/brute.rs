//! The full exploration: every state of all phases and all apps at once, nothing taken together, nothing left out.

use std::collections::{BTreeMap, BTreeSet};

use super::{Listed, Pair};
use crate::rollout::prove::{Fleet, Live, Move};

/// What the full exploration finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    Proven,
    Harm(usize),
    DeadEnd(usize),
}

type State = (Vec<u16>, Vec<usize>);

pub(super) struct Brute<'a> {
    pub(super) rules: &'a Listed,
    pub(super) fleets: Vec<Fleet>,
}

impl<'a> Brute<'a> {
    pub(super) fn of(rules: &'a Listed) -> Self {
        let apps = rules.model.apps.iter().enumerate();
        Self { rules, fleets: apps.map(|(at, app)| Fleet::of(at, app)).collect() }
    }

    pub(super) fn first(&self) -> State {
        (self.rules.model.phases.iter().map(|of| of.start).collect(), vec![0; self.fleets.len()])
    }

    fn live<'s>(&'s self, state: &'s State) -> impl Iterator<Item = (usize, &'s Live)> {
        state.1.iter().enumerate().map(|(app, live)| (app, &self.fleets[app].states[*live]))
    }

    /// The pairs of live releases, or of one that starts and a live one, for which something holds now.
    fn pairs<'s>(
        &'s self,
        state: &'s State,
        starts: Option<(usize, u16)>,
    ) -> impl Iterator<Item = &'s Pair> {
        let is_live = |(app, release): (usize, u16)| {
            self.fleets[app].states[state.1[app]].live.contains(&release)
        };
        self.rules.pairs.iter().filter(move |pair| {
            is_live(pair.second)
                && starts.map_or_else(|| is_live(pair.first), |of| of == pair.first)
        })
    }

    pub(super) fn is_harmed(&self, state: &State) -> bool {
        let holds = |pair: &Pair| Listed::holds(&pair.when, &|phase: usize| state.0[phase]);
        self.pairs(state, None).any(|pair| pair.harmed && holds(pair))
            || self.live(state).any(|(app, live)| {
                let harmed = |of: &u16| {
                    let place = |phase: usize| state.0[phase];
                    Listed::is_listed(&self.rules.harms, app, *of, &place, &|_| true)
                };
                live.live.iter().any(harmed)
            })
    }

    fn may_begin(&self, phase: usize, app: usize, live: &Live) -> bool {
        let asks = self.rules.model.phases[phase].asks_of.contains(&app) && !live.has_started;
        !asks && live.live.iter().all(|of| !self.rules.gates.contains(&(phase, app, *of)))
    }

    pub(super) fn following(&self, state: &State) -> Vec<(Move, State)> {
        let model = &self.rules.model;
        let mut following = Vec::new();
        for (at, phase) in model.phases.iter().enumerate() {
            let is_complete = |of: &usize| state.0[*of] == model.phases[*of].end;
            let begins = state.0[at] == 0;
            let opens = !phase.shut
                && self.live(state).all(|(app, live)| self.may_begin(at, app, live))
                && !self.pairs(state, None).any(|pair| pair.no_begin == Some(at));
            if !is_complete(&at) && phase.before.iter().all(is_complete) && (!begins || opens) {
                let mut then = state.clone();
                then.0[at] += 1;
                following.push((Move::Phase(at), then));
            }
        }
        for (app, live) in state.1.iter().enumerate() {
            for (what, to) in &self.fleets[app].moves[*live] {
                let place = |phase: usize| state.0[phase];
                let beside = |release: (usize, u16)| {
                    self.pairs(state, Some(release))
                        .any(|pair| pair.no_start && Listed::holds(&pair.when, &place))
                };
                let refused = match what {
                    Move::Start(app, release) => {
                        Listed::is_listed(&self.rules.forbids, *app, *release, &place, &|_| true)
                            || beside((*app, *release))
                    }
                    _ => false,
                };
                if !refused {
                    let mut then = state.clone();
                    then.1[app] = *to;
                    following.push((*what, then));
                }
            }
        }
        following
    }

    /// Phases that no release can let begin, and those behind them.
    pub(super) fn waiting(&self) -> BTreeSet<usize> {
        let model = &self.rules.model;
        let never = |at: usize| {
            let no_app = |(app, fleet): (usize, &Fleet)| {
                let is_empty = fleet.states.iter().all(|live| live.live.is_empty());
                let lives = fleet.states.iter().filter(|live| is_empty || !live.live.is_empty());
                !lives.into_iter().any(|live| self.may_begin(at, app, live))
            };
            let phase = &model.phases[at];
            phase.start == 0 && (phase.shut || self.fleets.iter().enumerate().any(no_app))
        };
        let mut waiting: BTreeSet<usize> =
            (0..model.phases.len()).filter(|at| never(*at)).collect();
        for _ in 0..model.phases.len() {
            let behind =
                |at: &usize| model.phases[*at].before.iter().any(|of| waiting.contains(of));
            let more: Vec<usize> = (0..model.phases.len()).filter(behind).collect();
            waiting.extend(more);
        }
        waiting
    }

    pub(super) fn explore(&self) -> Truth {
        let waiting = self.waiting();
        let mut known = BTreeMap::from([(self.first(), 0_usize)]);
        let (mut states, mut depth) = (vec![self.first()], vec![0_usize]);
        let mut before: Vec<Vec<usize>> = vec![Vec::new()];
        let mut at = 0;
        while at < states.len() {
            let state = states[at].clone();
            if self.is_harmed(&state) {
                return Truth::Harm(depth[at]);
            }
            for (_, then) in self.following(&state) {
                let to = *known.entry(then.clone()).or_insert_with(|| {
                    states.push(then);
                    depth.push(depth[at] + 1);
                    before.push(Vec::new());
                    states.len() - 1
                });
                before[to].push(at);
            }
            at += 1;
        }
        let phases = self.rules.model.phases.iter().enumerate();
        let wanted: Vec<(usize, u16)> =
            phases.filter(|(at, _)| !waiting.contains(at)).map(|(at, of)| (at, of.end)).collect();
        let mut ends: Vec<bool> = states
            .iter()
            .map(|state| wanted.iter().all(|(at, end)| state.0[*at] == *end))
            .collect();
        let mut open: Vec<usize> = (0..ends.len()).filter(|at| ends[*at]).collect();
        while let Some(at) = open.pop() {
            for from in &before[at] {
                if !std::mem::replace(&mut ends[*from], true) {
                    open.push(*from);
                }
            }
        }
        ends.iter().position(|ends| !ends).map_or(Truth::Proven, |at| Truth::DeadEnd(depth[at]))
    }
}
