//! Before a place goes, it is compared with the one that replaces it: what would be lost blocks, what is only stale does not.

use diesel::connection::SimpleConnection as _;
use planner::dialect::Dialect;

use super::people::{CREATE, World};

const GATE: &str = "gates: { contract: { releases: { none: nobody reads it } } }\n";

const SYNCED: &str = "title: Loud names
after: [create]
expand:
  - add_column: { table: people, column: loud, type: text }
  - id: keep
    sync_columns: { table: people, forward: { loud: \"upper(name)\" }, backward: { name: \"lower(loud)\" } }
backfill:
  - update: { table: people, set: { loud: \"upper(name)\" }, where: loud IS NULL AND name IS NOT NULL AND age < 1000 }
contract:
  - drop_sync: { step: keep }
  - drop_column: { table: people, column: name, replaced_by: [loud] }
";

const WRITTEN: &str = "title: Loud names, written by the releases
after: [create]
expand:
  - add_column: { table: people, column: loud, type: text }
backfill:
  - update: { table: people, set: { loud: \"upper(name)\" }, where: loud IS NULL AND name IS NOT NULL }
contract:
  - drop_column: { table: people, column: name, replaced_by: [loud] }
gates:
  backfill: { releases: { web: { any: writes both from the start } } }
  contract: { releases: { web: { any: reads loud only } } }
";

const COPIED: &str = "title: Calls instead of visits
after: [create]
expand:
  - create_table:
      table: calls
      columns:
        - { name: person_id, type: bigint, nullable: false }
        - { name: number, type: bigint, nullable: false }
      primary_key: [number, person_id]
  - id: carry
    sync_tables: { from: visits, to: calls, columns: { number: id, person_id: person_id }, key: [number, person_id] }
backfill:
  - copy_table: { from: visits, to: calls, columns: { number: id, person_id: person_id } }
contract:
  - drop_sync: { step: carry }
  - drop_table: { table: visits, replaced_by: [calls] }
";

const BOTH: [Dialect; 2] = [Dialect::Sqlite, Dialect::Postgres];

/// A world with twelve people, the plan run up to its contract phase.
fn world(dialect: Dialect, plan: &str) -> World {
    let world = World::new(dialect);
    world.project.write("plans/2026-01-01-000000_create.yaml", CREATE);
    world.project.run(&["run"]).exits(0);
    world.add_people(1, 12);
    world.project.write("plans/2026-01-02-000000_change.yaml", plan);
    world.project.run(&["run", "--through", "change/backfill"]).exits(0);
    world
}

/// What `run` says of the contract phase that it finds shut.
#[track_caller]
fn blocked(world: &World) -> String {
    let text = world.project.run(&["run", "--phase", "change/contract"]).fails(3);
    assert_eq!(world.project.json(&["next-phase"], 0)["answer"], "ready", "nothing was opened");
    text
}

/// Writes behind the back of triggers.
fn behind_triggers(world: &World, sql: &str) {
    match world.dialect() {
        Dialect::Postgres => world.sql(&format!("SET session_replication_role = replica; {sql}")),
        Dialect::Sqlite => {
            let triggers = "FROM sqlite_master WHERE type = 'trigger' ORDER BY name";
            let texts = world.texts(&format!("SELECT sql AS text {triggers}"));
            for name in world.texts(&format!("SELECT name AS text {triggers}")) {
                world.sql(&format!("DROP TRIGGER {name}"));
            }
            world.sql(sql);
            for text in texts {
                world.sql(&text);
            }
        }
    }
}

#[test]
fn columns_in_step_that_agree_in_neither_direction_block() {
    for dialect in BOTH {
        let world = world(dialect, &format!("{SYNCED}{GATE}"));
        let text = world.project.run(&["next-phase"]).exits(0);
        let just_before = "compared just before: `loud` of `people` with the place they replace";
        assert!(text.contains(just_before), "{text}");
        // A release that knows only the new column writes it: going forward they differ, going back they agree.
        world.sql("UPDATE people SET loud = 'Mixed' WHERE id = 1");
        behind_triggers(&world, "UPDATE people SET loud = 'WRONG' WHERE id IN (3, 4)");
        behind_triggers(&world, "UPDATE people SET loud = NULL WHERE id BETWEEN 6 AND 8");
        behind_triggers(&world, "UPDATE people SET name = NULL WHERE id = 10");
        behind_triggers(&world, "UPDATE people SET loud = 'left out', age = 1000 WHERE id = 12");
        let text = blocked(&world);
        let found = "5 rows of `people` have something else in `loud` than in the place they replace (keys: 3, 4, 6, 7, 8)";
        assert!(text.contains(found), "{text}");
        behind_triggers(&world, "UPDATE people SET loud = upper(name) WHERE id BETWEEN 4 AND 8");
        let text = blocked(&world);
        assert!(text.contains("1 row of `people` has something else"), "{text}");
        assert!(text.contains("(keys: 3)"), "{text}");
        behind_triggers(&world, "UPDATE people SET loud = upper(name) WHERE id = 3");
        world.project.run(&["run"]).exits(0);
        assert_eq!(world.texts("SELECT loud AS text FROM people WHERE id = 1"), ["Mixed"]);
        let history = world.project.run(&["history"]).exits(0);
        assert!(history.contains("nothing is left behind: compared `loud`"), "{history}");
    }
}

#[test]
fn where_releases_write_both_only_what_has_no_new_value_blocks() {
    for dialect in BOTH {
        let world = world(dialect, WRITTEN);
        // The last releases write the new column only.
        world.sql("UPDATE people SET loud = 'NEWER' WHERE id = 2");
        world.sql("INSERT INTO people (id, loud) VALUES (100, 'NEW')");
        world.sql("UPDATE people SET loud = NULL WHERE id IN (5, 9)");
        let next = world.project.json(&["run", "--phase", "change/contract"], 3);
        let text = next["blocked"][0].as_str().unwrap();
        let found =
            "2 rows of `people` have nothing in `loud`, but in the place they replace (keys: 5, 9)";
        assert!(text.contains(found), "{text}");
        world.project.run(&["revert", "change/backfill"]).exits(0);
        world.project.run(&["run"]).exits(0);
        assert_eq!(world.count("people WHERE loud = 'NEWER' OR loud = 'NEW'"), 2);
        assert_eq!(world.count("people WHERE loud IS NULL"), 0);
    }
}

#[test]
fn rows_of_a_copied_table_that_are_not_in_the_new_one_block_unless_they_may_be_lost() {
    for dialect in BOTH {
        let world = world(dialect, &format!("{COPIED}{GATE}"));
        // The last releases write the new table only.
        world.sql("INSERT INTO calls (number, person_id) VALUES (100, 1)");
        world.sql("DELETE FROM calls WHERE number IN (2, 4)");
        let text = blocked(&world);
        let found = "2 rows of `visits` are not in `calls` (keys: (2, 2), (4, 4))";
        assert!(text.contains(found), "{text}");
        let dropped = "drop_table: { table: visits, replaced_by: [calls] }";
        let waive = "waive: { hazard: rows-left-behind, reason: releases delete calls only, until: 2099-01-01 }";
        let waived = COPIED.replace(dropped, &format!("{dropped}\n    {waive}"));
        world.project.write("plans/2026-01-02-000000_change.yaml", format!("{waived}{GATE}"));
        let text = world.project.run(&["check"]).fails(0);
        assert!(text.contains("waived until 2099-01-01: releases delete calls only"), "{text}");
        world.project.run(&["run"]).exits(0);
        assert_eq!(world.count("calls"), 11);
    }
}

#[test]
fn a_comparison_that_takes_too_long_blocks_and_gates_that_are_off_ask_none() {
    for dialect in BOTH {
        let slow = match dialect {
            Dialect::Postgres => "upper(name || coalesce(pg_sleep(2)::text, ''))",
            Dialect::Sqlite => {
                "upper(name) || substr((WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000000) SELECT max(i) FROM n), 1, 0)"
            }
        };
        let config = "limits: { query_timeout: 300ms }\nenvironments: { dev: { gates: off } }\n";
        let world = world(dialect, WRITTEN);
        let config = format!("{}{config}", world.project.read("planner.yaml"));
        world.project.write("planner.yaml", config);
        world.sql("UPDATE people SET loud = NULL WHERE id = 5");
        let plan = WRITTEN.replace("upper(name)", slow);
        world.project.run(&["revert", "change/backfill"]).exits(0);
        world.project.write("plans/2026-01-02-000000_change.yaml", plan);
        world.sql("UPDATE people SET loud = 'FILLED' WHERE loud IS NULL");
        world.project.run(&["run", "--through", "change/backfill"]).exits(0);
        world.sql("UPDATE people SET loud = NULL WHERE id = 5");
        let text = blocked(&world);
        assert!(
            text.contains("`loud` of `people` with the place they replace cannot be compared: "),
            "{text}"
        );
        world.project.run(&["--env", "dev", "run"]).exits(0);
        assert_eq!(world.count("people"), 12);
    }
}

#[test]
fn the_offline_script_stops_where_something_is_left_behind() {
    for dialect in BOTH {
        let world = world(dialect, WRITTEN);
        let script = world.project.run(&["run", "--sql"]).exits(0);
        let head = "-- change/contract: compares `loud` of `people` with the place they replace\n";
        let (_, rest) = script.split_once(head).unwrap_or_else(|| panic!("{script}"));
        let (guard, _) = rest.split_once("-- change/contract/").unwrap();
        world.sql(guard);
        world.sql("UPDATE people SET loud = NULL WHERE id = 5");
        let refused = world.connect().batch_execute(guard).unwrap_err().to_string();
        assert!(refused.contains("change/contract: something is left behind"), "{refused}");
    }
}
