//! One state of some phases: who is harmed in it, who may start, and what may begin.

use std::collections::{BTreeMap, BTreeSet};

use super::judge::{Stage, Todo};
use super::model::{Beside, Group, Judgement};
use crate::name::PlanName;
use crate::phase::{Phase, PhaseKey};
use crate::release::compatibility::breaks_among;
use crate::release::restriction::unproven;
use crate::release::{App, Break, Release, breaks};
use crate::rollout::SchemaAt;
use crate::rollout::crowd::Crowd;
use crate::rollout::deploy_schema::still_asked;
use crate::rollout::derived::concerned;
use crate::rollout::gates::written;

/// Where phases stand, and for whom that is asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Where<'s> {
    pub group: &'s Group,
    pub phases: &'s [usize],
    pub at: &'s [u16],
}

/// One state of some phases.
pub(super) struct Scene<'s> {
    stage: &'s Stage<'s>,
    apps: &'s [App],
    place: Where<'s>,
    schema: SchemaAt,
    /// By place of a phase that may be next to begin, what is done in it, in order, with the schema before and after.
    begins: BTreeMap<usize, Vec<Done<'s>>>,
    /// The schema after each change of the group's phases that have begun and are not complete, all one after the other.
    under_way: Vec<SchemaAt>,
    /// What contract phases of the group that have begun and that no written gate guards do.
    asked: Vec<Done<'s>>,
    /// The schema once all of these are complete.
    answered: Option<SchemaAt>,
}

/// A change that is done, and the schema before and after it.
struct Done<'s> {
    todo: Todo<'s>,
    before: SchemaAt,
    after: SchemaAt,
}

/// A release that plays, by the places of its app and of itself.
#[derive(Clone, Copy)]
struct Player<'s> {
    app: usize,
    release: usize,
    of: (&'s App, &'s Release),
}

impl<'s> Scene<'s> {
    pub(super) fn of(stage: &'s Stage<'s>, apps: &'s [App], place: Where<'s>) -> Self {
        let schema = stage.schema(place.phases, place.at);
        let (begins, under_way, asked) = (BTreeMap::new(), Vec::new(), Vec::new());
        let answered = None;
        let mut scene = Self { stage, apps, place, schema, begins, under_way, asked, answered };
        let mut ends = place.at.to_vec();
        let mut running = scene.schema.clone();
        for (at, (phase, stands)) in place.phases.iter().zip(place.at).enumerate() {
            let Some(course) = stage.courses.get(*phase) else { continue };
            if *stands == 0 {
                if scene.is_next(*phase) {
                    let done = scene.done(&scene.schema, course.still_to_do(0));
                    scene.begins.insert(at, done);
                }
            } else if place.group.phases.contains(phase) {
                for (step, change) in course.still_to_do(*stands) {
                    running.take(stage.situation.project, step, change);
                    scene.under_way.push(running.clone());
                }
                let gate = written(&stage.situation, &course.key);
                if course.key.phase == Phase::Contract
                    && gate.is_none_or(|gates| gates.releases.is_none())
                {
                    let mut before = place.at.to_vec();
                    if let Some(of) = before.get_mut(at) {
                        *of = 0;
                    }
                    let before = stage.schema(place.phases, &before);
                    let done = scene.done(&before, course.still_to_do(0));
                    scene.asked.extend(done);
                    if let Some(of) = ends.get_mut(at) {
                        *of = course.end();
                    }
                }
            }
        }
        scene.answered = (!scene.asked.is_empty()).then(|| stage.schema(place.phases, &ends));
        scene
    }

    /// Whether all phases before this one are complete.
    fn is_next(&self, phase: usize) -> bool {
        let before = self.stage.model.phases.get(phase).map(|of| &of.before);
        before.into_iter().flatten().all(|before| {
            let place = self.place.phases.iter().position(|of| of == before);
            let stands = place.and_then(|place| self.place.at.get(place));
            let end = self.stage.model.phases.get(*before).map(|of| of.end);
            stands.is_some() && stands.copied() == end
        })
    }

