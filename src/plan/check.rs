//! Plans as written into plans whose every name is known.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::authored::{AuthoredPlan, AuthoredStep};
use super::checked::{CheckedPlan, CheckedProject, CheckedStep};
use super::gate::AuthoredGates;
use crate::catalog::{Catalog, Sync};
use crate::change::Change;
use crate::change::apply::apply;
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName, PlanName, StepKey};
use crate::operations::Lowering;
use crate::operations::lowering::{AsWritten, is_about, refused};
use crate::phase::Phase;
use crate::yaml::text::SqlText;

/// Lowers all plans, in version order, each step against the catalog as it stands before it.
///
/// `start` is the catalog before the first plan: empty, or what a baseline and hand-written migrations leave. Steps that do not fit are
/// reported and left out, so that later ones are still checked; what a left-out step would have created is then
/// not reported as unknown again.
pub fn check(
    mut plans: Vec<AuthoredPlan>,
    dialect: Dialect,
    start: Arc<Catalog>,
    sink: &mut Sink,
) -> CheckedProject {
    plans.sort_by(|a, b| (&a.stamp, &a.name).cmp(&(&b.stamp, &b.name)));
    let plans = without_duplicates(plans, sink);
    let mut state = State {
        dialect,
        catalog: Catalog::clone(&start),
        suspended: BTreeSet::new(),
        dropped: BTreeMap::new(),
        everything_lost: false,
    };
    let plans: Vec<CheckedPlan> = plans.into_iter().map(|plan| state.plan(plan, sink)).collect();
    let by_name = plans.iter().enumerate().map(|(at, plan)| (plan.name.clone(), at)).collect();
    let (end, foundation) = (Arc::new(state.catalog), Arc::default());
    CheckedProject { dialect, start, foundation, end, plans, by_name }
}

/// Reports plans with a name or a version that an older one has, and leaves them out.
fn without_duplicates(plans: Vec<AuthoredPlan>, sink: &mut Sink) -> Vec<AuthoredPlan> {
    let mut kept: Vec<AuthoredPlan> = Vec::with_capacity(plans.len());
    let mut names = BTreeMap::new();
    for plan in plans {
        let same_name = names.get(&plan.name).copied();
        // Plans come sorted by stamp, so equal ones are neighbours.
        let same_stamp = kept.last().filter(|last| last.stamp == plan.stamp).map(|last| last.span);
        if let Some(first) = same_name {
            let message = format!("two plans are named `{}`", plan.name);
            sink.report(
                Diagnostic::new(code::DUPLICATE_NAME, message)
                    .label(plan.span, "the newer one")
                    .label(first, "the older one")
                    .plan(&plan.name)
                    .help("rename the file of the newer one: the part after the first `_`"),
            );
        }
        if let Some(first) = same_stamp {
            let message = format!("two plans have the version `{}`", plan.stamp);
            sink.report(
                Diagnostic::new(code::DUPLICATE_VERSION, message)
                    .label(plan.span, "this one")
                    .label(first, "and this one")
                    .plan(&plan.name)
                    .help("give one of them another moment in its file name"),
            );
        }
        if same_name.is_none() && same_stamp.is_none() {
            names.insert(plan.name.clone(), plan.span);
            kept.push(plan);
        }
    }
    kept
}

struct State {
    dialect: Dialect,
    catalog: Catalog,
    /// Objects that broken steps would have created or changed.
    suspended: BTreeSet<ObjectName>,
    /// What was dropped, by the words that messages use for it, and by which step.
    dropped: BTreeMap<String, StepKey>,
    /// Whether a whole plan could not be read: then a table that is unknown may be one of its.
    everything_lost: bool,
}

impl State {
    fn plan(&mut self, plan: AuthoredPlan, sink: &mut Sink) -> CheckedPlan {
        let mut syncs: BTreeMap<Name, Arc<Sync>> = BTreeMap::new();
        self.everything_lost |= plan.lost.everything;
        self.suspended.extend(plan.lost.objects);
        let mut steps = Vec::with_capacity(plan.steps.len());
        let mut queries: BTreeMap<Phase, &SqlText> = gate_queries(&plan.gates).collect();
        for step in plan.steps {
            if let Some(query) = queries.remove(&step.phase) {
                self.gate_query(query, (&plan.name, &plan.text), &step, sink);
            }
            let key = StepKey { plan: plan.name.clone(), id: step.id.value.clone() };
            let first_new = sink.len();
            let (changes, written) = self.step(&step, &key, (&syncs, &plan.text), sink);
            sink.name_plan(first_new, Some(&plan.name));
            sink.name_step(first_new, &key.id);
            if sink.len() > first_new || changes.is_empty() {
                self.suspended.extend(step.operation.value.objects());
                // `drop_sync` names the step, not an object.
                self.suspended.insert(ObjectName::bare(key.id.clone()));
            }
            if changes.is_empty() {
                continue;
            }
            for change in &changes {
                if let Change::CreateSync(sync) = change {
                    syncs.insert(key.id.clone(), sync.clone());
                }
            }
            steps.push(CheckedStep {
                key,
                phase: step.phase,
                operation: step.operation,
                changes: changes.into(),
                written: written.map(Arc::new),
                after: step.after,
                waivers: step.waivers,
                span: step.span,
            });
        }
        CheckedPlan {
            name: plan.name,
            stamp: plan.stamp,
            source: plan.source,
            span: plan.span,
            title: plan.title.map(|title| title.value),
            owner: plan.owner.map(|owner| owner.value),
            after: plan.after,
            steps,
            gates: plan.gates,
        }
    }

