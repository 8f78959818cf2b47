//! Numbers that the server gives, where rows bring theirs along from another table.

use std::sync::Arc;

use planner::catalog::{Column, Generated, Identity, Sync, SyncTables};
use planner::change::{Batch, Change, DataChange, Write};
use planner::dialects::batch_queries;

use super::bench::{Bench, column, expression, required, table};

fn numbered(name: &str, identity: Identity) -> Change {
    let id = Column { generated: Some(Generated::Identity(identity)), ..required("id", "bigint") };
    table(name, vec![id, column("note", "text")])
}

fn pairs() -> Vec<(planner::name::Name, planner::catalog::SqlExpression)> {
    vec![("id".into(), expression("id")), ("note".into(), expression("note"))]
}

fn sync() -> Arc<Sync> {
    Arc::new(Sync::Tables(SyncTables {
        name: "planner_sync_orders".into(),
        from: "orders".into(),
        to: "shop.purchases".into(),
        columns: pairs(),
        key: vec!["id".into()],
    }))
}

fn copy() -> DataChange {
    DataChange {
        table: "orders".into(),
        key: vec!["id".into()],
        write: Write::Copy { to: "shop.purchases".into(), columns: pairs(), overwrite: false },
        condition: None,
        batch: Batch::default(),
    }
}

fn bench(source: Identity, target: Identity) -> Bench {
    let mut bench = Bench::new();
    bench.sql("CREATE SCHEMA shop");
    bench.up(&numbered("orders", source));
    bench.up(&numbered("shop.purchases", target));
    bench
}

/// Inserts as the releases of both sides do, many rows a statement.
fn insert(bench: &mut Bench, table: &str, note: &str, rows: usize) {
    bench.sql(&format!(
        "INSERT INTO {table} (note) SELECT '{note}' FROM generate_series(1, {rows})"
    ));
}

fn count(bench: &mut Bench, note: &str) -> String {
    bench.value(&format!("SELECT count(*)::text FROM shop.purchases WHERE note = '{note}'"))
}

#[test]
fn tables_in_step_number_their_rows_apart_and_the_new_one_goes_on_alone() {
    for (source, target) in [
        (Identity::Always, Identity::Always),
        (Identity::Serial, Identity::ByDefault),
        (Identity::ByDefault, Identity::Serial),
    ] {
        let mut bench = bench(source, target);
        insert(&mut bench, "orders", "before", 5);
        bench.up(&Change::CreateSync(sync()));
        for _ in 0..3 {
            insert(&mut bench, "orders", "old", 2);
            insert(&mut bench, "shop.purchases", "new", 3);
        }
        bench.up(&Change::Write(copy()));
        insert(&mut bench, "shop.purchases", "new", 1);
        insert(&mut bench, "orders", "old", 4);
        bench.up(&Change::DropSync(sync()));
        insert(&mut bench, "shop.purchases", "after", 9);
        let counted = ["before", "old", "new", "after"].map(|note| count(&mut bench, note));
        assert_eq!(counted, ["5", "10", "10", "9"]);
        let steps = "SELECT string_agg(seqincrement::text, ' ') FROM pg_sequence";
        assert_eq!(bench.value(steps), "1 1");
    }
}

#[test]
fn a_sync_that_comes_back_numbers_apart_from_what_came_meanwhile() {
    let mut bench = bench(Identity::ByDefault, Identity::ByDefault);
    insert(&mut bench, "orders", "before", 2);
    bench.there_and_back(&Change::CreateSync(sync()));
    bench.up(&Change::DropSync(sync()));
    insert(&mut bench, "shop.purchases", "new", 20);
    bench.up(&Change::CreateSync(sync()));
    insert(&mut bench, "orders", "old", 7);
    insert(&mut bench, "shop.purchases", "new", 7);
    insert(&mut bench, "orders", "old", 7);
    assert_eq!((count(&mut bench, "new"), count(&mut bench, "old")), ("27".into(), "14".into()));
}

#[test]
fn after_a_copy_the_numbers_go_on_behind_it() {
    let mut bench = bench(Identity::ByDefault, Identity::ByDefault);
    insert(&mut bench, "orders", "before", 5);
    bench.up(&Change::Write(copy()));
    insert(&mut bench, "shop.purchases", "new", 2);
    assert_eq!(bench.value("SELECT max(id)::text FROM shop.purchases"), "7");
    let last = batch_queries(&copy(), &bench.catalog).unwrap().last;
    for statement in &last {
        bench.sql(statement);
        bench.sql(statement);
    }
    assert_eq!(last.len(), 1);
    insert(&mut bench, "shop.purchases", "new", 1);
    assert_eq!(bench.value("SELECT max(id)::text FROM shop.purchases"), "8");
}

#[test]
fn rows_written_with_their_numbers_leave_the_next_number_free() {
    let mut bench = bench(Identity::ByDefault, Identity::Always);
    let write = Write::InsertValues {
        columns: vec!["id".into(), "note".into()],
        rows: vec![vec![expression("7"), expression("'seed'")]],
    };
    bench.up(&Change::Write(DataChange {
        table: "shop.purchases".into(),
        key: Vec::new(),
        write,
        condition: None,
        batch: Batch::default(),
    }));
    insert(&mut bench, "shop.purchases", "new", 1);
    assert_eq!(bench.value("SELECT max(id)::text FROM shop.purchases"), "8");
}

#[test]
fn an_empty_table_begins_with_its_first_number() {
    let mut bench = bench(Identity::ByDefault, Identity::ByDefault);
    bench.up(&Change::Write(copy()));
    insert(&mut bench, "shop.purchases", "new", 1);
    assert_eq!(bench.value("SELECT max(id)::text FROM shop.purchases"), "1");
}
