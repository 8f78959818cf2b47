//! The gates besides releases and soak.

use super::*;

const CONTRACT: &str = "split/contract";

/// `split` with its first two phases done and these gates besides `releases: { none: … }`.
fn split(gates: &str) -> World {
    let gates = format!("contract: {{ releases: {{ none: x }}, {gates} }}");
    let mut world = World::new(&["split: add | fill | drop"]).gate("split", &gates);
    world.run(&["split/expand", "split/backfill"]);
    world
}

#[test]
fn gates_that_are_off_are_open() {
    let mut world = World::new(&["split: | fill | drop"]).gate(
        "split",
        "contract: { releases: { web: \">=2\" }, backup: true, soak: 1d, query: \"select 1\" }",
    );
    world.run(&["split/backfill"]).deploy("web", "1.0.0").void("split", "1.0.0");
    world.facts.gates = false;
    let ready = world.next().ready;
    assert_eq!(ready.len(), 2);
    assert_eq!(ready[1].because, ["gates are off in this environment"]);
    assert_eq!(ready[1].queries, Vec::<String>::new());
}

#[test]
fn an_approval_binds_to_the_steps_of_the_phase() {
    let mut world = split("approval: true");
    let (because, unblock) = world.blocked(CONTRACT);
    assert_eq!(because, [Because::Approval { outdated: None }]);
    assert_eq!(unblock, ["approve it: `planner approve split/contract --by NAME --reason REASON`"]);
    world.approve(CONTRACT);
    assert!(world.is_ready(CONTRACT));
    assert_eq!(world.next().ready[0].because[1], "approved by Ada: looked at it");
    world.edit("split/drop");
    let outdated = Some("Ada".to_owned());
    assert_eq!(world.blocked(CONTRACT).0, [Because::Approval { outdated }]);
}

#[test]
fn an_approval_of_one_phase_is_none_of_another() {
    let mut world = split("approval: true");
    world.approve("split/backfill");
    assert_eq!(world.blocked(CONTRACT).0, [Because::Approval { outdated: None }]);
}

#[test]
fn an_approval_is_asked_for_again_after_a_revert() {
    let mut world = split("approval: true");
    world.approve(CONTRACT).run(&[CONTRACT]).revert_step("split/drop");
    assert_eq!(world.blocked(CONTRACT).0, [Because::Approval { outdated: None }]);
}

#[test]
fn a_gate_that_says_false_is_not_asked_for() {
    assert!(split("approval: false, backup: false").is_ready(CONTRACT));
}

#[test]
fn a_gate_kind_that_this_program_cannot_evaluate_blocks() {
    let world = split("backup: true");
    assert_eq!(world.blocked(CONTRACT).0, [Because::UnsupportedGate { gate: "backup" }]);
}

#[test]
fn a_query_is_asked_just_before_the_phase_even_if_it_was_asked_before() {
    let mut world = split("query: \"select count(*) = 0 FROM t\"");
    assert_eq!(world.next().ready[0].queries, ["select count(*) = 0 FROM t"]);
    world.facts.queries.insert(phase(CONTRACT), Ok(true));
    let ready = &world.next().ready[0];
    assert_eq!(ready.queries.len(), 1);
    assert_eq!(ready.because[1], "true: `select count(*) = 0 FROM t`");
}

#[test]
fn a_query_that_is_not_true_shuts_the_gate() {
    let mut world = split("query: \"select 0\"");
    for (answer, result) in [(Ok(false), "false"), (Err("timed out".to_owned()), "timed out")] {
        world.facts.queries.insert(phase(CONTRACT), answer);
        let (query, result) = ("select 0".to_owned(), result.to_owned());
        assert_eq!(world.blocked(CONTRACT).0, [Because::Query { query, result }]);
    }
}

#[test]
fn a_query_that_is_not_written_for_the_dialect_shuts_the_gate() {
    let world = split("query: { postgres: \"select true\" }");
    let (query, result) = (String::new(), "it is not written for sqlite".to_owned());
    assert_eq!(world.blocked(CONTRACT).0, [Because::Query { query, result }]);
}

#[test]
fn a_query_is_not_asked_again_once_the_phase_has_begun() {
    let mut world = World::new(&["p: | | drop_a, drop_b"])
        .gate("p", "contract: { releases: { none: x }, query: \"select a IS NULL\" }");
    world.open("p/contract");
    assert_eq!(world.next().ready[0].queries.len(), 1);
    world.run_steps(&["p/drop_a"]);
    world.facts.queries.insert(phase("p/contract"), Err("no column a".to_owned()));
    let ready = &world.next().ready[0];
    assert_eq!(ready.steps, [step("p/drop_b")]);
    assert_eq!(ready.queries, Vec::<String>::new());
}

#[test]
fn every_reason_is_told_at_once() {
    let mut world = World::new(&["split: add | | drop"]).gate(
        "split",
        "contract: { releases: { web: \">=2\" }, soak: 1h, approval: true, backup: true, query: \"select 0\" }",
    );
    world.run(&["split/expand"]).deploy("web", "1.0.0").deploy("worker", "1.0.0");
    world.facts.queries.insert(phase(CONTRACT), Ok(false));
    let all = "live_release ungated_app soak approval unsupported_gate query";
    assert_eq!(world.told(), [format!("blocked split/contract: {all}")]);
    assert_eq!(world.blocked(CONTRACT).1.len(), 6);
}
