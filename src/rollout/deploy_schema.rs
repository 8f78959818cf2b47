//! Whether the schema serves a release that is going to be started: now, after which phases, or never.

use std::collections::BTreeSet;

use super::crowd::Crowd;
use super::deploy::{DeployRefusal, Refused};
use super::derived::{ancestors, undone};
use super::gates::written;
use super::progress::{is_only_opened, phase_progress, standing, steps_of};
use super::{SchemaAt, Situation};
use crate::compile::CompiledStep;
use crate::name::ObjectName;
use crate::phase::{Phase, PhaseKey};
use crate::release::restriction::unproven;
use crate::release::{App, Break, Release, Requirements, Told, breaks};

/// When the schema serves a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// Now.
    Now,
    /// When these phases, which are still to do, are done; in the order they run.
    After(Vec<PhaseKey>),
    /// Not after any of the phases that there are.
    Never,
}

/// Returns when the schema serves a release with these needs beside the crowd, as far as the plans go.
///
/// Of the phases still to do, those are returned that are needed: without any one of them, and what waits for it, the release
/// would not be served.
#[must_use]
pub fn when_served(situation: &Situation<'_>, needs: &Requirements, crowd: &Crowd<'_>) -> When {
    let serves =
        |phases: &[PhaseKey]| breaks_at(&schema_after(situation, phases), needs, crowd).is_empty();
    if serves(&[]) {
        return When::Now;
    }
    let mut schema = SchemaAt::done(situation);
    let mut needed: Vec<PhaseKey> = Vec::new();
    for phase in undone_phases(situation) {
        take_phase(situation, &mut schema, &phase);
        needed.push(phase);
        if breaks_at(&schema, needs, crowd).is_empty() {
            return When::After(fewest(situation, needed, serves));
        }
    }
    When::Never
}

/// Takes away what the release is served without, from the last to the first.
fn fewest(
    situation: &Situation<'_>,
    mut phases: Vec<PhaseKey>,
    serves: impl Fn(&[PhaseKey]) -> bool,
) -> Vec<PhaseKey> {
    let mut at = phases.len();
    while let Some(next) = at.checked_sub(1) {
        at = next;
        let Some(phase) = phases.get(at).cloned() else { continue };
        let waits = phases.iter().skip(at + 1).any(|of| ancestors(situation, of).contains(&phase));
        let without: Vec<PhaseKey> = phases.iter().filter(|of| **of != phase).cloned().collect();
        if !waits && serves(&without) {
            phases = without;
        }
    }
    phases
}

/// Returns the phases still to do, in the order of the graph.
pub(super) fn undone_phases(situation: &Situation<'_>) -> Vec<PhaseKey> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for key in &situation.graph.order {
        let Some(step) = step(situation, key) else { continue };
        let phase = step.phase_key();
        if undone(situation, step).next().is_some() && seen.insert(phase.clone()) {
            found.push(phase);
        }
    }
    found
}

fn step<'a>(situation: &Situation<'a>, key: &crate::name::StepKey) -> Option<&'a CompiledStep> {
    situation.compiled.by_key.get(key).and_then(|at| situation.compiled.steps.get(*at))
}

fn take_phase(situation: &Situation<'_>, schema: &mut SchemaAt, phase: &PhaseKey) {
    for step in steps_of(situation.compiled, phase) {
        for (_, change) in undone(situation, step) {
            schema.take(situation.project, step, change);
        }
    }
}

fn schema_after(situation: &Situation<'_>, phases: &[PhaseKey]) -> SchemaAt {
    let mut schema = SchemaAt::done(situation);
    for phase in phases {
        take_phase(situation, &mut schema, phase);
    }
    schema
}

fn breaks_at(schema: &SchemaAt, needs: &Requirements, crowd: &Crowd<'_>) -> Vec<Break> {
    let rows = schema.rows(needs, crowd);
    breaks(schema.schema(&rows), needs)
}

/// Returns why the schema refuses a release: it is not served as it is now, or once what has begun or was opened is done; what
/// was asked of writes since may not be satisfied by it; or it would break another live release by what it writes.
pub(super) fn schema_refusals(
    situation: &Situation<'_>,
    app: &App,
    release: &Release,
) -> Vec<DeployRefusal> {
    let Some(needs) = release.needs.as_deref() else { return Vec::new() };
    let before = Crowd::live(situation).without(&app.name, &release.version);
    let crowd = before.with(app, release);
    let done = SchemaAt::done(situation);
    let mut refusals = Vec::new();
    if !done.doubts().is_empty() {
        let because = Refused::NotServed { breaks: Vec::new(), told: Told::plainly(done.doubts()) };
        let help = "settle the drift that `planner status` shows".to_owned();
        return vec![DeployRefusal { because, phase: None, help }];
    }
    let now = breaks_at(&done, needs, &crowd);
    let mut known: BTreeSet<Break> = now.iter().cloned().collect();
    if !now.is_empty() {
        refusals.push(refusal(needs, now, None, &when_help(situation, app, needs, &crowd)));
    }
    let mut schema = done.clone();
    for phase in under_way(situation) {
        let mut found = BTreeSet::new();
        for step in steps_of(situation.compiled, &phase) {
            for (_, change) in undone(situation, step) {
                schema.take(situation.project, step, change);
                found.extend(breaks_at(&schema, needs, &crowd));
            }
        }
        let new: Vec<Break> = found.into_iter().filter(|of| known.insert(of.clone())).collect();
        if !new.is_empty() {
            let help = format!(
                "`{phase}` is open and may run any time: start another release, or close it with `planner revert {phase}`"
            );
            refusals.push(refusal(needs, new, Some(phase), &help));
        }
    }
    refusals.extend(unproven_refusal(situation, app, needs));
    refusals.extend(breaks_others(&done, &before, &crowd));
    refusals
}

