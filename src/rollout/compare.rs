//! Whether the place that goes holds what the one that replaces it does not.

use super::gates::{GateState, is_under_way};
use super::{Because, Situation};
use crate::change::places::Places;
use crate::phase::{Phase, PhaseKey};
use crate::plan::places;

/// Two places that were compared just before one of them goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// Which.
    pub places: Places,
    /// What was found, or why there is no answer.
    pub result: Result<LeftBehindRows, String>,
}

/// Rows of the old place that the new one does not have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftBehindRows {
    /// How many.
    pub rows: u64,
    /// The keys of the first, for people.
    pub keys: Vec<String>,
}

/// Returns whether places are still to be compared before a phase, if it drops any: gates are on, and the phase has not begun,
/// since then its own steps would be found.
#[must_use]
pub fn is_due(situation: &Situation<'_>, phase: &PhaseKey) -> bool {
    phase.phase == Phase::Contract && situation.facts.gates && !is_under_way(situation, phase)
}

/// Returns the places to compare just before a phase runs.
#[must_use]
pub fn pending(situation: &Situation<'_>, phase: &PhaseKey) -> Vec<Places> {
    if is_due(situation, phase) { places::of_phase(situation.project, phase) } else { Vec::new() }
}

/// Shuts the phase where something is left behind, or nobody can say. What nobody asked shuts nothing.
pub(super) fn compare(situation: &Situation<'_>, phase: &PhaseKey, state: &mut GateState) {
    for compared in situation.facts.compared.get(phase).into_iter().flatten() {
        let places = &compared.places;
        match &compared.result {
            Ok(found) if found.rows == 0 => {
                state.open.push(format!("nothing is left behind: compared {places}"));
            }
            Ok(found) => {
                let (text, keys) = (places.found(found.rows), found.keys.clone());
                state.because(Because::LeftBehind { text, rows: found.rows, keys });
                state.advise(help(places, phase));
            }
            Err(why) => state.shut(
                Because::NotCompared { places: places.to_string(), why: why.clone() },
                "correct what the database says; if the time did not suffice, raise `query_timeout` under `limits` in `planner.yaml`",
            ),
        }
    }
}

fn help(places: &Places, phase: &PhaseKey) -> String {
    let waive = "if they may be lost, say so with `waive: { hazard: rows-left-behind, reason: …, until: … }` on the step that drops the old place";
    if places.back.is_empty() {
        let plan = &phase.plan;
        format!(
            "fill these rows again (`planner revert {plan}/backfill`, then `planner run`), or correct them by hand; {waive}"
        )
    } else {
        format!(
            "correct these rows by hand, so that the old place gives the new one or the new one the old; {waive}"
        )
    }
}
