//! Contract debt: which plans owe a contract phase, since when, and what holds each back.

use super::*;
use crate::rollout::debt::{Held, debts};

const GATE: &str = "{ contract: { releases: { web: \">=2.0.0\" } } }";

/// Three plans that replace something, and one that only adds.
fn shop() -> World {
    let plans =
        ["first: a | f | d", "second: b | | e", "third after first: c | | g", "adds: x | |"];
    let mut world = World::new(&plans).gate("first", GATE).gate("second", GATE).gate("third", GATE);
    world.facts.apps = vec!["web".to_owned()];
    world.deploy("web", "1.0.0");
    world
}

/// A line for each plan: its name, its age in seconds, what holds it back.
fn told(world: &World) -> Vec<String> {
    let next = world.next();
    let line = |debt: &crate::rollout::debt::Debt<'_>| {
        let held = match &debt.held {
            Held::ByNothing => "nothing".to_owned(),
            Held::Blocked(blocked) => blocked
                .iter()
                .map(|of| format!("blocked {}", of.phase))
                .collect::<Vec<_>>()
                .join(" "),
            Held::InDoubt(phases) => {
                phases.iter().map(|of| format!("in doubt {of}")).collect::<Vec<_>>().join(" ")
            }
        };
        let age = debt.since.map(|since| world.facts.now.duration_since(since).as_secs());
        let begun = if debt.begun { " begun" } else { "" };
        format!(
            "{} {}{begun}: {held}",
            debt.plan.name,
            age.map_or("?".to_owned(), |age| age.to_string())
        )
    };
    debts(&world.situation(), &next).iter().map(line).collect()
}

#[test]
fn a_plan_owes_its_contract_from_the_end_of_its_expand_on() {
    let mut world = shop();
    assert!(told(&world).is_empty(), "nothing is expanded");
    world.run(&["second/expand", "first/expand", "adds/expand"]).wait("10m");
    assert_eq!(
        told(&world),
        ["second 602: blocked second/contract", "first 601: blocked first/contract"]
    );
    world.run(&["first/backfill"]).deploy("web", "2.0.0");
    assert_eq!(told(&world), ["second 605: nothing", "first 604: nothing"]);
    world.run(&["second/contract"]);
    assert_eq!(told(&world), ["first 605: nothing"]);
}

#[test]
fn what_waits_is_held_by_what_is_blocked_at_the_end_of_the_chain() {
    let mut world = shop();
    world.run(&["first/expand", "first/backfill", "third/expand"]);
    assert_eq!(
        told(&world),
        ["first 2: blocked first/contract", "third 0: blocked first/contract"]
    );
    world.deploy("web", "2.0.0");
    assert_eq!(told(&world), ["first 4: nothing", "third 2: nothing"]);
}

#[test]
fn what_is_in_doubt_is_told_first() {
    let mut world = shop();
    world.run(&["first/expand"]).begin_step("first/f");
    assert_eq!(told(&world), ["first 1: in doubt first/backfill"]);
}

#[test]
fn of_what_diesel_ran_nobody_knows_since_when() {
    let mut world = shop();
    world.run(&["second/expand"]);
    let version = world.version("first/a");
    world.facts.applied.insert(version);
    let told = told(&world);
    assert!(told[0].starts_with("first ?: ") && told[1].starts_with("second 0: "), "{told:?}");
}
