//! The way back on both engines, to before a step, a phase, past a contract; and forward again to the same end.

use planner::dialect::Dialect;

use super::people::World;

fn there_and_back(dialect: Dialect) {
    let world = World::with_people(dialect, 30, "{ rows: 10 }");
    let (before, _) = world.state();
    world.project.run(&["run"]).exits(0);
    let end = world.state();

    // Past a contract only with consent by name.
    let text = world.project.run(&["revert", "evolve/contract"]).fails(3);
    assert!(text.contains("say `--consent evolve/contract` if that is meant"), "{text}");
    assert_eq!(world.state(), end, "refused, so nothing is undone");
    let text = world.project.run(&["revert", "evolve/contract", "--dry-run"]).exits(0);
    assert!(text.contains("needs `--consent evolve/contract`"), "{text}");
    let consent = ["--consent", "evolve/contract"];
    world.project.run(&[&["revert", "evolve/contract"][..], &consent].concat()).exits(0);
    assert_eq!(world.count("people WHERE lower(loud) = name"), 30, "the names are computed back");
    assert_eq!(world.count("visits"), 30, "a rebuild must not cascade");
    world.project.run(&["run"]).exits(0);
    assert_eq!(world.state(), end);

    // Before one step of the contract phase: what came before it stays.
    let step = "evolve/add_check_people_age_check";
    let ran = world.project.run(&[&["revert", step][..], &consent].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(!world.state().0.contains("people_age_check"), "the step is undone");
    assert!(world.state().0.contains("people_loud_key"), "what came before it stays");
    world.project.run(&["run"]).exits(0);
    assert_eq!(world.state(), end);

    // To before the whole plan.
    world.project.run(&[&["revert", "evolve/expand"][..], &consent].concat()).exits(0);
    assert_eq!(world.state().0, before);
    assert_eq!(world.count("visits"), 30);
    world.project.run(&["run"]).exits(0);
    assert_eq!(world.state(), end);
    let again = world.project.run(&["revert", "create/expand", "--dry-run"]).exits(0);
    assert!(again.contains("create"), "{again}");
}

#[test]
fn there_and_back_ends_at_the_same_schema_on_sqlite() {
    there_and_back(Dialect::Sqlite);
}

#[test]
fn there_and_back_ends_at_the_same_schema_on_postgresql() {
    there_and_back(Dialect::Postgres);
}
