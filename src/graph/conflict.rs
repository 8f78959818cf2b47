//! Two unordered steps that do not commute.

use std::collections::BTreeMap;

use super::walk::{Place, Visited, changes};
use super::{Reach, StepGraph};
use crate::catalog::Catalog;
use crate::change::effect::Object;
use crate::change::footprint::{Access, footprint};
use crate::name::ObjectName;
use crate::phase::Phase;
use crate::plan::authored::After;
use crate::plan::checked::{CheckedPlan, CheckedProject, CheckedStep};

/// Two plans whose steps touch one object and do not commute, and that nobody ordered.
#[derive(Clone, Debug)]
pub struct Conflict<'a> {
    /// The older plan.
    pub older: &'a CheckedPlan,
    /// Its step.
    pub older_step: &'a CheckedStep,
    /// How that step uses the object.
    pub older_access: Access,
    /// The newer plan.
    pub newer: &'a CheckedPlan,
    /// Its step.
    pub newer_step: &'a CheckedStep,
    /// How that step uses the object.
    pub newer_access: Access,
    /// What both touch.
    pub object: Object,
    /// What the newer plan's `after` would have to name for all their conflicts to be settled.
    pub settled_by: After,
}

/// Finds the pairs of plans that conflict, one conflict a pair, in version order of the newer ones.
#[must_use]
pub fn conflicts<'a>(project: &'a CheckedProject, graph: &StepGraph) -> Vec<Conflict<'a>> {
    let mut search = ConflictSearch::over(project, graph);
    changes(project, |visited, before| search.visit(visited, before));
    search.found()
}

/// One access of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Touch {
    place: Place,
    access: Access,
}

/// The accesses of one object that later ones must be compared with.
#[derive(Debug, Default)]
struct Frontier {
    /// The last that defines, alters or writes: each of these conflicts with all others of them.
    changed: Option<Touch>,
    /// The last that defines or writes.
    written: Option<Touch>,
    /// The last that defines.
    defined: Option<Touch>,
    /// Those that read since `written`.
    readers: Vec<Touch>,
    /// Those that use it since `defined`.
    users: Vec<Touch>,
}

/// A search for conflicts that looks over the shoulder of somebody who visits all changes in version order.
///
/// Order counts only as far as plans declare it: that a plan's version is smaller settles nothing. Among the accesses of one
/// object only those are compared that no third one stands between, since order is transitive.
#[derive(Debug)]
pub struct ConflictSearch<'a> {
    project: &'a CheckedProject,
    reach: Reach,
    /// By table, so that the parts of one are near each other; the rest is in no table.
    frontiers: BTreeMap<Option<ObjectName>, BTreeMap<Object, Frontier>>,
    /// By newer and older plan.
    found: BTreeMap<(usize, usize), Pair>,
}

#[derive(Debug)]
struct Pair {
    older: Touch,
    newer: Touch,
    object: Object,
    /// The latest phase of the older plan that the newer one's first steps in conflict must wait for, if waiting for the same
    /// phase is not enough.
    wait_for: Option<Phase>,
}

impl<'a> ConflictSearch<'a> {
    /// Starts a search.
    #[must_use]
    pub fn over(project: &'a CheckedProject, graph: &StepGraph) -> Self {
        Self {
            project,
            reach: Reach::of(project, graph),
            frontiers: BTreeMap::new(),
            found: BTreeMap::new(),
        }
    }

    /// Looks at one change; changes come in version order.
    pub fn visit(&mut self, visited: Visited<'_>, before: &Catalog) {
        for (object, access) in footprint(visited.change, before) {
            self.access(&object, visited.place, access);
        }
    }

    /// Returns what was found, one conflict a pair of plans, in version order of the newer ones.
    #[must_use]
    pub fn found(mut self) -> Vec<Conflict<'a>> {
        let found = std::mem::take(&mut self.found);
        found.into_values().filter_map(|pair| self.conflict(pair)).collect()
    }

    fn frontier(&mut self, object: &Object) -> &mut Frontier {
        let table = object.table().cloned();
        let of_table = self.frontiers.entry(table).or_default();
        of_table.entry(object.clone()).or_default()
    }

    fn access(&mut self, object: &Object, place: Place, access: Access) {
        let touch = Touch { place, access };
        let frontier = self.frontier(object);
        let mut earlier: Vec<Touch> = Vec::new();
        match access {
            Access::Uses => {
                earlier.extend(frontier.defined);
                frontier.users.push(touch);
            }
            Access::ReadsData => {
                earlier.extend(frontier.written);
                frontier.readers.push(touch);
            }
            Access::Alters => earlier.extend(frontier.changed.replace(touch)),
            Access::WritesData => {
                earlier.extend(frontier.changed.replace(touch));
                earlier.append(&mut frontier.readers);
                frontier.written = Some(touch);
            }
            Access::Defines => {
                earlier.extend(frontier.changed.replace(touch));
                earlier.append(&mut frontier.readers);
                earlier.append(&mut frontier.users);
                frontier.written = Some(touch);
                frontier.defined = Some(touch);
            }
        }
        for older in earlier {
            self.compare(older, touch, object);
        }
    }

    fn compare(&mut self, older: Touch, newer: Touch, object: &Object) {
        // Within a plan every two steps are ordered.
        if older.place.plan == newer.place.plan {
            return;
        }
        let (Some(first), Some(then)) = (self.phase(older.place), self.phase(newer.place)) else {
            return;
        };
        if self.reach.is_before((older.place.plan, first), (newer.place.plan, then)) {
            return;
        }
        // `after: [older]` lets each phase wait for the same one there, so it settles what stands in a phase up to its own.
        let wait_for = (first > then).then_some(first);
        let key = (newer.place.plan, older.place.plan);
        if self.found.get(&key).is_none_or(|known| known.wait_for < wait_for) {
            self.found.insert(key, Pair { older, newer, object: object.clone(), wait_for });
        }
    }

    fn phase(&self, place: Place) -> Option<Phase> {
        Some(self.project.plans.get(place.plan)?.steps.get(place.step)?.phase)
    }

    fn conflict(&self, pair: Pair) -> Option<Conflict<'a>> {
        let project: &'a CheckedProject = self.project;
        let older = project.plans.get(pair.older.place.plan)?;
        let newer = project.plans.get(pair.newer.place.plan)?;
        Some(Conflict {
            older,
            older_step: older.steps.get(pair.older.place.step)?,
            older_access: pair.older.access,
            newer,
            newer_step: newer.steps.get(pair.newer.place.step)?,
            newer_access: pair.newer.access,
            object: pair.object,
            settled_by: After { plan: older.name.clone(), phase: pair.wait_for },
        })
    }
}
