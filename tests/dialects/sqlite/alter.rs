//! Tables and columns that come and go, natively or by rebuild, and come back.

use planner::catalog::{Generated, Order, Sync, View};
use planner::change::probe::Probe;
use planner::change::{Change, Constraint, EnumPlace, Written};
use planner::dialects::{self, Refusal, RenderContext, Transaction};
use planner::expressions::same_expression;

use super::*;

fn users() -> World {
    let mut world = World::new();
    let columns = vec![not_null(text("name")), integer("age"), text("note")];
    world.run(&create("users", table("users", columns)));
    world.sql(
        "INSERT INTO users (id, name, age, note) VALUES (3, 'Ann', 30, 'n'), (5, 'Bo', 50, NULL)",
    );
    world
}

fn add(column: Column) -> Change {
    Change::AddColumn { table: "users".into(), column }
}

fn drop_column(column: &str, refill: Option<&str>) -> Change {
    let refill = refill.map(expression);
    Change::DropColumn { table: "users".into(), column: column.into(), refill }
}

fn refusal(world: &World, change: &Change) -> Refusal {
    let context = RenderContext { before: &world.catalog, fresh_table: false, lock_timeout_ms: 0 };
    render(change, &context).unwrap_err()
}

#[test]
fn a_column_that_the_engine_can_add_is_added_by_it() {
    for default in [None, Some("1"), Some("'x'"), Some("-1.5"), Some("x'00'"), Some("true")] {
        let mut world = users();
        let default = default.map(expression);
        let nullable = default.is_none();
        let column = Column { default, nullable, ..Column::new("extra", "TEXT") };
        let group = world.run_to_and_fro(&add(column));
        assert_eq!(group.transaction, Transaction::Shared);
        assert!(group.statements[0].starts_with("ALTER TABLE users ADD COLUMN extra TEXT"));
    }
    let mut world = users();
    let generated = Some(Generated::Virtual(expression("age + 1")));
    let group = world.run_to_and_fro(&add(Column { generated, ..integer("next") }));
    assert_eq!(group.transaction, Transaction::Shared);
    assert_eq!(world.rows("next", "FROM users"), ["31", "51"]);
}

#[test]
fn a_column_that_the_engine_cannot_add_comes_by_rebuild() {
    for (column, expected) in [
        (Column { default: Some(expression("current_timestamp")), ..text("at") }, "1"),
        (Column { default: Some(expression("(1 + 1)")), ..not_null(integer("at")) }, "1"),
        (
            Column { generated: Some(Generated::Stored(expression("age + 1"))), ..integer("at") },
            "1",
        ),
    ] {
        let mut world = users();
        let group = world.run_to_and_fro(&add(column));
        assert_eq!(group.transaction, Transaction::ForeignKeysOff);
        assert_eq!(world.rows("min(at IS NOT NULL)", "FROM users"), [expected]);
        assert_eq!(world.rows("id, name", "FROM users"), ["3|Ann", "5|Bo"]);
    }
}

#[test]
fn a_second_run_keeps_what_was_written_after_the_first() {
    let mut world = users();
    let column = Column { default: Some(expression("abs(-1)")), ..not_null(integer("hits")) };
    let group = world.run(&add(column));
    world.sql("UPDATE users SET hits = 7 WHERE id = 5");
    world.execute(&group.statements, &group.transaction);
    assert_eq!(world.rows("id, hits", "FROM users"), ["3|1", "5|7"]);
}

#[test]
fn a_column_that_must_be_given_can_only_be_added_to_an_empty_table() {
    let mut world = users();
    let change = add(not_null(text("must")));
    let group = world.render(&change).groups.remove(0);
    let error = world.try_execute(&group.statements, &group.transaction).unwrap_err();
    assert!(error.contains("NOT NULL constraint failed"), "{error}");
    world.sql("DELETE FROM users");
    world.run_to_and_fro(&change);
}

#[test]
fn an_unused_column_is_dropped_by_the_engine_and_comes_back_where_it_was() {
    let mut world = users();
    let group = world.run_to_and_fro(&drop_column("note", None));
    assert_eq!(group.transaction, Transaction::Shared);
    assert_eq!(group.undo_transaction, Transaction::Shared);
    let mut world = users();
    let group = world.run_to_and_fro(&drop_column("age", None));
    assert_eq!(group.transaction, Transaction::Shared);
    assert_eq!(group.undo_transaction, Transaction::ForeignKeysOff);
}

#[test]
fn a_dropped_column_is_filled_again_from_the_others() {
    let mut world = users();
    let group = world.run(&drop_column("age", Some("length(name) * 10")));
    let undo = group.undo.unwrap();
    world.execute(&undo, &group.undo_transaction);
    world.sql("UPDATE users SET age = 1 WHERE id = 5");
    world.execute(&undo, &group.undo_transaction);
    assert_eq!(world.rows("id, name, age, note", "FROM users"), ["3|Ann|30|n", "5|Bo|1|NULL"]);
}

