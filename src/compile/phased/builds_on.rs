//! The plans that a drafted one must name under `after`: those that made or changed what it is about.

use std::collections::{BTreeMap, BTreeSet};

use crate::change::effect::Object;
use crate::change::footprint::{Access, footprint};
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
