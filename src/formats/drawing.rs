//! Graphs as Mermaid and as DOT.

use std::collections::BTreeMap;

use super::{Answer, Format, Style};
use crate::diagnostic::Diagnostic;
use crate::name::StepKey;
use crate::phase::Phase;
use crate::source::Sources;

/// A graph to draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    /// The steps in their order, with their phases.
    pub steps: Vec<(StepKey, Phase)>,
    /// Who comes first, who waits, and why.
    pub edges: Vec<(StepKey, StepKey, String)>,
}

/// The notations for graphs, which print anything else as text: the shell refuses them there.
#[derive(Clone, Copy, Debug)]
pub(super) struct GraphOnly;

impl Format for GraphOnly {
    fn diagnostics(&self, sources: &Sources, found: &[Diagnostic], style: Style) -> String {
        super::human::Human.diagnostics(sources, found, style)
    }

    fn answer(&self, answer: &Answer) -> String {
        super::visible::visible(&answer.human).into_owned()
    }
}

/// Returns a short identifier for each step: `s0`, `s1` ….
fn identifiers(drawing: &Drawing) -> BTreeMap<&StepKey, String> {
    drawing.steps.iter().enumerate().map(|(at, (step, _))| (step, format!("s{at}"))).collect()
}

/// Draws a graph as a Mermaid flowchart, one subgraph a plan.
#[must_use]
pub fn mermaid(drawing: &Drawing) -> String {
    let ids = identifiers(drawing);
    let mut text = String::from("flowchart TD\n");
    for (at, (plan, steps)) in by_plan(drawing).into_iter().enumerate() {
        text += &format!("  subgraph p{at}[\"{}\"]\n", mermaid_text(&plan));
        for (step, phase) in steps {
            let id = ids.get(step).map_or("", String::as_str);
            text += &format!("    {id}[\"{}\"]:::{phase}\n", mermaid_text(step.id.as_str()));
        }
        text += "  end\n";
    }
    for (from, to, reason) in &drawing.edges {
        if let (Some(from), Some(to)) = (ids.get(from), ids.get(to)) {
            text += &format!("  {from} -->|\"{}\"| {to}\n", mermaid_text(reason));
        }
    }
    text + "  classDef expand fill:#dff0d8,color:#000\n  classDef backfill fill:#d9edf7,color:#000\n  classDef contract fill:#f2dede,color:#000\n"
}

/// Draws a graph for Graphviz, one cluster a plan.
#[must_use]
pub fn dot(drawing: &Drawing) -> String {
    let ids = identifiers(drawing);
    let mut text =
        String::from("digraph plans {\n  rankdir=TB;\n  node [shape=box, style=filled];\n");
    for (at, (plan, steps)) in by_plan(drawing).into_iter().enumerate() {
        text += &format!("  subgraph cluster_{at} {{\n    label={};\n", dot_text(&plan));
        for (step, phase) in steps {
            let colour = match phase {
                Phase::Expand => "#dff0d8",
                Phase::Backfill => "#d9edf7",
                Phase::Contract => "#f2dede",
            };
            let id = ids.get(step).map_or("", String::as_str);
            text += &format!(
                "    {id} [label={}, fillcolor=\"{colour}\"];\n",
                dot_text(step.id.as_str())
            );
        }
        text += "  }\n";
    }
    for (from, to, reason) in &drawing.edges {
        if let (Some(from), Some(to)) = (ids.get(from), ids.get(to)) {
            text += &format!("  {from} -> {to} [label={}];\n", dot_text(reason));
        }
    }
    text + "}\n"
}

fn by_plan(drawing: &Drawing) -> Vec<(String, Vec<(&StepKey, Phase)>)> {
    let mut plans: Vec<(String, Vec<(&StepKey, Phase)>)> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for (step, phase) in &drawing.steps {
        let at = *places.entry(step.plan.as_str()).or_insert_with(|| {
            plans.push((step.plan.to_string(), Vec::new()));
            plans.len() - 1
        });
        if let Some((_, steps)) = plans.get_mut(at) {
            steps.push((step, *phase));
        }
    }
    plans
}

/// Escapes for a Mermaid text in double quotes, which takes HTML entities.
fn mermaid_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('`', "'")
}

fn dot_text(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(plan: &str, id: &str) -> StepKey {
        StepKey { plan: plan.into(), id: id.into() }
    }

    #[test]
    fn a_drawing_groups_steps_by_plan_and_escapes_texts() {
        let drawing = Drawing {
            steps: vec![(key("a", "x"), Phase::Expand), (key("b", "y"), Phase::Contract)],
            edges: vec![(key("a", "x"), key("b", "y"), "both touch `t.\"c\"`".into())],
        };
        let mermaid = mermaid(&drawing);
        assert!(mermaid.contains("s0 -->|\"both touch 't.&quot;c&quot;'\"| s1"), "{mermaid}");
        let dot = dot(&drawing);
        assert!(dot.contains("s0 -> s1 [label=\"both touch `t.\\\"c\\\"`\"]"), "{dot}");
        assert_eq!(dot.matches("subgraph").count(), 2);
    }
}
