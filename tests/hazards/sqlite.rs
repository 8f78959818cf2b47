//! What SQLite does: which changes write the whole table anew, and which it refuses.

use std::path::Path;

use planner::catalog::Catalog;
use planner::change::apply::apply;
use planner::database::Database as _;
use planner::database::connection::open;
use planner::dialect::Dialect;
use planner::dialects::refused;
use planner::readers::{self, Meaning};

use crate::support::ScratchSqlite;

/// How much of a table of many rows a statement writes: the length of the journal, in which every page is kept that it changes.
fn written(sql: &str) -> u64 {
    let scratch = ScratchSqlite::new();
    let mut database = open(&format!("sqlite:{}", scratch.path)).unwrap();
    database.execute("PRAGMA journal_mode = DELETE").unwrap();
    database.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, nick TEXT)").unwrap();
    let fill = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
        INSERT INTO users SELECT i, 'a name', 'a nick name' FROM n";
    database.execute(fill).unwrap();
    let journal = format!("{}-journal", scratch.path);
    database.execute("PRAGMA cache_size = 5").unwrap();
    database.begin().unwrap();
    database.execute(sql).unwrap();
    let length = Path::new(&journal).metadata().map_or(0, |of| of.len());
    database.roll_back().unwrap();
    length
}

#[test]
fn dropping_a_column_writes_the_table_anew_and_adding_one_does_not() {
    let (dropped, added) = (
        written("ALTER TABLE users DROP COLUMN nick"),
        written("ALTER TABLE users ADD COLUMN team TEXT"),
    );
    assert!(dropped > 300_000, "{dropped} bytes");
    assert!(added < 50_000, "{added} bytes");
}

#[test]
fn vacuum_is_refused_in_a_transaction_and_foreign_keys_cannot_be_switched_there() {
    let scratch = ScratchSqlite::new();
    let mut database = open(&format!("sqlite:{}", scratch.path)).unwrap();
    database.execute("PRAGMA foreign_keys = ON").unwrap();
    database.begin().unwrap();
    assert!(database.execute("VACUUM").is_err());
    database.execute("PRAGMA foreign_keys = OFF").unwrap();
    database.roll_back().unwrap();
    let still =
        database.query_texts("SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys").unwrap();
    assert_eq!(still, [[Some("1".to_owned())]]);
    database.begin().unwrap();
    assert!(database.execute("BEGIN").is_err(), "there is no transaction inside another one");
    database.roll_back().unwrap();
}

const KEPT: &str = "
    CREATE TABLE teams (id INTEGER PRIMARY KEY);
    CREATE TABLE people (
        id INTEGER PRIMARY KEY, name TEXT, email TEXT UNIQUE, team_id INTEGER REFERENCES teams (id), nick TEXT, age INTEGER
    );
    CREATE INDEX people_nick ON people (nick);
    INSERT INTO teams VALUES (1);
    INSERT INTO people VALUES (1, 'ann', 'a', 1, 'a', 1);
";

/// Each runs on the tables above.
const ALTERS: &[&str] = &[
    "ALTER TABLE people DROP COLUMN id",
    "ALTER TABLE people DROP COLUMN name",
    "ALTER TABLE people DROP COLUMN email",
    "ALTER TABLE people DROP COLUMN team_id",
    "ALTER TABLE people DROP COLUMN nick",
    "ALTER TABLE people ADD COLUMN x TEXT UNIQUE",
    "ALTER TABLE people ADD COLUMN x INTEGER PRIMARY KEY",
    "ALTER TABLE people ADD COLUMN x INTEGER REFERENCES teams (id)",
    "ALTER TABLE people ADD COLUMN x INTEGER DEFAULT NULL REFERENCES teams (id)",
    "ALTER TABLE people ADD COLUMN x INTEGER DEFAULT 1 REFERENCES teams (id)",
    "ALTER TABLE people ADD COLUMN x INTEGER CHECK (x > 0)",
    "ALTER TABLE people ADD COLUMN x DEFAULT CURRENT_TIMESTAMP",
    "ALTER TABLE people ADD COLUMN x DEFAULT current_date",
    "ALTER TABLE people ADD COLUMN x DEFAULT (datetime('now'))",
    "ALTER TABLE people ADD COLUMN x DEFAULT (1)",
    "ALTER TABLE people ADD COLUMN x DEFAULT ('a')",
    "ALTER TABLE people ADD COLUMN x DEFAULT (1 + 1)",
    "ALTER TABLE people ADD COLUMN x DEFAULT -1.5",
    "ALTER TABLE people ADD COLUMN x DEFAULT TRUE",
    "ALTER TABLE people ADD COLUMN x DEFAULT abc",
    "ALTER TABLE people ADD COLUMN x DEFAULT x'00'",
    "ALTER TABLE people ADD COLUMN x DEFAULT (CAST('1' AS INTEGER))",
    "ALTER TABLE people ADD COLUMN x AS (name)",
    "ALTER TABLE people ADD COLUMN x AS (name) STORED",
    "ALTER TABLE people RENAME COLUMN nick TO called",
    "ALTER TABLE people RENAME TO persons",
];

#[test]
fn what_is_said_to_be_refused_of_an_alter_table_the_engine_refuses() {
    let scratch = ScratchSqlite::new();
    let mut database = open(&format!("sqlite:{}", scratch.path)).unwrap();
    database.execute("PRAGMA foreign_keys = ON").unwrap();
    database.execute(KEPT).unwrap();
    let mut before = Catalog::empty(Dialect::Sqlite);
    read(KEPT, &mut before);
    let mut wrong = Vec::new();
    for sql in ALTERS {
        let predicted = read(sql, &mut before.clone());
        database.begin().unwrap();
        let done = database.execute(sql);
        database.roll_back().unwrap();
        if predicted != done.is_err() {
            wrong.push(format!("{sql}: predicted {predicted}, {done:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Applies a script; returns whether a part of it is said to be refused.
fn read(script: &str, catalog: &mut Catalog) -> bool {
    let parsed = readers::parse(Dialect::Sqlite, script);
    let mut is_refused = false;
    for at in 0..parsed.statements.len() {
        for part in parsed.read(at, script, catalog).unwrap().parts {
            let Meaning::Change(change) = part.meaning else { panic!("{script} is not read") };
            is_refused |= refused(&change, catalog).is_some();
            let applied = apply(&change, catalog);
            assert!(applied.is_ok() || is_refused, "{script}: {applied:?}");
        }
    }
    is_refused
}
