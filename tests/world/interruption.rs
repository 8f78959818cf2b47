//! Ctrl-C and a termination signal: nothing is half done, and the next run goes on.

use std::process::{Child, Command};

use planner::dialect::Dialect;

use super::people::World;
use crate::support::project::ran;

fn signal(run: &Child, name: &str) {
    let id = run.id().to_string();
    assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
}

fn stops_in_a_backfill(dialect: Dialect, name: &str) {
    let world = World::with_people(dialect, 2_000, "{ rows: 50, pause: 30ms }");
    let run = world.project.start(&["run"]);
    world.wait_for_filled(100);
    signal(&run, name);
    let ran = ran(run.wait_with_output().unwrap());
    let text = ran.fails(5);
    assert!(text.contains("Stopped as asked; `planner run` goes on where it ended"), "{text}");
    let filled = world.count("people WHERE loud IS NOT NULL");
    assert!((100..2_000).contains(&filled) && filled % 50 == 0, "{filled}");
    world.project.run(&["next-phase"]).exits(5);
    // The lease was given back: nobody has to wait for it to run out.
    world.project.run(&["run"]).exits(0);
    assert_eq!(world.count("people WHERE loud IS NULL"), 0);
    world.project.run(&["next-phase"]).exits(0);
}

#[test]
fn ctrl_c_in_a_backfill_stops_between_two_batches_on_sqlite() {
    stops_in_a_backfill(Dialect::Sqlite, "-INT");
}

#[test]
fn ctrl_c_in_a_backfill_stops_between_two_batches_on_postgresql() {
    stops_in_a_backfill(Dialect::Postgres, "-INT");
}

#[test]
fn a_termination_signal_stops_a_backfill_likewise() {
    stops_in_a_backfill(Dialect::Sqlite, "-TERM");
    stops_in_a_backfill(Dialect::Postgres, "-TERM");
}

#[test]
fn ctrl_c_while_a_lock_is_waited_for_stops_too() {
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        let world = World::with_people(dialect, 10, "{ rows: 5 }");
        world.limit("lock_timeout: 200ms");
        let mut holder = super::locks::Holder::of_people(&world);
        let run = world.project.start(&["run"]);
        std::thread::sleep(std::time::Duration::from_millis(900));
        signal(&run, "-INT");
        let text = ran(run.wait_with_output().unwrap()).fails(match dialect {
            Dialect::Postgres => 5,
            // It cannot even become the runner.
            Dialect::Sqlite => 3,
        });
        assert!(!text.contains("internal"), "{text}");
        holder.release();
        world.project.run(&["run"]).exits(0);
        world.project.run(&["next-phase"]).exits(0);
    }
}
