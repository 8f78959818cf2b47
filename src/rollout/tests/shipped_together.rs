//! Which removals come in one release with what prepares them.

use super::needs::{CREATE, world};
use super::*;
use crate::ledger::Registration;
use crate::rollout::shipped_together::{First, shipped_together};

const RETIRE: &str =
    "after: [create]\nexpand:\n  - deprecate_column: { table: users, column: name }\n";
const DROP: &str =
    "after: [create, retire]\ncontract:\n  - drop_column: { table: users, column: name }\n";
const ADD: &str =
    "after: [create]\nexpand:\n  - add_column: { table: users, column: given, type: text }\n";
const REPLACE: &str = "after: [create, add]\nbackfill:\n  - update: { table: users, set: { given: name }, where: given IS NULL }\ncontract:\n  - drop_column: { table: users, column: name, replaced_by: [given] }\n";
const OWN: &str = "after: [create, retire]\nexpand:\n  - deprecate_column: { table: users, column: name }\ncontract:\n  - drop_column: { table: users, column: name }\n";

/// A world in which these releases of web are the first to contain these plans.
fn shipped(plans: &[(&str, &str)], releases: &[(&str, &[&str])]) -> World {
    let mut world = world(plans);
    world.facts.by_release.insert("web".to_owned());
    for (version, plans) in releases {
        let plans = plans.iter().map(|plan| (*plan).into()).collect();
        let registration = Box::new(Registration { plans, ..Registration::default() });
        let (app, version) = ("web".to_owned(), (*version).to_owned());
        world.record(Event::Registered { app, version, registration });
    }
    world
}

fn told(world: &World) -> Vec<String> {
    let found = shipped_together(&world.situation()).into_iter().map(|found| {
        let release = match found.release {
            First::In(release) => release,
            First::InTheNext => "the next".to_owned(),
        };
        format!("{} of {} by {} in {release}", found.object, found.phase, found.preparing)
    });
    found.collect()
}

#[test]
fn a_removal_in_the_release_that_brings_its_preparation_is_found() {
    let plans = [("create", CREATE), ("retire", RETIRE), ("drop", DROP)];
    let releases: [(&str, &[&str]); 2] = [("1.0.0", &["create"]), ("1.1.0", &["retire", "drop"])];
    let mut world = shipped(&plans, &releases);
    assert_eq!(told(&world), ["users.name of drop/contract by retire in 1.1.0"]);
    world.run_all(&["create/expand", "retire/expand"]);
    let (because, unblock) = world.blocked("drop/contract");
    assert!(because.iter().any(|of| of.kind() == "shipped_together"), "{because:?}");
    assert!(unblock.iter().any(|of| of.contains("a release of web after 1.1.0")), "{unblock:?}");
    world.run_all(&["drop/contract"]);
    assert_eq!(told(&world), [""; 0], "what is done is done");
}

#[test]
fn another_release_between_them_is_enough() {
    let plans = [("create", CREATE), ("retire", RETIRE), ("drop", DROP)];
    for releases in [
        &[("1.0.0", &["create"][..]), ("1.2.0", &["drop"]), ("1.1.0", &["retire"])][..],
        &[("1.0.0", &["create", "retire", "drop"])],
        &[("1.0.0", &["create"]), ("1.1.0", &["retire"])],
        &[],
    ] {
        assert_eq!(told(&shipped(&plans, releases)), [""; 0], "{releases:?}");
    }
    let unreleased = shipped(&plans, &[("1.0.0", &["create"])]);
    assert_eq!(told(&unreleased), ["users.name of drop/contract by retire in the next"]);
    let kinds = |world: &World| format!("{:?}", world.told());
    assert!(!kinds(&unreleased).contains("shipped_together"), "it may still come later");
}

#[test]
fn what_takes_the_place_of_a_column_prepares_it_too() {
    let plans = [("create", CREATE), ("add", ADD), ("replace", REPLACE)];
    let world = shipped(&plans, &[("1.0.0", &["create"]), ("1.1.0", &["add", "replace"])]);
    assert_eq!(told(&world), ["users.name of replace/contract by add in 1.1.0"]);
}

#[test]
fn a_plan_that_prepares_its_own_removal_has_gates_for_that() {
    let plans = [("create", CREATE), ("retire", RETIRE), ("own", OWN)];
    let world = shipped(&plans, &[("1.0.0", &["create"]), ("1.1.0", &["retire", "own"])]);
    assert_eq!(told(&world), [""; 0]);
}

#[test]
fn apps_that_are_upgraded_continuously_are_not_asked() {
    let plans = [("create", CREATE), ("retire", RETIRE), ("drop", DROP)];
    let mut world = shipped(&plans, &[("1.0.0", &["create"]), ("1.1.0", &["retire", "drop"])]);
    world.facts.by_release.clear();
    assert_eq!(told(&world), [""; 0]);
}
