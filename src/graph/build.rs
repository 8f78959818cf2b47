//! Builds the graph from checked plans.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::IntoNodeReferences as _;

use super::Reason;
use super::order::by_index;
use super::predecessor::predecessors;
use crate::diagnostic::{Diagnostic, Sink, code, did_you_mean};
use crate::name::{Name, StepKey};
use crate::phase::{Phase, PhaseKey};
use crate::plan::checked::{CheckedPlan, CheckedProject, CheckedStep};
use crate::source::Spanned;

/// The steps of all plans and their order; acyclic. Only [`build`] makes one.
#[derive(Clone, Debug)]
pub struct StepGraph {
    /// An edge points from the step that comes first to the one that waits.
    pub graph: DiGraph<StepKey, Reason>,
    /// Where each step is.
    pub nodes: BTreeMap<StepKey, NodeIndex>,
    /// All steps in one deterministic order that keeps every edge: by version (stamp, phase, place), where edges allow it.
    pub order: Vec<StepKey>,
    /// For each phase of each plan the phases that must be complete before it may start (direct ones), with the reason.
    pub phases: BTreeMap<PhaseKey, Vec<(PhaseKey, Reason)>>,
}

impl StepGraph {
    /// Returns whether `first` comes before `then` by a chain of edges. For many questions about phases take
    /// [`super::Reach`].
    #[must_use]
    pub fn is_before(&self, first: &StepKey, then: &StepKey) -> bool {
        let (Some(first), Some(then)) = (self.nodes.get(first), self.nodes.get(then)) else {
            return false;
        };
        let mut visited = vec![false; self.graph.node_count()];
        let mut open = vec![*then];
        while let Some(at) = open.pop() {
            for before in self.graph.neighbors_directed(at, Direction::Incoming) {
                if before == *first {
                    return true;
                }
                if let Some(visited) = visited.get_mut(before.index())
                    && !std::mem::replace(visited, true)
                {
                    open.push(before);
                }
            }
        }
        false
    }

    /// Returns whether a phase comes before another by declared order.
    #[must_use]
    pub fn phase_is_before(
        &self,
        first: (&crate::name::PlanName, Phase),
        then: (&crate::name::PlanName, Phase),
    ) -> bool {
        let first = PhaseKey { plan: first.0.clone(), phase: first.1 };
        let then = PhaseKey { plan: then.0.clone(), phase: then.1 };
        let mut visited = BTreeSet::new();
        let mut open = vec![&then];
        while let Some(at) = open.pop() {
            for (before, _) in self.phases.get(at).into_iter().flatten() {
                if *before == first {
                    return true;
                }
                if visited.insert(before) {
                    open.push(before);
                }
            }
        }
        false
    }
}

/// Builds the graph. Unknown names in `after` and cycles (told edge by edge) are reported; `None` if there is no order.
///
/// Conflicts between plans that nobody ordered are found by [`super::conflicts`], which a rule reports.
pub fn build(project: &CheckedProject, sink: &mut Sink) -> Option<StepGraph> {
    let phases = predecessors(project, sink);
    let mut cyclic = false;
    let mut graph = DiGraph::with_capacity(0, 0);
    let mut ends = Vec::with_capacity(project.plans.len());
    // INVARIANT: nodes are added in version order, by which `order` breaks ties.
    for plan in &project.plans {
        let mut before: Option<(Phase, NodeIndex)> = None;
        let first = NodeIndex::new(graph.node_count());
        let mut own = PhaseEnds::default();
        for step in &plan.steps {
            let node = graph.add_node(step.key.clone());
            own.add(step.phase, node);
            if let Some((phase, before)) = before {
                let same = phase == step.phase;
                let reason = if same { Reason::StepOrder } else { Reason::PhaseOrder };
                graph.add_edge(before, node, reason);
            }
            before = Some((step.phase, node));
        }
        ends.push(own);
        cyclic |= step_afters(plan, first, &mut graph, sink);
    }
    let ends_of = |key: &PhaseKey| ends.get(*project.by_name.get(&key.plan)?)?.of(key.phase);
    for (then, waits) in &phases {
        for (first, reason) in waits.iter().filter(|(first, _)| first.plan != then.plan) {
            if let (Some((_, last)), Some((start, _))) = (ends_of(first), ends_of(then)) {
                graph.add_edge(last, start, reason.clone());
            }
        }
    }
    let Some(order) = by_index(&graph) else {
        super::cycle::report(project, &phases, sink);
        return None;
    };
    if cyclic {
        return None;
    }
    let nodes = graph.node_references().map(|(node, key)| (key.clone(), node)).collect();
    let order = order.iter().filter_map(|node| graph.node_weight(*node)).cloned().collect();
    Some(StepGraph { graph, nodes, order, phases })
}

