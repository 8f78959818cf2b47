//! The phases still to do, move by move.

use std::collections::{BTreeMap, BTreeSet};

use super::model::PhaseModel;
use crate::change::Change;
use crate::change::unseen::is_unseen;
use crate::compile::CompiledStep;
use crate::graph::StepGraph;
use crate::phase::{Phase, PhaseKey};
use crate::rollout::Situation;
use crate::rollout::derived::undone;
use crate::rollout::gates::{needs_release_gate, written};
use crate::rollout::progress::phase_progress;

/// A phase of which something is still to do.
#[derive(Clone, Debug)]
pub struct Course<'a> {
    /// The phase.
    pub key: PhaseKey,
    /// What its moves do, in order. Changes that no release can notice go with those after them.
    pub moves: Vec<Vec<(&'a CompiledStep, &'a Change)>>,
    /// Whether its first move is only that it begins. A backfill reads and writes rows all the while until its next move;
    /// between the opening of a gated phase and its first change releases may start too.
    pub opens: bool,
    /// Whether no gate of releases is written for it although there should be: it is then known of every live release what it
    /// needs, or it does not begin.
    pub stands_alone: bool,
    /// Where it stands now.
    start: u16,
}

impl<'a> Course<'a> {
    /// Returns the changes that are done where the phase stands.
    pub fn done(&self, at: u16) -> impl Iterator<Item = (&'a CompiledStep, &'a Change)> + '_ {
        self.moves.iter().take(self.n_done(at)).flatten().copied()
    }

    /// Returns the changes that are still to do where the phase stands.
    pub fn still_to_do(
        &self,
        at: u16,
    ) -> impl Iterator<Item = (&'a CompiledStep, &'a Change)> + '_ {
        self.moves.iter().skip(self.n_done(at)).flatten().copied()
    }

    /// Returns what the move does that leads on from where the phase stands; nothing if it only begins.
    #[must_use]
    pub fn next(&self, at: u16) -> &[(&'a CompiledStep, &'a Change)] {
        if self.opens && at == 0 {
            return &[];
        }
        self.moves.get(self.n_done(at)).map(Vec::as_slice).unwrap_or_default()
    }

    fn n_done(&self, at: u16) -> usize {
        usize::from(at.saturating_sub(u16::from(self.opens)))
    }

    /// Where it stands once it is complete.
    #[must_use]
    pub fn end(&self) -> u16 {
        let moves = u16::try_from(self.moves.len()).unwrap_or(u16::MAX - 1);
        moves + u16::from(self.opens)
    }
}

/// Returns the phases still to do in version order, and what the explorer needs to know of their order.
#[must_use]
pub fn courses<'a>(situation: &Situation<'a>) -> (Vec<Course<'a>>, Vec<PhaseModel>) {
    let steps = &situation.compiled.steps;
    let same = |a: &CompiledStep, b: &CompiledStep| a.phase == b.phase && a.key.plan == b.key.plan;
    let courses: Vec<Course<'a>> =
        steps.chunk_by(same).filter_map(|steps| course(situation, steps)).collect();
    let places: BTreeMap<&PhaseKey, usize> =
        courses.iter().enumerate().map(|(at, course)| (&course.key, at)).collect();
    let phases = courses.iter().map(|course| PhaseModel {
        start: course.start,
        end: course.end(),
        before: open_before(situation.graph, &course.key, &places),
        ..PhaseModel::default()
    });
    let phases = phases.collect();
    (courses, phases)
}

fn course<'a>(situation: &Situation<'a>, steps: &'a [CompiledStep]) -> Option<Course<'a>> {
    let key = steps.first()?.phase_key();
    let mut moves = Vec::new();
    let mut unseen = Vec::new();
    let mut is_any = false;
    for step in steps {
        for (_, change) in undone(situation, step) {
            is_any = true;
            unseen.push((step, change));
            if !is_unseen(change) {
                moves.push(std::mem::take(&mut unseen));
            }
        }
    }
    if !is_any {
        return None;
    }
    match moves.last_mut() {
        Some(last) => last.append(&mut unseen),
        None => moves.push(unseen),
    }
    let is_void = situation.ledger.migrations.values().any(|state| {
        let (step, _) = state.last();
        matches!(state, crate::ledger::MigrationState::Voided(..))
            && step.plan == key.plan
            && step.phase == key.phase
    });
    let has_begun =
        situation.ledger.opened.contains_key(&key) || phase_progress(situation, &key).begun;
    let begun = has_begun && !is_void;
    let opens = begun || key.phase != Phase::Expand;
    let gates = written(situation, &key);
    let stands_alone =
        gates.is_none_or(|gates| gates.releases.is_none()) && needs_release_gate(situation, &key);
    Some(Course { key, moves, opens, stands_alone, start: u16::from(begun) })
}

/// Returns the places of the nearest phases before this one of which something is still to do, also behind complete ones.
fn open_before(
    graph: &StepGraph,
    phase: &PhaseKey,
    places: &BTreeMap<&PhaseKey, usize>,
) -> BTreeSet<usize> {
    let before = |key: &PhaseKey| graph.phases.get(key).map(Vec::as_slice).unwrap_or_default();
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open: Vec<&PhaseKey> = before(phase).iter().map(|(key, _)| key).collect();
    while let Some(key) = open.pop() {
        if let Some(place) = places.get(key) {
            found.insert(*place);
        } else if seen.insert(key) {
            open.extend(before(key).iter().map(|(key, _)| key));
        }
    }
    found
}
