//! Backfills in batches reach every row once, whatever the key, and can be done again.

use planner::catalog::IndexColumn;
use planner::change::{Batch, DataChange, Write};
use planner::dialects::{again, batch_end, batch_queries, batch_write};

use super::*;

fn change(table: &str, key: &[&str], write: Write, condition: Option<&str>) -> DataChange {
    let condition = condition.map(expression);
    DataChange { table: table.into(), key: names(key), write, condition, batch: Batch::default() }
}

/// Walks the whole table in batches, and returns how many there were.
fn walk(world: &mut World, change: &DataChange, rows: u32) -> usize {
    let queries = batch_queries(change, &world.catalog).unwrap();
    let Some(upper) = keys(world, change, &queries.upper_bound) else { return 0 };
    let mut after: Option<Vec<String>> = None;
    let mut n_batches = 0;
    loop {
        let query = batch_end(change, &world.catalog, after.as_deref(), &upper, rows);
        let Some(end) = keys(world, change, &query) else { return n_batches };
        let sql = batch_write(change, &world.catalog, after.as_deref(), &end);
        world.sql(&sql);
        n_batches += 1;
        after = Some(end);
    }
}

/// Returns the one row of texts that a query for a key gives.
fn keys(world: &mut World, change: &DataChange, query: &str) -> Option<Vec<String>> {
    let columns: Vec<String> = (1..=change.key.len()).map(|at| format!("c{at}")).collect();
    let with = format!("WITH q ({}) AS ({query})", columns.join(", "));
    columns
        .iter()
        .map(|column| {
            let query = format!("{with} SELECT {column} AS text FROM q");
            let rows: Vec<Row> = diesel::sql_query(query).load(&mut world.connection).unwrap();
            assert!(rows.len() <= 1);
            rows.into_iter().next().map(|row| row.text.unwrap())
        })
        .collect()
}

fn remaining(world: &mut World, change: &DataChange) -> String {
    let query = batch_queries(change, &world.catalog).unwrap().remaining;
    let rows = world.rows("n", &format!("FROM (WITH q (n) AS ({query}) SELECT n FROM q)"));
    rows.into_iter().next().unwrap()
}

#[test]
fn every_row_is_reached_whatever_the_key() {
    for (key_columns, columns) in [
        (vec!["id"], vec![integer("id")]),
        (vec!["id"], vec![Column::new("id", "")]),
        (vec!["id"], vec![Column { collation: Some("NOCASE".into()), ..text("id") }]),
        (vec!["order", "id"], vec![text("order"), Column::new("id", "BLOB")]),
        (vec!["rowid"], vec![text("id")]),
    ] {
        let mut world = World::new();
        let columns = columns.into_iter().chain([text("old"), text("new")]).collect();
        world.run(&create("t", Table { columns, ..Table::default() }));
        let order = if key_columns.contains(&"order") { "\"order\", " } else { "" };
        let value = if order.is_empty() { "" } else { "'it''s ' || (value % 3), " };
        world.sql(&format!(
            "WITH n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 100)
             INSERT INTO t ({order}id, old) SELECT {value} CASE value % 4 WHEN 0 THEN value WHEN 1 THEN value + 0.1
             WHEN 2 THEN 'K''' || value ELSE CAST('b' || value AS BLOB) END, value FROM n"
        ));
        if key_columns == ["id"] {
            // Key columns of type INTEGER refuse nothing here: the table has no primary key.
            assert_eq!(world.rows("count(DISTINCT id)", "FROM t"), ["100"]);
        }
        let set = pairs(&[("new", "coalesce(new, '') || old || '!'")]);
        let update = change("t", &key_columns, Write::Update { set }, Some("new IS NULL OR false"));
        assert_eq!(remaining(&mut world, &update), "100");
        assert_eq!(walk(&mut world, &update, 7), 15);
        assert_eq!(remaining(&mut world, &update), "0");
        assert_eq!(world.rows("count(*)", "FROM t WHERE new = old || '!'"), ["100"]);
    }
}

#[test]
fn an_empty_table_has_no_batch() {
    let mut world = World::new();
    world.run(&create("t", table("t", vec![text("a")])));
    assert_eq!(walk(&mut world, &change("t", &["id"], Write::Delete, None), 10), 0);
}

#[test]
fn keys_with_quotes_and_zero_bytes_do_not_stop_the_walk() {
    let mut world = World::new();
    let columns = vec![not_null(text("k")), text("a")];
    let primary_key = Some(key("pk", &["k"]));
    world.run(&create("t", Table { columns, primary_key, ..Table::default() }));
    world.sql(
        "INSERT INTO t (k) VALUES ('a' || char(0) || 'b'), ('a' || char(0) || 'c'), ('it''s'), (''), (x'00'), ('ü'), ('NULL')",
    );
    let set = pairs(&[("a", "coalesce(a, '') || 'x'")]);
    assert_eq!(walk(&mut world, &change("t", &["k"], Write::Update { set }, None), 1), 7);
    assert_eq!(world.rows("count(*)", "FROM t WHERE a = 'x'"), ["7"]);
}

