//! What going back means.

use super::*;
use crate::rollout::revert::{RevertPlan, RevertTarget, plan_revert};

fn before_phase(world: &World, text: &str) -> RevertPlan {
    plan_revert(&world.situation(), &RevertTarget::Phase(phase(text)))
}

fn before_step(world: &World, text: &str) -> RevertPlan {
    plan_revert(&world.situation(), &RevertTarget::Step(step(text)))
}

/// The steps to undo, in order.
fn steps(world: &World, plan: &RevertPlan) -> Vec<String> {
    let step = |version: &MigrationVersion| {
        let (at, _) = world.compiled.by_version[version];
        world.compiled.steps[at].key.to_string()
    };
    plan.versions.iter().map(step).collect()
}

#[test]
fn what_comes_after_the_target_is_undone_the_last_finished_first() {
    let mut world = World::new(&["a: x, y | fill |", "b after a: z | |", "c: other | |"]);
    world.run(&["a/expand", "b/expand", "c/expand", "a/backfill"]);
    let plan = before_step(&world, "a/y");
    assert_eq!(steps(&world, &plan), ["a/fill", "b/z", "a/y"]);
    assert_eq!(plan.refused, Vec::<String>::new());
    assert_eq!(steps(&world, &before_phase(&world, "a/expand")), ["a/fill", "b/z", "a/y", "a/x"]);
}

#[test]
fn what_did_not_run_is_not_undone() {
    let mut world = World::new(&["a: x, y | |"]);
    world.run_steps(&["a/x"]);
    assert_eq!(steps(&world, &before_phase(&world, "a/expand")), ["a/x"]);
    assert_eq!(before_step(&world, "a/y").versions, []);
}

#[test]
fn what_came_after_is_undone_first_even_if_nobody_knows_when_it_ran() {
    let mut world = World::new(&["a: x | |", "b after a: y | z |", "c after b: w | |"]);
    world.run_steps(&["b/y", "a/x"]);
    let by_diesel = [world.version("b/z"), world.version("c/w")];
    world.facts.applied.extend(by_diesel);
    let plan = before_phase(&world, "a/expand");
    let steps = steps(&world, &plan);
    let place = |key: &str| steps.iter().position(|step| step == key).unwrap();
    assert_eq!(steps.len(), 4);
    assert!(place("b/z") < place("b/y") && place("c/w") < place("b/y"));
    assert_eq!(steps[3], "a/x");
}

#[test]
fn contracts_on_the_way_are_named_for_consent() {
    let mut world = World::new(&["a: x | | drop", "b after a/contract: y | | gone"]);
    world.run(&["a/expand", "a/contract", "b/expand", "b/contract"]);
    let plan = before_phase(&world, "a/contract");
    assert_eq!(plan.contracts, [phase("a/contract"), phase("b/contract")]);
    assert_eq!(steps(&world, &plan), ["b/gone", "b/y", "a/drop"]);
}

#[test]
fn what_cannot_be_undone_is_refused_with_its_reason() {
    let mut world = World::new(&["a: x | | lossy_drop"]);
    world.run(&["a/expand"]);
    assert_eq!(before_phase(&world, "a/expand").refused, Vec::<String>::new());
    world.run(&["a/contract"]);
    let refused = before_phase(&world, "a/expand").refused;
    assert_eq!(refused, ["`a/lossy_drop` cannot be undone: its rows are gone"]);
}

#[test]
fn what_is_in_doubt_is_settled_first() {
    let mut world = World::new(&["a: x | |"]);
    world.begin_step("a/x");
    let refused = before_phase(&world, "a/expand").refused;
    assert_eq!(refused.len(), 1);
    assert!(refused[0].contains("settle it first with `planner run`"), "{refused:?}");
}

