//! Phases that have nothing to do with each other are looked at apart; what then cannot be told is looked at together.
//!
//! `docs/prove.md` says why that is sound.

use std::collections::BTreeSet;

use super::alone::certain;
use super::component::Component;
use super::fleet::Fleet;
use super::groups::groups;
use super::model::{Group, Model, Move, Rules};
use super::together::{Found, Search, Step};

/// How much is looked at before giving up.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// States of a group's phases with what is live.
    pub states: usize,
    /// States of a group's phases.
    pub lattice: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { states: 200_000, lattice: 20_000 }
    }
}

/// What a proof came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The answer.
    pub verdict: Verdict,
    /// Phases that cannot run with the releases that are known.
    pub waiting: BTreeSet<usize>,
    /// How many groups of phases were looked at apart.
    pub n_groups: usize,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is ever harmed and every phase can eventually run.
    Proven,
    /// After these moves, none fewer, a live release is harmed.
    Harm(Counterexample),
    /// After these moves some phase can never run any more.
    DeadEnd(Counterexample),
    /// These groups of phases have too many states to tell.
    TooMany(Vec<Group>),
}

/// How it comes to what must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexample {
    /// The moves.
    pub moves: Vec<Move>,
    /// The phases that have to do with it.
    pub group: Group,
    /// Of a dead end the phases that can never run any more.
    pub stuck: Vec<usize>,
    /// Other groups of phases in which something goes wrong too.
    pub others: Vec<Group>,
    /// Whether it is known that there is no shorter way.
    pub is_shortest: bool,
}

/// Proves that no live release is ever harmed and that every phase can eventually run, or tells how it comes otherwise.
#[must_use]
pub fn prove(model: &Model, rules: &dyn Rules, limits: Limits) -> Proof {
    let apps = model.apps.iter().enumerate();
    let fleets: Vec<Fleet> = apps.map(|(at, app)| Fleet::of(at, app)).collect();
    let (mut components, mut too_many) = (Vec::new(), Vec::new());
    for group in groups(model) {
        match Component::of(model, rules, &fleets, group.clone(), limits.lattice) {
            Some(component) => components.push(component),
            None => too_many.push(group),
        }
    }
    let n_groups = components.len() + too_many.len();
    let waiting = components.iter().flat_map(Component::waiting_phases).collect();
    let attempt = Attempt { model, rules, fleets, limits, components };
    Proof { verdict: attempt.verdict(too_many), waiting, n_groups }
}

struct Attempt<'a> {
    model: &'a Model,
    rules: &'a dyn Rules,
    fleets: Vec<Fleet>,
    limits: Limits,
    components: Vec<Component>,
}

/// What a component came to.
enum Outcome {
    Nothing,
    TooMany,
    Harm(Counterexample),
    DeadEnd(Counterexample),
}

