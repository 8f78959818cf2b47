//! The release gate: whether every live release of every known app passes.

use std::collections::BTreeSet;

use super::gates::GateState;
use super::{Because, Situation};
use crate::phase::PhaseKey;
use crate::plan::gate::{ReleaseCondition, ReleaseGate};
use crate::release::pulse::Pulse;
use crate::release::{App, LiveState, Release};

/// Evaluates a release gate: every app that `planner.yaml` or the gate itself names, or of which a
/// release is live, must pass.
pub(super) fn release_gate(
    situation: &Situation<'_>,
    phase: &PhaseKey,
    gate: &ReleaseGate,
    state: &mut GateState,
) {
    let conditions = match gate {
        ReleaseGate::NoneAffected(reason) => {
            state.open.push(format!("no release can be affected: {}", reason.value));
            return;
        }
        ReleaseGate::Apps(conditions) => conditions,
    };
    let named = conditions.iter().map(|(app, _)| app.value.as_str());
    let known = situation.facts.apps.iter().map(String::as_str);
    // An app that only the ledger knows, and whose releases have all ended, is gone: nothing of it can break.
    let recorded = situation.ledger.apps.iter().filter(|(_, app)| app.live().next().is_some());
    let recorded = recorded.map(|(name, _)| name.as_str());
    let apps: BTreeSet<&str> = named.chain(known).chain(recorded).collect();
    for app in apps {
        match condition_of(conditions, app) {
            Some(ReleaseCondition::Any(reason)) => {
                state.open.push(format!("any release of `{app}` will do: {reason}"));
            }
            Some(condition) => evaluate(situation, app, condition, state),
            None => state.shut(
                Because::UngatedApp { app: app.to_owned() },
                format!(
                    "name `{app}` under `gates.{}.releases` of plan `{}`: a range, marks, or `any: \"why\"`",
                    phase.phase, phase.plan
                ),
            ),
        }
    }
}

type Conditions =
    [(crate::source::Spanned<crate::name::Name>, crate::source::Spanned<ReleaseCondition>)];

/// Returns what a gate asks of an app.
pub(super) fn condition_of<'a>(
    conditions: &'a Conditions,
    app: &str,
) -> Option<&'a ReleaseCondition> {
    let own = conditions.iter().find(|(of, _)| of.value.as_str() == app);
    own.map(|(_, condition)| &condition.value)
}

/// Evaluates a range or marks for one app.
fn evaluate(
    situation: &Situation<'_>,
    app: &str,
    condition: &ReleaseCondition,
    state: &mut GateState,
) {
    let known = situation.ledger.apps.get(app).filter(|app| app.has_started());
    let Some(known) = known else {
        let name = shell_word(app);
        state.shut(
            Because::UnknownApp { app: app.to_owned() },
            format!(
                "record the release of `{app}` that is live: `planner deploy start --app {name} --version VERSION`, then `planner deploy finish --app {name} --version VERSION`"
            ),
        );
        return;
    };
    let mut failing = Vec::new();
    let mut passing = Vec::new();
    for release in known.live() {
        match situation.passes(condition, known, release) {
            Ok(true) => passing.push(release),
            Ok(false) => {
                failing.push(release);
                let because = Because::LiveRelease {
                    app: app.to_owned(),
                    release: release.version.clone(),
                    requires: condition.to_string(),
                };
                state.because(because);
            }
            Err(why) => unanswerable(known, release, &why, state),
        }
    }
    if !failing.is_empty() {
        advise(known, &Wanted::of(condition), &failing, &passing, state);
    } else if passing.is_empty() {
        state.open.push(format!("no release of `{app}` is live"));
    } else {
        let versions: Vec<&str> = passing.iter().map(|release| release.version.as_str()).collect();
        state.open.push(format!("`{app}` {} passes {condition}", versions.join(", ")));
    }
}

fn unanswerable(app: &App, release: &Release, why: &str, state: &mut GateState) {
    let because = Because::Unanswerable { app: app.name.clone(), why: why.to_owned() };
    let help = format!(
        "correct the condition on `{}`, or end the release: {}",
        app.name,
        end_command(app, release)
    );
    state.shut(because, help);
}

/// What a release must be that may be live, for people.
pub(super) struct Wanted {
    /// Follows "a release that".
    pub which: String,
    /// What to add to the command that starts it.
    pub options: String,
}

impl Wanted {
    fn of(condition: &ReleaseCondition) -> Self {
        match condition {
            ReleaseCondition::Range(_) | ReleaseCondition::Any(_) => {
                Self { which: format!("is {condition}"), options: String::new() }
            }
            ReleaseCondition::Marks(marks) => {
                let options = format!(" --marks {}", shell_word(&marks.join(",")));
                Self { which: format!("has {condition}"), options }
            }
        }
    }
}

/// Says what would take the failing releases away with the least to do.
pub(super) fn advise(
    app: &App,
    wanted: &Wanted,
    failing: &[&Release],
    passing: &[&Release],
    state: &mut GateState,
) {
    let starting = passing.iter().find(|release| release.is_starting());
    let settled = passing.iter().any(|release| !release.is_starting());
    // The end of a rollout ends all others but those that started later.
    let overtakes = |release: &Release| match starting {
        Some(rollout) => !app
            .ended_by_finish(&rollout.version, &[])
            .any(|ended| ended.version == release.version),
        None => settled,
    };
    let (single, together): (Vec<&Release>, Vec<&Release>) =
        failing.iter().partition(|release| overtakes(release));
    for release in single {
        let command = end_command(app, release);
        state.advise(format!("end `{}` {}: {command}", app.name, release.version));
    }
    if together.is_empty() {
        return;
    }
    let versions: Vec<&str> = together.iter().map(|release| release.version.as_str()).collect();
    let ended = versions.join(", ");
    let name = shell_word(&app.name);
    if let Some(rollout) = starting {
        let version = shell_word(&rollout.version);
        state.advise(format!(
            "finish the rollout of `{}` {}, which ends {ended}: `planner deploy finish --app {name} --version {version}`",
            app.name, rollout.version
        ));
        return;
    }
    let Wanted { which, options } = wanted;
    state.advise(format!(
        "roll out a release of `{}` that {which}, which ends {ended}: `planner deploy start --app {name} --version VERSION{options}`, then `planner deploy finish --app {name} --version VERSION`",
        app.name
    ));
}

/// Returns the command that ends a release, for people to paste; or what to do where no command can, because its own
/// instances say that they run.
pub(super) fn end_command(app: &App, release: &Release) -> String {
    if let Some(pulse) = release.pulse.as_ref().filter(|_| release.lives_by_heartbeat()) {
        return format!(
            "stop {}, and wait until the last heartbeat is stale, {:.0}",
            named_instances(pulse),
            pulse.until
        );
    }
    let verb = match release.state {
        LiveState::Starting { .. } => "abort",
        LiveState::Registered | LiveState::Live { .. } | LiveState::Ended { .. } => "retire",
    };
    let (name, version) = (shell_word(&app.name), shell_word(&release.version));
    format!("`planner deploy {verb} --app {name} --version {version}`")
}

/// Returns the names of the instances that beat last.
fn named_instances(pulse: &Pulse) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<String> =
        pulse.instances.iter().take(SHOWN).map(|instance| format!("`{}`", instance.name)).collect();
    match pulse.instances.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Writes a text as one word of a shell's command line.
pub(super) fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._+/@:=,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}