#[test]
fn a_required_column_without_default_does_not_come_back_by_itself() {
    let mut world = users();
    let group = world.run(&drop_column("name", None));
    assert_eq!(
        group.undo.unwrap_err(),
        "column `name` of `users` was NOT NULL without a default, its values are gone"
    );
    let mut world = users();
    let group = world.run(&drop_column("name", Some("coalesce(note, 'nobody')")));
    world.execute(&group.undo.unwrap(), &group.undo_transaction);
    assert_eq!(world.rows("name", "FROM users"), ["n", "nobody"]);
}

#[test]
fn a_column_of_a_name_that_a_view_or_trigger_has_is_dropped_by_rebuild() {
    let mut world = users();
    world.run(&create("others", table("others", vec![text("note")])));
    let view =
        View { query: expression("SELECT note FROM others"), columns: vec![], materialized: false };
    world.run(&Change::CreateView { name: "notes".into(), view });
    let group = world.run_to_and_fro(&drop_column("note", None));
    assert_eq!(group.transaction, Transaction::ForeignKeysOff);
}

#[test]
fn a_dropped_table_comes_back_with_its_indexes_and_triggers() {
    let mut world = users();
    let name = "users_age_idx".into();
    world.run(&Change::CreateIndex { table: "users".into(), name, index: index_on("age") });
    let sync = Sync::Columns {
        name: "planner_sync_p".into(),
        table: "users".into(),
        forward: pairs(&[("note", "name")]),
        backward: pairs(&[("name", "note")]),
    };
    world.run(&Change::CreateSync(sync.into()));
    let context = RenderContext { before: &world.catalog, fresh_table: false, lock_timeout_ms: 0 };
    let drop = Change::DropTable { name: "users".into() };
    // A table with a sync is in use as far as the catalog goes; what is known of its triggers comes back all the same.
    match render(&drop, &context) {
        Ok(_) => {
            world.run_to_and_fro(&drop);
        }
        Err(refusal) => assert!(refusal.message.contains("planner_sync_p"), "{refusal}"),
    }
}

#[test]
fn a_table_that_others_refer_to_is_not_dropped() {
    let mut world = users();
    world.sql(
        "CREATE TABLE stranger (id INTEGER PRIMARY KEY, u INTEGER REFERENCES Users ON DELETE CASCADE);
         INSERT INTO stranger VALUES (1, 3)",
    );
    let group = world.render(&Change::DropTable { name: "users".into() }).groups.remove(0);
    let error = world.try_execute(&group.statements, &group.transaction).unwrap_err();
    assert_eq!(error, "CHECK constraint failed: planner: other tables still refer to table users");
    world.sql("ROLLBACK");
    assert_eq!(world.rows("u", "FROM stranger"), ["3"]);
}

#[test]
fn a_table_that_refers_to_itself_is_dropped_whatever_its_rows() {
    let mut world = World::new();
    let mut tree = table("tree", vec![integer("parent")]);
    tree.foreign_keys =
        vec![foreign_key("up", "parent", "tree", planner::catalog::ReferentialAction::Restrict)];
    world.run(&create("tree", tree));
    world.sql("INSERT INTO tree VALUES (1, NULL), (2, 1)");
    let group = world.run(&Change::DropTable { name: "tree".into() });
    world.execute(&group.statements, &group.transaction);
    world.execute(&group.undo.unwrap(), &group.undo_transaction);
    assert_eq!(world.rows("count(*)", "FROM tree"), ["0"]);
}

#[test]
fn indexes_and_views_come_and_go() {
    let mut world = users();
    let mut folded = index(&[
        (IndexKey::Expression(expression("lower(name)")), Order::Descending),
        (IndexKey::Expression(expression("note COLLATE NOCASE")), Order::Ascending),
    ]);
    folded.unique = true;
    folded.predicate = Some(expression("age > 3"));
    let (table, name): (_, Name) = ("users".into(), "group".into());
    world.run_to_and_fro(&Change::CreateIndex { table, name: name.clone(), index: folded });
    world.run_to_and_fro(&Change::DropIndex { table: "users".into(), name });
    let view = |query: &str| View {
        query: expression(query),
        columns: names(&["a"]),
        materialized: false,
    };
    let name = || "adults".into();
    world
        .run_to_and_fro(&Change::CreateView { name: name(), view: view("SELECT name FROM users") });
    assert_eq!(world.rows("a", "FROM adults"), ["Ann", "Bo"]);
    world
        .run_to_and_fro(&Change::ReplaceView { name: name(), view: view("SELECT age FROM users") });
    assert_eq!(world.rows("a", "FROM adults"), ["30", "50"]);
    world.run_to_and_fro(&Change::DropView { name: name() });
}

#[test]
fn a_view_with_triggers_is_not_replaced() {
    let mut world = users();
    let view = View { query: expression("SELECT 1 AS a"), columns: vec![], materialized: false };
    world.run(&Change::CreateView { name: "v".into(), view: view.clone() });
    world.sql("CREATE TRIGGER vt INSTEAD OF INSERT ON v BEGIN SELECT 1; END");
    let group = world.render(&Change::ReplaceView { name: "v".into(), view }).groups.remove(0);
    let error = world.try_execute(&group.statements, &group.transaction).unwrap_err();
    assert!(error.contains("view v has triggers"), "{error}");
}

