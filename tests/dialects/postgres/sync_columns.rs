//! Columns kept in step: who writes what, and what the other side then is.

use std::sync::Arc;

use planner::catalog::{Column, Sync};
use planner::change::Change;
use planner::name::Name;

use super::bench::{Bench, column, expression, required, table};

fn sync(forward: &[(&str, &str)], backward: &[(&str, &str)]) -> Arc<Sync> {
    let side = |side: &[(&str, &str)]| {
        side.iter().map(|(name, value)| (Name::from(*name), expression(value))).collect()
    };
    Arc::new(Sync::Columns {
        name: "planner_sync_split".into(),
        table: "users".into(),
        forward: side(forward),
        backward: side(backward),
    })
}

fn split() -> Arc<Sync> {
    sync(
        &[("given", "split_part(name, ' ', 1)"), ("family", "split_part(name, ' ', 2)")],
        &[("name", "concat_ws(' ', given, family)")],
    )
}

/// A table whose `name` has been split, with one row from before.
fn bench_with(name: Column) -> Bench {
    let mut bench = Bench::new();
    let columns = vec![
        column("id", "integer"),
        column("dropped", "integer"),
        name,
        column("given", "text"),
        column("family", "text"),
        column("note", "text"),
    ];
    bench.up(&table("users", columns));
    let (table, column) = ("users".into(), "dropped".into());
    bench.up(&Change::DropColumn { table, column, refill: None });
    bench.sql("INSERT INTO users (id, name) VALUES (0, 'Zoe Zed')");
    bench
}

fn bench() -> Bench {
    let mut bench = bench_with(column("name", "text"));
    bench.there_and_back(&Change::CreateSync(split()));
    bench
}

fn row(bench: &mut Bench, id: u32) -> String {
    let null = "coalesce(name, '-') || '|' || coalesce(given, '-') || '|' || coalesce(family, '-')";
    bench.value(&format!("SELECT {null} FROM users WHERE id = {id}"))
}

#[test]
fn a_sync_comes_and_goes_and_comes_back() {
    let mut bench = bench();
    bench.there_and_back(&Change::DropSync(split()));
    bench.sql("INSERT INTO users (id, name) VALUES (1, 'Ann Lee')");
    assert_eq!(row(&mut bench, 1), "Ann Lee|-|-");
}

#[test]
fn an_insert_fills_the_side_that_is_null() {
    let mut bench = bench();
    for (id, insert, expected) in [
        (1, "(id, name) VALUES (1, 'Ann Lee')", "Ann Lee|Ann|Lee"),
        (2, "(id, given, family) VALUES (2, 'Bea', 'Kay')", "Bea Kay|Bea|Kay"),
        (3, "(id, given) VALUES (3, 'Cid')", "Cid|Cid|-"),
        (4, "(id, name, given, family) VALUES (4, 'x y', 'a', 'b')", "x y|a|b"),
        (5, "(id, note) VALUES (5, 'nothing')", "-|-|-"),
    ] {
        bench.sql(&format!("INSERT INTO users {insert}"));
        assert_eq!(row(&mut bench, id), expected);
    }
}

#[test]
fn an_update_carries_over_the_side_that_changed() {
    let mut bench = bench();
    let mut after = |set: &str| {
        bench.sql("DELETE FROM users; INSERT INTO users (id, name) VALUES (1, 'Ann Lee')");
        bench.sql(&format!("UPDATE users SET {set}"));
        row(&mut bench, 1)
    };
    assert_eq!(after("name = 'Bea Kay'"), "Bea Kay|Bea|Kay");
    assert_eq!(after("given = 'Bea'"), "Bea Lee|Bea|Lee");
    assert_eq!(after("family = NULL"), "Ann|Ann|-");
    assert_eq!(after("name = NULL"), "-|-|-");
    assert_eq!(after("name = 'x y', given = 'a'"), "x y|a|Lee");
    assert_eq!(after("note = 'n'"), "Ann Lee|Ann|Lee");
    assert_eq!(after("name = name, given = given"), "Ann Lee|Ann|Lee");
    assert_eq!(after("name = 'ann lee'"), "ann lee|ann|lee");
}

