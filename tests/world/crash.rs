//! The program is killed, again and again, and the end is that of a run that nobody disturbed.

use std::io::{BufRead as _, BufReader};
use std::process::Child;
use std::time::Duration;

use planner::dialect::Dialect;

use super::people::World;

/// How many runs are killed at least: the backfill alone has more batches, of which a killed run writes one.
const KILLS: u64 = 15;

/// Kills a run so many milliseconds after it has told of so many events; `false` if it ended before.
fn killed_after(run: &mut Child, events: usize, milliseconds: u64) -> bool {
    let mut lines = BufReader::new(run.stderr.take().unwrap()).lines();
    let told = lines.by_ref().take(events).map_while(Result::ok).count();
    if told == events {
        std::thread::sleep(Duration::from_millis(milliseconds));
    }
    run.kill().unwrap();
    let status = run.wait().unwrap();
    let rest: Vec<String> = lines.map_while(Result::ok).collect();
    assert!(status.code().is_none_or(|code| code == 0), "{status}: {rest:?}");
    status.code().is_none()
}

fn survives_kills(dialect: Dialect) {
    let undisturbed = World::with_people(dialect, 200, "{ rows: 10 }");
    undisturbed.project.run(&["run"]).exits(0);

    let world = World::with_people(dialect, 200, "{ rows: 10, pause: 60ms }");
    let mut n_killed = 0;
    // What a run tells first is what it begins with, then what it has done; a kill may come in the middle of either.
    while killed_after(
        &mut world.project.start(&["run"]),
        1 + (n_killed % 3) as usize,
        n_killed * 3 % 8,
    ) {
        n_killed += 1;
        assert!(n_killed < 300, "killed runs get nowhere");
        let answer = world.project.run(&["next-phase"]);
        assert!([0, 5].contains(&answer.code), "{answer:?}");
    }
    assert!(n_killed >= KILLS, "only {n_killed} runs were killed");
    world.project.run(&["run"]).exits(0);
    assert_eq!(world.state(), undisturbed.state());
    assert_eq!(world.versions(), undisturbed.versions());
    let next = world.project.json(&["next-phase"], 0);
    assert_eq!(next["answer"], "complete", "{next}");
}

#[test]
fn a_run_killed_at_any_time_ends_as_if_undisturbed_on_sqlite() {
    survives_kills(Dialect::Sqlite);
}

#[test]
fn a_run_killed_at_any_time_ends_as_if_undisturbed_on_postgresql() {
    survives_kills(Dialect::Postgres);
}

/// Kills a run in its backfill while somebody else writes; the next goes on from the cursor.
fn goes_on_from_the_cursor(dialect: Dialect) {
    let world = World::with_people(dialect, 3_000, "{ rows: 50, pause: 20ms }");
    let text = world.project.run(&["run", "--phase", "evolve/backfill"]).fails(3);
    assert!(text.contains("say `--through evolve/backfill`"), "{text}");
    world.project.run(&["run", "--phase", "evolve/expand"]).exits(0);
    let mut run = world.project.start(&["run", "--phase", "evolve/backfill"]);
    world.wait_for_filled(400);
    world.sql("UPDATE people SET name = 'changed behind' WHERE id = 3");
    world.sql("UPDATE people SET name = 'changed before' WHERE id = 2900");
    world.add_people(3_001, 3_010);
    run.kill().unwrap();
    run.wait().unwrap();
    let filled = world.count("people WHERE loud IS NOT NULL");
    assert!((400..3_000).contains(&filled), "{filled}");
    world.project.run(&["next-phase"]).exits(5);

    // Were the next run to begin at the first row, it would fill these two again.
    let only_this = "UPDATE people SET loud = NULL WHERE id IN (1, 2)";
    match dialect {
        Dialect::Postgres => {
            world.sql(&format!("SET session_replication_role = replica; {only_this}"));
        }
        Dialect::Sqlite => {
            let triggers =
                world.texts("SELECT sql AS text FROM sqlite_master WHERE type = 'trigger'");
            let names =
                world.texts("SELECT name AS text FROM sqlite_master WHERE type = 'trigger'");
            for name in &names {
                world.sql(&format!("DROP TRIGGER {name}"));
            }
            world.sql(only_this);
            for trigger in &triggers {
                world.sql(trigger);
            }
        }
    }
    let mut run = world.project.start(&["run", "--phase", "evolve/backfill"]);
    world.wait_for_filled(usize::try_from(filled).unwrap() + 100);
    let first = "SELECT coalesce(loud, 'none') AS text FROM people WHERE id IN (1, 2)";
    assert_eq!(world.texts(first), ["none", "none"]);
    assert_eq!(run.wait().unwrap().code(), Some(0));
    assert_eq!(world.count("people WHERE loud IS NULL OR loud <> upper(name)"), 0);
    assert_eq!(world.count("people"), 3_010);
    let changed = "SELECT loud AS text FROM people WHERE id IN (3, 2900) ORDER BY id";
    assert_eq!(world.texts(changed), ["CHANGED BEHIND", "CHANGED BEFORE"]);
    assert_eq!(world.entries("started").len(), 1 + n_alone(&world), "it is one attempt");
    assert_eq!(world.count("planner_cursors"), 0);
}

/// Statements of the expand phase that run alone, which are announced too.
fn n_alone(world: &World) -> usize {
    match world.dialect() {
        Dialect::Postgres => 1,
        Dialect::Sqlite => 0,
    }
}

#[test]
fn a_killed_backfill_goes_on_from_its_cursor_on_sqlite() {
    goes_on_from_the_cursor(Dialect::Sqlite);
}

#[test]
fn a_killed_backfill_goes_on_from_its_cursor_on_postgresql() {
    goes_on_from_the_cursor(Dialect::Postgres);
}
