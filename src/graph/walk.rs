//! Visits every change of a project with the catalog just before it.

use crate::catalog::Catalog;
use crate::change::Change;
use crate::change::apply::apply;
use crate::plan::checked::{CheckedPlan, CheckedProject, CheckedStep};

/// Where a step is: the place of its plan among the plans and its own among the plan's steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The plan's place in [`CheckedProject::plans`].
    pub plan: usize,
    /// The step's place in [`CheckedPlan::steps`].
    pub step: usize,
}

/// One change and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Visited<'a> {
    /// Where the step is.
    pub place: Place,
    /// The plan.
    pub plan: &'a CheckedPlan,
    /// The step.
    pub step: &'a CheckedStep,
    /// The change.
    pub change: &'a Change,
}

/// Visits the changes of all steps in version order.
pub fn changes<'a>(project: &'a CheckedProject, mut visit: impl FnMut(Visited<'a>, &Catalog)) {
    let mut catalog = Catalog::clone(&project.start);
    for (plan_at, plan) in project.plans.iter().enumerate() {
        for (step_at, step) in plan.steps.iter().enumerate() {
            let place = Place { plan: plan_at, step: step_at };
            for change in step.changes.iter() {
                visit(Visited { place, plan, step, change }, &catalog);
                // INVARIANT: `plan::check` applied the same changes in the same order.
                let applied = apply(change, &mut catalog);
                debug_assert!(applied.is_ok(), "{applied:?}");
            }
        }
    }
}