#[test]
fn a_row_from_before_waits_for_its_backfill() {
    let mut bench = bench();
    bench.sql("UPDATE users SET note = 'n'");
    assert_eq!(row(&mut bench, 0), "Zoe Zed|-|-");
    bench.sql("UPDATE users SET name = 'Zoe  Young'");
    assert_eq!(row(&mut bench, 0), "Zoe  Young|Zoe|-".replace("|-", "|"));
}

#[test]
fn a_backfill_is_not_answered() {
    let mut bench = bench();
    // Going forward and back loses the third word, so an answer would be seen.
    bench.up(&Change::DropSync(split()));
    bench.sql("UPDATE users SET name = 'Zoe van Zed'");
    bench.up(&Change::CreateSync(split()));
    bench.sql(
        "UPDATE users SET given = split_part(name, ' ', 1), family = split_part(name, ' ', 2)",
    );
    assert_eq!(row(&mut bench, 0), "Zoe van Zed|Zoe|van");
    bench.sql("UPDATE users SET given = split_part(name, ' ', 1)");
    assert_eq!(row(&mut bench, 0), "Zoe van Zed|Zoe|van");
}

#[test]
fn a_backfill_may_fill_one_column_after_the_other() {
    let mut bench = bench();
    bench.sql("UPDATE users SET family = split_part(name, ' ', 2)");
    assert_eq!(row(&mut bench, 0), "Zoe Zed|-|Zed");
    bench.sql("UPDATE users SET given = split_part(name, ' ', 1)");
    assert_eq!(row(&mut bench, 0), "Zoe Zed|Zoe|Zed");
}

#[test]
fn a_new_write_to_a_row_from_before_loses_nothing() {
    let mut bench = bench();
    bench.sql("UPDATE users SET given = 'Ann'");
    assert_eq!(row(&mut bench, 0), "Ann Zed|Ann|Zed");
    bench.sql("UPDATE users SET family = NULL");
    assert_eq!(row(&mut bench, 0), "Ann|Ann|-");
}

#[test]
fn an_upsert_of_either_release_passes() {
    let mut bench = bench();
    for (columns, values, set, expected) in [
        ("name", "'Ann Lee'", "name = EXCLUDED.name", "Ann Lee|Ann|Lee"),
        ("name", "'Bea Kay'", "name = EXCLUDED.name", "Bea Kay|Bea|Kay"),
        ("given, family", "'Cid', 'Day'", "given = EXCLUDED.given", "Cid Kay|Cid|Kay"),
    ] {
        bench.sql(&format!(
            "INSERT INTO users (id, {columns}) VALUES (1, {values}) ON CONFLICT (id) DO UPDATE SET {set}"
        ));
        assert_eq!(row(&mut bench, 1), expected);
    }
}

#[test]
fn a_required_column_that_is_no_longer_written_is_filled() {
    let mut bench = bench_with(required("name", "text"));
    bench.up(&Change::CreateSync(split()));
    bench.sql("INSERT INTO users (id, given, family) VALUES (1, 'Ann', 'Lee')");
    bench.sql("INSERT INTO users (id) VALUES (2)");
    assert_eq!(row(&mut bench, 1), "Ann Lee|Ann|Lee");
    assert_eq!(bench.value("SELECT name = '' FROM users WHERE id = 2"), "true");
}

