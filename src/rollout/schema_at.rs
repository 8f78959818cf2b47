//! The schema after some of the steps: as releases meet it between two of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Situation;
use super::derived::Served;
use super::derived_gate::lets_in;
use super::progress::{Standing, standing};
use crate::catalog::{Catalog, Column, Table};
use crate::change::apply::apply;
use crate::change::nullness::{covers_null, is_never_null};
use crate::change::{Change, Write};
use crate::compile::CompiledStep;
use crate::name::{Name, ObjectName, PlanName};
use crate::phase::{Phase, PhaseKey};
use crate::plan::checked::CheckedProject;
use crate::plan::gate::ReleaseGate;
use crate::release::compatibility::fillings;
use crate::release::{App, LiveState, Release, Requirements, Schema};
use crate::version::MigrationVersion;

/// A schema that grows by steps, and what is known of the rows in it.
#[derive(Clone, Debug)]
pub struct SchemaAt {
    catalog: Catalog,
    /// Backfills that are complete, by the column they fill.
    fills: BTreeMap<(ObjectName, Name), Vec<Fill>>,
    doubts: Vec<String>,
}

/// A backfill of a column that is complete.
#[derive(Clone, Debug)]
struct Fill {
    plan: PlanName,
    /// What no row satisfies any more.
    condition: String,
    /// Whether only releases that write the column themselves are let in since.
    gated: bool,
    /// Since when the column is kept by nothing but the releases: the end of the backfill, or of the sync after it. `None` is
    /// some time to come.
    since: Option<Timestamp>,
}

/// Who is live, or is thought to be.
#[derive(Clone, Debug)]
pub struct Crowd<'a> {
    situation: Situation<'a>,
    live: Vec<(&'a App, &'a Release)>,
}

impl<'a> Crowd<'a> {
    /// Returns the releases that are live as the ledger knows them.
    #[must_use]
    pub fn live(situation: &Situation<'a>) -> Self {
        let apps = situation.ledger.apps.values();
        let live = apps.flat_map(|app| app.live().map(move |release| (app, release)));
        Self { situation: *situation, live: live.collect() }
    }

    /// Returns exactly these releases.
    #[must_use]
    pub fn of(situation: &Situation<'a>, live: Vec<(&'a App, &'a Release)>) -> Self {
        Self { situation: *situation, live }
    }

    /// Returns the crowd with this release too, in the place of what the ledger knows of it.
    #[must_use]
    pub fn with(&self, app: &'a App, release: &'a Release) -> Self {
        let mut crowd = self.without(&app.name, &release.version);
        crowd.live.push((app, release));
        crowd
    }

    /// Returns the crowd without this release.
    #[must_use]
    pub fn without(&self, app: &str, version: &str) -> Self {
        let mut live = self.live.clone();
        live.retain(|(of, release)| of.name != app || release.version != version);
        Self { situation: self.situation, live }
    }

    /// Returns the crowd without those whose needs are not known and whom the phase's own gate does not let in.
    pub(super) fn known_or_let_in(&self, phase: &PhaseKey) -> Self {
        let mut live = self.live.clone();
        live.retain(|(app, release)| {
            release.needs.is_some() || lets_in(&self.situation, phase, app, release)
        });
        Self { situation: self.situation, live }
    }

    /// Returns the releases whose needs are known.
    pub(super) fn served(&self) -> impl Iterator<Item = Served<'a>> + '_ {
        self.live.iter().filter_map(|(app, release)| {
            Some(Served { app, release, needs: release.needs.as_deref()? })
        })
    }

    fn is_voided(&self, plan: &PlanName) -> bool {
        self.situation.ledger.voided.contains_key(plan)
    }

    /// Returns whether all who are live, and all who were since then, keep what a plan's backfill filled. Of a release whose
    /// needs are not known this is so if the plan's contract gate lets it in.
    fn all_keep(
        &self,
        plan: &PlanName,
        since: Option<Timestamp>,
        keeps: impl Fn(&Requirements) -> bool,
    ) -> bool {
        let phase = PhaseKey { plan: plan.clone(), phase: Phase::Contract };
        let apps = self.situation.ledger.apps.values();
        let all = apps.flat_map(|app| app.releases.iter().map(move |release| (app, release)));
        let ended = all.filter(|(_, release)| match release.state {
            LiveState::Ended { at } => since.is_some_and(|since| at > since),
            LiveState::Registered | LiveState::Starting { .. } | LiveState::Live { .. } => false,
        });
        self.live.iter().copied().chain(ended).all(|(app, release)| {
            match release.needs.as_deref() {
                Some(needs) => keeps(needs),
                None => lets_in(&self.situation, &phase, app, release),
            }
        })
    }
}

