//! May this release be deployed now, and do the records of its rollout fit what is known.

use super::Situation;
use super::deploy_schema::schema_refusals;
use super::gates::written;
use super::progress::{by_plan, is_only_opened};
use super::release_gate::{condition_of, shell_word};
use crate::ledger::{Event, LedgerSnapshot};
use crate::name::PlanName;
use crate::phase::{Phase, PhaseKey};
use crate::plan::checked::CheckedPlan;
use crate::plan::gate::ReleaseGate;
use crate::release::{App, Break, LiveState, Release, Told};

/// The answer to `deploy check` and `deploy start`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeployAnswer {
    /// It may be started now.
    Allowed,
    /// It would violate the standing gates of these plans' backfills, or was promised not to be live by phases that are open or done.
    Refused(Vec<DeployRefusal>),
}

impl DeployAnswer {
    /// Returns the plans whose backfill the release makes void if it is started all the same (`--force`):
    /// each needs a [`crate::ledger::Event::BackfillVoided`] beside the start.
    #[must_use]
    pub fn voids(&self) -> Vec<PlanName> {
        let refusals = match self {
            Self::Allowed => return Vec::new(),
            Self::Refused(refusals) => refusals,
        };
        let of_gates = refusals.iter().filter(|of| match of.because {
            Refused::Gate { .. } => true,
            Refused::NotServed { .. } | Refused::BreaksOther { .. } => false,
        });
        let phases = of_gates.filter_map(|of| of.phase.as_ref());
        let backfills = phases.filter(|phase| phase.phase == Phase::Backfill);
        backfills.map(|phase| phase.plan.clone()).collect()
    }

    /// Returns the phases that were opened for somebody else to run, have not begun, and must not begin any more if the
    /// release is started all the same: each needs a [`crate::ledger::Event::Closed`] beside the start.
    #[must_use]
    pub fn closes(&self, situation: &Situation<'_>) -> Vec<PhaseKey> {
        let refusals = match self {
            Self::Allowed => return Vec::new(),
            Self::Refused(refusals) => refusals,
        };
        let phases = refusals.iter().filter_map(|of| of.phase.as_ref());
        phases.filter(|phase| is_only_opened(situation, phase)).cloned().collect()
    }
}

/// Why a release may not be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeployRefusal {
    /// What is against it.
    pub because: Refused,
    /// The phase whose gate stands, or that would break it.
    pub phase: Option<PhaseKey>,
    /// What to do instead.
    pub help: String,
}

/// What is against starting a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// A phase's gate asks for something else.
    Gate {
        /// What it asks of the app's releases.
        requires: String,
    },
    /// The schema does not serve it.
    NotServed {
        /// Each way in which it breaks.
        breaks: Vec<Break>,
        /// The same as sentences.
        told: Told,
    },
    /// What it writes would break another live release.
    BreaksOther {
        /// The other's app.
        app: String,
        /// The other release.
        release: String,
        /// Each way in which the other one breaks.
        breaks: Vec<Break>,
        /// The same as sentences.
        told: Told,
    },
}

