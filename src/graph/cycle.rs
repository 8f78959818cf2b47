//! A cycle told edge by edge.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

use super::Reason;
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::name::PlanName;
use crate::phase::PhaseKey;
use crate::plan::checked::CheckedProject;
use crate::source::Span;

type Predecessors = BTreeMap<PhaseKey, Vec<(PhaseKey, Reason)>>;

/// Reports each circle of plans that wait for each other once, however many of their phases do.
pub(super) fn report(project: &CheckedProject, phases: &Predecessors, sink: &mut Sink) {
    let mut told: BTreeSet<BTreeSet<PlanName>> = BTreeSet::new();
    let mut circles = strongly_connected(phases);
    circles.sort();
    for circle in circles {
        let edges = shortest_cycle(phases, &circle);
        let plans: BTreeSet<PlanName> = edges.iter().map(|(then, ..)| then.plan.clone()).collect();
        if told.insert(plans) {
            sink.report(tell(project, edges));
        }
    }
}

/// Returns the groups of phases that wait for each other, each sorted.
fn strongly_connected(phases: &Predecessors) -> Vec<Vec<PhaseKey>> {
    let mut graph = DiGraph::<&PhaseKey, ()>::new();
    let nodes: BTreeMap<&PhaseKey, _> =
        phases.keys().map(|key| (key, graph.add_node(key))).collect();
    for (then, waits) in phases {
        for (first, _) in waits {
            if let (Some(first), Some(then)) = (nodes.get(first), nodes.get(then)) {
                graph.add_edge(*first, *then, ());
            }
        }
    }
    let groups = tarjan_scc(&graph).into_iter().filter(|group| group.len() > 1);
    groups
        .map(|group| {
            let mut keys: Vec<PhaseKey> = group
                .iter()
                .filter_map(|node| graph.node_weight(*node))
                .copied()
                .cloned()
                .collect();
            keys.sort();
            keys
        })
        .collect()
}

type Edge<'a> = (PhaseKey, PhaseKey, &'a Reason);

/// Returns a shortest cycle through the group's first phase: who waits, for whom, why.
fn shortest_cycle<'a>(phases: &'a Predecessors, group: &[PhaseKey]) -> Vec<Edge<'a>> {
    let Some(start) = group.first() else { return Vec::new() };
    let mut came_by: BTreeMap<&PhaseKey, Edge<'a>> = BTreeMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(then) = open.pop_front() {
        for (first, reason) in phases.get(then).into_iter().flatten() {
            if group.binary_search(first).is_ok() && !came_by.contains_key(first) {
                came_by.insert(first, (then.clone(), first.clone(), reason));
                open.push_back(first);
            }
        }
    }
    let mut edges = Vec::new();
    let mut at = start;
    while let Some(edge) = came_by.get(at) {
        edges.push(edge.clone());
        at = &edge.0;
        if at == start {
            break;
        }
    }
    edges.reverse();
    edges
}

fn tell(project: &CheckedProject, mut edges: Vec<Edge<'_>>) -> Diagnostic {
    // The story begins at something that somebody wrote.
    if let Some(written) = edges.iter().position(|(.., reason)| written_at(reason).is_some()) {
        edges.rotate_left(written);
    }
    let mut names: Vec<String> = Vec::new();
    for (then, ..) in &edges {
        let name = format!("`{}`", then.plan);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let message = format!("plans {} wait for each other in a circle", names.join(", "));
    let mut diagnostic = Diagnostic::new(code::DEPENDENCY_CYCLE, message);
    for (then, first, reason) in &edges {
        if let Some(span) = written_at(reason).or_else(|| start_of(project, then)) {
            diagnostic = diagnostic.label(span, format!("`{then}` waits for `{first}`: {reason}"));
        }
    }
    if let Some((then, ..)) = edges.first() {
        diagnostic = diagnostic.plan(&then.plan);
    }
    diagnostic.help("remove one of these `after`s; a plan can only build on older ones")
}

fn written_at(reason: &Reason) -> Option<Span> {
    match reason {
        Reason::StepAfter(span) | Reason::PlanAfter(span) | Reason::PhaseAfter(span, _) => {
            Some(*span)
        }
        Reason::StepOrder | Reason::PhaseOrder | Reason::SameObject(_) => None,
    }
}

fn start_of(project: &CheckedProject, phase: &PhaseKey) -> Option<Span> {
    let plan = project.plan(&phase.plan)?;
    Some(plan.steps_of(phase.phase).next()?.span)
}