    fn done(&self, from: &SchemaAt, todo: impl Iterator<Item = Todo<'s>>) -> Vec<Done<'s>> {
        let mut schema = from.clone();
        todo.map(|(step, change)| {
            let before = schema.clone();
            schema.take(self.stage.situation.project, step, change);
            Done { todo: (step, change), before, after: schema.clone() }
        })
        .collect()
    }

    fn players(&self) -> impl Iterator<Item = Player<'s>> + use<'s> {
        self.apps.iter().enumerate().flat_map(|(app, of)| {
            let releases = of.releases.iter().enumerate();
            releases.map(move |(release, own)| Player { app, release, of: (of, own) })
        })
    }

    pub(super) fn judge(&self) -> Vec<Vec<Judgement>> {
        let mut judged: Vec<Vec<Judgement>> = self.apps.iter().map(|_| Vec::new()).collect();
        for player in self.players() {
            if let Some(of_app) = judged.get_mut(player.app) {
                of_app.push(self.alone(player));
            }
        }
        for reader in self.players().filter(|player| self.relies_on_others(*player)) {
            for other in self.players() {
                if (other.app, other.release) != (reader.app, reader.release) {
                    self.pair(reader, other, &mut judged);
                }
            }
        }
        judged
    }

    fn alone(&self, player: Player<'_>) -> Judgement {
        let Player { app, release, of } = player;
        let broken = !self.breaks(&self.schema, of.1, &[of]).is_empty();
        let (group, written) = (self.place.group, &self.stage.written);
        let moving = self.stage.moving(group, self.place.phases, self.place.at);
        let missed = moving.iter().any(|removal| {
            let catalog = self.schema.catalog();
            removal.missed(catalog, written, &self.stage.apps, app, release).is_some()
        });
        let may_begin = |at: usize| {
            let course = self.course(at);
            let is_known = of.1.needs.is_some() || course.is_none_or(|of| !of.stands_alone);
            is_known
                && course.is_none_or(|course| written.may_begin(&course.key, app, release))
                && !self.is_hurt(at, player, &[of], true)
        };
        let standing = group.phases.iter().filter_map(|phase| self.stage.courses.get(*phase));
        let plans: BTreeSet<&PlanName> = standing.map(|course| &course.key.plan).collect();
        let stands = plans
            .iter()
            .all(|plan| written.may_start(plan, &|phase| self.begun(plan, phase), app, release));
        let forever = !group.rest || self.may_ever_start(app, release);
        let after = self.under_way.iter().any(|of_it| !self.breaks(of_it, of.1, &[of]).is_empty());
        Judgement {
            harmed: broken || missed,
            may_start: stands
                && forever
                && !broken
                && (!self.is_strict(&plans, player) || !after && !self.is_unproven(of.1)),
            // What has begun is not asked any more, and what is not next does not begin.
            may_begin: (0..self.place.phases.len())
                .map(|at| self.place.at.get(at) != Some(&0) || may_begin(at))
                .collect(),
            beside: BTreeMap::new(),
        }
    }

    /// Whether what a release needs is asked before it starts, besides that it is served now: unless the gates are trusted, or
    /// it is only taken for granted that it passes them.
    fn is_strict(&self, plans: &BTreeSet<&PlanName>, player: Player<'_>) -> bool {
        let mut keys = plans.iter().flat_map(|plan| {
            let phases = [Phase::Backfill, Phase::Contract];
            phases.map(|phase| PhaseKey { plan: PlanName::clone(plan), phase })
        });
        let written = &self.stage.written;
        !self.stage.written_only
            || keys.any(|key| written.is_assumed(&key, player.app, player.release))
    }

    fn may_ever_start(&self, app: usize, release: usize) -> bool {
        let unproven = self.stage.unproven.get(app).and_then(|of| of.get(release));
        self.stage.written.may_ever_start(app, release)
            && (self.stage.written_only || unproven != Some(&true))
    }

    fn course(&self, at: usize) -> Option<&'s super::course::Course<'s>> {
        self.stage.courses.get(*self.place.phases.get(at)?)
    }

    /// Whether a plan's phase has begun and whether it is complete, if it is still to do.
    fn begun(&self, plan: &PlanName, phase: Phase) -> Option<(bool, bool)> {
        let places = self.place.phases.iter().zip(self.place.at);
        for (of, at) in places {
            let course = self.stage.courses.get(*of)?;
            if course.key.plan == *plan && course.key.phase == phase {
                return Some((*at > 0, *at >= course.end()));
            }
        }
        None
    }

    /// What breaks a release beside a crowd that the group decides over.
    fn breaks(
        &self,
        schema: &SchemaAt,
        release: &Release,
        crowd: &[(&App, &Release)],
    ) -> Vec<Break> {
        let Some(needs) = release.needs.as_deref() else { return Vec::new() };
        let crowd = Crowd::of(&self.stage.situation, crowd.to_vec());
        let rows = schema.rows(needs, &crowd);
        let mut found = breaks(schema.schema(&rows), needs);
        let Where { group, phases, at: _ } = self.place;
        found.retain(|broken| self.stage.concerns(group, phases, broken));
        found
    }

    /// Whether a phase that is next would break a release beside a crowd.
    fn is_hurt(
        &self,
        at: usize,
        player: Player<'_>,
        crowd: &[(&App, &Release)],
        alone: bool,
    ) -> bool {
        let Some(needs) = player.of.1.needs.as_deref() else { return false };
        let (Some(done), Some(course)) = (self.begins.get(&at), self.course(at)) else {
            return false;
        };
        let key = &course.key;
        if self.stage.written_only
            && !self.stage.written.is_assumed(key, player.app, player.release)
        {
            return false;
        }
        let obeys = self.stage.written.lets_in(key, player.app, player.release, true) == Some(true);
        let crowd = Crowd::of(&self.stage.situation, crowd.to_vec());
        done.iter().any(|Done { todo, before, after }| {
            let tables = concerned(todo.1, before);
            let breaks_of = |schema: &SchemaAt| {
                let rows = schema.rows(needs, &crowd);
                breaks_among(schema.schema(&rows), needs, &|table| tables.contains(table))
            };
            let asks = alone
                && key.phase == Phase::Contract
                && !obeys
                && !unproven(todo.1, before.catalog(), needs).is_empty();
            asks || {
                let old = breaks_of(before);
                breaks_of(after).iter().any(|broken| !old.contains(broken))
            }
        })
    }

    /// Whether what is asked of writes since is not known to be satisfied by a release.
    fn is_unproven(&self, release: &Release) -> bool {
        let (Some(needs), Some(end)) = (release.needs.as_deref(), &self.answered) else {
            return false;
        };
        let asked =
            self.asked.iter().flat_map(|done| unproven(done.todo.1, done.before.catalog(), needs));
        asked.into_iter().any(|of| still_asked(end.catalog(), &of.object))
    }

    /// Whether a release reads a column that holds no NULL only because of those who write it.
    fn relies_on_others(&self, player: Player<'_>) -> bool {
        let Some(needs) = player.of.1.needs.as_deref() else { return false };
        let crowd = Crowd::of(&self.stage.situation, vec![player.of]);
        let ahead = self.begins.values().flatten().map(|done| &done.after);
        let schemas = std::iter::once(&self.schema).chain(ahead).chain(&self.under_way);
        schemas.into_iter().any(|schema| !schema.rows(needs, &crowd).not_null.is_empty())
    }

    fn pair(&self, reader: Player<'_>, other: Player<'_>, judged: &mut [Vec<Judgement>]) {
        let both = [reader.of, other.of];
        let is_new = |schema: &SchemaAt| {
            let alone = self.breaks(schema, reader.of.1, &[reader.of]);
            let beside = self.breaks(schema, reader.of.1, &both);
            beside.iter().any(|broken| !alone.contains(broken))
        };
        let harmed = is_new(&self.schema);
        let lets_in = |at: usize| {
            let key = self.course(at).map(|course| &course.key);
            key.is_some_and(|key| {
                let lets = self.stage.written.lets_in(key, other.app, other.release, true);
                other.of.1.needs.is_some() || lets == Some(true)
            })
        };
        let no_begin: BTreeSet<usize> = self
            .begins
            .keys()
            .copied()
            .filter(|at| lets_in(*at) && self.is_hurt(*at, reader, &both, false))
            .collect();
        let no_start = harmed || self.under_way.iter().any(is_new);
        let mut note = |of: Player<'_>, beside: Player<'_>, what: Beside| {
            let release = u16::try_from(beside.release).unwrap_or(u16::MAX);
            let of = judged.get_mut(of.app).and_then(|app| app.get_mut(of.release));
            if let Some(of) = of.filter(|_| what != Beside::default()) {
                let noted = of.beside.entry((beside.app, release)).or_default();
                noted.harmed |= what.harmed;
                noted.no_start |= what.no_start;
                noted.no_begin.extend(what.no_begin);
            }
        };
        note(reader, other, Beside { harmed, no_start, no_begin });
        // Of a release whose needs are not known nobody asks what it does to others.
        let no_start = harmed && other.of.1.needs.is_some() && !self.stage.written_only;
        note(other, reader, Beside { no_start, ..Beside::default() });
    }
}
