//! Backfills: walked in batches by keys of any type, and written whole.

use planner::change::{Batch, Change, DataChange, Write};
use planner::dialects::{again, batch_end, batch_queries, batch_write};
use planner::name::Name;

use super::bench::{Bench, column, expression, required, table};

fn update(key: &[&str], set: &[(&str, &str)], condition: Option<&str>) -> DataChange {
    let set = set.iter().map(|(name, value)| (Name::from(*name), expression(value))).collect();
    change(key, Write::Update { set }, condition)
}

fn change(key: &[&str], write: Write, condition: Option<&str>) -> DataChange {
    DataChange {
        table: "items".into(),
        key: key.iter().map(|name| Name::from(*name)).collect(),
        write,
        condition: condition.map(expression),
        batch: Batch::default(),
    }
}

/// Runs a backfill in batches as planner does; returns how many there were.
fn walk(bench: &mut Bench, change: &DataChange, rows: u32) -> u32 {
    let queries = batch_queries(change, &bench.catalog).unwrap();
    let n_keys = change.key.len();
    let Some(upper) = bench.key(&queries.upper_bound, n_keys) else { return 0 };
    let mut after: Option<Vec<String>> = None;
    let mut batches = 0;
    loop {
        let query = batch_end(change, &bench.catalog, after.as_deref(), &upper, rows);
        let Some(end) = bench.key(&query, n_keys) else { break };
        bench.sql(&batch_write(change, &bench.catalog, after.as_deref(), &end));
        // Each session reads a key as the one before it wrote it.
        bench.sql(if batches % 2 == 0 {
            "SET DateStyle = 'German'"
        } else {
            "SET DateStyle = 'SQL, MDY'"
        });
        bench.sql("SET TimeZone = 'Asia/Kolkata'; SET IntervalStyle = 'iso_8601'");
        after = Some(end);
        batches += 1;
        assert!(batches < 1_000, "the walk must end");
    }
    assert_eq!(bench.value(&queries.remaining), "0");
    batches
}

#[test]
fn keys_of_any_type_are_walked_row_by_row() {
    for (sql_type, values) in [
        ("integer", "(-3), (0), (7)"),
        ("bigint", "(-9223372036854775808), (1), (9223372036854775807)"),
        ("text", "('a\\''; DROP TABLE items; --'), (''), (E'tab\\t$x$ \"q\"')"),
        ("character(4)", "('a'), ('b c'), ('d''')"),
        (
            "uuid",
            "('00000000-0000-0000-0000-000000000001'), (gen_random_uuid()), (gen_random_uuid())",
        ),
        (
            "timestamp with time zone",
            "('2024-02-03 04:05:06.123456+02'), ('0044-03-15 BC'), ('infinity')",
        ),
        (
            "timestamp without time zone",
            "('2024-12-11 10:09:08.000001'), ('-infinity'), ('2024-11-12')",
        ),
        ("date", "('2024-01-02'), ('2024-02-01'), ('0001-01-01 BC')"),
        ("numeric(20,5)", "(1.5), (-0.00001), (99999999999999.5)"),
        ("double precision", "(0.1), ('NaN'), (-1e300)"),
        ("bytea", "('\\x00ff'), ('\\x'), ('\\xde''')"),
        ("interval", "('1 day -2 hours'), ('1 month'), ('-3 years 4 days')"),
        ("boolean", "(true), (false)"),
        ("inet", "('10.0.0.1/8'), ('::1'), ('127.0.0.1')"),
        ("integer[]", "('{1,2}'), ('{}'), ('{NULL}')"),
    ] {
        let mut bench = Bench::new();
        bench.up(&table("items", vec![column("k", sql_type), column("done", "boolean")]));
        let values = if sql_type == "text" {
            "('a''; DROP TABLE items; --'), (''), (E'tab\\t$x$ \"q\" \\\\')"
        } else {
            values
        };
        let values = if sql_type == "bytea" { "('\\x00ff'), ('\\x'), ('\\xde')" } else { values };
        bench.sql(&format!("INSERT INTO items (k) VALUES {values}"));
        let rows: u32 = bench.value("SELECT count(*) FROM items").parse().unwrap();
        let change = update(&["k"], &[("done", "true")], Some("done IS NULL"));
        assert_eq!(walk(&mut bench, &change, 1), rows, "{sql_type}");
    }
}

#[test]
fn composite_keys_are_walked_in_order() {
    let mut bench = Bench::new();
    let columns = vec![column("a", "integer"), required("b", "text"), column("n", "integer")];
    let Change::CreateTable { name, table: mut items } = table("items", columns) else {
        unreachable!("it is a table")
    };
    items.primary_key.as_mut().unwrap().columns.push("b".into());
    bench.up(&Change::CreateTable { name, table: items });
    bench.sql("INSERT INTO items SELECT a, b, 0 FROM generate_series(1, 5) a, unnest(ARRAY['x', 'it''s', 'Z']) b");
    // Were a row written twice, it would show.
    let change = update(&["a", "b"], &[("n", "n + 1")], None);
    assert_eq!(walk(&mut bench, &change, 4), 4);
    assert_eq!(bench.value("SELECT count(*) FROM items WHERE n = 1"), "15");
}

fn numbered() -> Bench {
    let mut bench = Bench::new();
    let columns = vec![column("id", "integer"), column("n", "integer"), column("s", "text")];
    bench.up(&table("items", columns));
    bench.up(&table("copies", vec![column("number", "bigint"), column("s", "text")]));
    bench.sql("INSERT INTO items SELECT i, i % 3, 's' || i FROM generate_series(1, 10) i");
    bench
}