#[test]
fn values_are_of_their_columns_types_and_any_type_can_be_compared() {
    let mut bench = bench_with(column("name", "text"));
    for (name, sql_type) in
        [("old", "json"), ("new", "jsonb"), ("cents", "integer"), ("price", "numeric(8,2)")]
    {
        let column = column(name, sql_type);
        bench.up(&Change::AddColumn { table: "users".into(), column });
    }
    bench.up(&Change::CreateSync(sync(
        &[("new", "old::jsonb"), ("price", "cents / 100.0")],
        &[("old", "new::json"), ("cents", "price * 100")],
    )));
    bench.sql(r#"INSERT INTO users (id, old, cents) VALUES (1, '{"a":1}', 250)"#);
    assert_eq!(bench.value("SELECT new->>'a' || price FROM users WHERE id = 1"), "12.50");
    bench.sql(r#"UPDATE users SET new = '{"a":2}' WHERE id = 1"#);
    assert_eq!(bench.value("SELECT old->>'a' || cents FROM users WHERE id = 1"), "2250");
    bench.sql("UPDATE users SET note = 'x'");
}

#[test]
fn one_way_and_other_columns_are_followed() {
    let mut bench = bench_with(column("name", "text"));
    bench.up(&Change::CreateSync(sync(&[("given", "name || coalesce(note, '')")], &[])));
    bench.sql("INSERT INTO users (id, name) VALUES (1, 'a')");
    bench.sql("UPDATE users SET name = 'b' WHERE id = 1");
    assert_eq!(row(&mut bench, 1), "b|b|-");
    bench.sql("UPDATE users SET note = '!' WHERE id = 1");
    assert_eq!(row(&mut bench, 1), "b|b!|-");
    bench.sql("UPDATE users SET given = 'mine' WHERE id = 1");
    assert_eq!(row(&mut bench, 1), "b|mine|-");
    bench.sql("UPDATE users SET family = 'x' WHERE id = 1");
    assert_eq!(row(&mut bench, 1), "b|mine|x");
}

#[test]
fn only_backward_is_followed_too() {
    let mut bench = bench_with(column("name", "text"));
    bench.up(&Change::CreateSync(sync(&[], &[("name", "given || '!'")])));
    bench.sql("INSERT INTO users (id, given) VALUES (1, 'a')");
    assert_eq!(row(&mut bench, 1), "a!|a|-");
    bench.sql("UPDATE users SET given = 'b' WHERE id = 1");
    assert_eq!(row(&mut bench, 1), "b!|b|-");
    bench.sql("UPDATE users SET name = 'c' WHERE id = 1");
    assert_eq!(row(&mut bench, 1), "c|b|-");
}

#[test]
fn a_session_goes_on_while_other_columns_come_and_go() {
    let mut bench = bench();
    bench.sql("UPDATE users SET name = 'A A'");
    bench.sql("ALTER TABLE users ADD COLUMN extra integer; UPDATE users SET name = 'B B'");
    bench.sql("ALTER TABLE users DROP COLUMN note; UPDATE users SET given = 'C'");
    bench.sql("ALTER TABLE users ADD COLUMN note bigint DEFAULT 3; UPDATE users SET name = 'D D'");
    assert_eq!(row(&mut bench, 0), "D D|D|D");
}

#[test]
fn a_writer_with_another_search_path_is_served() {
    let mut bench = bench();
    bench.sql("CREATE FUNCTION shout(text) RETURNS text LANGUAGE sql AS 'SELECT upper($1)'");
    bench.up(&Change::DropSync(split()));
    bench.up(&Change::CreateSync(sync(&[("given", "shout(name)")], &[])));
    bench.sql("SET search_path = ''; INSERT INTO public.users (id, name) VALUES (7, 'a'); RESET search_path");
    assert_eq!(row(&mut bench, 7), "a|A|-");
}

#[test]
fn a_column_named_as_a_variable_of_the_function_is_the_column() {
    let mut bench = bench_with(column("name", "text"));
    let column = column("planner_forward_1", "text");
    bench.up(&Change::AddColumn { table: "users".into(), column });
    bench.up(&Change::CreateSync(sync(
        &[("given", "planner_forward_1"), ("family", "tg_op")],
        &[("planner_forward_1", "given")],
    )));
    bench.sql("ALTER TABLE users ADD COLUMN tg_op text");
    bench.sql("INSERT INTO users (id, planner_forward_1, tg_op) VALUES (1, 'a', 'b')");
    assert_eq!(row(&mut bench, 1), "-|a|b");
    bench.sql("UPDATE users SET given = 'c' WHERE id = 1");
    assert_eq!(bench.value("SELECT planner_forward_1 FROM users WHERE id = 1"), "c");
}
