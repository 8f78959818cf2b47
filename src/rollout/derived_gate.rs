//! What the live releases need, as a gate of a phase.

use std::collections::{BTreeMap, BTreeSet};

use super::derived::{Derived, Hurt, Served};
use super::gates::{GateState, written};
use super::progress::steps_of;
use super::release_gate::{Wanted, advise, condition_of, shell_word};
use super::{Because, Situation};
use crate::change::Change;
use crate::phase::{Phase, PhaseKey};
use crate::plan::gate::ReleaseGate;
use crate::release::{App, Release, Told};

/// Shuts the gate for every live release that the phase would break.
pub(super) fn derived_gate(
    situation: &Situation<'_>,
    phase: &PhaseKey,
    derived: &Derived<'_>,
    state: &mut GateState,
) {
    if let Some(why) = derived.doubts().first() {
        for app in situation.ledger.apps.keys() {
            let because = Because::Unanswerable { app: app.clone(), why: why.clone() };
            state.shut(because, "settle the drift that `planner status` shows");
        }
        return;
    }
    let hurt = derived.judge(phase, &|of| obeys(situation, phase, of));
    let mut by_app = BTreeMap::<&str, Vec<Hurt<'_>>>::new();
    for hurt in hurt {
        by_app.entry(&hurt.of.app.name).or_default().push(hurt);
    }
    for (name, hurt) in by_app {
        for hurt in &hurt {
            state.because(because(hurt));
        }
        let Some(app) = situation.ledger.apps.get(name) else { continue };
        let (failing, passing): (Vec<&Release>, Vec<&Release>) = app.live().partition(|release| {
            hurt.iter().any(|hurt| hurt.of.release.version == release.version)
        });
        let needs: BTreeSet<&str> =
            hurt.iter().flat_map(|hurt| &hurt.breaks).map(|of| of.object.as_str()).collect();
        let needs: Vec<String> = needs.iter().map(|object| format!("`{object}`")).collect();
        let which = format!("can do without what changes at {}", needs.join(", "));
        let options = " --schema SCHEMA.RS".to_owned();
        advise(app, &Wanted { which, options }, &failing, &passing, state);
        if phase.phase == Phase::Expand {
            state.advise(format!(
                "or change plan `{}`: an expand phase must not break a live release",
                phase.plan
            ));
        }
    }
}

fn because(hurt: &Hurt<'_>) -> Because {
    let Hurt { of, breaks } = hurt;
    let needs: BTreeSet<String> = breaks.iter().map(|of| of.object.clone()).collect();
    Because::BreaksRelease {
        app: of.app.name.clone(),
        release: of.release.version.clone(),
        needs: needs.into_iter().collect(),
        breaks: Told::of(breaks, of.needs),
    }
}

/// Returns whether the phase's own gate says that what this release writes satisfies what the phase asks for.
pub(super) fn obeys(situation: &Situation<'_>, phase: &PhaseKey, of: Served<'_>) -> bool {
    lets_in(situation, phase, of.app, of.release)
}

/// Returns whether the phase's own gate, as it is written, lets the release in; without one it lets in nobody.
pub(super) fn lets_in(
    situation: &Situation<'_>,
    phase: &PhaseKey,
    app: &App,
    release: &Release,
) -> bool {
    let releases = written(situation, phase).and_then(|gates| gates.releases.as_ref());
    match releases.map(|releases| &releases.value) {
        None => false,
        Some(ReleaseGate::NoneAffected(_)) => true,
        Some(ReleaseGate::Apps(conditions)) => condition_of(conditions, &app.name)
            .is_some_and(|condition| situation.passes(condition, app, release).unwrap_or(false)),
    }
}

/// Without a written gate what the releases need must be known of every live release of every app, and the phase must be one
/// of which planner knows what it does.
pub(super) fn stands_alone(situation: &Situation<'_>, phase: &PhaseKey, state: &mut GateState) {
    let steps = steps_of(situation.compiled, phase);
    let mut changes = steps.iter().flat_map(|step| step.changes.iter());
    let is_opaque = changes.any(Change::is_unknown);
    let known = situation.facts.apps.iter().map(String::as_str);
    let recorded = situation.ledger.apps.values().filter(|app| app.live().next().is_some());
    let apps: BTreeSet<&str> = known.chain(recorded.map(|app| app.name.as_str())).collect();
    if is_opaque || apps.is_empty() {
        let help = format!(
            "write which releases may be live when it runs under `gates.{}.releases` of plan `{}`, or `none: \"why no release can be affected\"`",
            phase.phase, phase.plan
        );
        state.shut(Because::MissingGate, help);
        return;
    }
    for name in apps {
        let app = situation.ledger.apps.get(name).filter(|app| app.has_started());
        let name = shell_word(name);
        let Some(app) = app else {
            let because = Because::UnknownApp { app: name.clone() };
            state.shut(because, format!(
                "record the release of `{name}` that is live: `planner deploy start --app {name} --version VERSION --schema SCHEMA.RS`, then `planner deploy finish --app {name} --version VERSION`"
            ));
            continue;
        };
        let mut n_known = 0_usize;
        for release in app.live() {
            if release.needs.is_some() {
                n_known += 1;
                continue;
            }
            let version = shell_word(&release.version);
            let because =
                Because::UnknownNeeds { app: app.name.clone(), release: release.version.clone() };
            state.shut(because, format!(
                "record what `{name}` {version} needs: `planner deploy start --app {name} --version {version} --schema SCHEMA.RS`, or write `gates.{}.releases` of plan `{}`",
                phase.phase, phase.plan
            ));
        }
        if n_known > 0 {
            state.open.push(format!("`{}` is served, by what it needs", app.name));
        } else if app.live().next().is_none() {
            state.open.push(format!("no release of `{}` is live", app.name));
        }
    }
}
