//! Backfills that a release forced in makes void while they run, and backfills that fail.

use planner::dialect::Dialect;

use super::people::{CREATE, World};
use crate::support::project::ran;

const FILL: &str = "title: Loud names, written by the releases
after: [create]
expand:
  - add_column: { table: people, column: loud, type: text }
backfill:
  - update:
      table: people
      set: { loud: \"SET\" }
      where: loud IS NULL AND name IS NOT NULL
      batch: { rows: 20, pause: 40ms }
contract:
  - drop_column: { table: people, column: name, replaced_by: [loud] }
gates:
  backfill: { releases: { web: \">=1.1.0\" } }
  contract: { releases: { web: \">=2.0.0\" } }
";

fn deploy(world: &World, version: &str) {
    for action in ["start", "finish"] {
        world.project.run(&["deploy", action, "--app", "web", "--version", version]).exits(0);
    }
}

fn world(dialect: Dialect, set: &str) -> World {
    let world = World::new(dialect);
    world.project.write("plans/2026-01-01-000000_create.yaml", CREATE);
    world.project.write("plans/2026-01-02-000000_fill.yaml", FILL.replace("SET", set));
    deploy(&world, "1.1.0");
    world.project.run(&["run", "--through", "fill/expand"]).exits(0);
    world.add_people(1, 600);
    world
}

#[test]
fn a_backfill_made_void_while_it_runs_is_not_taken_for_done() {
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        let world = world(dialect, "upper(name)");
        let run = world.project.start(&["run", "--phase", "fill/backfill"]);
        world.wait_for_filled(100);
        let old = ["deploy", "start", "--app", "web", "--version", "1.0.0"];
        world.project.run(&[&old[..], &["--force", "the new one is broken"]].concat()).exits(0);
        // The old release changes a row behind the cursor; `loud IS NULL` would never find it.
        world.sql("UPDATE people SET name = 'changed' WHERE id = 2");
        ran(run.wait_with_output().unwrap()).exits(0);
        assert_eq!(world.texts("SELECT loud AS text FROM people WHERE id = 2"), ["CHANGED"]);
        assert_eq!(world.count("people WHERE loud IS NULL OR loud <> upper(name)"), 0);
        let started = world.entries("started");
        assert!(started.iter().any(|one| one.ends_with(" 2")), "{started:?}");
    }
}

#[test]
fn a_backfill_that_fails_may_be_corrected_and_goes_on() {
    for (dialect, set) in [
        (Dialect::Postgres, "upper(name) || (1 / (id - 50))::text"),
        (
            Dialect::Sqlite,
            "upper(name) || abs(CASE WHEN id = 50 THEN -9223372036854775807 - 1 ELSE 1 END)",
        ),
    ] {
        let world = world(dialect, set);
        let text = world.project.run(&["run"]).fails(1);
        assert!(text.contains("step `update_people_loud` of fill/backfill failed"), "{text}");
        assert_eq!(world.count("people WHERE loud IS NOT NULL"), 40, "two batches were written");
        // Nothing is in doubt: it may be tried again as it is, and goes on from its cursor, or be corrected.
        world.project.run(&["next-phase"]).exits(0);
        world.project.run(&["run"]).fails(1);
        assert_eq!(world.count("people WHERE loud IS NOT NULL"), 40);
        assert_eq!(world.entries("failed").len(), 2);
        let corrected = FILL.replace("SET", "upper(name)");
        world.project.write("plans/2026-01-02-000000_fill.yaml", corrected);
        world.project.run(&["run"]).exits(0);
        assert_eq!(world.count("people WHERE loud IS NULL"), 0);
        world.project.run(&["status"]).exits(0);
    }
}