/// Columns of tables.
pub type Columns = BTreeSet<(ObjectName, Name)>;

impl SchemaAt {
    /// Returns the schema before the first plan.
    #[must_use]
    pub fn start(project: &CheckedProject) -> Self {
        let catalog = Catalog::clone(&project.start);
        Self { catalog, fills: BTreeMap::new(), doubts: Vec::new() }
    }

    /// Returns the schema after everything that is done: changes that have begun are counted only once they are whole.
    #[must_use]
    pub fn done(situation: &Situation<'_>) -> Self {
        Self::at(situation, &BTreeSet::new(), |standings| standings.iter().all(|done| *done))
    }

    /// Returns the schema after everything that has begun, whole or not.
    #[must_use]
    pub fn begun(situation: &Situation<'_>) -> Self {
        Self::at(situation, &BTreeSet::new(), |standings| standings.iter().any(|done| *done))
    }

    /// Returns the schema after everything that has begun, as if these migrations had been undone.
    #[must_use]
    pub fn without(situation: &Situation<'_>, undone: &BTreeSet<&MigrationVersion>) -> Self {
        Self::at(situation, undone, |standings| standings.iter().any(|done| *done))
    }

    fn at(
        situation: &Situation<'_>,
        undone: &BTreeSet<&MigrationVersion>,
        counts: impl Fn(&[bool]) -> bool,
    ) -> Self {
        let mut schema = Self::start(situation.project);
        for key in &situation.graph.order {
            let at = situation.compiled.by_key.get(key);
            let Some(step) = at.and_then(|at| situation.compiled.steps.get(*at)) else { continue };
            let mut of_changes = vec![Vec::new(); step.changes.len()];
            let mut ended = Vec::new();
            for migration in &step.migrations {
                if let Some(of) = of_changes.get_mut(migration.part.change) {
                    let standing = if undone.contains(&migration.version) {
                        Standing::Pending
                    } else {
                        standing(situation, &migration.version)
                    };
                    of.push(match standing {
                        // Begun and not known to be whole.
                        Standing::InDoubt(_) => counts(&[true, false]),
                        Standing::Done(_) => true,
                        Standing::Pending | Standing::Voided => false,
                    });
                    ended.extend(match standing {
                        // Nobody knows when Diesel itself ran it: long ago, on the careful side.
                        Standing::Done(at) => Some(at.unwrap_or(Timestamp::MIN)),
                        Standing::Pending | Standing::InDoubt(_) | Standing::Voided => None,
                    });
                }
            }
            let at = ended.into_iter().max();
            // A change without a migration of its own, which records an intent only, goes with its step.
            let whole: Vec<bool> = of_changes.iter().flatten().copied().collect();
            for (change, of) in step.changes.iter().zip(&of_changes) {
                if counts(if of.is_empty() { &whole } else { of }) {
                    schema.take_at(situation.project, step, change, at);
                }
            }
        }
        schema
    }

    /// Applies all changes of a step.
    pub fn take_step(&mut self, project: &CheckedProject, step: &CompiledStep) {
        for change in step.changes.iter() {
            self.take(project, step, change);
        }
    }

    /// Applies one change of a step that is still to do.
    pub fn take(&mut self, project: &CheckedProject, step: &CompiledStep, change: &Change) {
        self.take_at(project, step, change, None);
    }

    fn take_at(
        &mut self,
        project: &CheckedProject,
        step: &CompiledStep,
        change: &Change,
        at: Option<Timestamp>,
    ) {
        if let Err(error) = apply(change, &mut self.catalog) {
            self.doubts.push(format!("`{}` does not fit what is recorded: {error}", step.key));
            return;
        }
        match change {
            Change::Write(data) => {
                let (Write::Update { set }, Some(condition)) = (&data.write, &data.condition)
                else {
                    return;
                };
                for (column, _) in set {
                    let fill = Fill {
                        plan: step.key.plan.clone(),
                        condition: condition.as_str().to_owned(),
                        gated: is_dual_write_gated(project, step),
                        since: at,
                    };
                    let key = (data.table.clone(), column.clone());
                    self.fills.entry(key).or_default().push(fill);
                }
            }
            Change::DropColumn { table, column, refill: _ } => {
                self.fills.remove(&(table.clone(), column.clone()));
            }
            Change::DropSync(sync) => {
                for ((table, column), fills) in &mut self.fills {
                    if table == sync.table() && sync.filled().contains(&column) {
                        for fill in fills {
                            fill.since = at;
                        }
                    }
                }
            }
            Change::DropTable { name } => self.fills.retain(|(table, _), _| table != name),
            Change::CreateTable { .. }
            | Change::AddColumn { .. }
            | Change::SetDefault { .. }
            | Change::SetNullable { .. }
            | Change::AddConstraint { .. }
            | Change::DropConstraint { .. }
            | Change::CreateIndex { .. }
            | Change::DropIndex { .. }
            | Change::CreateEnum { .. }
            | Change::AddEnumValue { .. }
            | Change::DropEnum { .. }
            | Change::CreateView { .. }
            | Change::ReplaceView { .. }
            | Change::DropView { .. }
            | Change::CreateSync(_)
            | Change::Deprecate { .. }
            | Change::Opaque(_) => {}
        }
    }

