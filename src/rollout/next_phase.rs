//! What may run now.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::Resume;
use super::compare;
use super::derived::Derived;
use super::drift::Drifts;
use super::gates::{GateState, gates_given, pending_query, void_backfill};
use super::progress::{OpenPhase, OpenPhases, walk};
use super::{Because, BlockedPhase, NextPhase, ReadyPhase, Situation};
use crate::diagnostic::{Diagnostic, Severity};
use crate::name::PlanName;
use crate::phase::PhaseKey;

/// Answers what may run now, what is blocked and why. Pure: the same situation gives the same answer.
///
/// A phase is complete if all its migrations are done: by the ledger, or by Diesel itself. Of the others
/// - one with a migration in doubt is to be resumed, and whatever comes after it waits,
/// - one whose plan disagrees with the database is blocked by drift,
/// - one after a phase, directly or not, that is neither complete nor ready waits for it,
/// - one whose gates are shut is blocked, with every reason,
/// - any other is ready.
///
/// Phases are visited in version order as far as the plans' order allows, so that the answer does not depend on anything else.
#[must_use]
pub fn next_phase(situation: &Situation<'_>) -> NextPhase {
    let (mut open, mut drifts) = (OpenPhases::new(situation), Drifts::default());
    walk(situation, |row| {
        open.take(row);
        drifts.take(situation, row);
    });
    let (open, n_complete) = open.finish(situation);
    let drift = drifts.finish(situation);
    let mut answer = NextPhase { drift, n_complete, ..NextPhase::default() };
    let drifts = by_plan(&answer.drift);
    let places: BTreeMap<&PhaseKey, usize> =
        open.iter().enumerate().map(|(at, phase)| (&phase.key, at)).collect();
    let mut clean = BTreeSet::new();
    let waits: Vec<Vec<usize>> =
        open.iter().map(|phase| open_before(situation, phase, &places, &mut clean)).collect();
    // What the live releases need is only looked at where something is to run.
    let mut derived = if open.is_empty() { None } else { Derived::now(situation) };
    let mut is_ready = vec![false; open.len()];
    for at in in_order(&waits) {
        let (Some(phase), Some(waits)) = (open.get(at), waits.get(at)) else { continue };
        let unready: Vec<PhaseKey> = waits
            .iter()
            .filter(|before| !is_ready.get(**before).is_some_and(|ready| *ready))
            .filter_map(|before| open.get(*before).map(|phase| phase.key.clone()))
            .collect();
        let drift = drifts.get(&phase.key.plan).map(Vec::as_slice).unwrap_or_default();
        let ready = judge(situation, phase, unready, drift, derived.as_ref(), &mut answer);
        if let Some(derived) = derived.as_mut().filter(|_| ready) {
            derived.take(&phase.key);
        }
        if let Some(of) = is_ready.get_mut(at) {
            *of = ready;
        }
    }
    answer
}

/// Returns the places of the nearest phases before this one that are not complete, also those behind complete
/// ones: what came before a complete phase may have been undone or made void since.
///
/// `clean` collects complete phases before which all is complete, so that a long history is walked once.
fn open_before<'a>(
    situation: &Situation<'a>,
    phase: &OpenPhase,
    places: &BTreeMap<&PhaseKey, usize>,
    clean: &mut BTreeSet<&'a PhaseKey>,
) -> Vec<usize> {
    let before = |key: &PhaseKey| situation.graph.phases.get(key).map(Vec::as_slice);
    let mut found = BTreeSet::new();
    let mut complete = BTreeSet::new();
    let mut to_visit: Vec<_> = before(&phase.key).into_iter().flatten().collect();
    while let Some((key, _)) = to_visit.pop() {
        if let Some(place) = places.get(key) {
            found.insert(*place);
        } else if !clean.contains(key) && complete.insert(key) {
            to_visit.extend(before(key).into_iter().flatten());
        }
    }
    if found.is_empty() {
        clean.extend(complete);
    }
    found.into_iter().collect()
}

/// Puts one phase into the answer; returns whether it is ready.
fn judge(
    situation: &Situation<'_>,
    phase: &OpenPhase,
    unready: Vec<PhaseKey>,
    drift: &[Diagnostic],
    derived: Option<&Derived<'_>>,
    answer: &mut NextPhase,
) -> bool {
    let key = &phase.key;
    if !phase.in_doubt.is_empty() {
        for (step, place, since) in &phase.in_doubt {
            let step = situation.compiled.steps.get(*step);
            let migration = step.and_then(|step| step.migrations.get(*place));
            if let (Some(step), Some(migration)) = (step, migration) {
                let (step, version) = (step.key.clone(), migration.version.clone());
                answer.resume.push(Resume { step, version, since: *since });
            }
        }
        return false;
    }
    if !drift.is_empty() {
        answer.blocked.push(drifted(key, drift));
        return false;
    }
    // A void backfill is told at the contract phase too, also while the backfill itself cannot run.
    if !unready.is_empty() && void_backfill(situation, key).is_none() {
        answer.waiting.push((key.clone(), unready));
        return false;
    }
    let GateState { shut, unblock, open } = gates_given(situation, key, derived);
    if !shut.is_empty() {
        answer.blocked.push(BlockedPhase { phase: key.clone(), because: shut, unblock });
        return false;
    }
    let steps = phase.steps.iter().filter_map(|at| situation.compiled.steps.get(*at));
    answer.ready.push(ReadyPhase {
        phase: key.clone(),
        steps: steps.map(|step| step.key.clone()).collect(),
        queries: pending_query(situation, key).map(str::to_owned).into_iter().collect(),
        compares: compare::is_due(situation, key),
        because: open,
    });
    true
}

fn drifted(phase: &PhaseKey, drift: &[Diagnostic]) -> BlockedPhase {
    let because = drift.iter().map(|of| Because::Drift { message: of.message.clone() });
    let help: BTreeSet<&String> = drift.iter().filter_map(|of| of.help.as_ref()).collect();
    BlockedPhase {
        phase: phase.clone(),
        because: because.collect(),
        unblock: help.into_iter().cloned().collect(),
    }
}

fn by_plan(drifts: &[Diagnostic]) -> BTreeMap<PlanName, Vec<Diagnostic>> {
    let mut by_plan = BTreeMap::<PlanName, Vec<Diagnostic>>::new();
    for found in drifts {
        if let (Severity::Error, Some(plan)) = (found.severity, found.plan.clone()) {
            by_plan.entry(plan).or_default().push(found.clone());
        }
    }
    by_plan
}

/// Returns the places in an order in which each comes after those it waits for; where that leaves a choice,
/// the smallest comes first. Places on a cycle, which a checked graph does not have, are left out.
fn in_order(waits: &[Vec<usize>]) -> Vec<usize> {
    let mut n_waits: Vec<usize> = waits.iter().map(Vec::len).collect();
    let mut after = vec![Vec::new(); waits.len()];
    for (at, before) in waits.iter().enumerate() {
        for before in before {
            if let Some(after) = after.get_mut(*before) {
                after.push(at);
            }
        }
    }
    let free = n_waits.iter().enumerate().filter(|(_, n)| **n == 0);
    let mut free: BTreeSet<usize> = free.map(|(at, _)| at).collect();
    let mut order = Vec::with_capacity(waits.len());
    while let Some(at) = free.pop_first() {
        order.push(at);
        for next in after.get(at).into_iter().flatten() {
            if let Some(n) = n_waits.get_mut(*next) {
                *n = n.saturating_sub(1);
                if *n == 0 {
                    free.insert(*next);
                }
            }
        }
    }
    order
}
