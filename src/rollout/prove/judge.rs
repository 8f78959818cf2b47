//! What is permitted and what is wrong in any state of the phases, by the very functions that the decision asks.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::cast::{Cast, Given, Players};
use super::course::{Course, courses};
use super::missed::{Removal, removals};
use super::model::{Group, Judgement, Model, Rules};
use super::owners::Owners;
use super::scene::{Scene, Where};
use super::written::{Written, asks};
use crate::change::Change;
use crate::compile::CompiledStep;
use crate::phase::Phase;
use crate::release::requirement::TableNeed;
use crate::release::{App, Break, Release, Requirements};
use crate::rollout::deploy_schema::unproven_refusal;
use crate::rollout::{SchemaAt, Situation};

/// A project and those who play, as the explorer asks for them.
#[derive(Debug)]
pub struct Stage<'a> {
    /// What is known; its ledger is that of the cast.
    pub situation: Situation<'a>,
    /// The phases still to do.
    pub courses: Vec<Course<'a>>,
    /// The apps and their releases.
    pub apps: Vec<Players<'a>>,
    /// The same without their names.
    pub model: Model,
    pub(super) owners: Owners,
    pub(super) written: Written,
    pub(super) removals: Vec<Removal>,
    pub(super) written_only: bool,
    /// By app, by release, whether what was asked of writes by now is not known to be satisfied.
    pub(super) unproven: Vec<Vec<bool>>,
    /// The schema as it is now.
    now: SchemaAt,
    /// Those who play, with what they need of the tables that the last group had to do with.
    narrowed: RefCell<Option<(Group, Arc<Vec<App>>)>>,
    doubts: RefCell<BTreeSet<String>>,
}

impl<'a> Stage<'a> {
    /// Sets up the stage for what the cast's ledger and facts say.
    #[must_use]
    pub fn of(situation: &Situation<'a>, cast: &'a Cast, given: &Given) -> Self {
        let situation = Situation { ledger: &cast.ledger, facts: &cast.facts, ..*situation };
        let naming = |app: &App| situation.facts.naming.get(&app.name).copied();
        let apps: Vec<Players<'a>> = (cast.ledger.apps.values())
            .map(|app| Players::of(app, naming(app), given.n_rollback))
            .collect();
        let (courses, mut phases) = courses(&situation);
        for (course, phase) in courses.iter().zip(&mut phases) {
            (phase.asks_of, phase.shut) = asks(&situation, &apps, course, given.written_only);
        }
        let now = SchemaAt::done(&situation);
        let (owners, links) = Owners::of(&courses, &phases, now.catalog());
        let written = Written::of(&situation, &apps, &courses);
        let models = apps.iter().map(|players| players.model(given.n_rollback)).collect();
        let model = Model { phases, apps: models, links };
        let to_do =
            |removal: &Removal| courses.iter().any(|course| course.key.plan == removal.plan);
        let unproven = |players: &Players<'_>| {
            let of = |release: &&Release| {
                let needs = release.needs.as_deref();
                needs.is_some_and(|of| unproven_refusal(&situation, players.app, of).is_some())
            };
            players.releases.iter().map(of).collect()
        };
        Self {
            unproven: apps.iter().map(unproven).collect(),
            removals: removals(situation.project).into_iter().filter(to_do).collect(),
            doubts: RefCell::new(now.doubts().iter().cloned().collect()),
            narrowed: RefCell::default(),
            written_only: given.written_only,
            situation,
            courses,
            apps,
            model,
            owners,
            written,
            now,
        }
    }

    /// Returns the releases of an app of which some gate's answer is not known yet, and is taken to be as it should.
    #[must_use]
    pub fn taken_for_granted(&self, app: usize) -> Vec<&'a str> {
        let Some(players) = self.apps.get(app) else { return Vec::new() };
        let assumed = self.written.assumed(app).into_iter();
        let releases = assumed.filter_map(|release| players.releases.get(release));
        releases.map(|release| release.version.as_str()).collect()
    }

    /// Returns what of the plans does not fit together, so that nothing is proven.
    #[must_use]
    pub fn doubts(&self) -> Vec<String> {
        self.doubts.borrow().iter().cloned().collect()
    }

    /// Returns the schema where these phases stand at these places and all others where they are now.
    pub(super) fn schema(&self, phases: &[usize], at: &[u16]) -> SchemaAt {
        let mut schema = self.now.clone();
        // Phases wait for older ones only.
        let places: BTreeMap<usize, u16> = phases.iter().copied().zip(at.iter().copied()).collect();
        for (phase, at) in places {
            for (step, change) in self.courses.get(phase).into_iter().flat_map(|of| of.done(at)) {
                schema.take(self.situation.project, step, change);
            }
        }
        self.doubts.borrow_mut().extend(schema.doubts().iter().cloned());
        schema
    }

    /// Returns the apps with the releases that play, whose needs are cut down to what these phases have to do with.
    fn narrowed(&self, group: &Group, phases: &[usize]) -> Arc<Vec<App>> {
        if let Some((of, apps)) = self.narrowed.borrow().as_ref()
            && of == group
        {
            return Arc::clone(apps);
        }
        let tables = self.owners.tables(&phases.iter().copied().collect());
        let concerns = |need: &TableNeed| group.rest || tables.contains(&need.name);
        let narrow = |release: &&Release| {
            let needs = release.needs.as_deref().map(|needs| {
                let tables = needs.tables.iter().filter(|need| concerns(need)).cloned().collect();
                Arc::new(Requirements { tables, ..needs.clone() })
            });
            Release { needs, ..Release::clone(release) }
        };
        let apps = self.apps.iter().map(|players| App {
            name: players.app.name.clone(),
            releases: players.releases.iter().map(narrow).collect(),
        });
        let apps = Arc::new(apps.collect::<Vec<_>>());
        *self.narrowed.borrow_mut() = Some((group.clone(), Arc::clone(&apps)));
        apps
    }

    /// Returns whether what breaks is a matter of the group: it decides over it, or all who change it are among the phases that
    /// are looked at with the group.
    pub(super) fn concerns(&self, group: &Group, phases: &[usize], broken: &Break) -> bool {
        match self.owners.of_object(&broken.object) {
            Some(owned) => {
                !owned.by.is_disjoint(&group.phases)
                    || owned.changed_by.iter().all(|phase| phases.contains(phase))
            }
            None => group.rest,
        }
    }

    /// Returns the data whose move has begun where these phases stand, of the group's own plans.
    pub(super) fn moving(&self, group: &Group, phases: &[usize], at: &[u16]) -> Vec<&Removal> {
        let has_begun = |removal: &&Removal| {
            let is_backfill = |phase: usize| {
                self.courses.get(phase).is_some_and(|course| {
                    course.key.plan == removal.plan && course.key.phase == Phase::Backfill
                })
            };
            let is_own = group.phases.iter().any(|phase| {
                self.courses.get(*phase).is_some_and(|course| course.key.plan == removal.plan)
            });
            let place = phases.iter().zip(at).find(|(phase, _)| is_backfill(**phase));
            // One that is complete already is not among them.
            is_own && place.is_none_or(|(_, at)| *at > 0)
        };
        self.removals.iter().filter(has_begun).collect()
    }
}

impl Rules for Stage<'_> {
    fn judge(&self, group: &Group, phases: &[usize], at: &[u16]) -> Vec<Vec<Judgement>> {
        let apps = self.narrowed(group, phases);
        Scene::of(self, &apps, Where { group, phases, at }).judge()
    }
}

/// A change still to do, with its step.
pub(super) type Todo<'a> = (&'a CompiledStep, &'a Change);
