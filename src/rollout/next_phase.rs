//! What may run now.

use super::{NextPhase, Situation};

/// Answers what may run now, what is blocked and why. Pure: the same situation gives the same answer.
#[must_use]
pub fn next_phase(situation: &Situation<'_>) -> NextPhase {
    let _ = situation;
    todo!()
}
