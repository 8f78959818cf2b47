//! What the plans do, gathered in one walk, so that each rule only has to look.

mod data;
mod detail;
pub mod evaluate;
mod finding;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use data::KeyProblem;
pub use detail::{Detail, Restriction};
pub use finding::at_step;

use super::RuleContext;
use crate::catalog::{Catalog, Generated, Sync};
use crate::change::effect::{Effect, Object, effects};
use crate::change::{Change, ObjectKind, Touched, Write};
use crate::dialects::locks::{Demand, Work, demands};
use crate::graph::walk::{self, Place, Visited};
use crate::graph::{Conflict, ConflictSearch};
use crate::name::{Name, ObjectName};
use crate::phase::Phase;
use crate::plan::checked::{CheckedPlan, CheckedStep};

/// What all plans do.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// What rules look at besides.
    pub context: &'a RuleContext<'a>,
    /// Every change of every step, in version order.
    pub changes: Vec<Judged<'a>>,
    /// For each plan, in version order, what it does as a whole.
    pub plans: Vec<PlanFacts<'a>>,
    /// What takes the place of dropped objects, and where they are dropped.
    pub replacements: BTreeMap<Object, Vec<Place>>,
    /// Plans that touch one object, and that nobody ordered.
    pub conflicts: Vec<Conflict<'a>>,
    /// How many hand-written migrations the schema has that a fix was last made for, and that schema.
    pub reached: RefCell<Option<(usize, Arc<Catalog>)>>,
}

/// One change and what can be told of it.
#[derive(Debug)]
pub struct Judged<'a> {
    /// Where its step is.
    pub place: Place,
    /// Its plan.
    pub plan: &'a CheckedPlan,
    /// Its step.
    pub step: &'a CheckedStep,
    /// The change.
    pub change: &'a Change,
    /// What it does to live releases.
    pub effects: Vec<Effect>,
    /// Whether its table was created before it in the same expand phase, so that no release uses it.
    pub fresh: bool,
    /// What the catalog just before it tells.
    pub detail: Detail,
    /// What it asks of tables that somebody may use, if it runs as its author wrote it (PostgreSQL).
    pub demands: Vec<Demand>,
}

/// What a plan does as a whole.
#[derive(Debug, Default)]
pub struct PlanFacts<'a> {
    /// What its expand phase creates; the columns of new tables are among it.
    pub adds: BTreeSet<Object>,
    /// Those of the added columns that the database fills itself.
    pub generated: BTreeSet<Object>,
    /// What its expand phase deprecates.
    pub retires: BTreeSet<Object>,
    /// What its backfill fills, and with which step: columns, and tables that rows are put into.
    pub fills: BTreeMap<Object, Place>,
    /// Tables that its backfill deletes rows of.
    pub deletes: BTreeSet<ObjectName>,
    /// What its expand phase keeps in step.
    pub syncs: Vec<&'a Arc<Sync>>,
    /// Itself and the plans that its `after` names.
    pub near: Vec<usize>,
    /// Whether a step of it, or of a plan that its `after` names, was left out because it is broken. What is missing may
    /// then be what was left out.
    pub incomplete: bool,
}

impl<'a> Evidence<'a> {
    /// Gathers it. `broken` tells of a plan whether findings name it already.
    #[must_use]
    pub fn gather(context: &'a RuleContext<'a>, broken: &BTreeSet<&str>) -> Self {
        let project = context.project;
        let mut evidence = Self {
            context,
            changes: Vec::new(),
            plans: Vec::with_capacity(project.plans.len()),
            replacements: BTreeMap::new(),
            conflicts: Vec::new(),
            reached: RefCell::new(None),
        };
        for (at, plan) in project.plans.iter().enumerate() {
            let named =
                plan.after.iter().filter_map(|after| project.by_name.get(&after.value.plan));
            let near: Vec<usize> =
                std::iter::once(at).chain(named.copied().filter(|other| *other != at)).collect();
            let is_broken = |at: &usize| {
                project.plans.get(*at).is_some_and(|plan| broken.contains(plan.name.as_str()))
            };
            let incomplete = near.iter().any(is_broken);
            evidence.plans.push(PlanFacts { near, incomplete, ..PlanFacts::default() });
        }
        let mut surroundings = detail::Surroundings::default();
        let mut search = ConflictSearch::over(project, context.graph);
        walk::changes(project, |visited, before| {
            search.visit(visited, before);
            evidence.visit(visited, before, &mut surroundings);
        });
        evidence.conflicts = search.found();
        evidence
    }