#[test]
fn what_was_edited_after_it_ran_is_put_back_first() {
    let mut world = World::new(&["a: x | |", "b: y | |"]);
    world.run(&["a/expand", "b/expand"]).edit("a/x");
    let refused = before_phase(&world, "a/expand").refused;
    assert_eq!(refused, ["`a/x` was edited after it ran; settle that first"]);
    assert_eq!(before_phase(&world, "b/expand").refused, Vec::<String>::new());
}

#[test]
fn an_unknown_target_is_refused() {
    let world = World::new(&["a: x | |"]);
    assert_eq!(before_phase(&world, "b/expand").refused, ["there is no phase `b/expand`"]);
    assert_eq!(before_step(&world, "a/z").refused, ["there is no step `a/z`"]);
}

#[test]
fn what_a_later_started_live_release_may_use_stays() {
    let mut world = World::new(&["a: x | |"]);
    world.deploy("web", "1").run(&["a/expand"]);
    assert_eq!(before_phase(&world, "a/expand").refused, Vec::<String>::new());
    world.deploy("web", "2");
    let refused = before_phase(&world, "a/expand").refused;
    assert_eq!(
        refused,
        [
            "`web` 2 was started after `a/x` and may use what it added; end the release first: `planner deploy retire --app web --version 2`"
        ]
    );
    world.deploy("web", "1").retire("web", "1");
    assert_eq!(before_phase(&world, "a/expand").refused, Vec::<String>::new());
}

#[test]
fn a_release_that_may_use_many_steps_is_named_once() {
    for (steps, named) in [
        ("x, y", "`a/x` and `a/y` and may use what they added"),
        ("x, y, z", "`a/x`, `a/y` and `a/z` and may"),
        ("x, y, z, v", "`a/v`, `a/x`, `a/y` and 1 more step and may"),
        ("x, y, z, v, w", "`a/v`, `a/w`, `a/x` and 2 more steps and may"),
    ] {
        let mut world = World::new(&[&format!("a: {steps} | |")]);
        world.run(&["a/expand"]).deploy("web", "1").deploy("worker", "7");
        let refused = before_phase(&world, "a/expand").refused;
        assert_eq!(refused.len(), 2, "{refused:?}");
        assert!(refused[0].contains(named), "{refused:?}");
    }
}

#[test]
fn a_release_may_use_what_diesel_added_nobody_knows_when() {
    let mut world = World::new(&["a: x | |"]);
    world.facts.applied.insert(world.version("a/x"));
    world.deploy("web", "1");
    assert_eq!(before_phase(&world, "a/expand").refused.len(), 1);
}

#[test]
fn an_app_that_the_gates_exempt_uses_nothing_of_the_plan() {
    for gates in ["{ none: x }", "{ web: { any: reads nothing } }"] {
        let mut world =
            World::new(&["a: x | | drop"]).gate("a", &format!("contract: {{ releases: {gates} }}"));
        world.run(&["a/expand"]).deploy("web", "2");
        assert_eq!(before_phase(&world, "a/expand").refused, Vec::<String>::new(), "{gates}");
    }
}

#[test]
fn what_no_release_can_see_may_go_at_any_time() {
    let mut world = World::new(&["a: index_x | fill |"]);
    world.run(&["a/expand", "a/backfill"]).deploy("web", "2");
    assert_eq!(before_phase(&world, "a/expand").refused, Vec::<String>::new());
}

#[test]
fn where_gates_are_off_no_release_is_asked() {
    let mut world = World::new(&["a: x | |"]);
    world.run(&["a/expand"]).deploy("web", "2");
    world.facts.gates = false;
    assert_eq!(before_phase(&world, "a/expand").refused, Vec::<String>::new());
}

#[test]
fn a_void_backfill_is_undone_too() {
    let mut world = World::new(&["a: x | fill |"]);
    world.run(&["a/expand", "a/backfill"]).void("a", "1");
    assert_eq!(steps(&world, &before_phase(&world, "a/backfill")), ["a/fill"]);
}
