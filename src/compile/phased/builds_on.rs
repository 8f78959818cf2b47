//! The plans that a drafted one must name under `after`: those that made or changed what it is about.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Catalog, ForeignKey};
use crate::change::effect::Object;
use crate::change::footprint::{Access, footprint};
use crate::expressions;
use crate::name::{ObjectName, PlanName};
use crate::plan::checked::CheckedProject;

/// Returns the plans that define, change or write any of these tables, views and types, without those that others of them build on anyway.
#[must_use]
pub fn builds_on(project: &CheckedProject, about: &BTreeSet<ObjectName>) -> Vec<PlanName> {
    let mut found = BTreeSet::new();
    project.walk(|plan, step, before| {
        let mut catalog = before.clone();
        for change in step.changes.iter() {
            let touches = footprint(change, &catalog).into_iter().any(|(object, access)| {
                let matters = match access {
                    Access::Defines | Access::Alters | Access::WritesData => true,
                    Access::Uses | Access::ReadsData => false,
                };
                matters && of(&object).is_some_and(|name| about.contains(name))
            });
            if touches {
                found.insert(plan.name.clone());
            }
            // `check` applied the same changes in the same order.
            let _ = crate::change::apply::apply(change, &mut catalog);
        }
    });
    let mut below: BTreeMap<&PlanName, BTreeSet<&PlanName>> = BTreeMap::new();
    for plan in &project.plans {
        let mut all = BTreeSet::new();
        for after in &plan.after {
            all.insert(&after.value.plan);
            all.extend(below.get(&after.value.plan).into_iter().flatten().copied());
        }
        below.insert(&plan.name, all);
    }
    let is_below = |name: &PlanName| {
        found.iter().any(|other| below.get(other).is_some_and(|all| all.contains(name)))
    };
    found.iter().filter(|name| !is_below(name)).cloned().collect()
}

/// Returns what is there and these tables and views use anew: types of columns, tables that keys refer to, tables that views read.
#[must_use]
pub fn uses(have: &Catalog, want: &Catalog, about: &BTreeSet<ObjectName>) -> BTreeSet<ObjectName> {
    let mut used = BTreeSet::new();
    for name in about {
        let before = have.table(name);
        for column in want.table(name).into_iter().flat_map(|table| &table.columns) {
            let was = before.and_then(|table| table.column(&column.name));
            if was.is_none_or(|was| was.sql_type != column.sql_type) {
                let element = column.sql_type.0.trim_end_matches("[]");
                used.insert(ObjectName::parse(element));
            }
        }
        let keys = want.table(name).into_iter().flat_map(|table| &table.foreign_keys);
        let is_new = |key: &&ForeignKey| before.is_none_or(|of| !of.foreign_keys.contains(key));
        used.extend(keys.filter(is_new).map(|key| key.references.clone()));
        if let Some(view) = want.views.get(name)
            && let Ok((read, _)) = expressions::query(want.dialect, view.query.as_str())
        {
            used.extend(read.tables.iter().map(|table| ObjectName::parse(&table.name)));
        }
    }
    let is_there = |name: &ObjectName| {
        have.tables.contains_key(name)
            || have.enums.contains_key(name)
            || have.views.contains_key(name)
    };
    used.retain(is_there);
    used
}

/// Returns the table, view or type that an object is or belongs to.
const fn of(object: &Object) -> Option<&ObjectName> {
    match object {
        Object::Table(name)
        | Object::View(name)
        | Object::Enum(name)
        | Object::Sequence(name)
        | Object::EnumValue(name, _)
        | Object::Index(name, _)
        | Object::Constraint(name, _)
        | Object::Trigger(name, _)
        | Object::Column(name, _)
        | Object::Other(_, name) => Some(name),
        Object::Sync(_) => None,
    }
}
