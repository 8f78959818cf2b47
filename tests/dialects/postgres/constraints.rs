//! Constraints on tables in use, opaque SQL, and changes that do nothing.

use planner::catalog::{Check, ForeignKey, Key, ReferenceTerms, ReferentialAction};
use planner::change::probe::Probe;
use planner::change::{Change, Constraint, Opaque, Written};
use planner::dialects::Transaction;

use super::bench::{Bench, column, expression, table};

fn bench() -> Bench {
    let mut bench = Bench::new();
    bench.up(&table("teams", vec![column("id", "integer")]));
    bench.up(&table(
        "users",
        vec![column("id", "integer"), column("name", "text"), column("team", "integer")],
    ));
    bench.sql("INSERT INTO teams VALUES (1); INSERT INTO users VALUES (1, 'a', 1), (2, 'b', NULL)");
    bench
}

fn add(constraint: Constraint) -> Change {
    Change::AddConstraint { table: "users".into(), constraint }
}

fn check(validated: bool) -> Constraint {
    let expression = expression("length(name) < 9");
    Constraint::Check(Check { name: "short".into(), expression, validated, no_inherit: false })
}

fn key() -> Constraint {
    Constraint::ForeignKey(ForeignKey {
        name: "in_team".into(),
        columns: vec!["team".into()],
        references: "teams".into(),
        referenced_columns: vec!["id".into()],
        on_delete: ReferentialAction::SetNull,
        on_update: ReferentialAction::NoAction,
        validated: true,
        terms: ReferenceTerms::default(),
    })
}

fn unique() -> Constraint {
    Constraint::Unique(Key::new("one_name".into(), vec!["name".into(), "id".into()]))
}

#[test]
fn every_constraint_comes_and_goes_and_comes_back() {
    let mut bench = bench();
    for constraint in [check(true), key(), unique()] {
        let name = constraint.name().clone();
        bench.there_and_back(&add(constraint));
        let table = "users".into();
        bench.there_and_back(&Change::DropConstraint { table, constraint: name });
    }
    let table = "users".into();
    let constraint = "users_pkey".into();
    bench.there_and_back(&Change::DropConstraint { table, constraint });
}

#[test]
fn checks_and_foreign_keys_hold_for_new_rows_first() {
    let mut bench = bench();
    for constraint in [check(true), key()] {
        let script = bench.up(&add(constraint));
        let statements: Vec<_> = script.groups.iter().map(|group| &group.statements[1]).collect();
        assert!(statements[0].ends_with("NOT VALID"), "{statements:?}");
        assert!(statements[1].contains("VALIDATE CONSTRAINT"), "{statements:?}");
        assert_eq!(script.groups[1].undo, Ok(vec!["SELECT 1".to_owned()]));
    }
}

#[test]
fn writers_go_on_while_old_rows_are_looked_at() {
    let mut bench = bench();
    for constraint in [check(true), key()] {
        let script = bench.render(&add(constraint)).unwrap();
        let [first, second] = script.groups.as_slice() else { panic!("{script:?}") };
        bench.sql(&format!("BEGIN; {}", first.statements.join(";")));
        let error = bench.try_elsewhere("UPDATE users SET name = 'c' WHERE id = 1").unwrap_err();
        assert!(error.contains("lock timeout"), "{error}");
        bench.sql(&format!("COMMIT; BEGIN; {}", second.statements.join(";")));
        bench.try_elsewhere("UPDATE users SET name = 'c', team = 1; INSERT INTO teams VALUES (2); DELETE FROM teams WHERE id = 2").unwrap();
        bench.sql("COMMIT");
    }
}

#[test]
fn a_constraint_that_is_not_to_be_validated_is_not() {
    let mut bench = bench();
    bench.sql("UPDATE users SET name = 'far too long' WHERE id = 1");
    let script = bench.render(&add(check(false))).unwrap();
    bench.run(&script);
    assert_eq!(
        bench.value("SELECT convalidated FROM pg_constraint WHERE conname = 'short'"),
        "false"
    );
}

#[test]
fn a_unique_constraint_is_built_beside_the_writers() {
    let mut bench = bench();
    let script = bench.up(&add(unique()));
    let Transaction::Alone { probe, repair } = &script.groups[0].transaction else {
        panic!("a concurrent build is alone")
    };
    assert_eq!(*probe, Probe::ValidIndex("users".into(), "one_name".into()));
    assert_eq!(repair.len(), 2);
    assert!(script.groups[1].statements[1].ends_with("UNIQUE USING INDEX one_name"));
}

#[test]
fn opaque_sql_is_taken_as_written() {
    let mut bench = bench();
    let opaque = Opaque {
        text: "CREATE SEQUENCE a;\nCREATE SEQUENCE b; -- two\n".to_owned(),
        why: "the rows are gone".to_owned(),
        touches: Vec::new(),
        may: Vec::new(),
    };
    let script = bench.render(&Change::Opaque(opaque.clone())).unwrap();
    assert_eq!(script.groups[0].undo, Err("the rows are gone".to_owned()));
    let written = |transactional, probe: Option<&str>| {
        let written = Written {
            up: opaque.text.clone(),
            down: Some(Ok("DROP SEQUENCE b; DROP SEQUENCE a;".to_owned())),
            probe: probe.map(str::to_owned),
            touches: Vec::new(),
            transactional,
        };
        bench.written(&written, &[Change::Opaque(opaque.clone())])
    };
    let refusal = written(false, None).unwrap_err();
    assert!(refusal.alternative.contains("`probe`"));
    let script = written(false, Some("SELECT true")).unwrap();
    let expected = Probe::Query("SELECT true".to_owned());
    let Transaction::Alone { probe, .. } = &script.groups[0].transaction else {
        panic!("it is alone")
    };
    assert_eq!(*probe, expected);
    let script = written(true, None).unwrap();
    bench.run(&script);
    bench.undo(&script);
    bench.run(&script);
}

#[test]
fn a_deprecation_changes_nothing() {
    let mut bench = bench();
    let script = bench
        .there_and_back(&Change::Deprecate { table: "users".into(), column: Some("name".into()) });
    assert_eq!(script.groups[0].statements, ["SELECT 1"]);
}
