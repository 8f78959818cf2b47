//! The soak gate: time that must pass after the last release that could not live with the phase.

use jiff::{SignedDuration, Timestamp};

use super::derived::{Derived, Served};
use super::derived_gate::obeys;
use super::gates::{GateState, written};
use super::progress::phase_progress;
use super::release_gate::condition_of;
use super::{Because, Situation};
use crate::phase::{Phase, PhaseKey};
use crate::plan::gate::{PhaseGates, ReleaseGate};
use crate::release::LiveState;
use crate::yaml::duration::Duration;

/// When a soak began.
enum Begin {
    /// It has not: a release that does not pass is live, or the phase before is not complete.
    NotYet,
    /// There is nothing to wait for: no phase before, and no release that ever failed to pass.
    Nothing,
    /// Then.
    At(Timestamp),
}

/// Evaluates a soak gate. It counts, by the database's clock, from the later of the end of the last release
/// that did not pass and the end of the phase before; a release that comes back starts it anew.
pub(super) fn soak(
    situation: &Situation<'_>,
    phase: &PhaseKey,
    gates: &PhaseGates,
    derived: Option<&Derived<'_>>,
    state: &mut GateState,
) {
    let seconds = gates.soak_seconds.as_ref().map_or(0, |soak| soak.value);
    if seconds == 0 {
        return;
    }
    let length = Duration { milliseconds: seconds.saturating_mul(1_000) };
    let since = match begin(situation, phase, derived) {
        Begin::At(since) => since,
        Begin::Nothing => {
            state.open.push(format!("nothing to soak for {length}"));
            return;
        }
        Begin::NotYet => {
            let help = if state.shut.is_empty() {
                format!("run what comes before it: `planner run`; then wait {length}")
            } else {
                format!("then wait {length}")
            };
            state.shut(Because::Soak { since: None, until: None }, help);
            return;
        }
    };
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    let until = since.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX);
    if situation.facts.now >= until {
        state.open.push(format!("soaked for {length} since {since}"));
    } else {
        let because = Because::Soak { since: Some(since), until: Some(until) };
        state.shut(because, format!("wait until {until}"));
    }
}

fn begin(situation: &Situation<'_>, phase: &PhaseKey, derived: Option<&Derived<'_>>) -> Begin {
    let mut begin = Begin::Nothing;
    let mut last_end = |at: Timestamp| {
        begin = match begin {
            Begin::NotYet => Begin::NotYet,
            Begin::Nothing => Begin::At(at),
            Begin::At(other) => Begin::At(other.max(at)),
        }
    };
    for before in phases_before(situation, phase) {
        let progress = phase_progress(situation, &before);
        match (progress.complete, progress.ended_at) {
            (true, Some(at)) => last_end(at),
            // A phase that Diesel itself ran ended nobody knows when; a run records it.
            (_, None) | (false, Some(_)) => return Begin::NotYet,
        }
    }
    if let Some(derived) = derived {
        match derived_end(situation, phase, derived) {
            Begin::Nothing => {}
            Begin::At(at) => last_end(at),
            Begin::NotYet => return Begin::NotYet,
        }
    }
    for gated in gated_phases(phase) {
        let releases = written(situation, &gated).and_then(|gates| gates.releases.as_ref());
        let conditions = match releases.map(|gate| &gate.value) {
            Some(ReleaseGate::Apps(conditions)) => conditions,
            Some(ReleaseGate::NoneAffected(_)) | None => continue,
        };
        for app in situation.ledger.apps.values() {
            let condition = condition_of(conditions, &app.name);
            for release in &app.releases {
                // What cannot be answered did not pass.
                let passed = condition.is_some_and(|condition| {
                    situation.passes(condition, app, release).unwrap_or(false)
                });
                match release.state {
                    _ if passed => {}
                    LiveState::Registered => {}
                    LiveState::Ended { at } => last_end(at),
                    LiveState::Starting { .. } | LiveState::Live { .. } => return Begin::NotYet,
                }
            }
        }
    }
    begin
}

/// Returns when the last release ended that the phase would have broken.
fn derived_end(situation: &Situation<'_>, phase: &PhaseKey, derived: &Derived<'_>) -> Begin {
    let apps = situation.ledger.apps.values();
    let all = apps.flat_map(|app| app.releases.iter().map(move |release| (app, release)));
    let known: Vec<Served<'_>> = all
        .filter_map(|(app, release)| {
            Some(Served { app, release, needs: release.needs.as_deref()? })
        })
        .collect();
    let mut begin = Begin::Nothing;
    for hurt in derived.judge_alone(&known, phase, &|of| obeys(situation, phase, of)) {
        let at = match hurt.of.release.state {
            LiveState::Registered => continue,
            LiveState::Starting { .. } | LiveState::Live { .. } => return Begin::NotYet,
            LiveState::Ended { at } => at,
        };
        begin = match begin {
            Begin::NotYet => return Begin::NotYet,
            Begin::Nothing => Begin::At(at),
            Begin::At(other) => Begin::At(other.max(at)),
        };
    }
    begin
}

/// Returns the phases whose release gates must hold for this one.
fn gated_phases(phase: &PhaseKey) -> Vec<PhaseKey> {
    match phase.phase {
        Phase::Expand | Phase::Backfill => vec![phase.clone()],
        Phase::Contract => {
            let backfill = PhaseKey { plan: phase.plan.clone(), phase: Phase::Backfill };
            vec![phase.clone(), backfill]
        }
    }
}

/// Returns the phase of the same plan before this one, or, if this is the plan's first, those that it waits for.
fn phases_before(situation: &Situation<'_>, phase: &PhaseKey) -> Vec<PhaseKey> {
    let own = situation.project.plan(&phase.plan).and_then(|plan| {
        let before = plan.phases().take_while(|of| *of < phase.phase).last()?;
        Some(PhaseKey { plan: phase.plan.clone(), phase: before })
    });
    own.map_or_else(
        || {
            let before = situation.graph.phases.get(phase).into_iter().flatten();
            before.map(|(key, _)| key.clone()).collect()
        },
        |own| vec![own],
    )
}
