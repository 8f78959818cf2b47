//! Whether a phase's gates are open.

use super::compare::compare;
use super::derived::Derived;
use super::derived_gate;
use super::progress::{phase_progress, steps_of};
use super::release_gate::release_gate;
use super::shipped_together::{self, First, ShippedTogether};
use super::soak::soak;
use super::{Because, Situation};
use crate::compile::{Checksum, CompiledProject};
use crate::phase::{Phase, PhaseKey};
use crate::plan::gate::PhaseGates;
use crate::source::Spanned;

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

impl GateState {
    /// Adds a reason and what would remove it, unless they are known.
    pub(super) fn shut(&mut self, because: Because, unblock: impl Into<String>) {
        self.because(because);
        self.advise(unblock);
    }

    /// Adds a reason, unless it is known.
    pub(super) fn because(&mut self, because: Because) {
        if !self.shut.contains(&because) {
            self.shut.push(because);
        }
    }

    /// Adds a thing to do, unless it is known.
    pub(super) fn advise(&mut self, unblock: impl Into<String>) {
        let unblock = unblock.into();
        if !self.unblock.contains(&unblock) {
            self.unblock.push(unblock);
        }
    }
}

/// Evaluates a phase's gates: the releases that may be live, what the live releases need, the standing condition of the
/// plan's backfill, soak, approval, backup, query, and what is left behind in a place that goes. Every one must be open; an
/// expand phase has only the second.
///
/// What nobody asked shuts nothing: the query ([`pending_query`]) and what is left behind ([`super::compare::pending`]) are
/// asked just before the phase runs.
#[must_use]
pub fn gates(situation: &Situation<'_>, phase: &PhaseKey) -> GateState {
    gates_given(situation, phase, Derived::before(situation, phase).as_ref())
}

/// As [`gates`], where the schema before the phase is known already.
pub(super) fn gates_given(
    situation: &Situation<'_>,
    phase: &PhaseKey,
    derived: Option<&Derived<'_>>,
) -> GateState {
    let mut state = GateState::default();
    if !situation.facts.gates {
        if needs_release_gate(situation, phase) || written(situation, phase).is_some() {
            state.open.push("gates are off in this environment".to_owned());
        }
        return state;
    }
    let own = written(situation, phase);
    match own.and_then(|gates| gates.releases.as_ref()) {
        Some(releases) => release_gate(situation, phase, &releases.value, &mut state),
        None if needs_release_gate(situation, phase) => {
            derived_gate::stands_alone(situation, phase, &mut state);
        }
        None => {}
    }
    if let Some(derived) = derived {
        derived_gate::derived_gate(situation, phase, derived, &mut state);
    }
    standing_gate(situation, phase, &mut state);
    one_release(situation, phase, &mut state);
    compare(situation, phase, &mut state);
    state.open.dedup();
    if let Some(gates) = own {
        soak(situation, phase, gates, derived, &mut state);
        approval(situation, phase, gates, &mut state);
        backup(phase, gates, &mut state);
        query(situation, phase, &mut state);
    }
    state
}

/// What is prepared and removed in one release is refused where apps are upgraded by release.
fn one_release(situation: &Situation<'_>, phase: &PhaseKey, state: &mut GateState) {
    for together in shipped_together::of_phase(situation, phase) {
        let ShippedTogether { app, release, preparing, object, .. } = together;
        let release = match release {
            First::In(release) => release,
            // They may still come one after the other.
            First::InTheNext => continue,
        };
        let advice = format!(
            "move what removes `{object}` to a new plan that comes in a release of {app} after {release}"
        );
        let plan = preparing.to_string();
        state.shut(Because::ShippedTogether { app, release, plan }, advice);
    }
}

/// The backfill's release gate stands until contract; and what a release outside it made void must have been
/// done again.
fn standing_gate(situation: &Situation<'_>, phase: &PhaseKey, state: &mut GateState) {
    match phase.phase {
        Phase::Expand | Phase::Backfill => return,
        Phase::Contract => {}
    }
    let backfill = PhaseKey { plan: phase.plan.clone(), phase: Phase::Backfill };
    let gate = written(situation, &backfill).and_then(|gates| gates.releases.as_ref());
    if let Some(gate) = gate {
        release_gate(situation, &backfill, &gate.value, state);
    }
    if let Some(release) = void_backfill(situation, phase) {
        let because = Because::VoidBackfill { release: release.to_owned() };
        let plan = &phase.plan;
        state
            .shut(because, format!("do the backfill again: `planner run --phase {plan}/backfill`"));
    }
}

