//! Two runs at once: one works, and every migration runs exactly once.

use std::collections::BTreeSet;
use std::process::Child;
use std::time::{Duration, Instant};

use planner::dialect::Dialect;

use super::people::World;
use crate::support::project::ran;

fn two_runs(dialect: Dialect) {
    let world = World::with_people(dialect, 300, "{ rows: 10, pause: 10ms }");
    let runs: Vec<Child> = (0..3).map(|_| world.project.start(&["run"])).collect();
    let ended: Vec<_> = runs.into_iter().map(|run| ran(run.wait_with_output().unwrap())).collect();
    for one in &ended {
        assert!([0, 3].contains(&one.code), "{one:?}");
        if one.code == 3 {
            assert!(one.err.contains("another run is under way: tester on "), "{one:?}");
        }
    }
    let n_worked = ended.iter().filter(|one| one.err.contains("done evolve/")).count();
    assert_eq!(n_worked, 1, "{ended:?}");
    each_ran_once(&world);
}

/// Every migration is finished once in the ledger and there is nothing left to do.
fn each_ran_once(world: &World) {
    let finished = world.entries("finished");
    let distinct: BTreeSet<&String> = finished.iter().collect();
    assert_eq!(distinct.len(), finished.len(), "{finished:?}");
    assert!(finished.iter().all(|one| one.ends_with(" 1")), "{finished:?}");
    assert_eq!(finished.len(), world.versions().len());
    assert_eq!(world.project.json(&["next-phase"], 0)["answer"], "complete");
    assert_eq!(world.count("people WHERE loud IS NULL"), 0);
}

#[test]
fn of_runs_at_once_one_works_on_sqlite() {
    two_runs(Dialect::Sqlite);
}

#[test]
fn of_runs_at_once_one_works_on_postgresql() {
    two_runs(Dialect::Postgres);
}

#[test]
fn a_run_beside_a_long_one_ends_with_who_is_at_work() {
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        let world = World::with_people(dialect, 1_000, "{ rows: 10, pause: 100ms }");
        world.limit("run_wait: 500ms");
        let mut first = world.project.start(&["run"]);
        world.wait_for_filled(10);
        let text = world.project.run(&["run"]).fails(3);
        assert!(text.contains("another run is under way: tester on "), "{text}");
        assert!(text.contains(&format!(", process {}\n", first.id())), "{text}");
        assert!(text.contains("wait for it to end"), "{text}");
        let text = world.project.run(&["revert", "evolve/expand"]).fails(3);
        assert!(text.contains("`evolve/update_people_loud` is in doubt"), "{text}");
        first.kill().unwrap();
        first.wait().unwrap();
    }
}

#[test]
fn the_lease_of_a_killed_run_is_taken_over_at_once() {
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        let world = World::with_people(dialect, 300, "{ rows: 10, pause: 50ms }");
        let mut first = world.project.start(&["run"]);
        world.wait_for_filled(10);
        first.kill().unwrap();
        // Not even before its end was asked for, so that its id is still taken, need anybody wait.
        let began = Instant::now();
        world.project.run(&["next-phase"]).exits(5);
        let second = world.project.run(&["run"]);
        first.wait().unwrap();
        second.exits(0);
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        each_ran_once(&world);
    }
}

#[test]
fn the_lease_of_a_run_elsewhere_is_taken_over_when_it_has_run_out() {
    let world = World::with_people(Dialect::Sqlite, 30, "{ rows: 10 }");
    let held = |seconds: u32| {
        world.sql(&format!(
            "UPDATE planner_ledger SET lease_holder = 'ada on ark, process 7 [another boot pid:[1]:7:7]',
             lease_until = strftime('%Y-%m-%d %H:%M:%f', 'now', '+{seconds} seconds')"
        ));
    };
    held(600);
    world.limit("run_wait: 3s");
    let text = world.project.run(&["run"]).fails(3);
    assert!(text.contains("another run is under way: ada on ark, process 7\n"), "{text}");
    assert!(text.contains("its lease runs out at "), "{text}");
    held(2);
    world.project.run(&["run"]).exits(0);
    each_ran_once(&world);
}

#[test]
fn a_run_that_was_stopped_beyond_its_lease_writes_nothing_more() {
    let world = World::with_people(Dialect::Sqlite, 300, "{ rows: 10, pause: 200ms }");
    world.limit("run_wait: 1s");
    let mut first = world.project.start(&["run"]);
    world.wait_for_filled(10);
    let id = first.id().to_string();
    let signal = |name: &str| {
        let sent = std::process::Command::new("kill").args([name, &id]).status().unwrap();
        assert!(sent.success());
    };
    signal("-STOP");
    world.lease_runs_out();
    // The stopped process may hold the file's lock; then it is not stopped between two transactions.
    let second = world.project.run(&["run"]);
    signal("-CONT");
    if second.code == 0 {
        let lost = ran(first.wait_with_output().unwrap());
        assert!(lost.err.contains("another run took over the lease"), "{lost:?}");
        assert_ne!(lost.code, 0);
        each_ran_once(&world);
    } else {
        first.kill().unwrap();
        first.wait().unwrap();
    }
}
