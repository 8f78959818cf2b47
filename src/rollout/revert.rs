//! What going back to before a step or phase means.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use petgraph::graph::NodeIndex;

use super::crowd::Crowd;
use super::gates::written;
use super::progress::{Standing, is_only_opened, standing};
use super::release_gate::end_command;
use super::{SchemaAt, Situation};
use crate::change::unseen::is_unseen;
use crate::compile::{CompiledMigration, CompiledStep};
use crate::diagnostic::Severity;
use crate::name::{PlanName, StepKey};
use crate::phase::{Phase, PhaseKey};
use crate::plan::gate::{ReleaseCondition, ReleaseGate};
use crate::release::{Break, breaks};
use crate::version::MigrationVersion;

/// Where to go back to: just before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RevertTarget {
    /// A step.
    Step(StepKey),
    /// A phase.
    Phase(PhaseKey),
}

/// The migrations to undo, last first, or why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevertPlan {
    /// The migrations to undo, in the order to undo them.
    pub versions: Vec<MigrationVersion>,
    /// Contract phases among them, which need consent by name.
    pub contracts: Vec<PhaseKey>,
    /// Phases of the target and after it that were opened and have not begun: they are closed.
    pub closes: Vec<PhaseKey>,
    /// Why it cannot be done at all: irreversible steps, live releases that rely on what would go.
    pub refused: Vec<String>,
}

/// A migration to undo.
struct Undo<'a> {
    step: &'a CompiledStep,
    migration: &'a CompiledMigration,
    standing: Standing,
    /// Its place in the order of the graph, and in its step.
    place: (usize, usize),
}

/// Plans a revert: every done migration of the target and of what comes after it in the graph, the last finished
/// first as far as the graph allows. Void backfills, which have written rows, are undone as well.
///
/// It is refused where a migration has no way back, is in doubt, or was edited after it ran. And it is
/// refused where a live release would not be served at some point on the way. Of a release whose needs are not
/// recorded that is decided so: one that was started after an expand step was finished
/// may use what the step added, unless the gates of the plan say `none`, or `any` for its app. Steps that add
/// nothing a release can see, such as an index that is not unique, may go at any time. Undoing backfills
/// removes no structure, and undoing contracts needs consent by name.
#[must_use]
pub fn plan_revert(situation: &Situation<'_>, target: &RevertTarget) -> RevertPlan {
    let affected = affected(situation, target);
    let mut refused = Vec::new();
    let undo = to_undo(situation, &affected);
    if affected.is_empty() {
        let (what, name) = match target {
            RevertTarget::Step(step) => ("step", step.to_string()),
            RevertTarget::Phase(phase) => ("phase", phase.to_string()),
        };
        refused.push(format!("there is no {what} `{name}`"));
    }
    for undo in &undo {
        match undo.standing {
            Standing::InDoubt(since) => refused.push(format!(
                "`{}` is in doubt since {since}; settle it first with `planner run`",
                undo.step.key
            )),
            Standing::Pending | Standing::Done(_) | Standing::Voided => {}
        }
        if let Err(why) = &undo.migration.down {
            refused.push(format!("`{}` cannot be undone: {why}", undo.step.key));
        }
    }
    refused.extend(edited(situation, &affected));
    refused.extend(promised(situation, &undo));
    let contracts: BTreeSet<PhaseKey> = undo
        .iter()
        .filter(|undo| undo.step.phase == Phase::Contract)
        .map(|undo| undo.step.phase_key())
        .collect();
    let versions = last_first(situation, undo);
    refused.extend(unserved(situation, &versions));
    let mut seen = BTreeSet::new();
    refused.retain(|reason| seen.insert(reason.clone()));
    let closes = opened(situation, &affected);
    RevertPlan { versions, contracts: contracts.into_iter().collect(), closes, refused }
}

/// Returns the steps of the target and all that come after them in the graph.
fn affected(situation: &Situation<'_>, target: &RevertTarget) -> BTreeSet<StepKey> {
    let graph = situation.graph;
    let mut open: Vec<NodeIndex> = match target {
        RevertTarget::Step(step) => graph.nodes.get(step).copied().into_iter().collect(),
        RevertTarget::Phase(phase) => {
            let steps = super::progress::steps_of(situation.compiled, phase);
            steps.iter().filter_map(|step| graph.nodes.get(&step.key).copied()).collect()
        }
    };
    let mut visited: BTreeSet<NodeIndex> = open.iter().copied().collect();
    while let Some(at) = open.pop() {
        open.extend(graph.graph.neighbors(at).filter(|next| visited.insert(*next)));
    }
    let keys = visited.into_iter().filter_map(|at| graph.graph.node_weight(at).cloned());
    keys.collect()
}

