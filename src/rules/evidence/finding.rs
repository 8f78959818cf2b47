//! Findings at a step, or at the word of it that they speak of.

use super::Judged;
use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Dialect;
use crate::operations::Word;
use crate::plan::checked::{CheckedPlan, CheckedStep};

impl Judged<'_> {
    /// Starts a finding at the step, or at the statement of it that does this.
    #[must_use]
    pub fn finding(&self, code: Code, message: impl Into<String>) -> Diagnostic {
        let mut finding = at_step(code, self.plan, self.step, message);
        if let (Some(place), Some(own)) =
            (self.step.place_of(self.change), finding.labels.first_mut())
        {
            own.span = place;
        }
        finding
    }

    /// Starts a finding at a word of the step's operation; at the operation if it has no such word.
    #[must_use]
    pub fn finding_at(
        &self,
        word: Word<'_>,
        dialect: Dialect,
        code: Code,
        message: impl Into<String>,
    ) -> Diagnostic {
        let place = self.step.operation.value.place(word, dialect);
        let mut finding = self.finding(code, message);
        if let (Some(place), Some(own)) = (place, finding.labels.first_mut()) {
            own.span = place;
        }
        finding
    }
}

/// Starts a finding at a step's operation.
pub fn at_step(
    code: Code,
    plan: &CheckedPlan,
    step: &CheckedStep,
    message: impl Into<String>,
) -> Diagnostic {
    Diagnostic::new(code, message).at(step.operation.span).plan(&plan.name).step(&step.key.id)
}