fn refusal(
    needs: &Requirements,
    breaks: Vec<Break>,
    phase: Option<PhaseKey>,
    help: &str,
) -> DeployRefusal {
    let told = Told::of(&breaks, needs);
    DeployRefusal { because: Refused::NotServed { breaks, told }, phase, help: help.to_owned() }
}

fn when_help(
    situation: &Situation<'_>,
    app: &App,
    needs: &Requirements,
    crowd: &Crowd<'_>,
) -> String {
    match when_served(situation, needs, crowd) {
        When::Now => "ask again".to_owned(),
        When::After(phases) => {
            let names: Vec<String> = phases.iter().map(PhaseKey::to_string).collect();
            format!(
                "it will be served once {} is done: `planner next-phase` tells when that may run",
                names.join(", ")
            )
        }
        When::Never => format!(
            "no plan brings what it needs: start another release of `{}`, or write a plan that does",
            app.name
        ),
    }
}

/// Returns the phases that have begun, or were opened, and are not complete, in the order of the graph.
fn under_way(situation: &Situation<'_>) -> Vec<PhaseKey> {
    let phases = undone_phases(situation).into_iter();
    phases
        .filter(|phase| {
            is_only_opened(situation, phase)
                || situation.ledger.opened.contains_key(phase)
                || phase_progress(situation, phase).begun
        })
        .collect()
}

/// What contract phases without a written gate ask of writes, and the release is not known to satisfy.
pub(super) fn unproven_refusal(
    situation: &Situation<'_>,
    app: &App,
    needs: &Requirements,
) -> Option<DeployRefusal> {
    let has_no_gate = |step: &CompiledStep| {
        step.phase == Phase::Contract
            && written(situation, &step.phase_key()).is_none_or(|gates| gates.releases.is_none())
    };
    let has_begun = |step: &CompiledStep| {
        situation.ledger.opened.contains_key(&step.phase_key())
            || step.migrations.iter().any(|of| standing(situation, &of.version).has_begun())
    };
    let asks = |step: &CompiledStep| has_no_gate(step) && has_begun(step);
    if !situation.compiled.steps.iter().any(asks) {
        return None;
    }
    let mut schema = SchemaAt::start(situation.project);
    let mut found = Vec::new();
    for key in &situation.graph.order {
        let Some(step) = step(situation, key) else { continue };
        let counts = step.migrations.iter().all(|of| standing(situation, &of.version).is_done())
            || asks(step);
        for change in step.changes.iter().filter(|_| counts) {
            if asks(step) {
                found.extend(unproven(change, schema.catalog(), needs));
            }
            schema.take(situation.project, step, change);
        }
    }
    // What was asked for and taken back since is no matter.
    found.retain(|of| still_asked(schema.catalog(), &of.object));
    found.sort();
    found.dedup();
    if found.is_empty() {
        return None;
    }
    let help = format!(
        "say under `satisfies` in the `requires.yaml` of `{}` that what it writes satisfies them, or start another release",
        app.name
    );
    Some(refusal(needs, found, None, &help))
}

/// Returns whether a restriction that was once asked for is still there.
pub(super) fn still_asked(catalog: &crate::catalog::Catalog, object: &str) -> bool {
    let Some((table, part)) = object.rsplit_once('.') else { return true };
    let part = crate::name::Name::from(part);
    catalog.table(&ObjectName::parse(table)).is_some_and(|table| {
        let without_default = |of: &crate::catalog::Column| of.default.is_none() && !of.nullable;
        table.constraint_names().any(|name| *name == part)
            || table.indexes.contains_key(&part)
            || table.column(&part).is_some_and(without_default)
    })
}

/// A release that may leave NULL where another live one expects none breaks that one. `with` is the crowd with it.
fn breaks_others(schema: &SchemaAt, before: &Crowd<'_>, with: &Crowd<'_>) -> Vec<DeployRefusal> {
    let mut refusals = Vec::new();
    for other in before.served() {
        let known = breaks_at(schema, other.needs, before);
        let mut new = breaks_at(schema, other.needs, with);
        new.retain(|of| !known.contains(of));
        if new.is_empty() {
            continue;
        }
        let told = Told::of(&new, other.needs);
        let (app, release) = (other.app.name.clone(), other.release.version.clone());
        let help = format!(
            "end `{app}` {release} first, or start a release that never leaves NULL there and says so under `satisfies`"
        );
        let because = Refused::BreaksOther { app, release, breaks: new, told };
        refusals.push(DeployRefusal { because, phase: None, help });
    }
    refusals
}
