//! Where ledger, Diesel's versions and the files disagree.

use std::collections::BTreeMap;

use super::Situation;
use super::progress::{Row, walk};
use crate::diagnostic::{Diagnostic, code};
use crate::ledger::{MigrationState, StepEvent};
use crate::name::{Name, PlanName, StepKey};
use crate::version::MigrationVersion;

/// Returns what disagrees, each with the command that settles it: a step edited after it ran, a version in the database that no
/// file knows, a version that the ledger calls done and Diesel does not, a step that ran and is no longer in any plan.
///
/// A migration is recognised by its version, which holds four digits of the checksum, and then by plan and
/// step; so a plan or step that was only renamed has not changed. What was undone may change, and what failed cleanly never ran.
#[must_use]
pub fn drift(situation: &Situation<'_>) -> Vec<Diagnostic> {
    let mut drifts = Drifts::default();
    walk(situation, |row| drifts.take(situation, row));
    drifts.finish(situation)
}

/// Collects what disagrees.
#[derive(Debug, Default)]
pub(super) struct Drifts<'a> {
    /// Events of migrations that are not compiled any more as they ran, by plan and step.
    changed: BTreeMap<(&'a PlanName, &'a Name), &'a StepEvent>,
    /// Versions that Diesel's table does not have, by step.
    unrecorded: BTreeMap<&'a StepKey, Vec<&'a MigrationVersion>>,
    /// Versions that only Diesel's table has.
    unknown: Vec<&'a MigrationVersion>,
}

impl<'a> Drifts<'a> {
    pub(super) fn take(&mut self, situation: &Situation<'a>, row: &Row<'a>) {
        let is_done = match row.ledger {
            Some(MigrationState::Done(..)) => true,
            Some(MigrationState::InDoubt(..) | MigrationState::Voided(..)) => false,
            Some(MigrationState::Reverted(..) | MigrationState::Failed(..)) | None => {
                let known = row.compiled.is_some()
                    || situation.project.foundation.covered.contains(row.version)
                    || situation.facts.hand_written.contains_key(row.version);
                if row.applied && !known {
                    self.unknown.push(row.version);
                }
                return;
            }
        };
        let Some(event) = row.ledger.map(|state| state.last().0) else { return };
        let step = row.compiled.and_then(|(step, _)| situation.compiled.steps.get(step));
        match step.filter(|step| step.checksum == event.checksum) {
            Some(step) if is_done && !row.applied => {
                self.unrecorded.entry(&step.key).or_default().push(row.version);
            }
            Some(_) => {}
            None => {
                self.changed.entry((&event.plan, &event.step)).or_insert(event);
            }
        }
    }

    pub(super) fn finish(self, situation: &Situation<'_>) -> Vec<Diagnostic> {
        let changed = self.changed.values().map(|event| changed(situation, event));
        let unrecorded = self.unrecorded.iter();
        let unrecorded = unrecorded.map(|(step, versions)| not_recorded(situation, step, versions));
        changed.chain(unrecorded).chain(self.unknown.into_iter().map(unknown)).collect()
    }
}

/// Tells why a migration that ran, or may have, is not compiled any more as it was.
fn changed(situation: &Situation<'_>, event: &StepEvent) -> Diagnostic {
    let key = StepKey { plan: event.plan.clone(), id: event.step.clone() };
    let at = situation.compiled.by_key.get(&key);
    let now = at.and_then(|at| situation.compiled.steps.get(*at));
    let Some(now) = now else { return removed(situation, &key, event) };
    let phase = event.phase;
    let (message, help) = if now.checksum == event.checksum && now.phase == phase {
        (
            format!("the place of `{key}` in its phase changed after it ran"),
            format!(
                "put the steps of `{}/{phase}` that have not run after those that have, then `planner compile`",
                key.plan
            ),
        )
    } else {
        (
            format!("`{key}` was edited after it ran"),
            format!(
                "put it back as it ran, or go back with `planner revert {key}`; what is to change further belongs into a new plan"
            ),
        )
    };
    place(situation, &now.key, Diagnostic::new(code::EDITED_AFTER_RUN, message).help(help))
}

fn removed(situation: &Situation<'_>, key: &StepKey, event: &StepEvent) -> Diagnostic {
    let what = if situation.project.by_name.contains_key(&key.plan) {
        format!("`{key}` ran, and its plan no longer has it")
    } else {
        format!("`{key}` ran, and there is no plan `{}` any more", key.plan)
    };
    let help = format!(
        "bring it back from version control, or go back with `planner revert {key}` from a checkout that has it (version {})",
        event.version
    );
    place(situation, key, Diagnostic::new(code::REMOVED_AFTER_RUN, what).help(help))
}

fn not_recorded(
    situation: &Situation<'_>,
    key: &StepKey,
    versions: &[&MigrationVersion],
) -> Diagnostic {
    let list: Vec<&str> = versions.iter().map(|version| version.as_str()).collect();
    let message = format!(
        "planner ran `{key}`, and Diesel's table does not have version {}",
        list.join(", ")
    );
    let help = "if somebody undid it with `diesel migration revert`, do it again with `diesel migration run`; if only the row is gone, put it back into `__diesel_schema_migrations`";
    place(situation, key, Diagnostic::new(code::VERSION_NOT_RECORDED, message).help(help))
}

/// Tells of a version in Diesel's table that neither a plan nor a hand-written migration nor the ledger knows.
fn unknown(version: &MigrationVersion) -> Diagnostic {
    let message = format!("the database has version {version}, which no file has");
    let help = if version.is_compiled() {
        "check out the branch that has its plan and `planner revert` there, or bring the plan here"
    } else {
        "bring the migration's directory back from the branch that ran it, or undo it there with `diesel migration revert`"
    };
    Diagnostic::new(code::UNKNOWN_MIGRATION, message).help(help)
}

/// Names plan, step and place, as far as they are still there.
fn place(situation: &Situation<'_>, key: &StepKey, found: Diagnostic) -> Diagnostic {
    let found = found.plan(&key.plan).step(&key.id);
    let plan = situation.project.plan(&key.plan);
    let step = plan.and_then(|plan| plan.steps.iter().find(|step| step.key == *key));
    match (step, plan) {
        (Some(step), _) => found.at(step.operation.span),
        (None, Some(plan)) => found.at(plan.span),
        (None, None) => found,
    }
}
