//! Hard schemas of SQLite.

use planner::dialect::Dialect;

use super::{LIVE, READ, compare, is_diesels_own};

const TEXTS: [&str; 5] = [
    "",
    "[print_schema]\nwith_docs = true",
    "[print_schema]\nsqlite_integer_primary_key_is_bigint = true",
    "[print_schema]\ncolumn_sorting = \"name\"\nsqlite_integer_primary_key_is_bigint = true",
    "[print_schema]\nallow_tables_to_appear_in_same_query_config = \"fk_related_tables\"",
];

#[test]
fn keys_that_may_be_null_are_printed_as_diesel_prints_them() {
    is_diesels_own(
        Dialect::Sqlite,
        "CREATE TABLE a (id INTEGER PRIMARY KEY);
         CREATE TABLE b (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT);
         CREATE TABLE c (id INTEGER PRIMARY KEY NOT NULL);
         CREATE TABLE d (code TEXT PRIMARY KEY);
         CREATE TABLE e (code TEXT PRIMARY KEY NOT NULL);
         CREATE TABLE f (a INT, b INT NOT NULL, c INT, PRIMARY KEY (c, a, b));
         CREATE TABLE g (code TEXT PRIMARY KEY, x INT) WITHOUT ROWID;
         CREATE TABLE h (id INTEGER PRIMARY KEY, x ANY_INT);
         CREATE TABLE i (code TEXT PRIMARY KEY, x INT) STRICT;
         CREATE TABLE j (id INTEGER PRIMARY KEY, x INT) STRICT;
         CREATE TABLE k (a INT, b TEXT, PRIMARY KEY (a, b)) STRICT, WITHOUT ROWID;
         CREATE TABLE l (id INTEGER PRIMARY KEY DESC, x INT);
         CREATE TABLE m (id INTEGER, x INT, PRIMARY KEY (id));
         CREATE TABLE n (id INT PRIMARY KEY);
         CREATE TABLE o (id INTEGER NULL PRIMARY KEY);
         CREATE TABLE p (id INTEGER PRIMARY KEY, x INT) WITHOUT ROWID;
         CREATE TABLE q (\"order\" INTEGER PRIMARY KEY, r INTEGER REFERENCES a, s INTEGER REFERENCES d, t TEXT REFERENCES d (code));",
        &TEXTS,
    );
}

#[test]
fn a_key_that_may_be_null_is_followed() {
    is_diesels_own(
        Dialect::Sqlite,
        "CREATE TABLE a (id INTEGER PRIMARY KEY, x INT);
         ALTER TABLE a RENAME COLUMN id TO key;
         ALTER TABLE a RENAME TO b;
         ALTER TABLE b DROP COLUMN x;
         CREATE TABLE c (one INT, two INT NOT NULL, PRIMARY KEY (one, two));
         ALTER TABLE c RENAME COLUMN one TO three;",
        &TEXTS[..1],
    );
}

#[test]
fn odd_types_are_printed_as_diesel_prints_them() {
    is_diesels_own(
        Dialect::Sqlite,
        "CREATE TABLE types (
            id INTEGER PRIMARY KEY, a UNSIGNED BIG INT, b, c VARYING CHARACTER(255), d NATIVE CHARACTER(70), e NVARCHAR(100), f CLOB,
            g DOUBLE PRECISION, h REAL, i FLOAT, j NUMERIC, k DECIMAL(10,5), l BOOLEAN, m BOOL, n DATE, o DATETIME, p TIMESTAMP, q TIME,
            r MEDIUMINT, s INT2, t INT8, u TINYINT(1), v TinyInt, w Big Int, x boolean NOT NULL, y \"integer\", z [TEXT],
            aa POINT, bb CHARINT, cc VARBINARY(16), dd BLOB NOT NULL, ee \"BIG INT\", ff INTEGER (4), gg unsigned int, hh LONGTEXT, ii number
         );",
        &TEXTS,
    );
}

#[test]
fn odd_tables_are_printed_as_diesel_prints_them() {
    is_diesels_own(
        Dialect::Sqlite,
        r#"
        CREATE TABLE "select" (id INTEGER PRIMARY KEY, "Self" INT, "async" INT, rowid_ INT);
        CREATE TABLE users (Id INTEGER PRIMARY KEY, users INT, "_" INT, "__" INT, "é" INT, "a-b" INT, "a  b" INT, "1" INT, "a""b" INT, "a'b" INT);
        CREATE TABLE "it's" (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES alone, other INTEGER REFERENCES alone (id));
        CREATE TABLE alone (id INTEGER PRIMARY KEY);
        CREATE TABLE same_case (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (Id));
        CREATE TABLE no_column (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users);
        CREATE TABLE "таблица" ("ключ" INTEGER PRIMARY KEY, "type" INTEGER REFERENCES "it's");
        CREATE TABLE "a.b" (id INTEGER PRIMARY KEY, "c.d" INTEGER REFERENCES "таблица");
        CREATE TABLE bare (a TEXT, b INT);
        CREATE TABLE bare_rowid (rowid TEXT, b INT);
        CREATE TABLE bare_oid (rowid TEXT, oid INT);
        CREATE TABLE bare_upper (ROWID TEXT, b INT);
        CREATE TABLE computed (id INTEGER PRIMARY KEY, a INT GENERATED ALWAYS AS (id * 2) STORED, b AS (id), c TEXT AS ('x') VIRTUAL);
        CREATE VIEW some_view AS SELECT id FROM users;
        "#,
        &TEXTS,
    );
}

#[test]
fn what_is_referred_to_in_another_case_is_printed_as_diesel_prints_it() {
    // A baseline writes each name as it is.
    compare(
        Dialect::Sqlite,
        "CREATE TABLE users (Id INTEGER PRIMARY KEY);
         CREATE TABLE two (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES USERS, other INTEGER REFERENCES Users (ID));
         CREATE TABLE other_case (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id));
         CREATE TABLE other_table_case (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES USERS (Id));
         CREATE TABLE no_column_case (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES Users);",
        &TEXTS,
        &[LIVE, READ],
    );
}

#[test]
fn what_only_the_database_tells_is_printed_as_diesel_prints_it() {
    compare(
        Dialect::Sqlite,
        "CREATE TABLE users (id INTEGER PRIMARY KEY, users INT);
         CREATE TABLE copied AS SELECT id, users AS u, 1 AS one, 'x' AS x FROM users;",
        &TEXTS,
        &[LIVE],
    );
}

#[test]
fn wide_tables_are_printed_as_diesel_prints_them() {
    let columns: Vec<String> = (0..260).map(|nth| format!("column_number_{nth} INTEGER")).collect();
    is_diesels_own(
        Dialect::Sqlite,
        &format!("CREATE TABLE wide (id INTEGER PRIMARY KEY, {})", columns.join(", ")),
        &TEXTS,
    );
}
