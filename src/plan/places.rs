//! Which two places must be compared before a step drops one of them.

use std::sync::Arc;

use super::checked::{CheckedPlan, CheckedProject, CheckedStep};
use crate::catalog::{SqlExpression, Sync};
use crate::change::effect::Object;
use crate::change::places::Places;
use crate::change::{Change, DataChange, Write};
use crate::diagnostic::code;
use crate::name::{Name, ObjectName};
use crate::phase::{Phase, PhaseKey};

/// Returns what is compared before a phase, each once: what its steps drop with the places that replace it, except
/// where a waiver gives up what is left behind.
#[must_use]
pub fn of_phase(project: &CheckedProject, phase: &PhaseKey) -> Vec<Places> {
    let Some(plan) = project.plan(&phase.plan) else { return Vec::new() };
    let mut all = Vec::new();
    for step in plan.steps_of(phase.phase).filter(|step| !is_given_up(step)) {
        for places in of_step(project, plan, step) {
            if !all.contains(&places) {
                all.push(places);
            }
        }
    }
    all
}

/// Returns whether a waiver of the step gives up what is left behind.
fn is_given_up(step: &CheckedStep) -> bool {
    let code = code::ROWS_LEFT_BEHIND;
    step.waivers.iter().any(|waiver| {
        waiver.hazard.value == code.name || waiver.hazard.value.eq_ignore_ascii_case(code.id)
    })
}

/// Returns what is compared before a step that drops something with `replaced_by`, waived or not.
#[must_use]
pub fn of_step(project: &CheckedProject, plan: &CheckedPlan, step: &CheckedStep) -> Vec<Places> {
    let targets = step.operation.value.replaced_by();
    if targets.is_empty() || step.phase != Phase::Contract {
        return Vec::new();
    }
    let named = plan.after.iter().filter_map(|after| project.plan(&after.value.plan));
    let near: Vec<&CheckedPlan> = std::iter::once(plan).chain(named).collect();
    let syncs: Vec<&Arc<Sync>> = changes(&near, Phase::Expand)
        .filter_map(|change| if let Change::CreateSync(sync) = change { Some(sync) } else { None })
        .collect();
    let fills = changes(&near, Phase::Backfill)
        .filter_map(|change| if let Change::Write(fill) = change { Some(fill) } else { None });
    let dropped: Vec<Object> = step.changes.iter().filter_map(dropped).collect();
    fills.filter_map(|fill| places(fill, &targets, &dropped, &syncs)).collect()
}

fn changes<'a>(plans: &[&'a CheckedPlan], phase: Phase) -> impl Iterator<Item = &'a Change> {
    let steps = plans.iter().flat_map(move |plan| plan.steps_of(phase));
    steps.flat_map(|step| step.changes.iter()).collect::<Vec<_>>().into_iter()
}

fn dropped(change: &Change) -> Option<Object> {
    if let Change::DropColumn { table, column, .. } = change {
        return Some(Object::Column(table.clone(), column.clone()));
    }
    if let Change::DropTable { name } = change { Some(Object::Table(name.clone())) } else { None }
}

/// Returns the two places of a backfill, if it fills one that takes over what is dropped.
fn places(
    fill: &DataChange,
    targets: &[Object],
    dropped: &[Object],
    syncs: &[&Arc<Sync>],
) -> Option<Places> {
    match &fill.write {
        Write::Copy { to, .. } => {
            let takes_over = targets.contains(&Object::Table(to.clone()))
                && dropped.contains(&Object::Table(fill.table.clone()));
            takes_over.then(|| Places { fill: fill.clone(), back: Vec::new() })
        }
        Write::Update { set } => {
            let is_target = |column: &Name| {
                targets.contains(&Object::Column(fill.table.clone(), column.clone()))
            };
            let mut set: Vec<_> =
                set.iter().filter(|(column, _)| is_target(column)).cloned().collect();
            if set.is_empty() {
                return None;
            }
            let mut back = Vec::new();
            if let Some((forward, backward)) = sync_of(&fill.table, &set, dropped, syncs) {
                // What the trigger computes is what the two agree on, should the backfill have it otherwise.
                for (column, value) in &mut set {
                    if let Some((_, kept)) = forward.iter().find(|(of, _)| of == column) {
                        value.clone_from(kept);
                    }
                }
                back = backward.to_vec();
            }
            let write = Write::Update { set };
            Some(Places { fill: DataChange { write, ..fill.clone() }, back })
        }
        // Which row of a query became which row of the target, nobody can tell.
        Write::InsertSelect { .. } | Write::InsertValues { .. } | Write::Delete => None,
    }
}

type Values = [(Name, SqlExpression)];

/// Returns how a trigger keeps the columns that take over and the dropped one in step, if one does so in both directions.
fn sync_of<'a>(
    table: &ObjectName,
    set: &Values,
    dropped: &[Object],
    syncs: &[&'a Arc<Sync>],
) -> Option<(&'a Values, &'a Values)> {
    syncs.iter().copied().find_map(|sync| {
        let Sync::Columns { table: of, forward, backward, .. } = sync.as_ref() else { return None };
        let keeps = of == table
            && set.iter().all(|(column, _)| forward.iter().any(|(kept, _)| kept == column))
            && backward.iter().any(|(column, _)| {
                dropped.contains(&Object::Column(table.clone(), column.clone()))
            });
        keeps.then_some((forward.as_slice(), backward.as_slice()))
    })
}
