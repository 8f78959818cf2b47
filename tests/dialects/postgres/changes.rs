//! Tables, columns, indexes, enums and views: up, down, up again.

use planner::catalog::{
    Column, EnumType, ForeignKey, Generated, Identity, Index, IndexColumn, IndexKey, IndexTerms,
    Nulls, Order, PartTerms, ReferenceTerms, ReferentialAction, SqlExpression, Table, View,
};
use planner::change::{Change, EnumPlace};
use planner::dialects::Transaction;
use planner::name::Name;

use super::bench::{Bench, column, expression, required, table};

fn index_of(parts: &[&str]) -> Index {
    Index {
        columns: parts
            .iter()
            .map(|name| IndexColumn {
                key: IndexKey::Column((*name).into()),
                order: Order::Ascending,
                nulls: None,
                opclass: None,
                terms: PartTerms::default(),
            })
            .collect(),
        unique: false,
        predicate: None,
        method: None,
        include: Vec::new(),
        valid: true,
        terms: IndexTerms::default(),
    }
}

fn key_to(name: &str, columns: &[&str], to: &str) -> ForeignKey {
    ForeignKey {
        name: name.into(),
        columns: columns.iter().map(|name| Name::from(*name)).collect(),
        references: to.into(),
        referenced_columns: vec!["id".into()],
        on_delete: ReferentialAction::Cascade,
        on_update: ReferentialAction::SetNull,
        validated: true,
        terms: ReferenceTerms::default(),
    }
}

fn add(column: Column) -> Change {
    Change::AddColumn { table: "users".into(), column }
}

fn drop_column(column: &str, refill: Option<&str>) -> Change {
    Change::DropColumn {
        table: "users".into(),
        column: column.into(),
        refill: refill.map(SqlExpression::new),
    }
}

/// A bench with two parents and a table of every kind of part.
fn rich() -> Bench {
    let mut bench = Bench::new();
    bench.up(&table("teams", vec![column("id", "integer")]));
    bench.up(&table("regions", vec![column("id", "integer")]));
    bench.there_and_back(&users());
    let mut by_name = index_of(&["name"]);
    by_name.predicate = Some(expression("age > 3"));
    bench.up(&Change::CreateIndex {
        table: "users".into(),
        name: "by_name".into(),
        index: by_name,
    });
    bench
}

fn users() -> Change {
    let serial = Column {
        generated: Some(Generated::Identity(Identity::Serial)),
        ..required("id", "bigint")
    };
    let always = Generated::Identity(Identity::Always);
    let Change::CreateTable { name, table: mut of } = table(
        "users",
        vec![
            serial,
            Column { comment: Some("it's a name".into()), ..required("name", "text") },
            Column { default: Some(expression("-1")), ..required("age", "integer") },
            column("team", "integer"),
            column("region", "integer"),
            column("boss", "bigint"),
            Column { generated: Some(always), ..required("number", "integer") },
            Column {
                generated: Some(Generated::Stored(expression("upper(name)"))),
                ..column("shout", "text")
            },
            Column { collation: Some("C".into()), ..column("code", "character varying(8)") },
        ],
    ) else {
        unreachable!("it is a table")
    };
    of.comment = Some("people".into());
    of.uniques = vec![planner::catalog::Key::new(
        "users_name_key".into(),
        vec!["name".into(), "team".into()],
    )];
    of.checks = vec![planner::catalog::Check {
        name: "users_age_check".into(),
        expression: expression("age < 200"),
        validated: true,
        no_inherit: false,
    }];
    of.foreign_keys = vec![
        key_to("users_team_fkey", &["team"], "teams"),
        key_to("users_region_fkey", &["region"], "regions"),
        key_to("users_boss_fkey", &["boss"], "users"),
    ];
    Change::CreateTable { name, table: of }
}

#[test]
fn a_table_with_everything_comes_and_goes_and_comes_back() {
    let mut bench = rich();
    let script = bench.there_and_back(&Change::DropTable { name: "users".into() });
    // Two foreign keys to other tables are dropped one by one before the table.
    assert_eq!(script.groups.len(), 3);
}

#[test]
fn a_table_without_columns_is_a_table() {
    let empty = Change::CreateTable { name: "nothing".into(), table: Table::default() };
    Bench::new().there_and_back(&empty);
}

#[test]
fn a_table_that_refers_to_two_others_locks_them_one_after_the_other() {
    let mut bench = Bench::new();
    bench.up(&table("teams", vec![column("id", "integer")]));
    bench.up(&table("regions", vec![column("id", "integer")]));
    let script = bench.there_and_back(&users());
    assert_eq!(script.groups.len(), 2);
    assert!(!script.groups[0].statements.concat().contains("regions"));
}

#[test]
fn columns_are_added_as_they_are_meant() {
    let mut bench = rich();
    bench.sql("INSERT INTO users (name) VALUES ('Ann')");
    bench.there_and_back(&add(column("plain", "text")));
    let constant = Column { default: Some(expression("'it''s'")), ..required("c1", "text") };
    let script = bench.there_and_back(&add(constant));
    assert_eq!(script.groups[0].statements.len(), 2);
    let stable = Column { default: Some(expression("now()")), ..required("c2", "date") };
    bench.there_and_back(&add(stable));
    let commented = Column { comment: Some("a \\ b".into()), ..column("c3", "text") };
    bench.there_and_back(&add(commented));
    assert_eq!(bench.value("SELECT c1 FROM users"), "it's");
}