    /// Returns the catalog.
    #[must_use]
    pub const fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Returns what of the steps could not be applied, because something else than these plans was done; the schema is not
    /// known then.
    #[must_use]
    pub fn doubts(&self) -> &[String] {
        &self.doubts
    }

    /// Returns the schema for [`crate::release::breaks`].
    #[must_use]
    pub const fn schema<'a>(&'a self, effectively_not_null: &'a Columns) -> Schema<'a> {
        Schema { catalog: &self.catalog, effectively_not_null }
    }

    /// Returns the columns that a release declares to hold no NULL, that may by the catalog, and that hold none all the same:
    /// their backfill is complete, and they are kept so by a sync — unless somebody of the `crowd` may write NULL into them —,
    /// by a gate that lets in only releases that write them, or by the crowd itself: whoever inserts rows knows the column and
    /// declares that it holds no NULL.
    #[must_use]
    pub fn effectively_not_null(&self, needs: &Requirements, crowd: &Crowd<'_>) -> Columns {
        let mut found = Columns::new();
        for need in &needs.tables {
            let Some(table) = self.catalog.table(&need.name) else { continue };
            for column in &need.columns {
                let declared = column.declared.as_ref().is_some_and(|of| !of.nullable);
                let live = table.column(&column.name).filter(|of| of.nullable);
                if let Some(live) = live.filter(|_| declared)
                    && self.holds_no_null(&need.name, table, live, crowd)
                {
                    found.insert((need.name.clone(), column.name.clone()));
                }
            }
        }
        found
    }

    fn holds_no_null(
        &self,
        name: &ObjectName,
        table: &Table,
        column: &Column,
        crowd: &Crowd<'_>,
    ) -> bool {
        let not_null = |name: &str| table.column(&Name::from(name)).is_some_and(|of| !of.nullable);
        let fills = self.fills.get(&(name.clone(), column.name.clone()));
        let complete = fills.into_iter().flatten().filter(|fill| {
            !crowd.is_voided(&fill.plan)
                && covers_null(&fill.condition, column.name.as_str(), &not_null)
        });
        let complete: Vec<&Fill> = complete.collect();
        if complete.is_empty() {
            return false;
        }
        if complete.iter().any(|fill| fill.gated) {
            return true;
        }
        let values = fillings(&self.catalog, name, &column.name);
        let synced = values.into_iter().any(|value| is_never_null(value, &not_null));
        let writes_null = |needs: &Requirements| may_write_null(needs, name, &column.name);
        if synced && !crowd.served().any(|of| writes_null(of.needs)) {
            return true;
        }
        complete.iter().any(|fill| {
            crowd.all_keep(&fill.plan, fill.since, |needs| {
                !writes_null(needs) && !leaves_out(needs, name, column)
            })
        })
    }
}

/// Returns whether a release may insert a row in which the column is NULL because it does not know it.
fn leaves_out(needs: &Requirements, table: &ObjectName, column: &Column) -> bool {
    let Some(need) = needs.table(table).filter(|need| need.access.inserts) else { return false };
    let writes = need.column(&column.name).is_some_and(|column| column.writes);
    !writes && column.default.is_none()
}

/// Returns whether a release may write NULL into a column itself.
fn may_write_null(needs: &Requirements, table: &ObjectName, column: &Name) -> bool {
    let Some(need) = needs.table(table).filter(|need| need.access.writes()) else { return false };
    let object = format!("{table}.{column}");
    let promised = needs.satisfies.iter().any(|name| name.as_str() == object);
    !promised
        && need.column(column).is_some_and(|column| {
            column.writes && column.declared.as_ref().is_none_or(|of| of.nullable)
        })
}

/// Returns whether the step's plan lets in only releases that write what its backfill fills.
fn is_dual_write_gated(project: &CheckedProject, step: &CompiledStep) -> bool {
    let gates = project.plan(&step.key.plan).and_then(|plan| plan.gates.of(Phase::Backfill));
    match gates.and_then(|gates| gates.releases.as_ref()).map(|releases| &releases.value) {
        Some(ReleaseGate::Apps(_)) => true,
        Some(ReleaseGate::NoneAffected(_)) | None => false,
    }
}
