//! What releases write while a backfill runs, or after it, and it misses.

use std::collections::BTreeSet;

use super::cast::Players;
use super::written::Written;
use crate::catalog::{Catalog, Sync};
use crate::change::effect::Object;
use crate::change::{Change, DataChange, Write};
use crate::name::{Name, ObjectName, PlanName};
use crate::phase::{Phase, PhaseKey};
use crate::plan::checked::CheckedProject;
use crate::release::{Release, Requirements};

/// Data that a plan moves from one place to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The plan whose backfill moves it.
    pub plan: PlanName,
    /// The table that it comes from.
    table: ObjectName,
    /// Where it comes from.
    from: Object,
    /// Where it goes.
    to: Object,
}

/// Returns the data that plans move: a backfill fills what later takes the place of something that is dropped.
#[must_use]
pub fn removals(project: &CheckedProject) -> Vec<Removal> {
    let steps = || project.plans.iter().flat_map(|plan| &plan.steps);
    let mut replaced: BTreeSet<(Object, Object)> = BTreeSet::new();
    for step in steps() {
        for change in step.changes.iter() {
            let from = match change {
                Change::DropColumn { table, column, .. } => {
                    Object::Column(table.clone(), column.clone())
                }
                Change::DropTable { name } => Object::Table(name.clone()),
                _ => continue,
            };
            let targets = step.operation.value.replaced_by();
            replaced.extend(targets.into_iter().map(|to| (from.clone(), to)));
        }
    }
    let mut found = Vec::new();
    for step in steps().filter(|step| step.phase == Phase::Backfill) {
        for change in step.changes.iter() {
            let Change::Write(data) = change else { continue };
            for to in filled(data) {
                let sources = replaced.iter().filter(|(_, target)| *target == to);
                for (from, _) in sources {
                    let Some(table) = from.table().cloned() else { continue };
                    let plan = step.key.plan.clone();
                    found.push(Removal { plan, table, from: from.clone(), to: to.clone() });
                }
            }
        }
    }
    found
}

/// What a backfill fills: columns, or for a copy the table.
fn filled(data: &DataChange) -> Vec<Object> {
    let target = data.target();
    match &data.write {
        Write::Update { set } => {
            set.iter().map(|(column, _)| Object::Column(target.clone(), column.clone())).collect()
        }
        Write::Copy { .. } | Write::InsertSelect { .. } => vec![Object::Table(target.clone())],
        Write::InsertValues { .. } | Write::Delete => Vec::new(),
    }
}

impl Removal {
    /// Returns where a release writes what the backfill misses: `users.name`, if it does and nothing carries it over. The
    /// backfill has begun, and the old place is still there.
    #[must_use]
    pub fn missed(
        &self,
        catalog: &Catalog,
        written: &Written,
        players: &[Players<'_>],
        app: usize,
        release: usize,
    ) -> Option<Missed> {
        if !is_there(catalog, &self.from) || is_synced(catalog, &self.table, &self.to) {
            return None;
        }
        let of: &Release = players.get(app)?.releases.get(release)?;
        let missed = |line| Missed { from: self.from.to_string(), to: self.to.to_string(), line };
        let Some(needs) = of.needs.as_deref() else {
            let key = |phase| PhaseKey { plan: self.plan.clone(), phase };
            let passes = |phase| written.lets_in(&key(phase), app, release, true) == Some(true);
            let promised = passes(Phase::Backfill) || passes(Phase::Contract);
            return (!promised).then(|| missed(None));
        };
        let line = writes(needs, &self.from)?;
        writes(needs, &self.to).is_none().then(|| missed(Some(line)))
    }
}

/// What a backfill misses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missed {
    /// The old place.
    pub from: String,
    /// The new place.
    pub to: String,
    /// Where the release says that it writes the old place, if it says what it needs.
    pub line: Option<String>,
}

fn is_there(catalog: &Catalog, object: &Object) -> bool {
    match object {
        Object::Column(table, column) => catalog.column(table, column).is_some(),
        Object::Table(table) => catalog.table(table).is_some(),
        Object::Index(..)
        | Object::Constraint(..)
        | Object::View(_)
        | Object::Enum(_)
        | Object::EnumValue(..)
        | Object::Sequence(_)
        | Object::Trigger(..)
        | Object::Other(..)
        | Object::Sync(_) => false,
    }
}

fn is_synced(catalog: &Catalog, from: &ObjectName, to: &Object) -> bool {
    catalog.syncs.values().any(|sync| match (sync.as_ref(), to) {
        (Sync::Columns { table, forward, .. }, Object::Column(of, column)) => {
            table == of && forward.iter().any(|(name, _)| name == column)
        }
        (Sync::Tables(tables), to) => tables.from == *from && Some(&tables.to) == to.table(),
        (Sync::Columns { .. }, _) => false,
    })
}

/// Returns where a release says that it writes a column, or rows of a table.
fn writes(needs: &Requirements, object: &Object) -> Option<String> {
    let table = needs.table(object.table()?).filter(|table| table.access.writes())?;
    match object {
        Object::Column(_, column) => column_written(needs, table, column),
        Object::Table(_)
        | Object::Index(..)
        | Object::Constraint(..)
        | Object::View(_)
        | Object::Enum(_)
        | Object::EnumValue(..)
        | Object::Sequence(_)
        | Object::Trigger(..)
        | Object::Other(..)
        | Object::Sync(_) => Some(needs.at(table.place)),
    }
}

fn column_written(
    needs: &Requirements,
    table: &crate::release::requirement::TableNeed,
    column: &Name,
) -> Option<String> {
    let column = table.column(column).filter(|column| column.writes)?;
    Some(needs.at(column.place))
}
