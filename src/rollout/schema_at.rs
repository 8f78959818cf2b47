//! The schema after some of the steps: as releases meet it between two of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::Situation;
use super::crowd::Crowd;
use super::progress::{Standing, standing};
use super::replaced::replacements;
use crate::catalog::{Catalog, Column, Table};
use crate::change::apply::apply;
use crate::change::nullness::{covers_null, is_never_null};
use crate::change::{Change, Write};
use crate::compile::CompiledStep;
use crate::name::{Name, ObjectName, PlanName};
use crate::phase::Phase;
use crate::plan::checked::CheckedProject;
use crate::plan::foundation::Lacking;
use crate::plan::gate::ReleaseGate;
use crate::release::compatibility::{KnownRows, Unfilled, fillings, may_write_null};
use crate::release::{Requirements, Schema};
use crate::version::MigrationVersion;

/// A schema that grows by steps, and what is known of the rows in it.
#[derive(Clone, Debug)]
pub struct SchemaAt {
    catalog: Catalog,
    /// Backfills that are complete, by the column they fill.
    fills: BTreeMap<(ObjectName, Name), Vec<Fill>>,
    /// Copies that are complete: from, to.
    copied: BTreeSet<(ObjectName, ObjectName)>,
    /// Places that replace others.
    replaced: Arc<[Unfilled]>,
    /// What hand-written migrations have still to make, before any step that is still to do.
    lacking: Option<Arc<Lacking>>,
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

/// Columns of tables.
type Columns = BTreeSet<(ObjectName, Name)>;

impl SchemaAt {
    /// Returns the schema before the first plan.
    #[must_use]
    pub fn start(project: &CheckedProject) -> Self {
        let catalog = Catalog::clone(&project.start);
        Self {
            catalog,
            fills: BTreeMap::new(),
            copied: BTreeSet::new(),
            replaced: replacements(project),
            lacking: None,
            doubts: Vec::new(),
        }
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
        let project = situation.project;
        if let Some((catalog, lacking)) =
            project.foundation.on(&project.start, &situation.facts.applied)
        {
            schema.catalog = catalog;
            schema.lacking = Some(Arc::new(lacking));
        }
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

    /// Takes in what hand-written migrations have still to make, which run before any step that is still to do; returns whether
    /// there was any.
    pub fn complete(&mut self, project: &CheckedProject) -> bool {
        let lacking = self.lacking.take();
        if let Some(lacking) = &lacking {
            lacking.lay(&project.start, &mut self.catalog);
        }
        lacking.is_some()
    }

    /// Applies one change of a step that is still to do.
    pub fn take(&mut self, project: &CheckedProject, step: &CompiledStep, change: &Change) {
        self.complete(project);
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
                if let Write::Copy { to, .. } = &data.write {
                    self.copied.insert((data.table.clone(), to.clone()));
                }
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
            Change::RenameTable { from, to } => {
                self.rename_places(|(table, column)| {
                    (if table == *from { to.clone() } else { table }, column)
                });
                let copied = std::mem::take(&mut self.copied);
                let renamed = |name: ObjectName| if name == *from { to.clone() } else { name };
                self.copied =
                    copied.into_iter().map(|(one, other)| (renamed(one), renamed(other))).collect();
            }
            Change::RenameColumn { table: of, from, to } => {
                self.rename_places(|(table, column)| {
                    let is_it = table == *of && column == *from;
                    (table, if is_it { to.clone() } else { column })
                });
            }
            // The rows that were filled are gone, and there is nothing to fill.
            Change::Truncate { .. }
            | Change::RenameConstraint { .. }
            | Change::RenameIndex { .. }
            | Change::RenameEnum { .. }
            | Change::RenameEnumValue { .. }
            | Change::RenameSequence { .. }
            | Change::SetType { .. }
            | Change::SetGenerated { .. }
            | Change::ValidateConstraint { .. }
            | Change::SetDeferral { .. }
            | Change::SetComment { .. }
            | Change::CreateSequence { .. }
            | Change::DropSequence { .. }
            | Change::CreateTrigger { .. }
            | Change::DropTrigger { .. }
            | Change::Other(_)
            | Change::CreateTable { .. }
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

    /// Goes on knowing what was filled where it has another name.
    fn rename_places(&mut self, rename: impl Fn((ObjectName, Name)) -> (ObjectName, Name)) {
        let fills = std::mem::take(&mut self.fills);
        self.fills = fills.into_iter().map(|(place, fills)| (rename(place), fills)).collect();
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
    pub const fn schema<'a>(&'a self, rows: &'a KnownRows) -> Schema<'a> {
        Schema { catalog: &self.catalog, rows }
    }

    /// Returns what is known of the rows as far as a release is concerned that is live among the `crowd`.
    #[must_use]
    pub fn rows(&self, needs: &Requirements, crowd: &Crowd<'_>) -> KnownRows {
        // What the release does not know is no matter, and most of it is that.
        let is_open = |place: &&Unfilled| {
            needs.table(&place.table).is_some() && self.is_unfilled(place, crowd)
        };
        let unfilled = self.replaced.iter().filter(is_open).cloned().collect();
        KnownRows { not_null: self.effectively_not_null(needs, crowd), unfilled }
    }

    /// Returns the tables with places that are going to replace some in these tables.
    pub(super) fn replacing<'s>(
        &'s self,
        tables: &'s BTreeSet<ObjectName>,
    ) -> impl Iterator<Item = &'s ObjectName> {
        let replaced = self.replaced.iter().filter(|place| tables.contains(&place.old_table));
        replaced.map(|place| &place.table)
    }

    /// Returns whether both places are there and the new one does not hold yet what the old one does.
    fn is_unfilled(&self, place: &Unfilled, crowd: &Crowd<'_>) -> bool {
        let Some(old) = self.catalog.table(&place.old_table) else { return false };
        let Some(new) = self.catalog.table(&place.table) else { return false };
        match &place.column {
            Some(column) => {
                let key = (place.table.clone(), column.clone());
                let fills = self.fills.get(&key).into_iter().flatten();
                new.column(column).is_some()
                    && place.old_columns.iter().all(|name| old.column(name).is_some())
                    && !fills.into_iter().any(|fill| !crowd.is_voided(&fill.plan))
            }
            None => !self.copied.contains(&(place.old_table.clone(), place.table.clone())),
        }
    }

    /// Returns the columns that a release declares to hold no NULL, that may by the catalog, and that hold none all the same:
    /// their backfill is complete, and they are kept so by a sync — unless somebody of the `crowd` may write NULL into them —,
    /// by a gate that lets in only releases that write them, or by the crowd itself: whoever inserts rows knows the column and
    /// declares that it holds no NULL.
    fn effectively_not_null(&self, needs: &Requirements, crowd: &Crowd<'_>) -> Columns {
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

/// Returns whether the step's plan lets in only releases that write what its backfill fills.
fn is_dual_write_gated(project: &CheckedProject, step: &CompiledStep) -> bool {
    let gates = project.plan(&step.key.plan).and_then(|plan| plan.gates.of(Phase::Backfill));
    match gates.and_then(|gates| gates.releases.as_ref()).map(|releases| &releases.value) {
        Some(ReleaseGate::Apps(_)) => true,
        Some(ReleaseGate::NoneAffected(_)) | None => false,
    }
}