/// The first and the last step of each phase of one plan.
#[derive(Clone, Copy, Debug, Default)]
struct PhaseEnds([Option<(NodeIndex, NodeIndex)>; Phase::ALL.len()]);

impl PhaseEnds {
    /// Takes the next step.
    fn add(&mut self, phase: Phase, node: NodeIndex) {
        if let Some(ends) = self.0.get_mut(phase as usize) {
            *ends = Some((ends.map_or(node, |(first, _)| first), node));
        }
    }

    fn of(&self, phase: Phase) -> Option<(NodeIndex, NodeIndex)> {
        self.0.get(phase as usize).copied().flatten()
    }
}

/// Adds the edges of the steps' `after`, given the plan's first node; unknown steps and cycles are reported. Returns whether there is a cycle.
fn step_afters(
    plan: &CheckedPlan,
    first: NodeIndex,
    graph: &mut DiGraph<StepKey, Reason>,
    sink: &mut Sink,
) -> bool {
    let mut cyclic = false;
    for (own, step) in plan.steps.iter().enumerate() {
        for after in &step.after {
            let at = plan.steps.iter().position(|other| other.key.id == after.value);
            let Some((at, other)) = at.and_then(|at| Some((at, plan.steps.get(at)?))) else {
                report_unknown(plan, step, after, sink);
                continue;
            };
            if at < own {
                let node = |at: usize| NodeIndex::new(first.index() + at);
                graph.add_edge(node(at), node(own), Reason::StepAfter(after.span));
                continue;
            }
            cyclic = true;
            let (id, other_id) = (&step.key.id, &other.key.id);
            let diagnostic = if at == own {
                Diagnostic::new(code::DEPENDENCY_CYCLE, format!("step `{id}` waits for itself"))
                    .at(after.span)
                    .help("remove it")
            } else {
                let same = step.phase == other.phase;
                let order = if same { Reason::StepOrder } else { Reason::PhaseOrder };
                let message = format!("steps `{id}` and `{other_id}` wait for each other");
                let said = Reason::StepAfter(after.span);
                Diagnostic::new(code::DEPENDENCY_CYCLE, message)
                    .label(after.span, format!("`{id}` waits for `{other_id}`: {said}"))
                    .label(other.span, format!("`{other_id}` waits for `{id}`: {order}"))
                    .help(format!("write `{other_id}` before `{id}`, or remove the `after`"))
            };
            sink.report(diagnostic.plan(&plan.name).step(id));
        }
    }
    cyclic
}

fn report_unknown(plan: &CheckedPlan, step: &CheckedStep, after: &Spanned<Name>, sink: &mut Sink) {
    // A step that was left out because it is broken has been reported already.
    let is_broken = |found: &Diagnostic| {
        found.plan.as_ref() == Some(&plan.name) && found.step.as_ref() == Some(&after.value)
    };
    if sink.found().iter().any(is_broken) {
        return;
    }
    let known = plan.steps.iter().map(|step| step.key.id.as_str());
    let near = did_you_mean(after.value.as_str(), known.clone());
    let help = near
        .unwrap_or_else(|| format!("steps of this plan: {}", known.collect::<Vec<_>>().join(", ")));
    let message = format!("plan `{}` has no step `{}`", plan.name, after.value);
    sink.report(
        Diagnostic::new(code::UNKNOWN_STEP, message)
            .at(after.span)
            .plan(&plan.name)
            .step(&step.key.id)
            .help(help),
    );
}