/// Returns the phases of these steps that were opened and have not begun.
fn opened(situation: &Situation<'_>, affected: &BTreeSet<StepKey>) -> Vec<PhaseKey> {
    let places = affected.iter().filter_map(|key| situation.compiled.by_key.get(key));
    let steps = places.filter_map(|at| situation.compiled.steps.get(*at));
    let phases: BTreeSet<PhaseKey> = steps.map(CompiledStep::phase_key).collect();
    phases.into_iter().filter(|phase| is_only_opened(situation, phase)).collect()
}

/// Returns the migrations of these steps that have begun, in the order of the graph.
fn to_undo<'a>(situation: &Situation<'a>, affected: &BTreeSet<StepKey>) -> Vec<Undo<'a>> {
    let mut undo = Vec::new();
    let ordered = situation.graph.order.iter().enumerate();
    for (order, key) in ordered.filter(|(_, key)| affected.contains(*key)) {
        let at = situation.compiled.by_key.get(key);
        let Some(step) = at.and_then(|at| situation.compiled.steps.get(*at)) else { continue };
        for (place, migration) in step.migrations.iter().enumerate() {
            let standing = standing(situation, &migration.version);
            if standing.has_begun() {
                undo.push(Undo { step, migration, standing, place: (order, place) });
            }
        }
    }
    undo
}

/// Orders migrations so that each is undone before what it came after, and of those that may be next, the one
/// that was finished last.
fn last_first(situation: &Situation<'_>, undo: Vec<Undo<'_>>) -> Vec<MigrationVersion> {
    type Rank = (Option<Timestamp>, (usize, usize));
    let mut of_step = BTreeMap::<&StepKey, Vec<(Rank, &MigrationVersion)>>::new();
    for undo in undo {
        let finished = match undo.standing {
            Standing::Done(at) => at,
            Standing::InDoubt(at) => Some(at),
            Standing::Pending | Standing::Voided => None,
        };
        let of_step = of_step.entry(&undo.step.key).or_default();
        of_step.push(((finished, undo.place), &undo.migration.version));
    }
    let graph = situation.graph;
    let after = |key: &StepKey| {
        let node = graph.nodes.get(key).copied();
        let after = node.into_iter().flat_map(|node| graph.graph.neighbors(node));
        after.filter_map(|node| graph.graph.node_weight(node))
    };
    // What still stands in the way of a step: the affected steps after it, also those that never ran, so
    // that chains through them hold. A petgraph may have two edges between two steps.
    let mut before = BTreeMap::<&StepKey, BTreeSet<&StepKey>>::new();
    let mut n_after = BTreeMap::<&StepKey, usize>::new();
    for key in of_step.keys() {
        let following: BTreeSet<&StepKey> = reach_undone(after, key, &of_step);
        n_after.insert(*key, following.len());
        for next in following {
            before.entry(next).or_default().insert(*key);
        }
    }
    let rank =
        |key: &StepKey| of_step.get(key).and_then(|of| of.iter().map(|(rank, _)| *rank).max());
    let free = n_after.iter().filter(|(_, n)| **n == 0).map(|(key, _)| *key);
    let mut free: BTreeSet<(Option<Rank>, &StepKey)> = free.map(|key| (rank(key), key)).collect();
    let mut versions = Vec::new();
    while let Some((_, key)) = free.pop_last() {
        let own = of_step.get(key).into_iter().flatten().rev();
        versions.extend(own.map(|(_, version)| (*version).clone()));
        for previous in before.get(key).into_iter().flatten() {
            if let Some(n) = n_after.get_mut(*previous) {
                *n = n.saturating_sub(1);
                if *n == 0 {
                    free.insert((rank(previous), *previous));
                }
            }
        }
    }
    versions
}

/// Returns the steps to undo that come next after a step, past steps that never ran.
fn reach_undone<'a, V, I: Iterator<Item = &'a StepKey>>(
    after: impl Fn(&StepKey) -> I,
    key: &StepKey,
    of_step: &BTreeMap<&'a StepKey, V>,
) -> BTreeSet<&'a StepKey> {
    let mut found = BTreeSet::new();
    let mut visited = BTreeSet::new();
    let mut open: Vec<&StepKey> = after(key).collect();
    while let Some(next) = open.pop() {
        if visited.insert(next) {
            if let Some((next, _)) = of_step.get_key_value(next) {
                found.insert(*next);
            } else {
                open.extend(after(next));
            }
        }
    }
    found
}