/// Returns the release that made this contract phase's backfill void, if it has not been done again since.
pub(super) fn void_backfill<'a>(situation: &Situation<'a>, phase: &PhaseKey) -> Option<&'a str> {
    match phase.phase {
        Phase::Expand | Phase::Backfill => None,
        Phase::Contract if !situation.facts.gates => None,
        Phase::Contract => situation.ledger.voided.get(&phase.plan).map(String::as_str),
    }
}

/// Returns the gates written for a phase.
pub(super) fn written<'a>(situation: &Situation<'a>, phase: &PhaseKey) -> Option<&'a PhaseGates> {
    situation.project.plan(&phase.plan)?.gates.of(phase.phase)
}

/// Returns whether the phase must say which releases may be live: every contract phase, unless all it does
/// is to drop indexes that are not unique.
pub(super) fn needs_release_gate(situation: &Situation<'_>, phase: &PhaseKey) -> bool {
    match phase.phase {
        Phase::Expand | Phase::Backfill => false,
        Phase::Contract => steps_of(situation.compiled, phase).iter().any(|step| step.gated),
    }
}

fn asked(switch: Option<&Spanned<bool>>) -> bool {
    switch.is_some_and(|switch| switch.value)
}

/// A named person approved these very steps.
fn approval(
    situation: &Situation<'_>,
    phase: &PhaseKey,
    gates: &PhaseGates,
    state: &mut GateState,
) {
    if !asked(gates.approval.as_ref()) {
        return;
    }
    let approval = situation.ledger.approvals.get(phase);
    let checksum = phase_checksum(situation.compiled, phase);
    match approval {
        Some(approval) if approval.checksum == checksum => {
            state.open.push(format!("approved by {}: {}", approval.by, approval.reason));
        }
        Some(_) | None => {
            let outdated = approval.map(|approval| approval.by.clone());
            state.shut(
                Because::Approval { outdated },
                format!("approve it: `planner approve {phase} --by NAME --reason REASON`"),
            );
        }
    }
}

/// This planner cannot tell whether a backup was verified, so it does not pass.
fn backup(phase: &PhaseKey, gates: &PhaseGates, state: &mut GateState) {
    if asked(gates.backup.as_ref()) {
        state.shut(
            Because::UnsupportedGate { gate: "backup" },
            format!(
                "replace `backup` by `approval` under `gates.{}` of plan `{}`, and let the person who approves verify the backup",
                phase.phase, phase.plan
            ),
        );
    }
}

/// Returns the query that is asked just before the phase runs. A phase that was opened and has begun is not
/// asked again: its first steps may have removed what the query reads.
#[must_use]
pub fn pending_query<'a>(situation: &Situation<'a>, phase: &PhaseKey) -> Option<&'a str> {
    let query = written(situation, phase)?.query.as_ref()?;
    if !situation.facts.gates || is_under_way(situation, phase) {
        return None;
    }
    Some(query.of(situation.project.dialect).map_or("", |text| text.value.as_str()))
}

pub(super) fn is_under_way(situation: &Situation<'_>, phase: &PhaseKey) -> bool {
    let opened = situation.ledger.opened.get(phase);
    opened.is_some_and(|opened| opened.checksum == phase_checksum(situation.compiled, phase))
        && phase_progress(situation, phase).begun
}

fn query(situation: &Situation<'_>, phase: &PhaseKey, state: &mut GateState) {
    let Some(query) = pending_query(situation, phase) else { return };
    let result = match situation.facts.queries.get(phase) {
        _ if query.is_empty() => format!("it is not written for {}", situation.project.dialect),
        Some(Ok(true)) => {
            state.open.push(format!("true: `{query}`"));
            return;
        }
        None => return,
        Some(Ok(false)) => "false".to_owned(),
        Some(Err(why)) => why.clone(),
    };
    let query = query.to_owned();
    state.shut(
        Because::Query { query, result },
        format!("make the query of `{phase}` return one true value"),
    );
}

/// Sums up a phase's steps, so that an approval, or an opening, of other steps is told from one of these.
#[must_use]
pub fn phase_checksum(compiled: &CompiledProject, phase: &PhaseKey) -> Checksum {
    let steps = steps_of(compiled, phase);
    // A step's id cannot hold a line break: its letters are checked when the plan is read.
    let lines = steps.iter().map(|step| format!("{} {}\n", step.key.id, step.checksum));
    Checksum::of_text(&lines.collect::<String>())
}
