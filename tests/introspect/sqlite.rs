//! What is read from a real SQLite file.

use diesel::connection::SimpleConnection as _;
use planner::catalog::diff::diff;
use planner::catalog::{
    Catalog, Generated, Identity, IndexKey, Order, ReferentialAction, SqlExpression, Table,
};
use planner::database::introspect::sqlite::read;
use planner::dialect::Dialect;
use planner::expressions::same_expression;
use planner::name::{Name, ObjectName};

use crate::support::ScratchSqlite;

const RICH: &str = r"
CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    name varchar ( 20 ) NOT NULL DEFAULT 'nobody' COLLATE NOCASE,
    price decimal(10, 2) CHECK (price > 0) CHECK (price < 100),
    email TEXT CONSTRAINT one_email UNIQUE,
    parent INTEGER REFERENCES users ON DELETE SET NULL,
    twice GENERATED ALWAYS AS (price * 2) STORED,
    half INT AS (price / 2),
    at timestamp DEFAULT (strftime('%s', 'now')),
    UNIQUE (name, price),
    CONSTRAINT cheap CHECK (price < 1000 OR name = 'rich'),
    CHECK (price <> 7)
);
CREATE TABLE posts (
    a TEXT, b INT, user_id INTEGER, other TEXT,
    PRIMARY KEY (b, a),
    CONSTRAINT writer FOREIGN KEY (user_id) REFERENCES users (id) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (other) REFERENCES users (email)
) WITHOUT ROWID, STRICT;
CREATE TABLE plain (id INTEGER PRIMARY KEY DESC, x);
CREATE TABLE row_ids (id INTEGER PRIMARY KEY);
CREATE INDEX users_rich ON users (lower(name) DESC, price) WHERE price > 10;
CREATE UNIQUE INDEX posts_b ON posts (b DESC);
CREATE VIEW cheap_users (id, called) AS SELECT id, name FROM users WHERE price < 5;
CREATE VIEW broken AS SELECT * FROM nowhere;
CREATE TRIGGER planner_sync_x AFTER INSERT ON users BEGIN UPDATE users SET price = 1 WHERE id = NEW.id; END;
CREATE VIRTUAL TABLE words USING fts5(text);
CREATE TABLE planner_entries (id INT);
CREATE TABLE __diesel_schema_migrations (version TEXT);
CREATE VIEW planner_open_20200101 AS SELECT 1 AS x;
";

fn read_after(sql: &str) -> Catalog {
    let database = ScratchSqlite::new();
    let mut connection = database.connect();
    connection.batch_execute(sql).unwrap();
    read(&mut connection).unwrap()
}

fn table<'a>(catalog: &'a Catalog, name: &str) -> &'a Table {
    catalog.table(&ObjectName::bare(name)).unwrap_or_else(|| panic!("no table {name}"))
}

fn text(names: &[Name]) -> Vec<&str> {
    names.iter().map(Name::as_str).collect()
}

#[test]
fn everything_of_a_rich_schema_is_read() {
    let catalog = read_after(RICH);
    let tables: Vec<String> = catalog.tables.keys().map(ToString::to_string).collect();
    assert_eq!(tables, ["plain", "posts", "row_ids", "users"]);
    let views: Vec<String> = catalog.views.keys().map(ToString::to_string).collect();
    assert_eq!(views, ["broken", "cheap_users"]);
    let view = &catalog.views[&ObjectName::bare("cheap_users")];
    assert_eq!(text(&view.columns), ["id", "called"]);
    assert_eq!(view.query.as_str(), "SELECT id, name FROM users WHERE price < 5");
    let triggers: Vec<_> = table(&catalog, "users").triggers.keys().map(Name::as_str).collect();
    assert_eq!(triggers, ["planner_sync_x"]);
}

#[test]
fn columns_are_read_with_all_that_belongs_to_them() {
    let catalog = read_after(RICH);
    let users = table(&catalog, "users");
    let types: Vec<&str> = users.columns.iter().map(|column| column.sql_type.0.as_str()).collect();
    assert_eq!(
        types,
        ["INTEGER", "VARCHAR(20)", "DECIMAL(10,2)", "TEXT", "INTEGER", "", "INT", "TIMESTAMP"]
    );
    let column = |name: &str| users.column(&name.into()).unwrap();
    assert_eq!(column("id").generated, Some(Generated::Identity(Identity::AutoIncrement)));
    assert!(!column("id").nullable && !column("name").nullable && column("price").nullable);
    assert_eq!(column("name").default.as_ref().unwrap().as_str(), "'nobody'");
    assert_eq!(column("name").collation.as_ref().unwrap().as_str(), "NOCASE");
    assert_eq!(column("twice").generated, Some(Generated::Stored(SqlExpression::new("price * 2"))));
    assert_eq!(column("half").generated, Some(Generated::Virtual(SqlExpression::new("price / 2"))));
    assert_eq!(column("at").default.as_ref().unwrap().as_str(), "strftime('%s', 'now')");
    let row_ids = table(&catalog, "row_ids").column(&"id".into()).unwrap();
    assert_eq!(row_ids.generated, Some(Generated::Identity(Identity::RowId)));
    let plain = table(&catalog, "plain").column(&"id".into()).unwrap();
    assert_eq!(plain.generated, None, "a descending key is not the row id");
    let posts = table(&catalog, "posts");
    assert!(posts.strict && posts.without_rowid && !users.strict);
}