impl Attempt<'_> {
    fn verdict(&self, mut too_many: Vec<Group>) -> Verdict {
        let certain = self.components.iter().map(|of| certain(self.model, of, &self.fleets));
        let certain: Vec<_> = self.components.iter().zip(certain).collect();
        let mut harms = Vec::new();
        for (component, _) in certain.iter().filter(|(_, certain)| !certain.harmless) {
            match self.look(component) {
                Outcome::Harm(found) => harms.push(found),
                Outcome::TooMany => too_many.push(component.group.clone()),
                // Dead ends are looked for below, where all that may forbid a rollout is looked at together.
                Outcome::Nothing | Outcome::DeadEnd(_) => {}
            }
        }
        if let Some(mut shortest) = shortest(harms) {
            shortest.is_shortest = too_many.is_empty();
            return Verdict::Harm(shortest);
        }
        if !too_many.is_empty() {
            return Verdict::TooMany(too_many);
        }
        let stuck = certain.iter().filter(|(_, certain)| !certain.lively);
        let stuck: Vec<&Component> = stuck.map(|(component, _)| *component).collect();
        if stuck.is_empty() { Verdict::Proven } else { self.dead_end(&stuck) }
    }

    /// Looks for a dead end of components that may have one: together with all that may forbid a rollout of one of their
    /// apps if that is not too much, else by themselves.
    fn dead_end(&self, stuck: &[&Component]) -> Verdict {
        let together = self.with_all_that_share_apps(stuck);
        let n_states = together.phases.iter().filter_map(|phase| self.model.phases.get(*phase));
        let n_states = n_states.fold(1_usize, |n, phase| {
            n.saturating_mul(usize::from(phase.end.saturating_sub(phase.start)) + 1)
        });
        // Order leaves most of these out, but not so many.
        if n_states / 64 <= self.limits.lattice
            && let Some(all) = self.component(together)
        {
            match self.look(&all) {
                Outcome::Nothing => return Verdict::Proven,
                Outcome::DeadEnd(found) => return Verdict::DeadEnd(found),
                Outcome::Harm(found) => return Verdict::Harm(found),
                Outcome::TooMany => {}
            }
        }
        let mut found = Vec::new();
        for component in stuck {
            match self.look(component) {
                Outcome::DeadEnd(dead_end) => found.push(dead_end),
                Outcome::Nothing | Outcome::TooMany | Outcome::Harm(_) => {}
            }
        }
        let unknown = || stuck.iter().map(|of| of.group.clone()).collect();
        shortest(found).map_or_else(
            || Verdict::TooMany(unknown()),
            |found| Verdict::DeadEnd(Counterexample { is_shortest: false, ..found }),
        )
    }

    fn component(&self, group: Group) -> Option<Component> {
        Component::of(self.model, self.rules, &self.fleets, group, self.limits.lattice)
    }

    fn with_all_that_share_apps(&self, stuck: &[&Component]) -> Group {
        let apps_of =
            |of: &Component| of.crews.iter().map(|crew| crew.app).collect::<BTreeSet<_>>();
        let mut apps: BTreeSet<usize> = stuck.iter().flat_map(|of| apps_of(of)).collect();
        let mut group = Group::default();
        for component in stuck {
            group.join(&component.group);
        }
        loop {
            let more = self.components.iter().find(|component| {
                !apps_of(component).is_disjoint(&apps) && !group.contains(&component.group)
            });
            let Some(more) = more else { return group };
            apps.extend(apps_of(more));
            group.join(&more.group);
        }
    }

    /// Looks at a component exactly. Where what it finds needs a rollout that another component forbids, that one is
    /// looked at together with it.
    fn look(&self, component: &Component) -> Outcome {
        let mut merged: Option<Component> = None;
        loop {
            let component = merged.as_ref().unwrap_or(component);
            let mut search = Search::of(component, &self.fleets);
            let found = search.run(self.limits.states);
            let steps = match &found {
                Found::Nothing => return Outcome::Nothing,
                Found::TooMany => return Outcome::TooMany,
                Found::Harm(steps) | Found::DeadEnd(steps, _) => steps,
            };
            let mut group = component.group.clone();
            match self.real(&group, &search, steps) {
                Ok(moves) => {
                    let others = Vec::new();
                    return match found {
                        Found::DeadEnd(_, stuck) => {
                            let phase = |place: usize| component.phases.get(place).copied();
                            let stuck = stuck.into_iter().filter_map(phase).collect();
                            Outcome::DeadEnd(Counterexample {
                                moves,
                                group,
                                stuck,
                                others,
                                is_shortest: true,
                            })
                        }
                        Found::Harm(_) | Found::Nothing | Found::TooMany => {
                            let stuck = Vec::new();
                            Outcome::Harm(Counterexample {
                                moves,
                                group,
                                stuck,
                                others,
                                is_shortest: true,
                            })
                        }
                    };
                }
                Err(refusing) => {
                    group.join(&refusing);
                    merged = self.component(group);
                    if merged.is_none() {
                        return Outcome::TooMany;
                    }
                }
            }
        }
    }

    /// Returns the moves that the steps stand for if nothing outside of the group forbids one of them.
    ///
    /// # Errors
    ///
    /// Returns the groups that do.
    fn real(&self, group: &Group, search: &Search<'_>, steps: &[Step]) -> Result<Vec<Move>, Group> {
        let start: Vec<u16> = self.model.phases.iter().map(|phase| phase.start).collect();
        let others: Vec<&Component> =
            self.components.iter().filter(|of| !group.contains(&of.group)).collect();
        search.moves(steps, start, &|phases, live, app, release| {
            let refusing = others.iter().filter(|of| !of.lets_start(phases, app, release, live));
            let refusing = refusing.map(|of| of.group.clone()).reduce(|mut all, of| {
                all.join(&of);
                all
            });
            refusing.map_or(Ok(()), Err)
        })
    }
}

/// Returns the one with the fewest moves, the first of them, and names the others.
fn shortest(mut found: Vec<Counterexample>) -> Option<Counterexample> {
    found.sort_by_key(|of| of.moves.len());
    let mut found = found.into_iter();
    let mut first = found.next()?;
    first.others = found.map(|of| of.group).collect();
    Some(first)
}
