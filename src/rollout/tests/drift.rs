//! Where ledger, Diesel's table and the files disagree.

use super::*;
use crate::rollout::drift::drift;

/// Code and message of each finding.
fn found(world: &World) -> Vec<String> {
    let found = drift(&world.situation()).into_iter();
    found
        .inspect(|of| assert!(of.help.is_some(), "{}", of.message))
        .map(|of| format!("{} {}", of.code.name, of.message))
        .collect()
}

#[test]
fn what_ran_as_it_is_written_does_not_drift() {
    let mut world = World::new(&["a: add | fill |"]);
    world.run(&["a/expand"]).begin_step("a/fill");
    assert_eq!(found(&world), Vec::<String>::new());
}

#[test]
fn a_step_that_was_edited_after_it_ran_drifts() {
    let mut world = World::new(&["a: add, more | |"]);
    world.run(&["a/expand"]).edit("a/add");
    assert_eq!(found(&world), ["edited-after-run `a/add` was edited after it ran"]);
    let drift = &drift(&world.situation())[0];
    assert_eq!(drift.plan.as_ref().map(ToString::to_string).as_deref(), Some("a"));
    assert_eq!(drift.labels.len(), 1);
}

#[test]
fn a_step_in_doubt_must_not_be_edited_either() {
    let mut world = World::new(&["a: add | |"]);
    world.begin_step("a/add").edit("a/add");
    assert_eq!(found(&world).len(), 1);
}

#[test]
fn a_step_that_was_undone_or_never_ran_may_be_edited() {
    let mut world = World::new(&["a: add, more | |"]);
    world.run_steps(&["a/add"]).revert_step("a/add");
    world.edit("a/add");
    world.edit("a/more");
    assert_eq!(found(&world), Vec::<String>::new());
}

#[test]
fn a_step_that_ran_must_keep_its_place() {
    let mut before = World::new(&["a: add | |"]);
    before.run(&["a/expand"]);
    let mut after = World::new(&["a: first, add | |"]);
    (after.ledger, after.facts) = (before.ledger, before.facts);
    assert_eq!(
        found(&after),
        ["edited-after-run the place of `a/add` in its phase changed after it ran"]
    );
}

#[test]
fn a_step_that_ran_must_stay() {
    let mut before = World::new(&["a: add, more | |", "b: other | |"]);
    before.run(&["a/expand", "b/expand"]);
    let mut after = World::new(&["a: add | |"]);
    (after.ledger, after.facts) = (before.ledger, before.facts);
    assert_eq!(
        found(&after),
        [
            "removed-after-run `a/more` ran, and its plan no longer has it",
            "removed-after-run `b/other` ran, and there is no plan `b` any more",
        ]
    );
}

#[test]
fn a_plan_that_was_only_renamed_has_not_changed() {
    let mut before = World::new(&["a: add | |"]);
    before.run(&["a/expand"]);
    let mut after = World::new(&["renamed: add | |"]);
    (after.ledger, after.facts) = (before.ledger, before.facts);
    assert_eq!(found(&after), Vec::<String>::new());
    assert_eq!(after.told(), Vec::<String>::new());
}

#[test]
fn a_version_that_diesel_lost_drifts() {
    let mut world = World::new(&["a: add | |"]);
    world.run(&["a/expand"]);
    world.facts.applied.clear();
    let version = world.version("a/add");
    assert_eq!(
        found(&world),
        [format!(
            "version-not-recorded planner ran `a/add`, and Diesel's table does not have version {version}"
        )]
    );
}

#[test]
fn a_void_backfill_may_stand_in_diesels_table_or_not() {
    let mut world = World::new(&["a: | fill |"]);
    world.run(&["a/backfill"]).void("a", "1");
    assert_eq!(found(&world), Vec::<String>::new());
    world.facts.applied.clear();
    assert_eq!(found(&world), Vec::<String>::new());
}

#[test]
fn a_version_that_no_file_has_drifts() {
    let mut world = World::new(&["a: add | |"]);
    let version = |text: &str| MigrationVersion::recorded(text);
    world.facts.applied.insert(version("20200101000000"));
    world.facts.applied.insert(version("20200102000000"));
    world.facts.applied.insert(version("202611210900003007ab12"));
    world.facts.hand_written.insert(version("20200101000000"), "2020_first".to_owned());
    assert_eq!(
        found(&world),
        [
            "unknown-migration the database has version 20200102000000, which no file has",
            "unknown-migration the database has version 202611210900003007ab12, which no file has",
        ]
    );
    assert_eq!(world.told(), ["ready a/expand"], "it is of no plan here, so it blocks none");
}