#[test]
fn constraints_without_a_name_get_the_conventional_one() {
    let catalog = read_after(RICH);
    let users = table(&catalog, "users");
    assert_eq!(users.primary_key.as_ref().unwrap().name.as_str(), "users_pkey");
    let uniques: Vec<_> =
        users.uniques.iter().map(|key| (key.name.as_str(), text(&key.columns))).collect();
    assert_eq!(
        uniques,
        [("one_email", vec!["email"]), ("users_name_price_key", vec!["name", "price"])]
    );
    let checks: Vec<_> =
        users.checks.iter().map(|c| (c.name.as_str(), c.expression.as_str())).collect();
    assert_eq!(
        checks,
        [
            ("users_price_check", "price > 0"),
            ("users_price_check1", "price < 100"),
            ("cheap", "price < 1000 OR name = 'rich'"),
            ("users_check", "price <> 7")
        ]
    );
    let own = &users.foreign_keys[0];
    assert_eq!(
        (own.name.as_str(), text(&own.referenced_columns)),
        ("users_parent_fkey", vec!["id"])
    );
    assert_eq!(own.on_delete, ReferentialAction::SetNull);
    let posts = table(&catalog, "posts");
    assert_eq!(text(&posts.primary_key.as_ref().unwrap().columns), ["b", "a"]);
    let keys: Vec<_> =
        posts.foreign_keys.iter().map(|key| (key.name.as_str(), key.on_update)).collect();
    assert_eq!(
        keys,
        [("writer", ReferentialAction::Cascade), ("posts_other_fkey", ReferentialAction::NoAction)]
    );
}

#[test]
fn indexes_are_read_with_expressions_and_conditions() {
    let catalog = read_after(RICH);
    let users = table(&catalog, "users");
    assert_eq!(users.indexes.len(), 1, "those of constraints are not among them");
    let rich = &users.indexes["users_rich"];
    assert_eq!(rich.columns[0].key, IndexKey::Expression(SqlExpression::new("lower(name)")));
    assert_eq!(
        (rich.columns[0].order, rich.columns[1].order),
        (Order::Descending, Order::Ascending)
    );
    assert_eq!(rich.predicate, Some(SqlExpression::new("price > 10")));
    let unique = &table(&catalog, "posts").indexes["posts_b"];
    assert!(unique.unique && unique.valid && unique.predicate.is_none());
}

#[test]
fn hostile_names_are_read_letter_by_letter() {
    let catalog = read_after(
        r#"CREATE TABLE "t;""x'" ("select" INTEGER PRIMARY KEY, [a b] TEXT CHECK ([a b] <> ''''), `c``d` INT,
             CONSTRAINT "c' OR 1=1 --" UNIQUE (`c``d`));
           CREATE TABLE "a.b" (x INT REFERENCES "t;""x'" ("select"));
           CREATE INDEX "i""'" ON "a.b" (x + 1);
           CREATE VIEW "as" AS SELECT x AS "y "" z" FROM "a.b";"#,
    );
    let name = ObjectName::bare("t;\"x'");
    let hostile = catalog.table(&name).unwrap();
    let columns: Vec<&str> = hostile.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(columns, ["select", "a b", "c`d"]);
    assert_eq!(hostile.uniques[0].name.as_str(), "c' OR 1=1 --");
    let other = catalog.table(&ObjectName::bare("a.b")).unwrap();
    assert_eq!(other.foreign_keys[0].references, name);
    assert!(other.indexes.contains_key("i\"'"));
    assert_eq!(text(&catalog.views[&ObjectName::bare("as")].columns), ["y \" z"]);
}

#[test]
fn a_database_read_twice_differs_in_nothing() {
    let same =
        |one: &SqlExpression, other: &SqlExpression| same_expression(Dialect::Sqlite, one, other);
    assert_eq!(diff(&read_after(RICH), &read_after(RICH), &same), []);
}

#[test]
fn an_empty_database_is_an_empty_catalog() {
    assert_eq!(read_after("SELECT 1"), Catalog::empty(Dialect::Sqlite));
}