    /// Checks a phase's query against the catalog as it stands before the phase's first step.
    fn gate_query(
        &self,
        query: &SqlText,
        (plan, file): (&PlanName, &str),
        first: &AuthoredStep,
        sink: &mut Sink,
    ) {
        let mut found = Sink::default();
        let mut lowering = Lowering {
            dialect: self.dialect,
            before: &self.catalog,
            plan,
            file,
            step: &first.id,
            phase: first.phase,
            syncs: &BTreeMap::new(),
            suspended: &self.suspended,
            written: None,
            sink: &mut found,
        };
        lowering.query(query);
        for diagnostic in found.into_found() {
            let is_table = !diagnostic.message.starts_with("column");
            if !(self.everything_lost && diagnostic.code == code::UNKNOWN_OBJECT && is_table) {
                sink.report(self.explain_dropped(diagnostic).plan(plan));
            }
        }
    }

    /// Lowers a step and applies its changes; returns those that could be applied, and the SQL that runs in their place.
    fn step(
        &mut self,
        step: &AuthoredStep,
        key: &StepKey,
        (syncs, file): (&BTreeMap<Name, Arc<Sync>>, &str),
        sink: &mut Sink,
    ) -> (Vec<Change>, Option<AsWritten>) {
        let mut found = Sink::default();
        let mut lowering = Lowering {
            dialect: self.dialect,
            before: &self.catalog,
            plan: &key.plan,
            file,
            step: &step.id,
            phase: step.phase,
            syncs,
            suspended: &self.suspended,
            written: None,
            sink: &mut found,
        };
        let lowered = step.operation.value.lower(&mut lowering).unwrap_or_default();
        let written = lowering.written.take();
        for diagnostic in found.into_found() {
            let is_table = !diagnostic.message.starts_with("column");
            if !(self.everything_lost && diagnostic.code == code::UNKNOWN_OBJECT && is_table) {
                sink.report(self.explain_dropped(diagnostic));
            }
        }
        let mut changes = Vec::with_capacity(lowered.len());
        for change in lowered {
            match apply(&change, &mut self.catalog) {
                Ok(()) => {
                    if let Some(dropped) = words_of_dropped(&change) {
                        self.dropped.insert(dropped, key.clone());
                    }
                    changes.push(change);
                }
                Err(error) => {
                    if !is_about(&error, &self.suspended) {
                        sink.report(self.explain_dropped(refused(&error, step.operation.span)));
                    }
                    break;
                }
            }
        }
        (changes, written)
    }

    /// Says who dropped what a finding misses, where that is known.
    fn explain_dropped(&self, diagnostic: Diagnostic) -> Diagnostic {
        if diagnostic.code != code::UNKNOWN_OBJECT {
            return diagnostic;
        }
        let mut words = diagnostic.message.split('`').skip(1).step_by(2);
        let Some(step) = words.find_map(|word| self.dropped.get(word)) else { return diagnostic };
        let help = format!(
            "`{step}` of an older plan drops it; use something else, or let this plan come before that one"
        );
        diagnostic.help(help)
    }
}

/// Returns the queries of a plan's gates, by phase.
fn gate_queries(gates: &AuthoredGates) -> impl Iterator<Item = (Phase, &SqlText)> {
    let of = |phase: Phase| Some((phase, gates.of(phase)?.query.as_ref()?));
    Phase::ALL.into_iter().filter_map(of)
}

/// Returns how messages name what a change drops or renames: `table`, `table.column`.
fn words_of_dropped(change: &Change) -> Option<String> {
    match change {
        Change::DropTable { name }
        | Change::DropView { name }
        | Change::DropEnum { name }
        | Change::DropSequence { name }
        | Change::RenameTable { from: name, .. }
        | Change::RenameEnum { from: name, .. }
        | Change::RenameSequence { from: name, .. } => Some(name.to_string()),
        Change::DropColumn { table, column: part, .. }
        | Change::DropConstraint { table, constraint: part }
        | Change::DropTrigger { table, name: part }
        | Change::RenameColumn { table, from: part, .. }
        | Change::RenameConstraint { table, from: part, .. } => Some(format!("{table}.{part}")),
        Change::RenameEnumValue { name, from, .. } => Some(format!("{name}.{from}")),
        Change::DropIndex { name, .. } | Change::RenameIndex { from: name, .. } => {
            Some(name.to_string())
        }
        Change::CreateTable { .. }
        | Change::AddColumn { .. }
        | Change::SetDefault { .. }
        | Change::SetNullable { .. }
        | Change::AddConstraint { .. }
        | Change::CreateIndex { .. }
        | Change::CreateEnum { .. }
        | Change::AddEnumValue { .. }
        | Change::CreateView { .. }
        | Change::ReplaceView { .. }
        | Change::CreateSync(_)
        | Change::DropSync(_)
        | Change::Deprecate { .. }
        | Change::Write(_)
        | Change::SetType { .. }
        | Change::SetGenerated { .. }
        | Change::ValidateConstraint { .. }
        | Change::SetDeferral { .. }
        | Change::SetComment { .. }
        | Change::CreateSequence { .. }
        | Change::CreateTrigger { .. }
        | Change::Truncate { .. }
        | Change::Other(_)
        | Change::Opaque(_) => None,
    }
}
