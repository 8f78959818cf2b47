//! Locks that somebody else holds: waited for, tried again, given up with a clear message.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use planner::dialect::Dialect;

use super::people::{Direct, World, texts};

/// Another connection with a lock that no reader or writer passes.
pub struct Holder {
    connection: Direct,
}

impl Holder {
    /// Locks the table `people`; on SQLite that is the database.
    pub fn of_people(world: &World) -> Self {
        let mut connection = world.connect();
        let sql = match world.dialect() {
            Dialect::Postgres => {
                "SET application_name = 'a night''s export'; BEGIN; LOCK TABLE people IN ACCESS EXCLUSIVE MODE"
            }
            Dialect::Sqlite => "BEGIN IMMEDIATE",
        };
        connection.batch_execute(sql).unwrap();
        Self { connection }
    }

    /// The first column of a query's rows.
    fn texts(&mut self, sql: &str) -> Vec<String> {
        texts(&mut self.connection, sql)
    }

    pub fn release(&mut self) {
        self.connection.batch_execute("ROLLBACK").unwrap();
    }
}

fn limited(dialect: Dialect, limits: &str) -> World {
    let world = World::with_people(dialect, 100, "{ rows: 10 }");
    world.limit(limits);
    world
}

fn waits_for_three_seconds(dialect: Dialect) {
    let world = limited(dialect, "lock_timeout: 100ms, retries: 20");
    let mut holder = Holder::of_people(&world);
    let run = world.project.start(&["run"]);
    std::thread::sleep(Duration::from_secs(3));
    holder.release();
    let output = crate::support::project::ran(run.wait_with_output().unwrap());
    output.exits(0);
    assert_eq!(world.count("people WHERE loud IS NULL"), 0);
    assert_eq!(world.project.json(&["next-phase"], 0)["answer"], "complete");
}

#[test]
fn a_lock_held_for_seconds_only_delays_a_run_on_sqlite() {
    waits_for_three_seconds(Dialect::Sqlite);
}

#[test]
fn a_lock_held_for_seconds_only_delays_a_run_on_postgresql() {
    waits_for_three_seconds(Dialect::Postgres);
}

#[test]
fn a_lock_held_for_ever_ends_a_run_with_the_step_that_waited() {
    let world = limited(Dialect::Postgres, "lock_timeout: 50ms, retries: 3");
    let before = world.state();
    let mut holder = Holder::of_people(&world);
    let started = Instant::now();
    let text = world.project.run(&["run"]).fails(1);
    assert!(started.elapsed() < Duration::from_secs(20));
    assert!(text.contains("step `add_column_people_loud` of evolve/expand failed"), "{text}");
    assert!(text.contains("canceling statement due to lock timeout"), "{text}");
    let process = holder.texts("SELECT CAST(pg_backend_pid() AS text) AS text").remove(0);
    let who = format!(
        "in the way: process {process} of `planner` (a night's export, idle in transaction, in a transaction for "
    );
    assert!(text.contains(&who), "{text}");
    assert!(text.contains("wait for that transaction to end, or end it with `pg_terminate_backend`, then run again"), "{text}");
    holder.release();
    assert_eq!(world.state(), before, "nothing is half done");
    assert_eq!(world.count("pg_stat_activity WHERE query LIKE '%pg_blocking_pids%' AND pid <> pg_backend_pid() AND datname = current_database()"), 0);
    world.project.run(&["next-phase"]).exits(0);
    world.project.run(&["run"]).exits(0);
}

#[test]
fn a_database_locked_for_ever_ends_a_run_with_a_clear_message() {
    let world = limited(Dialect::Sqlite, "lock_timeout: 50ms, retries: 3, run_wait: 1s");
    let before = world.state();
    let mut holder = Holder::of_people(&world);
    let started = Instant::now();
    let ran = world.project.run(&["run"]);
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    let text = ran.fails(3);
    assert!(text.contains("locked"), "{text}");
    holder.release();
    assert_eq!(world.state(), before, "nothing is half done");
    world.project.run(&["run"]).exits(0);
}

#[test]
fn a_lock_that_comes_in_the_middle_of_a_backfill_is_waited_for() {
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        let world = limited(dialect, "lock_timeout: 50ms, retries: 20");
        let batch = "{ rows: 5, pause: 50ms }";
        world.project.write(
            "plans/2026-01-02-000000_evolve.yaml",
            super::people::EVOLVE.replace("BATCH", batch),
        );
        let run = world.project.start(&["run"]);
        world.wait_for_filled(10);
        let mut holder = Holder::of_people(&world);
        std::thread::sleep(Duration::from_secs(1));
        holder.release();
        let output = crate::support::project::ran(run.wait_with_output().unwrap());
        assert!(output.err.contains("to try evolve/"), "{output:?}");
        output.exits(0);
        assert_eq!(world.count("people WHERE loud IS NULL"), 0);
        assert_eq!(world.entries("failed"), Vec::<String>::new());
    }
}