/// Answers whether a release may be started. `marks` are those it would be started with; without any, those it
/// declared before count, as they do when it is started.
///
/// - The schema must serve it, where its needs are recorded: as it is now, and once what has begun or was opened is done;
///   and it must not break another live release.
/// - From the moment a backfill begins until the plan's contract is complete, its release gate stands: a
///   release outside it is refused, and so is an app that the gate does not name. A plan without a contract
///   phase keeps it standing.
/// - A contract phase that was opened or has begun was promised that no release outside its gate is live; once it
///   is complete this still holds for the apps that its gate names: it is the point of no return for their older releases.
#[must_use]
pub fn may_start(
    situation: &Situation<'_>,
    app: &str,
    version: &str,
    marks: &[String],
) -> DeployAnswer {
    if !situation.facts.gates {
        return DeployAnswer::Allowed;
    }
    let (app, release) = as_started(situation, app, version, marks);
    let mut refusals = Vec::new();
    let progress = by_plan(situation);
    for plan in &situation.project.plans {
        let contract = PhaseKey { plan: plan.name.clone(), phase: Phase::Contract };
        let backfill = PhaseKey { plan: plan.name.clone(), phase: Phase::Backfill };
        if plan.gates.backfill.is_none() && plan.gates.contract.is_none() {
            continue;
        }
        let of = |phase: &PhaseKey| progress.get(&plan.name)?.get(&phase.phase).copied();
        let has_begun = |phase: &PhaseKey| {
            situation.ledger.opened.contains_key(phase) || of(phase).is_some_and(|of| of.begun)
        };
        let contracted = of(&contract).is_some_and(|contract| contract.complete);
        if !contracted && has_begun(&backfill) {
            refusals.extend(refusal(situation, plan, &backfill, &app, &release, true));
        }
        if contracted || has_begun(&contract) {
            refusals.extend(refusal(situation, plan, &contract, &app, &release, !contracted));
        }
    }
    refusals.extend(schema_refusals(situation, &app, &release));
    if refusals.is_empty() { DeployAnswer::Allowed } else { DeployAnswer::Refused(refusals) }
}

/// Returns the app with the release as if it had just been started.
fn as_started(
    situation: &Situation<'_>,
    app: &str,
    version: &str,
    marks: &[String],
) -> (App, Release) {
    let mut known = situation
        .ledger
        .apps
        .get(app)
        .cloned()
        .unwrap_or_else(|| App { name: app.to_owned(), ..App::default() });
    let before = known.release(version);
    let marks = match before {
        Some(before) if marks.is_empty() => before.marks.clone(),
        Some(_) | None => marks.to_vec(),
    };
    let state = LiveState::Starting { since: situation.facts.now };
    let started_by = situation.ledger.last_id;
    let release = match before {
        Some(before) => Release { marks, state, started_by, ..before.clone() },
        None => Release { marks, started_by, ..Release::new(version, state) },
    };
    if before.is_none() {
        known.releases.push(release.clone());
    }
    (known, release)
}

/// Returns why a phase's gate refuses the release. `every_app`: an app that the gate does not name is refused.
fn refusal(
    situation: &Situation<'_>,
    plan: &CheckedPlan,
    phase: &PhaseKey,
    app: &App,
    release: &Release,
    every_app: bool,
) -> Option<DeployRefusal> {
    let gate = written(situation, phase)?.releases.as_ref()?;
    let conditions = match &gate.value {
        ReleaseGate::NoneAffected(_) => return None,
        ReleaseGate::Apps(conditions) => conditions,
    };
    let phase = phase.clone();
    let Some(condition) = condition_of(conditions, &app.name) else {
        return every_app.then(|| DeployRefusal {
            because: Refused::Gate { requires: format!("that the gate names `{}`", app.name) },
            help: format!(
                "name `{}` under `gates.{}.releases` of plan `{}`: a range, marks, or `any: \"why\"`",
                app.name, phase.phase, plan.name
            ),
            phase: Some(phase),
        });
    };
    let requires = match situation.passes(condition, app, release) {
        Ok(true) => return None,
        Ok(false) => condition.to_string(),
        Err(why) => format!("{condition}, but {why}"),
    };
    let help = match phase.phase {
        Phase::Expand | Phase::Backfill => format!(
            "start a release of `{}` that passes `{condition}`, or go back with `planner revert {phase}`; what `--force REASON` starts makes the backfill void, so that it is done again before contract",
            app.name
        ),
        Phase::Contract => format!(
            "start a release of `{}` that passes `{condition}`, or go back with `planner revert {phase}` first",
            app.name
        ),
    };
    Some(DeployRefusal { because: Refused::Gate { requires }, phase: Some(phase), help })
}

