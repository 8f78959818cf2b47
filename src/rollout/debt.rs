//! Contract debt: plans that were expanded and never contracted, and what holds each one back.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::progress::phase_progress;
use super::{BlockedPhase, NextPhase, Situation};
use crate::phase::{Phase, PhaseKey};
use crate::plan::checked::CheckedPlan;

/// A plan whose old place is still there although the new one is.
#[derive(Clone, Debug)]
pub struct Debt<'a> {
    /// The plan.
    pub plan: &'a CheckedPlan,
    /// When its expand phase was finished; unknown if Diesel itself ran it.
    pub since: Option<Timestamp>,
    /// Whether its contract phase has begun.
    pub begun: bool,
    /// What holds the contract phase back.
    pub held: Held<'a>,
}

/// What holds a contract phase back.
#[derive(Clone, Debug)]
pub enum Held<'a> {
    /// Nothing: it may run now, if need be after other phases that may.
    ByNothing,
    /// These phases, of which it may be one itself, are blocked.
    Blocked(Vec<&'a BlockedPhase>),
    /// Something is in doubt in these phases, of which it may be one itself.
    InDoubt(Vec<PhaseKey>),
}

/// Returns the plans whose expand phase is complete and whose contract phase is not, those first that are longest so.
#[must_use]
pub fn debts<'a>(situation: &Situation<'a>, next: &'a NextPhase) -> Vec<Debt<'a>> {
    let key = |plan: &CheckedPlan, phase| PhaseKey { plan: plan.name.clone(), phase };
    let has = |plan: &CheckedPlan, phase| plan.steps_of(phase).next().is_some();
    let both = situation
        .project
        .plans
        .iter()
        .filter(|plan| has(plan, Phase::Expand) && has(plan, Phase::Contract));
    let mut found: Vec<Debt<'a>> = both
        .filter_map(|plan| {
            let expand = phase_progress(situation, &key(plan, Phase::Expand));
            let contract = key(plan, Phase::Contract);
            let progress = phase_progress(situation, &contract);
            (expand.complete && !progress.complete).then(|| Debt {
                plan,
                since: expand.ended_at,
                begun: progress.begun,
                held: held(next, &contract),
            })
        })
        .collect();
    // Of what nobody knows when it began it may be longest ago.
    found.sort_by(|a, b| (a.since, &a.plan.stamp).cmp(&(b.since, &b.plan.stamp)));
    found
}

/// Follows what the phase waits for to where something is to be done.
fn held<'a>(next: &'a NextPhase, phase: &PhaseKey) -> Held<'a> {
    let waiting: BTreeMap<&PhaseKey, &Vec<PhaseKey>> =
        next.waiting.iter().map(|(phase, before)| (phase, before)).collect();
    let (mut seen, mut open) = (BTreeSet::new(), vec![phase]);
    while let Some(phase) = open.pop() {
        if seen.insert(phase) {
            open.extend(waiting.get(phase).into_iter().copied().flatten());
        }
    }
    let blocked: Vec<&BlockedPhase> =
        next.blocked.iter().filter(|of| seen.contains(&of.phase)).collect();
    if !blocked.is_empty() {
        return Held::Blocked(blocked);
    }
    // What waits does so for something that is blocked or in doubt, or waits itself.
    let is_ready = |of: &PhaseKey| next.ready.iter().any(|ready| ready.phase == *of);
    let in_doubt: Vec<PhaseKey> =
        seen.into_iter().filter(|of| !waiting.contains_key(of) && !is_ready(of)).cloned().collect();
    if in_doubt.is_empty() { Held::ByNothing } else { Held::InDoubt(in_doubt) }
}