    fn visit(
        &mut self,
        visited: Visited<'a>,
        before: &Catalog,
        surroundings: &mut detail::Surroundings,
    ) {
        let Visited { place, plan, step, change } = visited;
        let Some(facts) = self.plans.get_mut(place.plan) else { return };
        let effects = effects(change, before);
        let detail = surroundings.detail(visited, before, facts);
        let is_new = |object: &Object| {
            object.table().is_some_and(|table| facts.adds.contains(&Object::Table(table.clone())))
        };
        let fresh = step.phase == Phase::Expand
            && !matches!(change, Change::CreateTable { .. })
            && effects.iter().filter_map(object_of).any(is_new);
        let demands = demanded(visited, before, facts);
        facts.note(visited, &effects);
        if matches!(change, Change::DropColumn { .. } | Change::DropTable { .. }) {
            for target in step.operation.value.replaced_by() {
                self.replacements.entry(target).or_default().push(place);
            }
        }
        self.changes.push(Judged { place, plan, step, change, effects, fresh, detail, demands });
    }

    /// Returns the changes that break the promise of their phase in this way, and what they do it to; one a step.
    pub fn misplaced(&self, how: Misplaced) -> impl Iterator<Item = (&Judged<'a>, &Object)> {
        let mut last = None;
        self.changes.iter().filter_map(move |judged| {
            let (found, object) = judged.misplaced()?;
            let is_first = found == how && last != Some(judged.place);
            if found == how {
                last = Some(judged.place);
            }
            is_first.then_some((judged, object))
        })
    }

    /// Returns what the plan at this place does.
    #[must_use]
    pub fn facts(&self, plan: usize) -> Option<&PlanFacts<'a>> {
        self.plans.get(plan)
    }

    /// Returns the facts of the plan at this place and of the plans its `after` names.
    pub fn near(&self, plan: usize) -> impl Iterator<Item = &PlanFacts<'a>> {
        let near = self.plans.get(plan).map(|facts| facts.near.as_slice()).unwrap_or_default();
        near.iter().filter_map(|at| self.plans.get(*at))
    }

    /// Returns whether what a plan lacks may have been left out because it is broken.
    #[must_use]
    pub fn is_incomplete(&self, plan: usize) -> bool {
        self.plans.get(plan).is_some_and(|facts| facts.incomplete)
    }

    /// Returns whether a backfill of the plan, or of one that its `after` names, fills the object.
    #[must_use]
    pub fn is_filled(&self, plan: usize, object: &Object) -> bool {
        self.near(plan)
            .any(|facts| facts.fills.contains_key(object) || facts.generated.contains(object))
    }

    /// Returns whether a sync that the plan, or one that its `after` names, creates fills the column.
    #[must_use]
    pub fn is_synced(&self, plan: usize, table: &ObjectName, column: &Name) -> bool {
        self.near(plan).flat_map(|facts| &facts.syncs).any(|sync| match sync.as_ref() {
            Sync::Columns { table: synced, .. } => {
                synced == table && sync.filled().contains(&column)
            }
            Sync::Tables(tables) => {
                tables.to == *table && tables.columns.iter().any(|(target, _)| target == column)
            }
        })
    }
}

impl Judged<'_> {
    /// Returns the most that it does to the rows of a table that somebody may use, if it runs as written.
    #[must_use]
    pub fn work(&self) -> Work {
        self.demands.iter().map(|of| of.work).max().unwrap_or(Work::None)
    }
}

/// Returns what SQL that runs as written asks of tables that its plan did not make.
fn demanded(visited: Visited<'_>, before: &Catalog, facts: &PlanFacts<'_>) -> Vec<Demand> {
    let Some(written) = &visited.step.written else { return Vec::new() };
    // What stands outside of a transaction does so because it is said to be concurrent.
    let mut demands = demands(visited.change, !written.sql.transactional, before);
    demands.retain(|of| !facts.adds.contains(&Object::Table(of.table.clone())));
    demands
}

impl<'a> PlanFacts<'a> {
    fn note(&mut self, visited: Visited<'a>, effects: &[Effect]) {
        match visited.step.phase {
            Phase::Expand => self.note_expand(visited.change, effects),
            Phase::Backfill => self.note_backfill(visited.change, visited.place),
            Phase::Contract => {}
        }
    }

    fn note_expand(&mut self, change: &'a Change, effects: &[Effect]) {
        // A default or another enum value adds to what is there; the object itself is not new.
        let extends = matches!(change, Change::SetDefault { .. } | Change::AddEnumValue { .. });
        for effect in effects {
            match effect {
                Effect::Adds(object) if !extends => {
                    self.adds.insert(object.clone());
                }
                Effect::Retires(object) => {
                    self.retires.insert(object.clone());
                }
                Effect::Restricts(object @ Object::Index(..)) => {
                    self.adds.insert(object.clone());
                }
                Effect::Adds(_)
                | Effect::MovesData(_)
                | Effect::Destroys(_)
                | Effect::Restricts(_)
                | Effect::RemovesGuarantee(_)
                | Effect::Invisible(_)
                | Effect::Opaque => {}
            }
        }
        if let Change::CreateSync(sync) = change {
            self.syncs.push(sync);
        } else if let Change::AddColumn { table, column } = change {
            self.note_generated(table, column);
        } else if let Change::CreateTable { name, table } = change {
            for column in &table.columns {
                self.note_generated(name, column);
            }
        } else if let Change::Opaque(opaque) = change {
            // What it touches, it may create; nobody but its author can know.
            self.adds.extend(opaque.touches.iter().map(touched));
        }
    }

