//! Why phases cannot run with the releases that are known.

use super::independent::Proof;
use super::judge::Stage;
use crate::phase::PhaseKey;
use crate::plan::gate::ReleaseGate;
use crate::rollout::gates::written;
use crate::rollout::release_gate::condition_of;

/// A phase that cannot run with the releases that are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The phase.
    pub phase: PhaseKey,
    /// What it waits for.
    pub waits: Vec<String>,
}

/// Returns the phases that cannot run with the releases that are known, with what each waits for.
#[must_use]
pub fn waiting(stage: &Stage<'_>, proof: &Proof) -> Vec<Waiting> {
    let found = proof.waiting.iter().filter_map(|phase| {
        let course = stage.courses.get(*phase)?;
        let model = stage.model.phases.get(*phase)?;
        let mut waits: Vec<String> = model
            .before
            .iter()
            .filter(|before| proof.waiting.contains(before))
            .filter_map(|before| stage.courses.get(*before))
            .map(|before| before.key.to_string())
            .collect();
        if model.shut {
            waits
                .push("gates that planner cannot open: `planner next-phase` names them".to_owned());
        }
        for app in 0..stage.apps.len() {
            waits.extend(of_app(stage, &course.key, *phase, app));
        }
        if waits.is_empty() {
            waits.push("releases that can live with what it does".to_owned());
        }
        Some(Waiting { phase: course.key.clone(), waits })
    });
    found.collect()
}

/// What a phase waits for of one app.
fn of_app(stage: &Stage<'_>, key: &PhaseKey, phase: usize, app: usize) -> Option<String> {
    let players = stage.apps.get(app)?;
    let name = &players.app.name;
    let asked = stage.model.phases.get(phase).is_some_and(|of| of.asks_of.contains(&app));
    if asked && players.releases.is_empty() && !players.app.has_started() {
        return Some(format!("a release of `{name}`, of which none is known"));
    }
    let mut releases = 0..players.releases.len();
    if players.releases.is_empty() || releases.any(|of| stage.written.may_begin(key, app, of)) {
        return None;
    }
    let gate = written(&stage.situation, key).and_then(|gates| gates.releases.as_ref());
    let condition = match gate.map(|gate| &gate.value) {
        Some(ReleaseGate::Apps(conditions)) => condition_of(conditions, name),
        Some(ReleaseGate::NoneAffected(_)) | None => None,
    };
    Some(condition.map_or_else(
        || format!("its gates to name `{name}`"),
        |condition| format!("a release of `{name}` that passes `{condition}`"),
    ))
}
