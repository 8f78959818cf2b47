//! The gate that nobody wrote: whether the live releases are still served after each change of a phase.

use std::collections::BTreeSet;

use super::crowd::Crowd;
use super::progress::{standing, steps_of};
use super::{SchemaAt, Situation};
use crate::change::{Change, footprint::footprint};
use crate::compile::CompiledStep;
use crate::name::ObjectName;
use crate::phase::{Phase, PhaseKey};
use crate::release::compatibility::breaks_among;
use crate::release::restriction::unproven;
use crate::release::{App, Break, Release, Requirements};

/// The schema before a phase, and the live releases whose needs are recorded.
#[derive(Debug)]
pub(super) struct Derived<'a> {
    situation: Situation<'a>,
    schema: SchemaAt,
    crowd: Crowd<'a>,
}

/// A live release and what it needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Served<'a> {
    pub app: &'a App,
    pub release: &'a Release,
    pub needs: &'a Requirements,
}

/// A live release that a phase would break.
#[derive(Clone, Debug)]
pub(super) struct Hurt<'a> {
    pub of: Served<'a>,
    pub breaks: Vec<Break>,
}

/// One change of a phase, with the schema before and after it.
struct Moment<'a> {
    change: &'a Change,
    before: SchemaAt,
    after: SchemaAt,
    /// The tables and views that a release may notice it by.
    concerned: BTreeSet<ObjectName>,
}

impl<'a> Derived<'a> {
    /// Returns it for what is done so far; `None` if gates are off or nothing is known of what live releases need.
    pub(super) fn now(situation: &Situation<'a>) -> Option<Self> {
        let crowd = Crowd::live(situation);
        if !situation.facts.gates || crowd.served().next().is_none() {
            return None;
        }
        Some(Self { situation: *situation, schema: SchemaAt::done(situation), crowd })
    }

    /// Returns it as it will be when everything before the phase is done.
    pub(super) fn before(situation: &Situation<'a>, phase: &PhaseKey) -> Option<Self> {
        let mut derived = Self::now(situation)?;
        let before = ancestors(situation, phase);
        for key in &situation.graph.order {
            let at = situation.compiled.by_key.get(key);
            let Some(step) = at.and_then(|at| situation.compiled.steps.get(*at)) else { continue };
            if before.contains(&step.phase_key()) {
                derived.take_undone(step);
            }
        }
        Some(derived)
    }

    /// The phase is going to be done before what is judged next.
    pub(super) fn take(&mut self, phase: &PhaseKey) {
        let situation = self.situation;
        for step in steps_of(situation.compiled, phase) {
            self.take_undone(step);
        }
    }

    fn take_undone(&mut self, step: &CompiledStep) {
        for (_, change) in undone(&self.situation, step) {
            self.schema.take(self.situation.project, step, change);
        }
    }

    /// Returns why the schema is not known, if it is not.
    pub(super) fn doubts(&self) -> &[String] {
        self.schema.doubts()
    }

    /// Returns the live releases that the phase would break, with every way in which it does; what breaks already is not its
    /// doing. `obeys` says of which releases it is known that what they write satisfies what the phase asks for.
    ///
    /// Those come first that it breaks whoever else is live. If there is none, those that it breaks beside the others: who
    /// inserts without knowing a column that a sync has filled so far leaves NULL to who reads it.
    pub(super) fn judge(
        &self,
        phase: &PhaseKey,
        obeys: &impl Fn(Served<'a>) -> bool,
    ) -> Vec<Hurt<'a>> {
        let live: Vec<Served<'a>> = self.crowd.served().collect();
        let moments = self.moments(phase);
        let alone = self.judge_each_alone(&moments, &live, phase, obeys);
        if !alone.is_empty() {
            return alone;
        }
        // A release whose needs are not known shuts the phase's own gate, or is let in by it.
        let crowd = self.crowd.known_or_let_in(phase);
        judge_among(&moments, &live, phase, obeys, &|of| crowd.with(of.app, of.release))
    }