/// What was edited after it ran has no way back in these files.
fn edited(situation: &Situation<'_>, affected: &BTreeSet<StepKey>) -> Vec<String> {
    let plans: BTreeSet<&PlanName> = affected.iter().map(|key| &key.plan).collect();
    let drifts = super::drift::drift(situation).into_iter().filter(|found| {
        found.severity == Severity::Error
            && found.plan.as_ref().is_some_and(|plan| plans.contains(plan))
    });
    drifts.map(|found| format!("{}; settle that first", found.message)).collect()
}

/// Tells which live releases may use what the expand steps among these added.
fn promised(situation: &Situation<'_>, undo: &[Undo<'_>]) -> Vec<String> {
    if !situation.facts.gates {
        return Vec::new();
    }
    let visible = undo.iter().filter(|undo| {
        undo.step.phase == Phase::Expand && !undo.step.changes.iter().all(is_unseen)
    });
    let visible: Vec<&Undo<'_>> = visible.collect();
    let mut refused = Vec::new();
    for app in situation.ledger.apps.values() {
        for release in app.live().filter(|release| release.needs.is_none()) {
            let may_use = visible.iter().filter(|undo| {
                let before = match (undo.standing, release.live_since()) {
                    (Standing::Done(Some(finished)), Some(since)) => since < finished,
                    // Nobody knows when Diesel itself ran it.
                    _ => false,
                };
                !before && !is_exempt(situation, &undo.step.key.plan, &app.name)
            });
            let steps: BTreeSet<&StepKey> = may_use.map(|undo| &undo.step.key).collect();
            if !steps.is_empty() {
                refused.push(format!(
                    "`{}` {} was started after {} and may use what {} added; end the release first: {}",
                    app.name,
                    release.version,
                    listed(&steps),
                    if steps.len() == 1 { "it" } else { "they" },
                    end_command(app, release)
                ));
            }
        }
    }
    refused
}

/// How many steps a message names.
const STEPS_MAX: usize = 3;

fn listed(steps: &BTreeSet<&StepKey>) -> String {
    let names: Vec<String> = steps.iter().take(STEPS_MAX).map(|key| format!("`{key}`")).collect();
    match steps.len().saturating_sub(names.len()) {
        0 => match names.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
            None => String::new(),
        },
        1 => format!("{} and 1 more step", names.join(", ")),
        more => format!("{} and {more} more steps", names.join(", ")),
    }
}

/// Tells which live releases would not be served any more, at which step of the way.
fn unserved(situation: &Situation<'_>, versions: &[MigrationVersion]) -> Vec<String> {
    let crowd = Crowd::live(situation);
    if !situation.facts.gates || crowd.served().next().is_none() {
        return Vec::new();
    }
    let breaks_at = |schema: &SchemaAt| -> Vec<Vec<Break>> {
        let of_each = crowd.served().map(|of| {
            let rows = schema.rows(of.needs, &crowd);
            breaks(schema.schema(&rows), of.needs)
        });
        of_each.collect()
    };
    let mut known = breaks_at(&SchemaAt::begun(situation));
    let mut undone = BTreeSet::new();
    let mut refused = Vec::new();
    for version in versions {
        undone.insert(version);
        let place = situation.compiled.by_version.get(version);
        let step = place.and_then(|(step, _)| situation.compiled.steps.get(*step));
        let found = breaks_at(&SchemaAt::without(situation, &undone));
        for ((of, known), found) in crowd.served().zip(&mut known).zip(found) {
            let new: Vec<Break> = found.into_iter().filter(|of| !known.contains(of)).collect();
            if let (Some(first), Some(step)) = (new.first(), step) {
                refused.push(format!(
                    "`{}` {} would not be served once `{}` is undone: {}; end the release first: {}",
                    of.app.name,
                    of.release.version,
                    step.key,
                    first.sentence(of.needs),
                    end_command(of.app, of.release)
                ));
            }
            known.extend(new);
        }
    }
    refused
}

/// Returns whether a gate of the plan says that no release, or none of this app, can be affected.
fn is_exempt(situation: &Situation<'_>, plan: &PlanName, app: &str) -> bool {
    [Phase::Backfill, Phase::Contract].into_iter().any(|phase| {
        let phase = PhaseKey { plan: plan.clone(), phase };
        let gate = written(situation, &phase).and_then(|gates| gates.releases.as_ref());
        match gate.map(|gate| &gate.value) {
            Some(ReleaseGate::NoneAffected(_)) => true,
            Some(ReleaseGate::Apps(conditions)) => {
                let condition = super::release_gate::condition_of(conditions, app);
                matches!(condition, Some(ReleaseCondition::Any(_)))
            }
            None => false,
        }
    })
}
