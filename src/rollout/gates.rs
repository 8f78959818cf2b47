//! Whether a phase's gates are open.

use super::{Because, Situation};
use crate::phase::PhaseKey;

/// A phase's gates: every reason why they are shut, and what holds them open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GateState {
    /// Reasons; open if there is none.
    pub shut: Vec<Because>,
    /// What would open them, each a thing to do.
    pub unblock: Vec<String>,
    /// What opened them.
    pub open: Vec<String>,
}

/// Evaluates a phase's gates.
#[must_use]
pub fn gates(situation: &Situation<'_>, phase: &PhaseKey) -> GateState {
    let _ = (situation, phase);
    todo!()
}
