//! What SQLite does: which changes write the whole table anew.

use std::path::Path;

use planner::database::Database as _;
use planner::database::connection::open;

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
