//! Concurrent index builds that fail or are cut short on PostgreSQL: nothing invalid stays, and the next run recovers.

use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use planner::dialect::Dialect;

use super::people::{CREATE, World};

const UNIQUE: &str = "title: One row a name
after: [create]
contract:
  - create_index: { table: people, columns: [name], name: people_name, unique: true }
gates: { contract: { releases: { none: nobody writes yet }, query: \"SELECT true\" } }
";

const INVALID: &str = "pg_index WHERE NOT indisvalid";

fn world() -> World {
    let world = World::new(Dialect::Postgres);
    world.project.write("plans/2026-01-01-000000_create.yaml", CREATE);
    world.project.write("plans/2026-01-02-000000_unique.yaml", UNIQUE);
    world.project.run(&["run", "--through", "create/expand"]).exits(0);
    world.add_people(1, 50);
    world
}

#[test]
fn a_unique_index_on_duplicates_fails_cleanly_and_succeeds_without_them() {
    let world = world();
    world.sql("UPDATE people SET name = 'same' WHERE id IN (7, 8)");
    let text = world.project.run(&["run"]).fails(1);
    assert!(text.contains("could not create unique index \"people_name\""), "{text}");
    assert!(text.contains("Key (name)=(same) is duplicated"), "{text}");
    assert_eq!(world.count(INVALID), 0, "an invalid index is left");
    assert_eq!(world.entries("failed").len(), 1);
    // It failed cleanly, so nothing is in doubt.
    world.project.run(&["next-phase"]).exits(0);
    world.sql("UPDATE people SET name = 'other' WHERE id = 8");
    world.project.run(&["run"]).exits(0);
    assert_eq!(world.count("pg_class WHERE relname = 'people_name'"), 1);
    let attempts = world.entries("finished");
    assert!(attempts.last().unwrap().ends_with(" 2"), "{attempts:?}");
}

#[test]
fn a_build_whose_connection_is_cut_is_in_doubt_until_the_next_run_has_asked() {
    let world = world();
    // An old transaction that has written keeps a concurrent build waiting, with its index there and invalid.
    let mut other = world.connect();
    other.batch_execute("BEGIN; UPDATE people SET age = 1 WHERE id = 1").unwrap();
    let run = world.project.start(&["run"]);
    let building = "pg_stat_activity WHERE query LIKE 'CREATE UNIQUE INDEX CONCURRENTLY%' AND state = 'active' AND datname = current_database()";
    for _ in 0..500 {
        if world.count(building) == 1 && world.count(INVALID) == 1 {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(world.count(INVALID), 1, "the build has not begun");
    world.texts(&format!("SELECT CAST(pg_terminate_backend(pid) AS text) AS text FROM {building}"));
    let text = crate::support::project::ran(run.wait_with_output().unwrap()).fails(5);
    assert!(text.contains("terminating connection due to administrator command"), "{text}");
    assert!(text.contains("the statement was: CREATE UNIQUE INDEX CONCURRENTLY"), "{text}");
    assert!(text.contains("the step is in doubt; `planner run` asks the database"), "{text}");
    assert!(!text.contains("RAISE"), "the repair could not even be tried: {text}");
    assert_eq!(world.count(INVALID), 1);
    let next = world.project.json(&["next-phase"], 5);
    assert_eq!(next["answer"], "resume", "{next}");
    world.project.run(&["revert", "unique/contract", "--consent", "unique/contract"]).fails(3);
    other.batch_execute("ROLLBACK").unwrap();
    world.project.run(&["run"]).exits(0);
    assert_eq!(world.count(INVALID), 0);
    assert_eq!(world.count("pg_class WHERE relname = 'people_name'"), 1);
    assert_eq!(world.project.json(&["next-phase"], 0)["answer"], "complete");
}

#[test]
fn an_undoing_that_fails_leaves_what_is_done_done() {
    let world = world();
    let drop = "title: No index\nafter: [unique]\ncontract:\n  - drop_index: { table: people, index: people_name }\ngates: { contract: { releases: { none: nobody upserts } } }\n";
    world.project.run(&["run"]).exits(0);
    world.project.write("plans/2026-01-03-000000_gone.yaml", drop);
    world.project.run(&["run"]).exits(0);
    world.sql("UPDATE people SET name = 'same' WHERE id IN (7, 8)");
    // The way back builds the unique index, which these rows do not let it.
    let back = ["revert", "gone/contract", "--consent", "gone/contract"];
    let text = world.project.run(&back).fails(1);
    assert!(text.contains("could not create unique index"), "{text}");
    assert_eq!(world.count(INVALID), 0);
    assert_eq!(world.project.json(&["next-phase"], 0)["answer"], "complete");
    world.sql("UPDATE people SET name = 'other' WHERE id = 8");
    world.project.run(&back).exits(0);
    assert_eq!(world.count("pg_class WHERE relname = 'people_name'"), 1);
    world.project.run(&["run"]).exits(0);
    assert_eq!(world.count("pg_class WHERE relname = 'people_name'"), 0);
}
