//! The walk over the stages: the schema grows by phases, and the releases are looked at again where it changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Asked, Moment, Stage, step};
use crate::change::Change;
use crate::compile::CompiledStep;
use crate::name::ObjectName;
use crate::phase::{Phase, PhaseKey};
use crate::release::compatibility::breaks_among;
use crate::release::requirement::TableNeed;
use crate::release::restriction::unproven;
use crate::release::{App, Break, Release, Requirements};
use crate::rollout::crowd::Crowd;
use crate::rollout::deploy_schema::still_asked;
use crate::rollout::derived::{concerned, undone};
use crate::rollout::derived_gate::lets_in;
use crate::rollout::progress::{standing, steps_of};
use crate::rollout::{SchemaAt, Situation};

/// The walk.
pub(super) struct Walk<'a> {
    situation: Situation<'a>,
    /// Whether what is done is taken again.
    from_empty: bool,
    schema: SchemaAt,
    /// The releases that are live and that the schema has served so far, each judged alone; `None` for those of which it is not
    /// recorded what they need.
    live: Vec<(&'a App, &'a Release, Option<Watched<'a>>)>,
    asked: Vec<Option<Watched<'a>>>,
}

impl<'a> Walk<'a> {
    /// Stands at the first stage.
    pub(super) fn new(
        situation: &Situation<'a>,
        asked: &[Asked<'a>],
        live: &Crowd<'a>,
        from_empty: bool,
    ) -> Self {
        let schema =
            if from_empty { SchemaAt::start(situation.project) } else { SchemaAt::done(situation) };
        let alone = |app, release| {
            let crowd = Crowd::of(situation, vec![(app, release)]);
            Watched::new(Asked { app, release }, crowd, &schema)
        };
        let beside = |of: &Asked<'a>| Watched::new(*of, live.with(of.app, of.release), &schema);
        let alone =
            live.releases().iter().map(|(app, release)| (*app, *release, alone(app, release)));
        let (live, asked) = (alone.collect(), asked.iter().map(beside).collect());
        let mut walk = Self { situation: *situation, from_empty, schema, live, asked };
        if !from_empty {
            walk.ask_done();
        }
        walk
    }

    /// Returns why the schema is not known, if it is not.
    pub(super) fn doubts(&self) -> &[String] {
        self.schema.doubts()
    }

    /// Returns the stage at which the walk stands.
    pub(super) fn stage(&mut self, moment: Moment) -> Stage {
        let schema = &self.schema;
        let cell = |of: &mut Option<Watched<'_>>| of.as_mut().map(|of| of.breaks(schema));
        Stage { moment, cells: self.asked.iter_mut().map(cell).collect() }
    }

    /// Goes on to where this phase is done.
    pub(super) fn take(&mut self, phase: &PhaseKey) {
        let situation = self.situation;
        for step in steps_of(situation.compiled, phase) {
            if self.from_empty {
                step.changes.iter().for_each(|change| self.take_change(step, change));
            } else {
                undone(&situation, step).for_each(|(_, change)| self.take_change(step, change));
            }
        }
        self.leave();
    }

    fn take_change(&mut self, step: &CompiledStep, change: &Change) {
        let Self { situation, schema, .. } = self;
        let is_other = schema.complete(situation.project);
        let mut tables = concerned(change, schema);
        let replacing: Vec<ObjectName> = schema.replacing(&tables).cloned().collect();
        tables.extend(replacing);
        let is_enum = matches!(
            change,
            Change::CreateEnum { .. }
                | Change::AddEnumValue { .. }
                | Change::DropEnum { .. }
                | Change::RenameEnum { .. }
                | Change::RenameEnumValue { .. }
        );
        // Whether a name is an enum's decides what columns of that type load into.
        let tables = if is_enum || is_other { None } else { Some(&tables) };
        let alone = self.live.iter_mut().filter_map(|(_, _, of)| of.as_mut());
        let mut watched: Vec<&mut Watched<'_>> =
            alone.chain(self.asked.iter_mut().flatten()).collect();
        for of in &mut watched {
            of.ask(situation, step, change, schema);
        }
        schema.take(situation.project, step, change);
        for of in watched {
            of.look(schema, tables);
        }
    }

    /// Takes those out of the crowd that the schema no longer serves: the phase waited until they had ended.
    fn leave(&mut self) {
        let n_live = self.live.len();
        let schema = &self.schema;
        self.live
            .retain_mut(|(_, _, of)| of.as_mut().is_none_or(|of| of.breaks(schema).is_empty()));
        if self.live.len() == n_live {
            return;
        }
        let live = self.live.iter().map(|(app, release, _)| (*app, *release)).collect();
        let crowd = Crowd::of(&self.situation, live);
        for of in self.asked.iter_mut().flatten() {
            of.crowd = crowd.with(of.of.app, of.of.release);
            of.look(schema, None);
        }
    }

    /// Notes what the contract phases that are done have asked of writes.
    fn ask_done(&mut self) {
        let situation = self.situation;
        let mut schema = SchemaAt::start(situation.project);
        for key in &situation.graph.order {
            let Some(step) = step(&situation, key) else { continue };
            let is_done =
                step.migrations.iter().all(|of| standing(&situation, &of.version).is_done());
            for change in step.changes.iter().filter(|_| is_done) {
                let alone = self.live.iter_mut().filter_map(|(_, _, of)| of.as_mut());
                for of in alone.chain(self.asked.iter_mut().flatten()) {
                    of.ask(&situation, step, change, &schema);
                }
                schema.take(situation.project, step, change);
            }
        }
    }
}

/// A release while the schema changes under it. What breaks is kept table by table, so that a step costs only what it concerns.
struct Watched<'a> {
    of: Asked<'a>,
    crowd: Crowd<'a>,
    tables: BTreeMap<ObjectName, Part>,
    enums: Part,
    /// What was asked of its writes.
    restrictions: Vec<Break>,
    /// Every way in which it broke when that was last asked.
    known: Arc<Vec<Break>>,
    /// Whether something has changed since.
    is_changed: bool,
}

