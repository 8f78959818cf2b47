//! Which phases decide over which objects, and which therefore have to do with each other.
//!
//! What breaks a release breaks it at one object. Phases that change the same object are looked at together, unless the last of
//! them waits for all others: where it is looked at, they are too, and it decides alone.

use std::collections::{BTreeMap, BTreeSet};

use super::course::Course;
use super::model::PhaseModel;
use crate::catalog::{Catalog, Table};
use crate::change::apply::apply;
use crate::change::footprint::{Access, footprint};
use crate::change::{Change, Constraint};
use crate::name::ObjectName;

/// Which phases decide over which objects.
#[derive(Clone, Debug, Default)]
pub struct Owners {
    /// By object, as it is written in breaks.
    by_object: BTreeMap<String, Owned>,
    /// By phase the tables and views that it has to do with.
    tables: Vec<BTreeSet<ObjectName>>,
}

/// Who decides over an object.
#[derive(Clone, Debug, Default)]
pub struct Owned {
    /// The phases that decide over it: where these are looked at, everything is that changes it.
    pub by: BTreeSet<usize>,
    /// All phases that change it.
    pub changed_by: BTreeSet<usize>,
}

/// Who touches an object, and how.
#[derive(Clone, Debug, Default)]
struct Touch {
    changes: BTreeSet<usize>,
    reads: BTreeSet<usize>,
}

impl Owners {
    /// Finds the owners, and returns with them the pairs of phases that must be looked at together.
    #[must_use]
    pub fn of(
        courses: &[Course<'_>],
        phases: &[PhaseModel],
        start: &Catalog,
    ) -> (Self, Vec<(usize, usize)>) {
        let mut touches: BTreeMap<String, Touch> = BTreeMap::new();
        let mut tables = Vec::new();
        let mut catalog = start.clone();
        for (at, course) in courses.iter().enumerate() {
            let mut own = BTreeSet::new();
            for (_, change) in course.still_to_do(0) {
                touch(at, change, &catalog, &mut touches, &mut own);
                // What does not fit is told where the schema is asked for.
                let _ = apply(change, &mut catalog);
            }
            tables.push(own);
        }
        let before = closures(phases);
        let is_before = |first: usize, then: usize| {
            first == then || before.get(then).is_some_and(|before| before.contains(&first))
        };
        let mut links = same_plan(courses);
        let mut by_object = BTreeMap::new();
        for (object, touch) in touches {
            let last = touch.changes.last().copied();
            let decides = last.filter(|last| touch.changes.iter().all(|of| is_before(*of, *last)));
            let owners = match decides {
                Some(last) => BTreeSet::from([last]),
                None => touch.changes.clone(),
            };
            if let Some(first) = owners.first() {
                links.extend(owners.iter().map(|of| (*first, *of)).filter(|(a, b)| a != b));
            }
            // What a phase reads is as it is when it runs only if all who change it come before.
            for reader in &touch.reads {
                let later = touch.changes.iter().filter(|of| !is_before(**of, *reader));
                links.extend(later.map(|of| (*reader, *of)));
            }
            if !owners.is_empty() {
                by_object.insert(object, Owned { by: owners, changed_by: touch.changes });
            }
        }
        (Self { by_object, tables }, links)
    }

    /// Returns who decides over an object of a break; over its table if no phase does over itself.
    #[must_use]
    pub fn of_object(&self, object: &str) -> Option<&Owned> {
        if let Some(owners) = self.by_object.get(object) {
            return Some(owners);
        }
        if let Some((table, _)) = object.split_once('(') {
            let key = self.by_object.get(&keys_of(table));
            return key.or_else(|| self.by_object.get(table));
        }
        let (table, _) = object.rsplit_once('.')?;
        self.by_object.get(table)
    }

    /// Returns the tables and views that some phases have to do with.
    #[must_use]
    pub fn tables(&self, phases: &BTreeSet<usize>) -> BTreeSet<ObjectName> {
        let tables = phases.iter().filter_map(|phase| self.tables.get(*phase));
        tables.flatten().cloned().collect()
    }
}

/// All that makes rows of a table unique, as one object: an upsert works as long as something does.
fn keys_of(table: &str) -> String {
    format!("{table}()")
}

fn same_plan(courses: &[Course<'_>]) -> Vec<(usize, usize)> {
    let pairs = courses.windows(2).enumerate();
    let same = pairs.filter_map(|(at, pair)| match pair {
        [one, other] if one.key.plan == other.key.plan => Some((at, at + 1)),
        _ => None,
    });
    same.collect()
}

/// Returns by phase all phases before it. A phase waits for older ones only, so they come first.
fn closures(phases: &[PhaseModel]) -> Vec<BTreeSet<usize>> {
    let mut closures: Vec<BTreeSet<usize>> = Vec::with_capacity(phases.len());
    for phase in phases {
        let mut all = phase.before.clone();
        for before in &phase.before {
            all.extend(closures.get(*before).into_iter().flatten());
        }
        closures.push(all);
    }
    closures
}

fn touch(
    at: usize,
    change: &Change,
    before: &Catalog,
    touches: &mut BTreeMap<String, Touch>,
    tables: &mut BTreeSet<ObjectName>,
) {
    for (object, access) in footprint(change, before) {
        tables.extend(object.table().cloned());
        if let crate::change::effect::Object::View(name) = &object {
            tables.insert(name.clone());
        }
        let of = touches.entry(object.to_string()).or_default();
        match access {
            Access::Uses => {}
            Access::ReadsData => {
                of.reads.insert(at);
            }
            Access::WritesData | Access::Alters | Access::Defines => {
                of.changes.insert(at);
            }
        }
    }
    if let Some(table) = changes_keys(change, before) {
        touches.entry(keys_of(&table.to_string())).or_default().changes.insert(at);
    }
}

/// Returns the table of which the change may add or remove what makes its rows unique.
fn changes_keys<'a>(change: &'a Change, before: &Catalog) -> Option<&'a ObjectName> {
    match change {
        Change::CreateTable { name, .. } | Change::DropTable { name } => Some(name),
        Change::CreateIndex { table, index, .. } => index.unique.then_some(table),
        Change::DropIndex { table, name } => {
            let index = before.table(table).and_then(|table| table.indexes.get(name));
            index.is_none_or(|index| index.unique).then_some(table)
        }
        Change::AddConstraint { table, constraint } => matches!(
            constraint,
            Constraint::Unique(_) | Constraint::Primary(_) | Constraint::UsingIndex { .. }
        )
        .then_some(table),
        Change::DropConstraint { table, .. }
        | Change::RenameTable { from: table, .. }
        | Change::RenameColumn { table, .. }
        | Change::RenameConstraint { table, .. }
        | Change::RenameIndex { table, .. } => Some(table),
        Change::DropColumn { table, column, .. } => {
            let lists = before.table(table).map(Table::unique_column_lists);
            lists.into_iter().flatten().any(|list| list.contains(&column)).then_some(table)
        }
        Change::AddColumn { .. }
        | Change::SetDefault { .. }
        | Change::SetNullable { .. }
        | Change::CreateEnum { .. }
        | Change::AddEnumValue { .. }
        | Change::DropEnum { .. }
        | Change::CreateView { .. }
        | Change::ReplaceView { .. }
        | Change::DropView { .. }
        | Change::CreateSync(_)
        | Change::DropSync(_)
        | Change::Deprecate { .. }
        | Change::Write(_)
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
        | Change::Truncate { .. }
        | Change::Other(_)
        | Change::Opaque(_) => None,
    }
}
