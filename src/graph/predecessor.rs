//! Which phases a phase waits for, as the plans declare it.

use std::collections::BTreeMap;

use super::Reason;
use crate::diagnostic::{Diagnostic, Sink, code, did_you_mean};
use crate::phase::{Phase, PhaseKey};
use crate::plan::authored::After;
use crate::plan::checked::{CheckedPlan, CheckedProject};
use crate::source::Spanned;

/// Returns for every phase that has steps the phases it waits for directly. Plans that do not exist, that are not older, and
/// phases that an older plan does not have are reported.
pub(super) fn predecessors(
    project: &CheckedProject,
    sink: &mut Sink,
) -> BTreeMap<PhaseKey, Vec<(PhaseKey, Reason)>> {
    let mut found = BTreeMap::new();
    for plan in &project.plans {
        let phases: Vec<Phase> = plan.phases().collect();
        let mut waits: BTreeMap<Phase, Vec<(PhaseKey, Reason)>> =
            phases.iter().map(|phase| (*phase, Vec::new())).collect();
        for pair in phases.windows(2) {
            if let [before, then] = *pair {
                let first = PhaseKey { plan: plan.name.clone(), phase: before };
                waits.entry(then).or_default().push((first, Reason::PhaseOrder));
            }
        }
        for after in &plan.after {
            if let Some(target) = target(project, plan, after, sink) {
                declared(target, after, &phases, &mut waits);
            }
        }
        for (phase, waits) in waits {
            found.insert(PhaseKey { plan: plan.name.clone(), phase }, waits);
        }
    }
    found
}

/// Adds what one entry of a plan's `after` says.
fn declared(
    target: &CheckedPlan,
    after: &Spanned<After>,
    phases: &[Phase],
    waits: &mut BTreeMap<Phase, Vec<(PhaseKey, Reason)>>,
) {
    let key = |phase| PhaseKey { plan: target.name.clone(), phase };
    if let Some(waited) = after.value.phase {
        // The plan's other phases wait for its first one.
        if let Some(first) = phases.first() {
            let reason = Reason::PhaseAfter(after.span, waited);
            waits.entry(*first).or_default().push((key(waited), reason));
        }
        return;
    }
    for phase in phases {
        // Without the same phase there, the last one before it stands for it.
        if let Some(same) = target.phases().take_while(|there| there <= phase).last() {
            let reason = Reason::PlanAfter(after.span);
            waits.entry(*phase).or_default().push((key(same), reason));
        }
    }
}

/// Returns the plan that an entry of `after` names, if it can be waited for.
fn target<'a>(
    project: &'a CheckedProject,
    plan: &CheckedPlan,
    after: &Spanned<After>,
    sink: &mut Sink,
) -> Option<&'a CheckedPlan> {
    let name = &after.value.plan;
    let report =
        |code, message: String| Diagnostic::new(code, message).at(after.span).plan(&plan.name);
    if *name == plan.name {
        let message = format!("plan `{name}` waits for itself");
        sink.report(
            report(code::DEPENDENCY_CYCLE, message)
                .help("remove it: the phases and steps of one plan run in order anyway"),
        );
        return None;
    }
    let Some(target) = project.plan(name) else {
        let near =
            did_you_mean(name.as_str(), project.by_name.keys().map(crate::name::Name::as_str));
        let help = near.unwrap_or_else(|| {
            "name an older plan: the part of its file's name after the first `_`".into()
        });
        sink.report(report(code::UNKNOWN_PLAN, format!("there is no plan `{name}`")).help(help));
        return None;
    };
    if target.stamp > plan.stamp {
        let message = format!("plan `{}` waits for `{name}`, which is newer", plan.name);
        sink.report(
            report(code::AFTER_NEWER_PLAN, message)
                .label(target.span, format!("its version is {}", target.stamp))
                .help(format!(
                    "rename the file of `{}` so that its version comes after {}",
                    plan.name, target.stamp
                )),
        );
    }
    let absent = |phase: &Phase| target.steps_of(*phase).next().is_none();
    let Some(missing) = after.value.phase.filter(absent) else { return Some(target) };
    // A phase of which every step was broken has been reported already.
    if !sink.found().iter().any(|found| found.plan.as_ref() == Some(name)) {
        let has: Vec<String> = target.phases().map(|phase| format!("`{name}/{phase}`")).collect();
        let message = format!("plan `{name}` has no {missing} phase to wait for");
        let help = format!("wait for {}, or for `{name}` as a whole", has.join(" or "));
        sink.report(report(code::UNKNOWN_PLAN, message).help(help));
    }
    None
}
