//! Plans whose every name is known, in version order, with the changes each step makes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::authored::{After, Waiver};
use super::foundation::Foundation;
use super::gate::AuthoredGates;
use crate::catalog::Catalog;
use crate::change::Change;
use crate::dialect::Dialect;
use crate::name::{Name, PlanName, StepKey};
use crate::operations::AnyOperation;
use crate::operations::lowering::AsWritten;
use crate::phase::Phase;
use crate::source::{SourceId, Span, Spanned};
use crate::version::Stamp;

/// All plans of a project for one dialect, oldest first. Only [`super::check::check`] makes one.
#[derive(Clone, Debug)]
pub struct CheckedProject {
    /// The dialect that types and expressions were taken for.
    pub dialect: Dialect,
    /// The catalog before the first plan.
    pub start: Arc<Catalog>,
    /// What that catalog was made of.
    pub foundation: Arc<Foundation>,
    /// The catalog after the last plan.
    pub end: Arc<Catalog>,
    /// The plans in version order.
    pub plans: Vec<CheckedPlan>,
    /// Where each plan is in `plans`.
    pub by_name: BTreeMap<PlanName, usize>,
}

/// A plan whose every name is known.
#[derive(Clone, Debug)]
pub struct CheckedPlan {
    /// Its name.
    pub name: PlanName,
    /// Its moment.
    pub stamp: Stamp,
    /// Its file.
    pub source: SourceId,
    /// Its first key.
    pub span: Span,
    /// What it is for.
    pub title: Option<String>,
    /// Who to ask.
    pub owner: Option<String>,
    /// The older plans it builds on.
    pub after: Vec<Spanned<After>>,
    /// Its steps: expand, backfill, contract, each in the order written.
    pub steps: Vec<CheckedStep>,
    /// What must hold before its phases.
    pub gates: AuthoredGates,
}

impl CheckedPlan {
    /// Returns the steps of one phase.
    pub fn steps_of(&self, phase: Phase) -> impl Iterator<Item = &CheckedStep> {
        self.steps.iter().filter(move |step| step.phase == phase)
    }

    /// Returns the phases that have steps, in order.
    pub fn phases(&self) -> impl Iterator<Item = Phase> {
        Phase::ALL.into_iter().filter(|phase| self.steps_of(*phase).next().is_some())
    }
}

/// A step whose every name is known.
#[derive(Clone, Debug)]
pub struct CheckedStep {
    /// Its plan and id.
    pub key: StepKey,
    /// Its phase.
    pub phase: Phase,
    /// What it does, as written.
    pub operation: Spanned<Arc<AnyOperation>>,
    /// What it does, in primitives, in order.
    pub changes: Arc<[Change]>,
    /// The SQL that runs in their place as its author wrote it, if it is a `sql` step; the changes are what it was read as.
    pub written: Option<Arc<AsWritten>>,
    /// Steps of the same plan that it waits for besides those before it.
    pub after: Vec<Spanned<Name>>,
    /// Hazards it accepts.
    pub waivers: Vec<Waiver>,
    /// The whole step.
    pub span: Span,
}

impl CheckedStep {
    /// Returns where one of its changes stands in a text of it; `None` for what an operation does as a whole.
    #[must_use]
    pub fn place_of(&self, change: &Change) -> Option<Span> {
        let written = self.written.as_ref()?;
        let at = self.changes.iter().position(|own| std::ptr::eq(own, change))?;
        written.places.get(at).copied()
    }
}

impl CheckedProject {
    /// Returns the plan with this name.
    #[must_use]
    pub fn plan(&self, name: &PlanName) -> Option<&CheckedPlan> {
        self.by_name.get(name).and_then(|at| self.plans.get(*at))
    }

    /// Visits every step in version order with the catalog just before it.
    pub fn walk(&self, mut visit: impl FnMut(&CheckedPlan, &CheckedStep, &Catalog)) {
        let mut catalog = Catalog::clone(&self.start);
        for plan in &self.plans {
            for step in &plan.steps {
                visit(plan, step, &catalog);
                for change in step.changes.iter() {
                    // INVARIANT: `check` applied the same changes in the same order.
                    let applied = crate::change::apply::apply(change, &mut catalog);
                    debug_assert!(applied.is_ok(), "{applied:?}");
                }
            }
        }
    }
}
