//! What a phase takes away from the releases that are live: the objects its gate protects.

use std::collections::BTreeSet;

use crate::change::effect::{Effect, Object, effects};
use crate::phase::PhaseKey;
use crate::plan::checked::CheckedProject;

/// Returns the objects that a phase destroys, restricts or weakens, each once, without planner's own syncs.
///
/// Until it is known what each release needs from the schema, any of them may be what a live release needs.
#[must_use]
pub fn taken_away(project: &CheckedProject, phase: &PhaseKey) -> BTreeSet<Object> {
    let steps = project.plan(&phase.plan).into_iter().flat_map(|plan| plan.steps_of(phase.phase));
    let changes = steps.flat_map(|step| step.changes.iter());
    let all = changes.flat_map(|change| effects(change, &project.end));
    let all = all.filter(|effect| !matches!(effect, Effect::Destroys(Object::Sync(_))));
    let taken = all.filter_map(|effect| match effect {
        Effect::Destroys(object) | Effect::Restricts(object) | Effect::RemovesGuarantee(object) => {
            Some(object)
        }
        Effect::Adds(_)
        | Effect::Retires(_)
        | Effect::MovesData(_)
        | Effect::Invisible(_)
        | Effect::Opaque => None,
    });
    taken.collect()
}
