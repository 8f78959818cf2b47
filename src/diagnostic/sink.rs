//! Collects findings, so that a check never stops at the first one.

use super::{Diagnostic, Severity};
use crate::name::{Name, PlanName};

/// Where checks put what they find.
#[derive(Clone, Debug, Default)]
pub struct Sink {
    found: Vec<Diagnostic>,
}

impl Sink {
    /// Takes one finding.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// Returns how many findings there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Names the plan in the findings from `first` on that name none yet.
    pub fn name_plan(&mut self, first: usize, plan: Option<&PlanName>) {
        for diagnostic in self.found.iter_mut().skip(first) {
            diagnostic.plan = diagnostic.plan.take().or_else(|| plan.cloned());
        }
    }

    /// Names the step in the findings from `first` on that name none yet.
    pub fn name_step(&mut self, first: usize, step: &Name) {
        for diagnostic in self.found.iter_mut().skip(first) {
            diagnostic.step = diagnostic.step.take().or_else(|| Some(step.clone()));
        }
    }

    /// Returns whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Returns whether an error was found.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.found.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Returns the findings in the order they were reported.
    #[must_use]
    pub fn found(&self) -> &[Diagnostic] {
        &self.found
    }

    /// Takes all findings of another sink.
    pub fn extend(&mut self, other: Self) {
        self.found.extend(other.found);
    }

    /// Returns the findings in the order they were reported.
    #[must_use]
    pub fn into_found(self) -> Vec<Diagnostic> {
        self.found
    }

    /// Returns the findings in the order of their places, equal ones once.
    #[must_use]
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        let place = |d: &Diagnostic| {
            let span = d.labels.first().map(|label| label.span);
            (span.is_none(), span, d.file.clone(), d.code.id, d.message.clone())
        };
        self.found.sort_by_cached_key(place);
        self.found.dedup();
        self.found
    }
}