#[test]
fn a_delete_reaches_only_what_its_condition_selects() {
    let mut world = World::new();
    world.run(&create("t", table("t", vec![text("a")])));
    world.sql("INSERT INTO t (a) VALUES ('x'), ('y'), ('x'), (NULL)");
    let delete = change("t", &["id"], Write::Delete, Some("a = 'x' -- gone"));
    assert_eq!(remaining(&mut world, &delete), "2");
    walk(&mut world, &delete, 1);
    assert_eq!(
        (remaining(&mut world, &delete), world.rows("a", "FROM t")),
        ("0".into(), vec!["y".into(), "NULL".into()])
    );
}

#[test]
fn a_copy_leaves_rows_that_are_there_and_overwrites_them_when_done_again() {
    let mut world = World::new();
    world.run(&create("source", table("source", vec![text("name"), text("note")])));
    let mut target = table("target", vec![text("name"), text("own")]);
    target.columns[0].generated = None;
    world.run(&create("target", target));
    world.sql(
        "INSERT INTO source VALUES (1, 'a', 'x'), (2, 'b', 'x'), (3, 'c', NULL);
         INSERT INTO target VALUES (1002, 'mine', 'own')",
    );
    let columns = pairs(&[("id", "id + 1000"), ("name", "name || '!'")]);
    let copy = |overwrite| Write::Copy { to: "target".into(), columns: columns.clone(), overwrite };
    let first = change("source", &["id"], copy(false), Some("note = 'x'"));
    assert_eq!(remaining(&mut world, &first), "1");
    walk(&mut world, &first, 1);
    assert_eq!(remaining(&mut world, &first), "0");
    assert_eq!(world.rows("id, name, own", "FROM target"), ["1001|a!|NULL", "1002|mine|own"]);
    let second = again(&first, Dialect::Sqlite);
    assert_eq!(second, change("source", &["id"], copy(true), Some("note = 'x'")));
    walk(&mut world, &second, 10);
    assert_eq!(world.rows("id, name, own", "FROM target"), ["1001|a!|NULL", "1002|b!|own"]);
    let whole = change("source", &["id"], copy(true), None);
    world.run(&Change::Write(whole.clone()));
    assert_eq!(
        (remaining(&mut world, &whole), world.rows("count(*)", "FROM target")),
        ("0".into(), vec!["3".into()])
    );
}

#[test]
fn an_update_done_again_reaches_the_rows_that_differ() {
    let mut world = World::new();
    world.run(&create("t", table("t", vec![text("old"), text("a"), text("b")])));
    world.sql(
        "INSERT INTO t (old, a, b) VALUES ('x', 'x', 'X'), ('y', 'stale', 'Y'), ('z', 'z', NULL)",
    );
    let set = pairs(&[("a", "old"), ("b", "upper(old)")]);
    let first = change("t", &["id"], Write::Update { set }, Some("a IS NULL"));
    assert_eq!(remaining(&mut world, &first), "0");
    let second = again(&first, Dialect::Sqlite);
    assert_eq!(remaining(&mut world, &second), "2");
    walk(&mut world, &second, 2);
    assert_eq!(remaining(&mut world, &second), "0");
    assert_eq!(world.rows("a, b", "FROM t"), ["x|X", "y|Y", "z|Z"]);
}

#[test]
fn plain_inserts_run_whole_and_leave_rows_that_are_there() {
    let mut world = World::new();
    world.run(&create("t", table("t", vec![text("a")])));
    let part = IndexColumn {
        key: IndexKey::Column("a".into()),
        order: Order::Ascending,
        nulls: None,
        opclass: None,
        terms: PartTerms::default(),
    };
    let unique = Index { unique: true, columns: vec![part], ..index_on("a") };
    world.run(&Change::CreateIndex { table: "t".into(), name: "t_a".into(), index: unique });
    let values = |text: &str| vec![expression(text)];
    let insert = Write::InsertValues {
        columns: names(&["a"]),
        rows: vec![values("'x'"), values("lower('Y')")],
    };
    let insert = change("t", &[], insert, None);
    assert_eq!(batch_queries(&insert, &world.catalog), None);
    for query in [
        "SELECT a || a FROM t AS o JOIN (SELECT 1) -- all",
        "VALUES ('x'), ('z')",
        "WITH w AS (SELECT 'w') SELECT * FROM w ORDER BY 1",
    ] {
        world.run(&Change::Write(insert.clone()));
        let write = Write::InsertSelect { columns: names(&["a"]), query: expression(query) };
        world.run(&Change::Write(change("t", &[], write, None)));
    }
    assert_eq!(world.rows("a", "FROM t ORDER BY a"), ["w", "x", "xx", "y", "yy", "z"]);
}