    fn note_generated(&mut self, table: &ObjectName, column: &crate::catalog::Column) {
        if matches!(column.generated, Some(Generated::Stored(_) | Generated::Virtual(_))) {
            self.generated.insert(Object::Column(table.clone(), column.name.clone()));
        }
    }

    fn note_backfill(&mut self, change: &Change, place: Place) {
        let mut fill = |object: Object| {
            self.fills.entry(object).or_insert(place);
        };
        if let Change::Opaque(opaque) = change {
            opaque.touches.iter().map(touched).for_each(&mut fill);
        } else if let Change::Other(other) = change {
            // A write that is more than planner can hold.
            let written = other.on.as_ref().filter(|_| other.kind == ObjectKind::Query);
            let of = |touched: &&Touched| Some(&touched.object) == written;
            other.touches.iter().filter(of).map(touched).for_each(&mut fill);
        }
        let Change::Write(data) = change else { return };
        let target = data.target();
        match &data.write {
            Write::Update { set } => {
                for (column, _) in set {
                    fill(column_of(target, column));
                }
            }
            Write::Delete => {
                self.deletes.insert(target.clone());
            }
            Write::InsertSelect { columns, .. } | Write::InsertValues { columns, .. } => {
                fill(Object::Table(target.clone()));
                for column in columns {
                    fill(column_of(target, column));
                }
            }
            Write::Copy { columns, .. } => {
                fill(Object::Table(target.clone()));
                for (column, _) in columns {
                    fill(column_of(target, column));
                }
            }
        }
    }
}

fn column_of(table: &ObjectName, column: &Name) -> Object {
    Object::Column(table.clone(), column.clone())
}

fn touched(touched: &Touched) -> Object {
    match &touched.column {
        Some(column) => Object::Column(touched.object.clone(), column.clone()),
        None => Object::Table(touched.object.clone()),
    }
}

fn object_of(effect: &Effect) -> Option<&Object> {
    match effect {
        Effect::Adds(object)
        | Effect::Retires(object)
        | Effect::Destroys(object)
        | Effect::Restricts(object)
        | Effect::RemovesGuarantee(object)
        | Effect::Invisible(object) => Some(object),
        Effect::MovesData(_) | Effect::Opaque => None,
    }
}

/// How a change breaks the promise of its phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misplaced {
    /// It destroys in expand.
    DestructiveInExpand,
    /// It destroys in backfill.
    DestructiveInBackfill,
    /// It restricts writes in expand.
    RestrictionInExpand,
    /// It takes a guarantee away in expand.
    GuaranteeRemovedInExpand,
}

impl Judged<'_> {
    /// Returns how it breaks the promise of its phase, and what it does that to.
    #[must_use]
    pub fn misplaced(&self) -> Option<(Misplaced, &Object)> {
        // A required column has a rule of its own.
        let is_column = matches!(self.change, Change::AddColumn { .. });
        let proven = match &self.detail {
            Detail::Restriction(restriction) => restriction.proven,
            Detail::None
            | Detail::DroppedColumn { .. }
            | Detail::DroppedTable { .. }
            | Detail::Default { .. }
            | Detail::Sync { .. }
            | Detail::Data { .. } => false,
        };
        let phase = self.step.phase;
        self.effects.iter().find_map(|effect| match (effect, phase) {
            (Effect::Destroys(object), Phase::Expand) if !self.fresh => {
                Some((Misplaced::DestructiveInExpand, object))
            }
            (Effect::Destroys(object), Phase::Backfill) => {
                Some((Misplaced::DestructiveInBackfill, object))
            }
            (Effect::Restricts(object), Phase::Expand) if !self.fresh && !proven && !is_column => {
                Some((Misplaced::RestrictionInExpand, object))
            }
            (Effect::RemovesGuarantee(object), Phase::Expand) if !self.fresh => {
                Some((Misplaced::GuaranteeRemovedInExpand, object))
            }
            (
                Effect::Destroys(_)
                | Effect::Restricts(_)
                | Effect::RemovesGuarantee(_)
                | Effect::Adds(_)
                | Effect::Retires(_)
                | Effect::MovesData(_)
                | Effect::Invisible(_)
                | Effect::Opaque,
                Phase::Expand | Phase::Backfill | Phase::Contract,
            ) => None,
        })
    }

    /// Returns what the change destroys.
    #[must_use]
    pub fn destroyed(&self) -> Option<&Object> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::Destroys(object) => Some(object),
            Effect::Adds(_)
            | Effect::Retires(_)
            | Effect::MovesData(_)
            | Effect::Restricts(_)
            | Effect::RemovesGuarantee(_)
            | Effect::Invisible(_)
            | Effect::Opaque => None,
        })
    }
}
