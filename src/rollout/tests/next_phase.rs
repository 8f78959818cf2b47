//! What may run now.

use super::*;
use crate::rollout::Answer;

const NONE: &str = "contract: { releases: { none: x } }";

#[test]
fn an_empty_project_is_complete() {
    let next = World::new(&[]).next();
    assert_eq!((next.answer(), next.n_complete), (Answer::Complete, 0));
}

#[test]
fn phases_of_a_plan_are_ready_one_after_the_other_in_one_answer() {
    let world = World::new(&["split: add_a, add_b | fill | drop"]).gate("split", NONE);
    assert_eq!(
        world.told(),
        ["ready split/expand", "ready split/backfill", "ready split/contract"]
    );
    let ready = world.next().ready;
    assert_eq!(ready[0].steps, [step("split/add_a"), step("split/add_b")]);
    assert_eq!(ready[0].because, Vec::<String>::new());
}

#[test]
fn what_is_done_is_not_done_again() {
    let mut world = World::new(&["split: add_a, add_b | fill | drop"]).gate("split", NONE);
    world.run_steps(&["split/add_a"]);
    assert_eq!(world.next().ready[0].steps, [step("split/add_b")]);
    world.run(&["split/expand"]);
    assert_eq!(world.told()[0], "ready split/backfill");
    world.run(&["split/backfill", "split/contract"]);
    let next = world.next();
    assert_eq!((next.answer(), next.n_complete), (Answer::Complete, 3));
}

#[test]
fn what_diesel_ran_itself_is_done() {
    let mut world = World::new(&["a: add | |"]);
    world.facts.applied.insert(world.version("a/add"));
    assert_eq!(world.next().answer(), Answer::Complete);
    let by_diesel = super::super::progress::run_by_diesel(&world.situation());
    assert_eq!(by_diesel, [(step("a/add"), world.version("a/add"))]);
}

#[test]
fn what_was_undone_is_to_do_until_diesel_runs_it_again() {
    let mut world = World::new(&["a: add | |"]);
    world.run(&["a/expand"]).revert_step("a/add");
    assert_eq!(world.told(), ["ready a/expand"]);
    world.facts.applied.insert(world.version("a/add"));
    assert_eq!(world.next().answer(), Answer::Complete);
}

#[test]
fn a_step_in_doubt_is_to_be_resumed_and_what_comes_after_waits() {
    let mut world = World::new(&["a: add | fill |", "b after a: more | |", "c: other | |"]);
    world.begin_step("a/add");
    assert_eq!(
        world.told(),
        [
            "resume a/add",
            "ready c/expand",
            "waiting a/backfill for a/expand",
            "waiting b/expand for a/expand",
        ]
    );
    let next = world.next();
    assert_eq!(next.answer(), Answer::Resume);
    assert_eq!(next.resume[0].version, world.version("a/add"));
    assert_eq!(next.resume[0].since, world.facts.now);
}

#[test]
fn what_comes_after_a_blocked_phase_waits_for_it() {
    let world = World::new(&["a: add | | drop", "b after a/contract: more | fill |"]);
    assert_eq!(
        world.told(),
        [
            "ready a/expand",
            "blocked a/contract: missing_gate",
            "waiting b/expand for a/contract",
            "waiting b/backfill for b/expand",
        ]
    );
    assert_eq!(world.next().answer(), Answer::Ready);
}

#[test]
fn if_everything_that_remains_is_blocked_the_answer_is_blocked() {
    let mut world = World::new(&["a: add | | drop"]);
    world.run(&["a/expand"]);
    assert_eq!(world.next().answer(), Answer::Blocked);
}

#[test]
fn independent_plans_are_in_flight_at_once() {
    let mut world = World::new(&["a: add | | drop", "b: more | | gone"]).gate("b", NONE);
    world.run(&["b/expand"]);
    assert_eq!(
        world.told(),
        ["ready a/expand", "ready b/contract", "blocked a/contract: missing_gate"]
    );
}

#[test]
fn an_expand_need_not_wait_for_the_contract_of_the_plan_before() {
    let mut world = World::new(&["a: add | | drop", "b after a: more | | gone"]).gate("b", NONE);
    world.run(&["a/expand"]);
    assert_eq!(
        world.told(),
        ["ready b/expand", "blocked a/contract: missing_gate", "waiting b/contract for a/contract",]
    );
}

#[test]
fn drift_blocks_the_plan_and_only_that_plan() {
    let mut world = World::new(&["a: add | fill |", "b: more | |"]);
    world.run_steps(&["a/add"]).edit("a/add");
    assert_eq!(
        world.told(),
        ["ready b/expand", "blocked a/expand: drift", "blocked a/backfill: drift"]
    );
    let (because, unblock) = world.blocked("a/backfill");
    let message = "`a/add` was edited after it ran".to_owned();
    assert_eq!(because, [Because::Drift { message }]);
    assert!(unblock[0].contains("`planner revert a/add`"), "{unblock:?}");
}

#[test]
fn the_same_situation_gives_the_same_answer() {
    let mut world = World::new(&["a: x | y | z", "b after a: x | y | z", "c: x | y | z"]);
    world.run(&["a/expand", "c/expand"]).deploy("web", "1");
    assert_eq!(world.next(), world.next());
}
