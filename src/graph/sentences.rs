//! What the graph promises, on plans as people write them.

use std::sync::Arc;

use super::{StepGraph, build, conflicts};
use crate::catalog::Catalog;
use crate::diagnostic::{Diagnostic, Sink};
use crate::dialect::Dialect;
use crate::phase::{Phase, PhaseKey};
use crate::plan::checked::CheckedProject;
use crate::plan::{check, parse};
use crate::source::Sources;

const ALL_PHASES: &str = "\
expand:
  - create_table: { table: TABLE, columns: [{ name: id, type: bigint, primary_key: true }, { name: n, type: bigint }] }
backfill:
  - update: { table: TABLE, set: { n: 0 }, where: n IS NULL }
contract:
  - set_not_null: { table: TABLE, column: n }
";
const ONLY_EXPAND: &str = "\
expand:
  - create_table: { table: TABLE, columns: [{ name: id, type: bigint, primary_key: true }] }
";

/// Plans `a`, `b`, `c` … in this order, each with its `after` and steps on a table of its own name.
fn project(plans: &[(&str, &str)]) -> (CheckedProject, Sink) {
    let mut sources = Sources::default();
    let mut sink = Sink::default();
    let mut authored = Vec::new();
    for (at, (after, steps)) in plans.iter().enumerate() {
        let name = char::from(b'a' + u8::try_from(at).unwrap());
        let text = format!("after: [{after}]\n{}", steps.replace("TABLE", &name.to_string()));
        let id = sources.add(format!("plans/2026-01-01-{at:06}_{name}.yaml"), text);
        authored.extend(parse::parse(id, sources.get(id).unwrap(), &mut sink));
    }
    // The order in which files are read does not matter.
    authored.reverse();
    let start = Arc::new(Catalog::empty(Dialect::Postgres));
    let project = check::check(authored, Dialect::Postgres, start, &mut sink);
    assert_eq!(sink.found(), []);
    (project, sink)
}

fn graph(plans: &[(&str, &str)]) -> StepGraph {
    let (project, mut sink) = project(plans);
    let graph = build(&project, &mut sink);
    assert_eq!(sink.found(), []);
    graph.unwrap()
}

fn refused(plans: &[(&str, &str)]) -> Vec<Diagnostic> {
    let (project, mut sink) = project(plans);
    assert!(build(&project, &mut sink).is_none());
    sink.into_found()
}

fn waits(graph: &StepGraph, phase: &str) -> Vec<String> {
    let key = PhaseKey::parse(phase).unwrap();
    graph.phases[&key].iter().map(|(first, _)| first.to_string()).collect()
}

#[test]
fn each_phase_waits_for_the_same_phase_of_an_older_plan() {
    let graph = graph(&[("", ALL_PHASES), ("a", ALL_PHASES)]);
    assert_eq!(waits(&graph, "b/expand"), ["a/expand"]);
    assert_eq!(waits(&graph, "b/backfill"), ["b/expand", "a/backfill"]);
    assert_eq!(waits(&graph, "b/contract"), ["b/backfill", "a/contract"]);
    let (a, b) = ("a".into(), "b".into());
    assert!(graph.phase_is_before((&a, Phase::Expand), (&b, Phase::Contract)));
    assert!(!graph.phase_is_before((&a, Phase::Contract), (&b, Phase::Expand)));
}

#[test]
fn a_missing_phase_is_stood_for_by_the_last_one_before_it() {
    let graph = graph(&[("", ONLY_EXPAND), ("a", ALL_PHASES)]);
    assert_eq!(waits(&graph, "b/contract"), ["b/backfill", "a/expand"]);
}

#[test]
fn the_whole_plan_waits_for_a_named_phase() {
    let graph = graph(&[("", ALL_PHASES), ("a/contract", ALL_PHASES)]);
    assert_eq!(waits(&graph, "b/expand"), ["a/contract"]);
    let steps: Vec<_> = graph.order.iter().map(|step| step.plan.as_str()).collect();
    assert_eq!(steps, ["a", "a", "a", "b", "b", "b"]);
    assert!(graph.is_before(&graph.order[0], &graph.order[5]));
    assert!(!graph.is_before(&graph.order[5], &graph.order[0]));
}

