//! Guards: they pass or fail with their message, in a transaction, as often as asked.

use planner::dialect::Dialect;
use planner::dialects::{Transaction, fail, guard, wrap_foreign_keys_off};
use planner::name::Name;

use super::World;

const MESSAGE: &str = "phase `contract` of \"plan\" is not open";

fn statements() -> Vec<String> {
    guard(Dialect::Sqlite, &Name::from("planner_open_20261121"), MESSAGE)
}

#[test]
fn without_a_ledger_the_guard_passes_again_and_again() {
    let mut world = World::new();
    for _ in 0..2 {
        world.execute(&statements(), &Transaction::Shared);
    }
    assert_eq!(world.rows("count(*)", "FROM sqlite_temp_master"), ["0"]);
}

#[test]
fn with_a_ledger_it_fails_with_its_message_until_the_phase_is_open() {
    let mut world = World::new();
    world.sql("CREATE TABLE planner_entries (id INTEGER)");
    for _ in 0..2 {
        let error = world.try_execute(&statements(), &Transaction::Shared).unwrap_err();
        assert_eq!(error, format!("CHECK constraint failed: {MESSAGE}"));
        world.sql("ROLLBACK");
    }
    world.sql("CREATE TABLE planner_open_20261121 (id INTEGER)");
    world.execute(&statements(), &Transaction::Shared);
}

#[test]
fn what_cannot_be_undone_always_fails_with_its_message() {
    let mut world = World::new();
    let error = world.try_execute(&fail(Dialect::Sqlite, "it is gone"), &Transaction::Shared);
    assert_eq!(error.unwrap_err(), "CHECK constraint failed: it is gone");
}

#[test]
fn a_guard_that_fails_around_a_rebuild_leaves_no_transaction_open() {
    let mut world = World::new();
    world.sql("CREATE TABLE planner_entries (id INTEGER)");
    let script = wrap_foreign_keys_off(&["CREATE TABLE t (a)".to_owned()], &statements());
    assert_eq!(world.error(&script.join(";\n")), format!("CHECK constraint failed: {MESSAGE}"));
    assert!(world.error("COMMIT").contains("no transaction is active"));
    assert_eq!(world.rows("count(*)", "FROM sqlite_master WHERE name = 't'"), ["0"]);
}