fn copy(columns: &[(&str, &str)]) -> DataChange {
    let columns = columns.iter().map(|(name, value)| (Name::from(*name), expression(value)));
    let columns = columns.collect();
    change(&["id"], Write::Copy { to: "copies".into(), columns, overwrite: false }, None)
}

#[test]
fn an_empty_table_has_nothing_to_walk() {
    let mut bench = numbered();
    bench.sql("DELETE FROM items");
    assert_eq!(walk(&mut bench, &update(&["id"], &[("n", "1")], Some("n IS NULL")), 3), 0);
}

#[test]
fn rows_are_deleted_in_batches() {
    let mut bench = numbered();
    assert_eq!(walk(&mut bench, &change(&["id"], Write::Delete, Some("n = 1")), 4), 3);
    assert_eq!(bench.value("SELECT count(*) FROM items"), "6");
}

#[test]
fn rows_are_copied_in_batches_and_the_rest_is_counted() {
    let mut bench = numbered();
    bench.sql("INSERT INTO copies VALUES (2, 'mine')");
    let change = copy(&[("number", "id"), ("s", "items.s || '!'")]);
    let remaining = batch_queries(&change, &bench.catalog).unwrap().remaining;
    assert_eq!(bench.value(&remaining), "9");
    assert_eq!(walk(&mut bench, &change, 3), 4);
    assert_eq!(bench.lines("SELECT s FROM copies ORDER BY number LIMIT 2"), ["s1!", "mine"]);
    let again = again(&change, bench.catalog.dialect);
    walk(&mut bench, &again, 3);
    assert_eq!(bench.lines("SELECT s FROM copies ORDER BY number LIMIT 2"), ["s1!", "s2!"]);
}

#[test]
fn a_target_without_a_copied_key_is_compared_by_all_that_was_copied() {
    let mut bench = numbered();
    bench.sql(
        "CREATE SEQUENCE numbers; ALTER TABLE copies ALTER number SET DEFAULT nextval('numbers')",
    );
    let change = copy(&[("s", "s")]);
    let remaining = batch_queries(&change, &bench.catalog).unwrap().remaining;
    assert_eq!(bench.value(&remaining), "10");
    walk(&mut bench, &change, 100);
}

#[test]
fn a_void_update_is_done_again_where_values_differ() {
    let mut bench = numbered();
    let change = update(&["id"], &[("s", "'v' || n")], Some("s IS NULL AND n < 2"));
    let again = again(&change, bench.catalog.dialect);
    assert_eq!(bench.value(&batch_queries(&again, &bench.catalog).unwrap().remaining), "7");
    walk(&mut bench, &again, 2);
    assert_eq!(bench.value("SELECT count(*) FROM items WHERE s LIKE 'v%'"), "7");
}

#[test]
fn a_row_without_a_key_is_not_walked_but_found_to_remain() {
    let mut bench = numbered();
    bench.sql("INSERT INTO items VALUES (11, NULL, NULL), (12, 5, NULL)");
    let change = update(&["n"], &[("s", "'v'")], Some("s IS NULL"));
    let queries = batch_queries(&change, &bench.catalog).unwrap();
    assert_eq!(bench.key(&queries.upper_bound, 1).unwrap(), ["'5'::integer"]);
    bench.sql(&batch_write(&change, &bench.catalog, None, &["'5'::integer".to_owned()]));
    assert_eq!(bench.value(&queries.remaining), "1");
}

#[test]
fn inserts_leave_what_is_there_alone() {
    let mut bench = numbered();
    let columns: Vec<Name> = vec!["id".into(), "s".into()];
    let query = expression("SELECT number, s FROM copies -- all\n;");
    let select = change(&[], Write::InsertSelect { columns: columns.clone(), query }, None);
    let row = |id: &str| vec![expression(id), expression("'new'")];
    let rows = vec![row("1"), row("20"), row("20 + 1")];
    let values = change(&[], Write::InsertValues { columns: columns.clone(), rows }, None);
    let none = change(&[], Write::InsertValues { columns, rows: Vec::new() }, None);
    bench.sql("INSERT INTO copies VALUES (1, 'copied'), (30, 'copied')");
    for change in [select, values, none] {
        assert_eq!(batch_queries(&change, &bench.catalog), None);
        for _ in 0..2 {
            bench.up(&Change::Write(change.clone()));
        }
    }
    let new = "SELECT id FROM items WHERE s IN ('new', 'copied') ORDER BY id";
    assert_eq!(bench.lines(new), ["20", "21", "30"]);
}

#[test]
fn a_backfill_without_a_key_is_written_whole() {
    let mut bench = numbered();
    let change = update(&[], &[("s", "NULL"), ("n", "id")], Some("n <> id OR s = 's1'"));
    assert_eq!(batch_queries(&change, &bench.catalog), None);
    let script = bench.up(&Change::Write(change));
    assert_eq!(bench.value("SELECT count(*) FROM items WHERE n = id"), "10");
    bench.undo(&script);
    let everything = copy(&[("number", "id"), ("s", "s")]);
    bench.up(&Change::Write(DataChange { key: Vec::new(), ..everything }));
    assert_eq!(bench.value("SELECT count(*) FROM copies"), "10");
}