/// Checks that a rollout can be finished and returns the releases that this ends.
///
/// # Errors
///
/// Says why not and what to do: the release is not live, or one to keep is not.
pub fn may_finish(
    ledger: &LedgerSnapshot,
    app: &str,
    version: &str,
    keep: &[String],
) -> Result<Vec<String>, String> {
    let (known, own) = known(ledger, app, version)?;
    if !own.is_live() {
        return Err(format!(
            "release `{version}` of `{app}` is not live; {}",
            start_first(app, version)
        ));
    }
    for kept in keep {
        if !known.live().any(|release| release.version == *kept) {
            return Err(format!(
                "release `{kept}` of `{app}` cannot be kept: it is not live; live are {}",
                live(known)
            ));
        }
    }
    let ended = known.ended_by_finish(version, keep);
    Ok(ended.map(|release| release.version.clone()).collect())
}

/// Checks that a rollout can be taken back.
///
/// # Errors
///
/// Says why not and what to do: the release is not live, or its rollout is finished.
pub fn may_abort(ledger: &LedgerSnapshot, app: &str, version: &str) -> Result<(), String> {
    let (_, release) = known(ledger, app, version)?;
    match release.state {
        LiveState::Starting { .. } => Ok(()),
        LiveState::Live { .. } => Err(format!(
            "the rollout of `{version}` of `{app}` is finished; start the release to go back to, or end this one with `planner deploy retire --app {} --version {}`",
            shell_word(app),
            shell_word(version)
        )),
        LiveState::Registered => Err(never_started(app, version)),
        LiveState::Ended { at } => {
            Err(format!("release `{version}` of `{app}` ended already, {at}"))
        }
    }
}

/// Checks that a release can be ended.
///
/// # Errors
///
/// Says why not: it is not known, or it ended already.
pub fn may_retire(ledger: &LedgerSnapshot, app: &str, version: &str) -> Result<(), String> {
    let (_, release) = known(ledger, app, version)?;
    match release.state {
        LiveState::Starting { .. } | LiveState::Live { .. } => Ok(()),
        LiveState::Registered => Err(never_started(app, version)),
        LiveState::Ended { at } => {
            Err(format!("release `{version}` of `{app}` ended already, {at}"))
        }
    }
}

fn never_started(app: &str, version: &str) -> String {
    format!("release `{version}` of `{app}` was never started; {}", start_first(app, version))
}

fn known<'a>(
    ledger: &'a LedgerSnapshot,
    app: &str,
    version: &str,
) -> Result<(&'a App, &'a Release), String> {
    let Some(known) = ledger.apps.get(app) else {
        return Err(format!("no release of `{app}` is recorded; {}", start_first(app, version)));
    };
    let release = known
        .release(version)
        .ok_or_else(|| format!("`{app}` has no release `{version}`; live are {}", live(known)))?;
    Ok((known, release))
}

fn live(app: &App) -> String {
    let versions: Vec<String> =
        app.live().map(|release| format!("`{}`", release.version)).collect();
    if versions.is_empty() { "none".to_owned() } else { versions.join(", ") }
}

fn start_first(app: &str, version: &str) -> String {
    let (app, version) = (shell_word(app), shell_word(version));
    format!("start it first: `planner deploy start --app {app} --version {version}`")
}

/// Returns why an event about a deploy does not fit what is recorded, with what to do; `None` if it fits, and for
/// every other event. Whether a start is safe, [`may_start`] answers.
#[must_use]
pub fn refuse_record(ledger: &LedgerSnapshot, event: &Event) -> Option<String> {
    match event {
        Event::DeployFinished { app, version, keep } => {
            may_finish(ledger, app, version, keep).err()
        }
        Event::DeployAborted { app, version } => may_abort(ledger, app, version).err(),
        Event::Retired { app, version } => may_retire(ledger, app, version).err(),
        Event::Registered { .. }
        | Event::DeployStarted { .. }
        | Event::Started(_)
        | Event::Finished(_)
        | Event::Failed(..)
        | Event::Reverted(_)
        | Event::Opened { .. }
        | Event::Closed { .. }
        | Event::Approved { .. }
        | Event::Baselined { .. }
        | Event::BackfillVoided { .. } => None,
    }
}