#[test]
fn what_sqlite_has_not_is_refused_with_what_to_do_instead() {
    let world = users();
    let place = Some(EnumPlace::Before("a".into()));
    let change = Change::AddEnumValue { name: "mood".into(), value: "b".into(), place };
    assert_eq!(refusal(&world, &change).message, "SQLite has no enum types");
    let method = Index { method: Some("gin".into()), ..index_on("age") };
    let change = Change::CreateIndex { table: "users".into(), name: "i".into(), index: method };
    assert_eq!(refusal(&world, &change).message, "SQLite has no index method `gin`");
    let change = add(Column { generated: id().generated, ..integer("number") });
    assert_eq!(refusal(&world, &change).message, "column `number` cannot number itself on SQLite");
    let constraint = Constraint::ForeignKey(ForeignKey {
        references: "billing.invoices".into(),
        ..foreign_key("f", "age", "x", planner::catalog::ReferentialAction::NoAction)
    });
    let change = Change::AddConstraint { table: "users".into(), constraint };
    assert_eq!(
        refusal(&world, &change).message,
        "SQLite has no schemas, but `billing.invoices` names one"
    );
}

#[test]
fn the_authors_own_sql_stays_as_written() {
    let world = users();
    let written = Written {
        up: " VACUUM; ".to_owned(),
        down: Some(Err("there is no way back".to_owned())),
        probe: Some("SELECT 1".to_owned()),
        touches: Vec::new(),
        transactional: false,
    };
    let context =
        RenderContext { before: &world.catalog, fresh_table: false, lock_timeout_ms: 2_000 };
    let group = dialects::written(&written, &[], &context).unwrap().groups.remove(0);
    assert_eq!(group.statements, ["VACUUM"]);
    assert_eq!(group.undo.unwrap_err(), "there is no way back");
    let probe = Probe::Query("SELECT 1".to_owned());
    assert_eq!(group.transaction, Transaction::Alone { probe, repair: Vec::new() });
}

#[test]
fn what_was_predicted_is_what_is_there() {
    let mut world = users();
    let mut orders =
        table("orders", vec![integer("user_id"), Column::new("price", "DECIMAL(10,2)")]);
    orders.checks = vec![check("orders_price_check", "price >= 0 AND user_id <> 13")];
    let action = planner::catalog::ReferentialAction::Cascade;
    let unique = |column: &str| Constraint::Unique(key(&format!("users_{column}_key"), &[column]));
    let users = || "users".into();
    let view = View {
        query: expression("SELECT name, age FROM users"),
        columns: names(&["name", "age"]),
        materialized: false,
    };
    let changes = [
        create("orders", orders),
        Change::AddConstraint { table: users(), constraint: unique("name") },
        add(Column { default: Some(expression("1 + 1")), ..not_null(integer("hits")) }),
        add(Column {
            default: Some(expression("'it''s'")),
            collation: Some("NOCASE".into()),
            ..text("alias")
        }),
        add(Column {
            generated: Some(Generated::Stored(expression("age * 2"))),
            ..integer("twice")
        }),
        Change::SetDefault {
            table: users(),
            column: "alias".into(),
            default: Some(expression("lower('A')")),
        },
        Change::SetNullable { table: users(), column: "age".into(), nullable: false },
        Change::AddConstraint {
            table: "orders".into(),
            constraint: Constraint::ForeignKey(foreign_key(
                "orders_fk",
                "user_id",
                "users",
                action,
            )),
        },
        Change::CreateIndex {
            table: users(),
            name: "users_age_idx".into(),
            index: index_on("age"),
        },
        Change::CreateView { name: "ages".into(), view },
        Change::AddConstraint { table: users(), constraint: unique("note") },
        Change::DropConstraint { table: users(), constraint: "users_name_key".into() },
        drop_column("hits", Some("length(name)")),
    ];
    for change in &changes {
        world.run_to_and_fro(change);
        let predicted = world.catalog.clone();
        world.look();
        let same = |one: &SqlExpression, other: &SqlExpression| {
            same_expression(Dialect::Sqlite, one, other)
        };
        let differences = planner::catalog::diff::diff(&predicted, &world.catalog, &same);
        assert_eq!(differences, [], "{change:?}");
        world.catalog = predicted;
    }
    assert!(world.foreign_keys_are_whole());
}

#[test]
fn every_keyword_and_odd_name_is_a_name() {
    let mut world = World::new();
    let odd =
        ["order", "group", "true", "a b", "a\"b", "größe", "rowid", "within", "1st", "[x]", "'q'"];
    let columns = odd.iter().map(|name| text(name)).collect();
    world.run(&create("select", Table { columns, ..Table::default() }));
    assert_eq!(world.rows("name", "FROM pragma_table_info('select')"), odd);
    for name in odd {
        let change =
            Change::SetNullable { table: "select".into(), column: name.into(), nullable: false };
        world.run_to_and_fro(&change);
    }
    assert_eq!(world.rows("name", "FROM pragma_table_info('select')"), odd);
}