    /// As [`Self::judge`], for these releases, each as if no other were live.
    pub(super) fn judge_alone(
        &self,
        releases: &[Served<'a>],
        phase: &PhaseKey,
        obeys: &impl Fn(Served<'a>) -> bool,
    ) -> Vec<Hurt<'a>> {
        self.judge_each_alone(&self.moments(phase), releases, phase, obeys)
    }

    fn judge_each_alone(
        &self,
        moments: &[Moment<'a>],
        releases: &[Served<'a>],
        phase: &PhaseKey,
        obeys: &impl Fn(Served<'a>) -> bool,
    ) -> Vec<Hurt<'a>> {
        judge_among(moments, releases, phase, obeys, &|of| {
            Crowd::of(&self.situation, vec![(of.app, of.release)])
        })
    }

    /// Returns what is still to do of the phase, change by change.
    fn moments(&self, phase: &PhaseKey) -> Vec<Moment<'a>> {
        let situation = self.situation;
        let mut after = self.schema.clone();
        let mut moments = Vec::new();
        for step in steps_of(situation.compiled, phase) {
            for (_, change) in undone(&situation, step) {
                let before = after.clone();
                after.take(situation.project, step, change);
                let concerned = concerned(change, &before);
                moments.push(Moment { change, before, after: after.clone(), concerned });
            }
        }
        moments
    }
}

fn judge_among<'a>(
    moments: &[Moment<'_>],
    releases: &[Served<'a>],
    phase: &PhaseKey,
    obeys: &impl Fn(Served<'a>) -> bool,
    crowd: &impl Fn(Served<'a>) -> Crowd<'a>,
) -> Vec<Hurt<'a>> {
    let mut found = Vec::new();
    for of in releases.iter().copied() {
        let mut hurt = Hurt { of, breaks: Vec::new() };
        let obeys = phase.phase != Phase::Contract || obeys(of);
        let crowd = crowd(of);
        for Moment { change, before, after, concerned } in moments {
            if !obeys {
                hurt.breaks.extend(unproven(change, before.catalog(), of.needs));
            }
            if !may_notice(of.needs, concerned) {
                continue;
            }
            let new = breaks_of(after, of, &crowd, concerned);
            if !new.is_empty() {
                let old = breaks_of(before, of, &crowd, concerned);
                hurt.breaks.extend(new.into_iter().filter(|of| !old.contains(of)));
            }
        }
        hurt.breaks.sort();
        hurt.breaks.dedup();
        if !hurt.breaks.is_empty() {
            found.push(hurt);
        }
    }
    found
}

/// Returns whether anything that a release needs can be among what a change concerns; an enum type may be, whatever it concerns.
fn may_notice(needs: &Requirements, concerned: &BTreeSet<ObjectName>) -> bool {
    !needs.enums.is_empty() || needs.tables.iter().any(|need| concerned.contains(&need.name))
}

fn breaks_of(
    schema: &SchemaAt,
    of: Served<'_>,
    crowd: &Crowd<'_>,
    among: &BTreeSet<ObjectName>,
) -> Vec<Break> {
    let rows = schema.rows(of.needs, crowd);
    breaks_among(schema.schema(&rows), of.needs, &|table| among.contains(table))
}

/// Returns a step's changes that are not whole yet, with their places.
pub(super) fn undone<'s>(
    situation: &Situation<'_>,
    step: &'s CompiledStep,
) -> impl Iterator<Item = (usize, &'s Change)> {
    let done = |at: &usize| {
        let of_change = step.migrations.iter().filter(|migration| migration.part.change == *at);
        let mut standings =
            of_change.map(|migration| standing(situation, &migration.version).is_done()).peekable();
        // A change without a migration of its own goes with its step.
        match standings.peek() {
            Some(_) => standings.all(|done| done),
            None => step
                .migrations
                .iter()
                .all(|migration| standing(situation, &migration.version).is_done()),
        }
    };
    let places: Vec<usize> = (0..step.changes.len()).filter(|at| !done(at)).collect();
    places.into_iter().filter_map(|at| Some((at, step.changes.get(at)?)))
}

/// Returns the tables and views that a release may notice the change by.
pub(super) fn concerned(change: &Change, before: &SchemaAt) -> BTreeSet<ObjectName> {
    use crate::change::effect::Object;
    let objects = footprint(change, before.catalog()).into_iter().map(|(object, _)| object);
    let mut found: BTreeSet<ObjectName> = objects
        .filter_map(|object| match object {
            Object::Table(name)
            | Object::Column(name, _)
            | Object::Index(name, _)
            | Object::Constraint(name, _)
            | Object::Trigger(name, _)
            | Object::View(name) => Some(name),
            Object::Enum(_) | Object::EnumValue(..) | Object::Sequence(_) | Object::Other(..) => {
                None
            }
            Object::Sync(name) => {
                before.catalog().syncs.get(&name).map(|sync| sync.table().clone())
            }
        })
        .collect();
    if let Change::CreateSync(sync) | Change::DropSync(sync) = change {
        found.insert(sync.table().clone());
    }
    found
}

/// Returns the phases before this one, directly or not.
pub(super) fn ancestors(situation: &Situation<'_>, phase: &PhaseKey) -> BTreeSet<PhaseKey> {
    let before = |key: &PhaseKey| {
        let phases = situation.graph.phases.get(key).map(Vec::as_slice).unwrap_or_default();
        phases.iter().map(|(key, _)| key.clone())
    };
    let mut found = BTreeSet::new();
    let mut open: Vec<PhaseKey> = before(phase).collect();
    while let Some(key) = open.pop() {
        if !found.contains(&key) {
            open.extend(before(&key));
            found.insert(key);
        }
    }
    found
}