#[test]
fn a_volatile_default_is_for_new_rows_only() {
    let mut bench = rich();
    bench.sql("INSERT INTO users (name) VALUES ('Ann')");
    let token =
        Column { default: Some(expression("gen_random_uuid()")), ..column("token", "uuid") };
    let script = bench.up(&add(token));
    assert_eq!(script.groups.len(), 1);
    bench.sql("INSERT INTO users (name) VALUES ('Bea')");
    assert_eq!(bench.lines("SELECT token IS NULL FROM users ORDER BY id"), ["true", "false"]);
}

#[test]
fn what_would_rewrite_a_table_in_use_is_refused_with_the_alternative() {
    let bench = rich();
    let default = Some(expression("my_ids()"));
    let stored = Some(Generated::Stored(expression("age + 1")));
    for column in [
        Column { default, ..required("token", "uuid") },
        Column { generated: stored, ..column("next", "integer") },
        Column {
            generated: Some(Generated::Identity(Identity::Serial)),
            ..required("n", "integer")
        },
    ] {
        let refusal = bench.render(&add(column.clone())).unwrap_err();
        assert!(refusal.message.contains("rewrites the table `users`"), "{refusal:?}");
        assert!(refusal.alternative.contains(column.name.as_str()), "{refusal:?}");
    }
    let virtual_ = Some(Generated::Virtual(expression("age")));
    bench.render(&add(Column { generated: virtual_, ..column("v", "integer") })).unwrap_err();
}

#[test]
fn a_dropped_column_comes_back_with_what_went_with_it() {
    let mut bench = rich();
    bench.there_and_back(&drop_column("shout", None));
    bench.there_and_back(&drop_column("code", None));
    bench.there_and_back(&drop_column("number", None));
    bench.there_and_back(&drop_column("boss", None));
    assert_eq!(bench.there_and_back(&drop_column("region", None)).groups.len(), 2);
    // The check goes with the column by itself; a unique constraint over two columns, too.
    let mut script = bench.render(&drop_column("team", None)).unwrap();
    let before = bench.fingerprint();
    bench.run(&script);
    bench.undo(&script);
    assert_eq!(bench.fingerprint(), before);
    script = bench.render(&drop_column("age", None)).unwrap();
    bench.run(&script);
    assert!(!bench.fingerprint().concat().contains("by_name"));
    bench.undo(&script);
    assert_eq!(bench.fingerprint(), before);
}

#[test]
fn a_dropped_required_column_comes_back_only_with_values() {
    let mut bench = rich();
    bench.up(&drop_column("shout", None));
    let lost = bench.render(&drop_column("name", None)).unwrap().groups.pop().unwrap().undo;
    let why = "column `name` of `users` was NOT NULL without a default, its values are gone";
    assert_eq!(lost, Err(why.to_owned()));
    bench.sql("INSERT INTO users (name, code) VALUES ('Ann', 'a'), ('Bea', 'b')");
    let script = bench.render(&drop_column("name", Some("code || '!'"))).unwrap();
    let before = bench.fingerprint();
    bench.run(&script);
    bench.undo(&script);
    assert_eq!(bench.fingerprint(), before);
    assert_eq!(bench.lines("SELECT name FROM users ORDER BY id"), ["a!", "b!"]);
    let script = bench.render(&drop_column("age", Some("nullif(length(code), 1)"))).unwrap();
    bench.run(&script);
    bench.undo(&script);
    assert_eq!(bench.fingerprint(), before);
    assert_eq!(bench.lines("SELECT age FROM users"), ["-1", "-1"]);
}

#[test]
fn defaults_and_nulls_change_and_change_back() {
    let mut bench = rich();
    bench.sql("INSERT INTO users (name) VALUES ('Ann')");
    for (column, default) in
        [("age", None), ("age", Some("7")), ("name", Some("'x' || 'y'")), ("code", Some("'a::b'"))]
    {
        bench.there_and_back(&Change::SetDefault {
            table: "users".into(),
            column: column.into(),
            default: default.map(expression),
        });
    }
    for nullable in [true, false] {
        let change = Change::SetNullable { table: "users".into(), column: "age".into(), nullable };
        let script = bench.there_and_back(&change);
        assert_eq!(script.groups.len(), if nullable { 1 } else { 3 });
    }
}

#[test]
fn a_null_stops_not_null_before_anything_is_locked_for_long() {
    let mut bench = Bench::new();
    bench.up(&table("users", vec![column("id", "integer"), column("name", "text")]));
    bench.sql("INSERT INTO users VALUES (1, NULL)");
    let (table, column) = ("users".into(), "name".into());
    let script = bench.render(&Change::SetNullable { table, column, nullable: false }).unwrap();
    bench.sql(&script.groups[0].statements[1]);
    let error = bench.fails(&script.groups[1].statements.join(";"));
    assert!(error.contains("is violated by some row"), "{error}");
}

