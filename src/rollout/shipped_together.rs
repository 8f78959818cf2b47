//! What is prepared and removed in one release is one step for whoever upgrades release by release: the release before it
//! and the contract meet.
//!
//! A plan may leave it to another plan, named by its `after`, to prepare what it removes. The two may lie weeks apart on the
//! main branch; where both come first in the same release, nobody who skips from release to release ever has the one
//! without the other.

use std::collections::BTreeSet;

use super::Situation;
use super::progress::phase_progress;
use crate::change::effect::{Effect, Object, effects};
use crate::name::{Name, PlanName};
use crate::phase::{Phase, PhaseKey};
use crate::plan::checked::{CheckedPlan, CheckedStep};
use crate::release::{App, Release, in_order};

/// In which release two plans come first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum First {
    /// In this one.
    In(String),
    /// In none yet, so that both will be in the next.
    InTheNext,
}

/// A step that removes what another plan of the same release prepares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShippedTogether {
    /// The app that is upgraded release by release.
    pub app: String,
    /// The release that is the first to contain both.
    pub release: First,
    /// The contract phase.
    pub phase: PhaseKey,
    /// Its step.
    pub step: Name,
    /// What it removes.
    pub object: String,
    /// The plan that prepares that.
    pub preparing: PlanName,
}

/// Returns them for all contract phases that are not complete, in version order.
#[must_use]
pub fn shipped_together(situation: &Situation<'_>) -> Vec<ShippedTogether> {
    if situation.facts.by_release.is_empty() {
        return Vec::new();
    }
    let plans = situation.project.plans.iter();
    let contracts = plans.map(|plan| PhaseKey { plan: plan.name.clone(), phase: Phase::Contract });
    let open = contracts.filter(|phase| !phase_progress(situation, phase).complete);
    open.flat_map(|phase| of_phase(situation, &phase)).collect()
}

/// Returns those of one phase.
pub(super) fn of_phase(situation: &Situation<'_>, phase: &PhaseKey) -> Vec<ShippedTogether> {
    let plan = situation.project.plan(&phase.plan);
    let (Some(plan), Phase::Contract) = (plan, phase.phase) else { return Vec::new() };
    let mut found = Vec::new();
    for app in &situation.facts.by_release {
        let Some(app) = situation.ledger.apps.get(app) else { continue };
        let firsts = Firsts::of(situation, app);
        for (step, object, preparing) in prepared_elsewhere(situation, plan) {
            if let Some(release) = firsts.same(&plan.name, &preparing.name) {
                found.push(ShippedTogether {
                    app: app.name.clone(),
                    release,
                    phase: phase.clone(),
                    step: step.key.id.clone(),
                    object: object.to_string(),
                    preparing: preparing.name.clone(),
                });
            }
        }
    }
    found
}

/// The releases of an app in their order, with what each is the first to contain.
struct Firsts<'a>(Vec<&'a Release>);

impl<'a> Firsts<'a> {
    fn of(situation: &Situation<'_>, app: &'a App) -> Self {
        Self(in_order(app, situation.facts.naming.get(&app.name).copied()))
    }

    /// Returns in which release both plans come first. What the oldest known release contains may have come one by one
    /// before it, and nobody upgrades to it.
    fn same(&self, one: &PlanName, other: &PlanName) -> Option<First> {
        let first = |plan: &PlanName| {
            self.0.iter().position(|release| release.introduces.plans.contains(plan))
        };
        match (first(one), first(other)) {
            (Some(0), _) | (_, Some(0)) | (Some(_), None) | (None, Some(_)) => None,
            (Some(one), Some(other)) if one == other => {
                self.0.get(one).map(|release| First::In(release.version.clone()))
            }
            (Some(_), Some(_)) => None,
            // Without any contents nothing is known of what comes in which release.
            (None, None) => {
                let is_known = self.0.iter().any(|of| !of.introduces.plans.is_empty());
                is_known.then_some(First::InTheNext)
            }
        }
    }
}

/// Returns the steps of a contract phase that remove what not their own plan prepares, with what it is and the plan that
/// does.
fn prepared_elsewhere<'a>(
    situation: &Situation<'a>,
    plan: &'a CheckedPlan,
) -> Vec<(&'a CheckedStep, Object, &'a CheckedPlan)> {
    let project = situation.project;
    let named = plan.after.iter().filter_map(|after| project.plan(&after.value.plan));
    let others: Vec<&CheckedPlan> = named.filter(|other| other.name != plan.name).collect();
    if others.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for step in plan.steps_of(Phase::Contract) {
        let effects = step.changes.iter().flat_map(|change| effects(change, &project.end));
        for object in effects.filter_map(destroyed) {
            let wanted: BTreeSet<Object> =
                step.operation.value.replaced_by().into_iter().chain([object.clone()]).collect();
            if prepares(situation, plan, &wanted) {
                continue;
            }
            let preparing = others.iter().filter(|other| prepares(situation, other, &wanted));
            found.extend(preparing.map(|other| (step, object.clone(), *other)));
        }
    }
    found
}

fn destroyed(effect: Effect) -> Option<Object> {
    match effect {
        // Nobody but planner uses its syncs.
        Effect::Destroys(object) if !matches!(object, Object::Sync(_)) => Some(object),
        Effect::Destroys(_)
        | Effect::Adds(_)
        | Effect::Retires(_)
        | Effect::MovesData(_)
        | Effect::Restricts(_)
        | Effect::RemovesGuarantee(_)
        | Effect::Invisible(_)
        | Effect::Opaque => None,
    }
}

/// Returns whether a plan's expand phase adds or retires one of the objects.
fn prepares(situation: &Situation<'_>, plan: &CheckedPlan, wanted: &BTreeSet<Object>) -> bool {
    let changes = plan.steps_of(Phase::Expand).flat_map(|step| step.changes.iter());
    let mut all = changes.flat_map(|change| effects(change, &situation.project.end));
    all.any(|effect| match effect {
        Effect::Adds(object) | Effect::Retires(object) => wanted.contains(&object),
        Effect::Destroys(_)
        | Effect::MovesData(_)
        | Effect::Restricts(_)
        | Effect::RemovesGuarantee(_)
        | Effect::Invisible(_)
        | Effect::Opaque => false,
    })
}
