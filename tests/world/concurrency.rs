//! Two runs at once: one works, and every migration runs exactly once.

use std::collections::BTreeSet;
use std::process::Child;
use std::time::Duration;

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
        let mut first = world.project.start(&["run"]);
        world.wait_for_filled(10);
        let text = world.project.run(&["run"]).fails(3);
        let holder =
            format!("another run is under way: tester on this machine, process {}", first.id());
        assert!(text.contains(&holder), "{text}");
        assert!(text.contains("wait for it to end"), "{text}");
        let refused = world.project.run(&["revert", "evolve/expand"]);
        assert_eq!(refused.code, 3, "{refused:?}");
        first.kill().unwrap();
        first.wait().unwrap();
    }
}

#[test]
fn the_lease_of_a_killed_run_is_taken_over_when_it_has_run_out() {
    let world = World::with_people(Dialect::Sqlite, 300, "{ rows: 10, pause: 50ms }");
    let mut first = world.project.start(&["run"]);
    world.wait_for_filled(10);
    first.kill().unwrap();
    first.wait().unwrap();
    world.project.run(&["run"]).fails(3);
    // What is left of the thirty seconds.
    std::thread::sleep(Duration::from_secs(25));
    world.project.run(&["run"]).exits(0);
    each_ran_once(&world);
}

#[test]
fn the_lease_of_a_killed_run_goes_with_its_connection_on_postgresql() {
    let world = World::with_people(Dialect::Postgres, 300, "{ rows: 10, pause: 50ms }");
    let mut first = world.project.start(&["run"]);
    world.wait_for_filled(10);
    first.kill().unwrap();
    first.wait().unwrap();
    world.project.run(&["run"]).exits(0);
    each_ran_once(&world);
}

#[test]
fn a_run_that_was_stopped_beyond_its_lease_writes_nothing_more() {
    let world = World::with_people(Dialect::Sqlite, 300, "{ rows: 10, pause: 200ms }");
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