#[test]
fn indexes_of_every_kind_are_built_and_dropped_outside_transactions() {
    let mut bench = rich();
    let mut rich_index = index_of(&["name", "code"]);
    rich_index.columns[0].order = Order::Descending;
    rich_index.columns[0].nulls = Some(Nulls::Last);
    rich_index.columns[1].opclass = Some("varchar_pattern_ops".into());
    rich_index.columns.push(IndexColumn {
        key: IndexKey::Expression(expression("lower(name) || 'x'")),
        order: Order::Ascending,
        nulls: Some(Nulls::First),
        opclass: None,
        terms: PartTerms::default(),
    });
    rich_index.unique = true;
    rich_index.predicate = Some(expression("age > 3 AND team IS NULL"));
    rich_index.include = vec!["region".into(), "boss".into()];
    let mut hash = index_of(&["code"]);
    hash.method = Some("hash".into());
    for (name, index) in [("rich", rich_index), ("by_hash", hash), ("plain", index_of(&["age"]))] {
        let (table, name) = ("users".into(), Name::from(name));
        let script =
            bench.there_and_back(&Change::CreateIndex { table, name: name.clone(), index });
        assert!(matches!(script.groups[0].transaction, Transaction::Alone { .. }));
        assert!(script.groups[0].statements[0].contains("INDEX CONCURRENTLY"));
        let script = bench.there_and_back(&Change::DropIndex { table: "users".into(), name });
        assert!(matches!(script.groups[0].undo_transaction, Transaction::Alone { .. }));
    }
}

#[test]
fn an_unfinished_index_is_repaired_and_nobody_elses_is_touched() {
    let mut bench = Bench::new();
    bench.up(&table("users", vec![column("id", "integer"), column("name", "text")]));
    bench.sql("INSERT INTO users VALUES (1, 'a'), (2, 'a')");
    let mut index = index_of(&["name"]);
    index.unique = true;
    let change = Change::CreateIndex { table: "users".into(), name: "by_name".into(), index };
    let script = bench.render(&change).unwrap();
    let build = script.groups[0].statements[0].clone();
    let Transaction::Alone { repair, .. } = &script.groups[0].transaction else {
        panic!("a concurrent build is alone")
    };
    for _ in 0..2 {
        for statement in repair {
            bench.sql(statement);
        }
        assert!(bench.fails(&build).contains("could not create unique index"));
        assert_eq!(
            bench.value("SELECT indisvalid FROM pg_index WHERE indexrelid = 'by_name'::regclass"),
            "false"
        );
    }
    bench.sql("DELETE FROM users WHERE id = 2");
    for statement in repair {
        bench.sql(statement);
    }
    bench.sql(&build);
    assert!(bench.fails(&repair[0]).contains("`by_name` is already the name of something else"));
    bench.sql("DROP INDEX by_name; CREATE TABLE other (x int); CREATE INDEX by_name ON other (x)");
    assert!(bench.fails(&repair[0]).contains("`by_name` is already the name of something else"));
}

#[test]
fn enums_grow_where_they_are_told_to() {
    let mut bench = Bench::new();
    let values = EnumType { values: vec!["happy".into(), "it's sad".into()] };
    bench.there_and_back(&Change::CreateEnum { name: "mood".into(), values });
    for (value, place) in [
        ("calm", None),
        ("first", Some(EnumPlace::Before("happy".into()))),
        ("later", Some(EnumPlace::After("it's sad".into()))),
    ] {
        let change = Change::AddEnumValue { name: "mood".into(), value: value.into(), place };
        let script = bench.up(&change);
        let why = script.groups[0].undo.clone().unwrap_err();
        assert!(why.contains("cannot remove the value"), "{why}");
    }
    let live = bench.value("SELECT array_to_string(enum_range(NULL::mood), '/')");
    assert_eq!(live, "first/happy/it's sad/later/calm");
    assert_eq!(bench.catalog.enums[&"mood".into()].values.join("/"), live);
    bench.there_and_back(&Change::DropEnum { name: "mood".into() });
}

#[test]
fn views_are_replaced_even_when_their_columns_are_others() {
    let mut bench = Bench::new();
    bench.up(&table("users", vec![column("id", "integer"), column("name", "text")]));
    let view = |query: &str, columns: &[&str], materialized| View {
        query: expression(query),
        columns: columns.iter().map(|name| Name::from(*name)).collect(),
        materialized,
    };
    let name = || "people".into();
    let first = view("SELECT id FROM users -- only", &["id"], false);
    bench.there_and_back(&Change::CreateView { name: name(), view: first });
    let wider = view("SELECT id, name FROM users;", &["id", "name"], false);
    bench.there_and_back(&Change::ReplaceView { name: name(), view: wider });
    let other = view("SELECT name FROM users", &["name"], false);
    bench.there_and_back(&Change::ReplaceView { name: name(), view: other });
    let kept = view("SELECT name FROM users", &["name"], true);
    bench.there_and_back(&Change::ReplaceView { name: name(), view: kept });
    bench.there_and_back(&Change::DropView { name: name() });
}