/// How a release breaks by what it needs of one table, or of none: of enum types.
struct Part {
    /// What it needs of that table alone.
    needs: Requirements,
    breaks: Vec<Break>,
}

impl Part {
    fn new(table: Option<&TableNeed>) -> Self {
        let tables = table.cloned().into_iter().collect();
        let needs = Requirements { tables, ..Requirements::default() };
        Self { needs, breaks: Vec::new() }
    }

    /// Looks again; returns whether anything has changed. `all` is everything that the release needs.
    fn look(&mut self, schema: &SchemaAt, crowd: &Crowd<'_>, all: &Requirements) -> bool {
        let rows = schema.rows(&self.needs, crowd);
        let is_own = |table: &ObjectName| self.needs.table(table).is_some();
        let breaks = breaks_among(schema.schema(&rows), all, &is_own);
        let is_changed = breaks != self.breaks;
        self.breaks = breaks;
        is_changed
    }
}

impl<'a> Watched<'a> {
    /// `None` if it is not recorded what the release needs.
    fn new(of: Asked<'a>, crowd: Crowd<'a>, schema: &SchemaAt) -> Option<Self> {
        let needs = of.release.needs.as_deref()?;
        let parts = needs.tables.iter().map(|of| (of.name.clone(), Part::new(Some(of))));
        let mut watched = Self {
            of,
            crowd,
            tables: parts.collect(),
            enums: Part::new(None),
            restrictions: Vec::new(),
            known: Arc::default(),
            is_changed: true,
        };
        watched.look(schema, None);
        Some(watched)
    }

    /// Looks again at these tables, or at everything.
    fn look(&mut self, schema: &SchemaAt, tables: Option<&BTreeSet<ObjectName>>) {
        let Some(all) = self.of.release.needs.as_deref() else { return };
        let Self { tables: parts, enums, crowd, is_changed, .. } = self;
        match tables {
            Some(tables) => {
                for table in tables {
                    *is_changed |=
                        parts.get_mut(table).is_some_and(|part| part.look(schema, crowd, all));
                }
            }
            None => {
                for part in parts.values_mut().chain([enums]) {
                    *is_changed |= part.look(schema, crowd, all);
                }
            }
        }
    }

    /// Notes what a step asks of writes, unless the phase's own gate says that the release satisfies it.
    fn ask(
        &mut self,
        situation: &Situation<'_>,
        step: &CompiledStep,
        change: &Change,
        before: &SchemaAt,
    ) {
        if step.phase == Phase::Contract
            && let Some(needs) = self.of.release.needs.as_deref()
            && !lets_in(situation, &step.phase_key(), self.of.app, self.of.release)
        {
            self.restrictions.extend(unproven(change, before.catalog(), needs));
        }
    }

    fn breaks(&mut self, schema: &SchemaAt) -> Arc<Vec<Break>> {
        // Whether what was asked for is still asked for depends on more than the release.
        if self.is_changed || !self.restrictions.is_empty() {
            let parts = self.tables.values().chain([&self.enums]).flat_map(|part| &part.breaks);
            let all: BTreeSet<&Break> = parts.chain(self.asked(schema)).collect();
            if !self.known.iter().eq(all.iter().copied()) {
                self.known = Arc::new(all.into_iter().cloned().collect());
            }
            self.is_changed = false;
        }
        Arc::clone(&self.known)
    }

    /// Returns what is asked of its writes; what was asked for and taken back since is no matter.
    fn asked(&self, schema: &SchemaAt) -> impl Iterator<Item = &Break> {
        self.restrictions.iter().filter(|of| still_asked(schema.catalog(), &of.object))
    }
}