#[test]
fn plans_that_nobody_ordered_stay_unordered() {
    let graph = graph(&[("", ALL_PHASES), ("", ALL_PHASES)]);
    assert_eq!(waits(&graph, "b/expand"), [""; 0]);
    assert!(!graph.is_before(&graph.order[0], &graph.order[3]));
}

#[test]
fn a_cycle_over_three_plans_is_told_edge_by_edge() {
    let found = refused(&[("c", ALL_PHASES), ("a", ALL_PHASES), ("b", ALL_PHASES)]);
    let [newer, cycle] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!(newer.code.name, "after-newer-plan");
    assert_eq!(cycle.message, "plans `a`, `c`, `b` wait for each other in a circle");
    let told: Vec<&str> = cycle.labels.iter().map(|label| label.text.as_str()).collect();
    assert_eq!(
        told,
        [
            "`a/expand` waits for `c/expand`: the plan's `after` says so",
            "`c/expand` waits for `b/expand`: the plan's `after` says so",
            "`b/expand` waits for `a/expand`: the plan's `after` says so",
        ]
    );
}

#[test]
fn a_cycle_through_the_phases_of_a_plan_names_them() {
    let found = refused(&[("b/contract", ALL_PHASES), ("a", ALL_PHASES)]);
    let cycle = found.iter().find(|found| found.code.name == "dependency-cycle").unwrap();
    let told: Vec<&str> = cycle.labels.iter().map(|label| label.text.as_str()).collect();
    assert_eq!(
        told[0],
        "`a/expand` waits for `b/contract`: the plan waits for that contract phase"
    );
    assert!(told[1..].iter().any(|text| text.ends_with("the plan's `after` says so")), "{told:?}");
}

#[test]
fn a_phase_that_a_plan_does_not_have_cannot_be_waited_for() {
    let (project, mut sink) = project(&[("", ONLY_EXPAND), ("a/contract", ALL_PHASES)]);
    assert!(build(&project, &mut sink).is_some());
    assert_eq!(sink.found()[0].message, "plan `a` has no contract phase to wait for");
    assert_eq!(sink.found()[0].help.as_deref(), Some("wait for `a/expand`, or for `a` as a whole"));
}

#[test]
fn a_plan_cannot_wait_for_itself() {
    let (project, mut sink) = project(&[("a", ALL_PHASES)]);
    build(&project, &mut sink);
    assert_eq!(sink.found()[0].message, "plan `a` waits for itself");
}

#[test]
fn version_order_alone_settles_no_conflict() {
    let fill = "backfill:\n  - update: { table: a, set: { n: 1 }, where: n IS NULL }\n";
    let both = |after: &str| {
        let (project, mut sink) = project(&[("", ALL_PHASES), (after, fill)]);
        let graph = build(&project, &mut sink).unwrap();
        let found = conflicts(&project, &graph);
        found
            .iter()
            .map(|found| (found.object.to_string(), found.settled_by.phase))
            .collect::<Vec<_>>()
    };
    // Its contract alters what the newer backfill writes.
    assert_eq!(both(""), [("a.n".to_owned(), Some(Phase::Contract))]);
    assert_eq!(both("a"), [("a.n".to_owned(), Some(Phase::Contract))]);
    assert_eq!(both("a/contract"), []);
}

#[test]
fn order_that_other_plans_declare_counts() {
    let index = "expand:\n  - create_index: { table: a, columns: [n] }\n";
    let (project, mut sink) = project(&[("", ALL_PHASES), ("a", ONLY_EXPAND), ("b", index)]);
    let graph = build(&project, &mut sink).unwrap();
    assert_eq!(conflicts(&project, &graph).len(), 0);
}
