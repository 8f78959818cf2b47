//! Table rebuilds keep rows and everything around the table.

use planner::catalog::{Generated, Identity, IndexKey, Order, ReferentialAction, Trigger, View};
use planner::change::{Change, Constraint};
use planner::dialects::Transaction;

use super::*;

/// Users with every kind of thing on them and around them.
fn full_world() -> World {
    let mut world = World::new();
    let mut users = table(
        "users",
        vec![
            Column { collation: Some("NOCASE".into()), ..not_null(text("email")) },
            text("name"),
            integer("age"),
            Column {
                generated: Some(Generated::Stored(expression("users.age + 1"))),
                ..integer("next_age")
            },
            Column {
                generated: Some(Generated::Virtual(expression("lower(name)"))),
                ..text("folded")
            },
            integer("boss"),
            Column { default: Some(expression("'it''s'")), ..not_null(text("order")) },
        ],
    );
    users.columns[0].generated = Some(Generated::Identity(Identity::AutoIncrement));
    users.checks = vec![check("users_age_check", "users.age > 0 AND \"order\" <> 'users.age'")];
    users.uniques = vec![key("users_email_key", &["email"])];
    users.foreign_keys =
        vec![foreign_key("users_boss_fkey", "boss", "users", ReferentialAction::SetNull)];
    world.run(&create("users", users));
    let mut orders = table("orders", vec![integer("user_id")]);
    orders.foreign_keys =
        vec![foreign_key("orders_user_id_fkey", "user_id", "users", ReferentialAction::Cascade)];
    world.run(&create("orders", orders));
    let mut partial = index(&[
        (IndexKey::Expression(expression("lower(name)")), Order::Ascending),
        (IndexKey::Column("age".into()), Order::Descending),
    ]);
    partial.predicate = Some(expression("age > 3"));
    for (name, index) in [("users_folded_idx", partial), ("users_order_idx", index_on("order"))] {
        world.run(&Change::CreateIndex { table: "users".into(), name: name.into(), index });
    }
    let trigger = "CREATE TRIGGER users_log AFTER UPDATE OF name ON users BEGIN \
                   INSERT INTO log VALUES (OLD.name); END";
    world.sql("CREATE TABLE log (name TEXT)");
    world.sql(trigger);
    let users = world.catalog.table_mut(&"users".into()).unwrap();
    users.triggers.insert("users_log".into(), Trigger { definition: Some(trigger.to_owned()) });
    for (name, query) in
        [("people", "SELECT id, name FROM users"), ("crowd", "SELECT * FROM people")]
    {
        let view = View { query: expression(query), columns: Vec::new(), materialized: false };
        world.run(&Change::CreateView { name: name.into(), view });
    }
    world.sql(
        "INSERT INTO users (id, email, name, age, boss) VALUES
             (7, 'a@x', 'Ann', 30, NULL), (9, 'b@x', NULL, 40, 7), (12, 'c@x', 'Cy', 50, 12);
         INSERT INTO orders (id, user_id) SELECT id, id FROM users;
         DELETE FROM users WHERE id = 12;
         CREATE TRIGGER people_insert INSTEAD OF INSERT ON people BEGIN
             INSERT INTO users (email, name, age, \"order\") VALUES (NEW.name || '@x', NEW.name, 1, ''); END;
         CREATE TRIGGER orders_touch AFTER INSERT ON orders BEGIN
             UPDATE users SET age = 99 WHERE id = NEW.user_id; END;",
    );
    world
}

const EVERYTHING: &str = "id, email, name, age, next_age, folded, boss, \"order\"";

fn contents(world: &mut World) -> Vec<Vec<String>> {
    vec![
        world.rows(EVERYTHING, "FROM users ORDER BY id"),
        world.rows("id, user_id", "FROM orders ORDER BY id"),
        world.rows("name, seq", "FROM sqlite_sequence ORDER BY name"),
    ]
}

/// Runs the change to and fro and checks that rows, keys, views and triggers still work.
fn keeps_everything(change: &Change) {
    keeps_everything_in(full_world(), change);
    // As `planner run` does it: from what is in the database.
    let mut world = full_world();
    world.look();
    keeps_everything_in(world, change);
}

fn keeps_everything_in(mut world: World, change: &Change) {
    let before = contents(&mut world);
    assert_eq!(before[1].len(), 2);
    let group = world.run_to_and_fro(change);
    assert_eq!(group.transaction, Transaction::ForeignKeysOff);
    assert_eq!(contents(&mut world), before);
    assert!(world.foreign_keys_are_whole());
    assert_eq!(world.rows("name", "FROM crowd WHERE id = 7"), ["Ann"]);
    world.sql("UPDATE users SET name = 'Anna' WHERE id = 7");
    assert_eq!(world.rows("name", "FROM log"), ["Ann"]);
    world.sql("INSERT INTO orders (id, user_id) VALUES (100, 7)");
    assert_eq!(world.rows("age, next_age", "FROM users WHERE id = 7"), ["99|100"]);
    world.sql("INSERT INTO people (name) VALUES ('Zoe')");
    assert_eq!(world.rows("id, email", "FROM users WHERE name = 'Zoe'"), ["13|Zoe@x"]);
    world.sql("DELETE FROM users WHERE id = 7");
    assert_eq!(world.rows("user_id", "FROM orders"), ["9"]);
    assert_eq!(world.rows("boss", "FROM users WHERE id = 9"), ["NULL"]);
    assert!(world.error("INSERT INTO orders (id, user_id) VALUES (5, 5)").contains("FOREIGN KEY"));
    assert_eq!(world.rows("seq", "FROM sqlite_sequence WHERE name = 'users'"), ["13"]);
}

#[test]
fn setting_not_null_keeps_everything() {
    keeps_everything(&Change::SetNullable {
        table: "users".into(),
        column: "age".into(),
        nullable: false,
    });
}

#[test]
fn allowing_null_keeps_everything() {
    keeps_everything(&Change::SetNullable {
        table: "users".into(),
        column: "email".into(),
        nullable: true,
    });
}

#[test]
fn setting_a_default_keeps_everything() {
    keeps_everything(&Change::SetDefault {
        table: "users".into(),
        column: "age".into(),
        default: Some(expression("1 + 1")),
    });
}

#[test]
fn dropping_a_default_keeps_everything() {
    keeps_everything(&Change::SetDefault {
        table: "users".into(),
        column: "order".into(),
        default: None,
    });
}

#[test]
fn adding_constraints_keeps_everything() {
    for constraint in [
        Constraint::Check(check("users_name_check", "name <> ''")),
        Constraint::Unique(key("users_age_key", &["age"])),
        Constraint::ForeignKey(foreign_key("b", "boss", "users", ReferentialAction::SetNull)),
    ] {
        keeps_everything(&Change::AddConstraint { table: "users".into(), constraint });
    }
}

#[test]
fn dropping_constraints_keeps_everything() {
    for constraint in ["users_age_check", "users_email_key"] {
        keeps_everything(&Change::DropConstraint {
            table: "users".into(),
            constraint: constraint.into(),
        });
    }
}

fn set_not_null(table: &str, column: &str) -> Change {
    Change::SetNullable { table: table.into(), column: column.into(), nullable: false }
}

#[test]
fn rows_that_break_the_restriction_fail_the_rebuild_and_leave_all_as_it_was() {
    let mut world = full_world();
    let (schema, rows) = (world.schema(), contents(&mut world));
    let script = world.render(&set_not_null("users", "name"));
    let group = &script.groups[0];
    let error = world.try_execute(&group.statements, &group.transaction).unwrap_err();
    assert!(error.contains("NOT NULL constraint failed"), "{error}");
    assert_eq!((world.schema(), contents(&mut world)), (schema, rows));
}

#[test]
fn a_foreign_key_that_rows_break_fails_with_a_message() {
    let mut world = full_world();
    world.sql("INSERT INTO users (email, age) VALUES ('z@x', 1234)");
    let constraint =
        Constraint::ForeignKey(foreign_key("f", "age", "users", ReferentialAction::NoAction));
    let script = world.render(&Change::AddConstraint { table: "users".into(), constraint });
    let group = &script.groups[0];
    let error = world.try_execute(&group.statements, &group.transaction).unwrap_err();
    assert_eq!(
        error,
        "CHECK constraint failed: planner: rows of table users, or of tables that refer to it, would break a foreign key"
    );
}

#[test]
fn rows_that_broke_a_foreign_key_before_do_not_stop_a_rebuild() {
    let mut world = full_world();
    world.sql(
        "PRAGMA foreign_keys = OFF; UPDATE orders SET user_id = 1000; PRAGMA foreign_keys = ON",
    );
    world.run(&set_not_null("users", "age"));
    assert_eq!(world.rows("user_id", "FROM orders"), ["1000", "1000"]);
}

#[test]
fn a_table_of_another_shape_is_not_touched() {
    for surprise in [
        "ALTER TABLE users ADD COLUMN nickname TEXT",
        "CREATE INDEX surprise ON users (age)",
        "CREATE TRIGGER surprise AFTER DELETE ON users BEGIN SELECT 1; END",
        "DROP INDEX users_order_idx",
    ] {
        let mut world = full_world();
        world.sql(surprise);
        let schema = world.schema();
        let script = world.render(&set_not_null("users", "age"));
        let group = &script.groups[0];
        let error = world.try_execute(&group.statements, &group.transaction).unwrap_err();
        assert_eq!(
            error,
            "CHECK constraint failed: planner: table users has other columns, keys, indexes or \
             triggers than this migration knows, use planner run",
            "{surprise}"
        );
        assert_eq!(world.schema(), schema);
    }
}

#[test]
fn what_constraints_say_beside_their_columns_is_kept_by_a_rebuild() {
    for (inside, after, kept) in [
        (
            "p INTEGER REFERENCES t DEFERRABLE INITIALLY DEFERRED",
            "",
            "DEFERRABLE INITIALLY DEFERRED",
        ),
        ("p TEXT UNIQUE ON CONFLICT REPLACE", "", "UNIQUE (\"p\") ON CONFLICT REPLACE"),
        ("p TEXT UNIQUE ON CONFLICT ABORT", "", "UNIQUE (\"p\")"),
        ("p TEXT, q TEXT NOT NULL ON CONFLICT IGNORE", "", "NOT NULL ON CONFLICT IGNORE"),
        ("p TEXT, UNIQUE (p COLLATE NOCASE)", "", "UNIQUE (\"p\" COLLATE \"NOCASE\")"),
        ("p TEXT", "CREATE INDEX i ON t (p COLLATE NOCASE)", "(\"p\" COLLATE \"NOCASE\")"),
    ] {
        let mut world = World::new();
        let key = "INTEGER PRIMARY KEY ON CONFLICT REPLACE";
        world.sql(&format!("CREATE TABLE t (id {key}, {inside}); {after}"));
        world.look();
        let group = world.render(&set_not_null("t", "p")).groups.remove(0);
        world.try_execute(&group.statements, &group.transaction).unwrap();
        let before = world.catalog.clone();
        world.look();
        let packed = |text: &str| text.replace([' ', '"'], "");
        let schema = packed(&world.schema().join(";"));
        assert!(schema.contains(&packed(kept)), "{schema}");
        assert!(schema.contains("PRIMARYKEYONCONFLICTREPLACE"), "{schema}");
        let mut expected = before;
        planner::change::apply::apply(&set_not_null("t", "p"), &mut expected).unwrap();
        let same = |one: &_, other: &_| {
            planner::expressions::same_expression(planner::dialect::Dialect::Sqlite, one, other)
        };
        assert_eq!(planner::catalog::diff::diff(&expected, &world.catalog, &same), []);
    }
}

#[test]
fn what_constraints_say_is_not_lost_by_a_rebuild_that_does_not_know_it() {
    for inside in [
        "p INTEGER REFERENCES t DEFERRABLE INITIALLY DEFERRED",
        "p INTEGER REFERENCES t ON CONFLICT REPLACE",
    ] {
        let mut world = World::new();
        world.sql("CREATE TABLE t (id INTEGER PRIMARY KEY, p INTEGER REFERENCES t)");
        world.look();
        let group = world.render(&set_not_null("t", "p")).groups.remove(0);
        world.sql("DROP TABLE t");
        let inside = inside.replace("t ON", "t UNIQUE ON");
        let created = format!("CREATE TABLE t (id INTEGER PRIMARY KEY, {inside})");
        world.sql(&created.replace(" UNIQUE ON CONFLICT", " NOT NULL ON CONFLICT"));
        let schema = world.schema();
        let error = world.try_execute(&group.statements, &group.transaction).unwrap_err();
        assert_eq!(
            error,
            "CHECK constraint failed: planner: table t has other conflict clauses, deferred keys or collations \
             than this migration knows, use planner run",
        );
        assert_eq!(world.schema(), schema);
    }
}

#[test]
fn a_check_that_the_catalog_does_not_know_is_not_lost() {
    let mut world = World::new();
    let mut known = table("t", vec![text("p")]);
    known.checks = vec![check("known", "p <> 'check (' COLLATE NOCASE")];
    world.run(&create("t", known));
    world.run_to_and_fro(&set_not_null("t", "p"));
    world.sql("ALTER TABLE t RENAME TO u; CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, p TEXT NOT NULL CHECK(p <> 'check (') CHECK ( p <> ''))");
    world.sql("DROP TABLE u");
    let change = Change::SetNullable { table: "t".into(), column: "p".into(), nullable: true };
    let group = world.render(&change).groups.remove(0);
    let error = world.try_execute(&group.statements, &group.transaction).unwrap_err();
    assert!(error.contains("than this migration knows"), "{error}");
}

#[test]
fn a_strict_table_without_row_ids_stays_one() {
    let mut world = World::new();
    world.run(&create(
        "Größen",
        Table {
            columns: vec![not_null(text("select")), not_null(integer("n")), text("wert")],
            primary_key: Some(key("pk", &["select", "n"])),
            strict: true,
            without_rowid: true,
            ..Table::default()
        },
    ));
    world.sql("INSERT INTO \"Größen\" VALUES ('b', 1, 'x'), ('a', 2, 'y')");
    world.run_to_and_fro(&set_not_null("Größen", "wert"));
    assert_eq!(world.rows("n, wert", "FROM \"Größen\" ORDER BY \"select\""), ["2|y", "1|x"]);
    assert_eq!(world.rows("wr, strict", "FROM pragma_table_list('Größen')"), ["1|1"]);
    // A column that only a rebuild can add, where rows are told apart by the key.
    let added = Column { default: Some(expression("1 + 1")), ..not_null(integer("twice")) };
    world.run_to_and_fro(&Change::AddColumn { table: "Größen".into(), column: added });
    assert_eq!(world.rows("n, twice", "FROM \"Größen\" ORDER BY n"), ["1|2", "2|2"]);
}

#[test]
fn hidden_row_ids_stay_as_they_are() {
    let mut world = World::new();
    let columns = vec![text("rowid"), text("a")];
    world.run(&create("t", Table { columns, ..Table::default() }));
    world.sql("INSERT INTO t (oid, \"rowid\", a) VALUES (50, 'r', 'x'), (70, 's', 'y')");
    world.run_to_and_fro(&set_not_null("t", "a"));
    assert_eq!(world.rows("oid, \"rowid\", a", "FROM t"), ["50|r|x", "70|s|y"]);
}
