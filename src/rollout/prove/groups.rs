//! Groups of phases that have nothing to do with each other.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Group, Model};

/// Returns the groups of linked phases, and before them what no phase has to do with.
#[must_use]
pub fn groups(model: &Model) -> Vec<Group> {
    let mut linked: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (one, other) in &model.links {
        linked.entry(*one).or_default().insert(*other);
        linked.entry(*other).or_default().insert(*one);
    }
    let mut groups = vec![Group { phases: BTreeSet::new(), rest: true }];
    let mut grouped = BTreeSet::new();
    for phase in 0..model.phases.len() {
        let mut group = Group::default();
        let mut open = vec![phase];
        while let Some(phase) = open.pop() {
            if grouped.insert(phase) {
                group.phases.insert(phase);
                open.extend(linked.get(&phase).into_iter().flatten());
            }
        }
        if !group.phases.is_empty() {
            groups.push(group);
        }
    }
    groups
}
