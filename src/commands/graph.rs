//! `planner graph`.

use std::collections::BTreeSet;

use petgraph::visit::EdgeRef as _;
use serde_json::json;

use crate::exit::{Exit, Failure};
use crate::formats::visible::visible;
use crate::formats::{Answer, FormatName, drawing};
use crate::name::{Name, StepKey};
use crate::phase::Phase;
use crate::shell::Shell;
use crate::shell::pipeline::{Built, Depth};

/// Print the dependency graph of all steps: who waits for whom, and why
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only this plan and what its steps wait for; may be given several times
    #[arg(long, value_name = "PLAN")]
    plan: Vec<String>,
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    let read = shell.read_project()?;
    let dialect = shell.dialect_of(&read)?;
    let built = shell.build(read, dialect, Depth::Outline)?;
    let wanted: BTreeSet<Name> = args.plan.iter().map(|plan| plan.as_str().into()).collect();
    for plan in &wanted {
        shell.known_plan(&built.project, plan)?;
    }
    let graph = selected(&built, &wanted);
    let text = match shell.format {
        FormatName::Mermaid => drawing::mermaid(&graph),
        FormatName::Dot => drawing::dot(&graph),
        FormatName::Human
        | FormatName::Json
        | FormatName::Sarif
        | FormatName::Github
        | FormatName::Gitlab
        | FormatName::Junit
        | FormatName::Markdown => {
            shell.answer(&Answer { human: human(&graph), json: json(&graph) })?;
            return Ok(Exit::Done);
        }
    };
    shell.data(&visible(&text))?;
    Ok(Exit::Done)
}

/// Takes the wanted plans' steps, or all, and the steps they wait for directly.
fn selected(built: &Built, wanted: &BTreeSet<Name>) -> drawing::Drawing {
    let graph = &built.graph;
    let is_wanted = |key: &StepKey| wanted.is_empty() || wanted.contains(&key.plan);
    let mut edges = Vec::new();
    let mut drawn: BTreeSet<&StepKey> = graph.order.iter().filter(|key| is_wanted(key)).collect();
    for edge in graph.graph.edge_references() {
        let (Some(from), Some(to)) =
            (graph.graph.node_weight(edge.source()), graph.graph.node_weight(edge.target()))
        else {
            continue;
        };
        if is_wanted(to) {
            drawn.insert(from);
            edges.push((from.clone(), to.clone(), edge.weight().to_string()));
        }
    }
    let phase_of = |key: &StepKey| -> Phase {
        let step = built.compiled.by_key.get(key).and_then(|at| built.compiled.steps.get(*at));
        step.map_or(Phase::Expand, |step| step.phase)
    };
    let steps = graph.order.iter().filter(|key| drawn.contains(key));
    let steps = steps.map(|key| (key.clone(), phase_of(key))).collect();
    edges.sort();
    drawing::Drawing { steps, edges }
}

fn human(graph: &drawing::Drawing) -> String {
    let mut text = String::new();
    for (step, phase) in &graph.steps {
        text += &format!("{step} ({phase})\n");
        for (from, _, reason) in graph.edges.iter().filter(|(_, to, _)| to == step) {
            text += &format!("  after {from}: {reason}\n");
        }
    }
    text
}

fn json(graph: &drawing::Drawing) -> serde_json::Value {
    let steps: Vec<_> = graph
        .steps
        .iter()
        .map(|(step, phase)| {
            json!({"step": step.to_string(), "plan": step.plan.as_str(), "id": step.id.as_str(), "phase": phase.word()})
        })
        .collect();
    let edges: Vec<_> = graph
        .edges
        .iter()
        .map(|(from, to, reason)| {
            json!({"from": from.to_string(), "to": to.to_string(), "reason": reason})
        })
        .collect();
    json!({"steps": steps, "edges": edges})
}
