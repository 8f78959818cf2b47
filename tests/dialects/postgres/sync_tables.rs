//! Tables kept in step: inserts, updates, deletes and changed keys are carried over.

use std::sync::Arc;

use planner::catalog::{Column, Generated, Identity, Sync, SyncTables};
use planner::change::{Batch, Change, DataChange, Write};
use planner::dialects::batch_write;
use planner::name::Name;

use super::bench::{Bench, column, expression, required, table};

fn pairs(columns: &[(&str, &str)]) -> Vec<(Name, planner::catalog::SqlExpression)> {
    columns.iter().map(|(name, value)| (Name::from(*name), expression(value))).collect()
}

fn sync(key: &[&str]) -> Change {
    Change::CreateSync(Arc::new(Sync::Tables(SyncTables {
        name: "planner_sync_people".into(),
        from: "users".into(),
        to: "crm.people".into(),
        columns: pairs(&[("id", "id + 100"), ("full", "name || '!'")]),
        key: key.iter().map(|name| Name::from(*name)).collect(),
    })))
}

fn bench() -> Bench {
    let mut bench = Bench::new();
    bench.sql("CREATE SCHEMA crm");
    bench.up(&table("users", vec![column("id", "integer"), column("name", "text")]));
    let id = Column {
        generated: Some(Generated::Identity(Identity::Always)),
        ..required("id", "bigint")
    };
    bench.up(&table("crm.people", vec![id, column("full", "text")]));
    bench
}

fn people(bench: &mut Bench) -> Vec<String> {
    bench.lines("SELECT id || coalesce(\"full\", '-') FROM crm.people ORDER BY id")
}

#[test]
fn every_write_is_carried_over() {
    let mut bench = bench();
    bench.sql("INSERT INTO users VALUES (1, 'old'), (2, 'older')");
    bench.there_and_back(&sync(&["id"]));
    bench.sql("INSERT INTO users VALUES (3, 'Ann'), (4, NULL)");
    assert_eq!(people(&mut bench), ["103Ann!", "104-"]);
    bench.sql("UPDATE users SET name = 'Bea' WHERE id IN (1, 3)");
    assert_eq!(people(&mut bench), ["101Bea!", "103Bea!", "104-"]);
    bench.sql("UPDATE users SET id = 9 WHERE id = 3");
    assert_eq!(people(&mut bench), ["101Bea!", "104-", "109Bea!"]);
    bench.sql("DELETE FROM users WHERE id IN (1, 2)");
    assert_eq!(people(&mut bench), ["104-", "109Bea!"]);
    bench.sql(
        "INSERT INTO users VALUES (4, 'x') ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name",
    );
    assert_eq!(people(&mut bench), ["104x!", "109Bea!"]);
}

#[test]
fn a_target_without_a_key_to_find_rows_by_is_refused() {
    let refusal = bench().render(&sync(&["full"])).unwrap_err();
    assert_eq!(
        refusal.message,
        "table `crm.people` has no unique key on `full` to find its rows by"
    );
}

fn copy() -> DataChange {
    DataChange {
        table: "users".into(),
        key: vec!["id".into()],
        write: Write::Copy {
            to: "crm.people".into(),
            columns: pairs(&[("id", "id + 100"), ("full", "name || '!'")]),
            overwrite: false,
        },
        condition: Some(expression("id < 3")),
        batch: Batch::default(),
    }
}

#[test]
fn a_row_cannot_be_deleted_while_it_is_copied() {
    let mut bench = bench();
    bench.sql("INSERT INTO users VALUES (1, 'a'), (3, 'c')");
    bench.up(&sync(&["id"]));
    let write = batch_write(&copy(), &bench.catalog, None, &["'9'::integer".to_owned()]);
    bench.sql(&format!("BEGIN; {write}"));
    let error = bench.try_elsewhere("DELETE FROM users WHERE id = 1").unwrap_err();
    assert!(error.contains("lock timeout"), "{error}");
    bench.try_elsewhere("DELETE FROM users WHERE id = 3").unwrap();
    bench.sql("COMMIT");
    bench.try_elsewhere("DELETE FROM users WHERE id = 1").unwrap();
    assert_eq!(people(&mut bench), Vec::<String>::new());
}

#[test]
fn a_copy_leaves_what_the_trigger_wrote_and_overwrites_when_done_again() {
    let mut bench = bench();
    bench.sql("INSERT INTO users VALUES (1, 'a'), (2, 'b'), (3, 'c')");
    bench.up(&sync(&["id"]));
    bench.sql("UPDATE users SET name = 'B' WHERE id = 2");
    bench.sql("UPDATE crm.people SET \"full\" = 'trigger' WHERE id = 102");
    let copy = copy();
    let remaining = planner::dialects::batch_queries(&copy, &bench.catalog).unwrap().remaining;
    assert_eq!(bench.value(&remaining), "1");
    let through = ["'9'::integer".to_owned()];
    bench.sql(&batch_write(&copy, &bench.catalog, None, &through));
    assert_eq!(people(&mut bench), ["101a!", "102trigger"]);
    assert_eq!(bench.value(&remaining), "0");
    let again = planner::dialects::again(&copy, bench.catalog.dialect);
    bench.sql(&batch_write(&again, &bench.catalog, None, &through));
    assert_eq!(people(&mut bench), ["101a!", "102B!"]);
}
