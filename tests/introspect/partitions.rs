//! Partitions: read from a live database, made again by a baseline's script, printed as the stock diesel prints them.

use diesel::connection::SimpleConnection as _;
use planner::catalog::Catalog;
use planner::catalog::diff::diff;
use planner::change::Change;
use planner::change::apply::apply;
use planner::change::invert::invert;
use planner::compile::schema_rs::options::PrintOptions;
use planner::compile::schema_rs::schema_rs;
use planner::database::introspect::postgres;
use planner::dialect::Dialect;
use planner::dialects::{RenderContext, render, whole};
use planner::expressions::same_expression;
use planner::name::Name;
use planner::readers::{Meaning, parse};

use super::schema_rs::print_schema;
use crate::support::ScratchPostgres;

const SCHEMA: &str = "
CREATE TABLE users (id bigint PRIMARY KEY);
CREATE TABLE events (
    id bigint NOT NULL, at timestamptz NOT NULL, by bigint REFERENCES users, PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE TABLE events_2023 PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2024-01-01') PARTITION BY HASH (id);
CREATE TABLE events_2023_a PARTITION OF events_2023 FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TABLE events_rest PARTITION OF events DEFAULT;
CREATE INDEX events_by ON events (by);
CREATE TABLE lists (kind text PRIMARY KEY) PARTITION BY LIST (kind);
CREATE TABLE lists_ab PARTITION OF lists FOR VALUES IN ('a', 'b');
CREATE TABLE lists_c (kind text CONSTRAINT only_c NOT NULL CHECK (kind = 'c') CONSTRAINT key_of_c PRIMARY KEY);
ALTER TABLE lists ATTACH PARTITION lists_c FOR VALUES IN ('c');
ALTER TABLE events_rest ADD CONSTRAINT own CHECK (id > 0), ALTER id SET DEFAULT 7;
CREATE INDEX own_index ON events_rest (id) WHERE id > 5;
ALTER INDEX events_2023_a_by_idx RENAME TO called_otherwise;
COMMENT ON TABLE events_rest IS 'the rest';
";

fn same(one: &Catalog, other: &Catalog) -> Vec<planner::catalog::diff::Difference> {
    diff(one, other, &|one, other| same_expression(Dialect::Postgres, one, other))
}

fn live(sql: &str) -> (ScratchPostgres, Catalog) {
    let database = ScratchPostgres::new();
    let mut connection = database.connect();
    connection.batch_execute(sql).unwrap();
    let catalog = postgres::read(&mut connection).unwrap();
    (database, catalog)
}

#[test]
fn a_live_table_knows_its_partitions() {
    let (_database, catalog) = live(SCHEMA);
    let events = catalog.table(&"events".into()).unwrap();
    assert_eq!(events.partition_by.as_ref().unwrap().as_str(), "RANGE (at)");
    let names = catalog.partitions_of(&"events".into());
    assert_eq!(names, ["events_2023".into(), "events_rest".into()]);
    let table = catalog.table(&"events_2023_a".into()).unwrap();
    let part = table.partition_of.as_ref().unwrap();
    assert_eq!(part.of, "events_2023".into());
    assert_eq!(part.bound.as_str(), "FOR VALUES WITH (modulus 1, remainder 0)");
    let index = &table.indexes[&Name::from("called_otherwise")];
    assert_eq!(index.terms.part_of, Some("events_2023_by_idx".into()));
}

#[test]
fn the_script_of_a_catalog_makes_its_partitions_again() {
    let (_database, catalog) = live(SCHEMA);
    let whole = whole(&catalog, true);
    assert_eq!(whole.left_out, [""; 0]);
    let script = whole.statements.join(";\n");
    let (_other, made) = live(&script);
    assert_eq!(same(&catalog, &made), []);
    let parsed = parse(Dialect::Postgres, &script);
    let mut read = Catalog::empty(Dialect::Postgres);
    for at in 0..parsed.statements.len() {
        for part in parsed.read(at, &script, &read.clone()).unwrap().parts {
            let Meaning::Change(change) = part.meaning else { panic!("{:?}", part.meaning) };
            apply(&change, &mut read).unwrap();
        }
    }
    assert_eq!(same(&catalog, &read), []);
}

#[test]
fn partitions_are_printed_as_diesel_prints_them() {
    let (database, catalog) = live(SCHEMA);
    pretty_assertions(
        &schema_rs(&catalog, &PrintOptions::default()),
        &print_schema(&database.url, &[]),
    );
}

fn pretty_assertions(ours: &str, theirs: &str) {
    assert!(ours == theirs, "planner:\n{ours}\ndiesel:\n{theirs}");
}

#[test]
fn a_dropped_table_comes_back_with_its_partitions() {
    let (database, catalog) = live(SCHEMA);
    for table in ["events", "events_2023", "lists", "lists_c", "events_rest"] {
        let change = Change::DropTable { name: table.into() };
        let context = RenderContext { before: &catalog, fresh_table: true, lock_timeout_ms: 2_000 };
        let mut connection = database.connect();
        let groups = render(&change, &context).unwrap().groups;
        let back = groups.iter().rev().flat_map(|group| group.undo.as_ref().unwrap());
        for statement in groups.iter().flat_map(|group| &group.statements).chain(back) {
            connection.batch_execute(statement).unwrap();
        }
        let again = postgres::read(&mut connection).unwrap();
        assert_eq!(same(&catalog, &again), [], "{table}");
        let mut undone = catalog.clone();
        apply(&change, &mut undone).unwrap();
        for change in invert(&change, &catalog).unwrap() {
            apply(&change, &mut undone).unwrap();
        }
        assert_eq!(same(&catalog, &undone), [], "{table} by changes");
    }
}
