//! planner's `schema.rs` is the one that `diesel print-schema` prints.

use std::process::Command;

use diesel::connection::SimpleConnection as _;
use planner::compile::schema_rs::options::PrintOptions;
use planner::compile::schema_rs::schema_rs;
use planner::database::introspect::{postgres, sqlite};

use crate::support::{ScratchPostgres, ScratchSqlite};

const COMMAND_VARIABLE: &str = "PLANNER_TEST_DIESEL";
const INSTALL: &str =
    "cargo install diesel_cli --version 2.3.14 --no-default-features --features 'sqlite postgres'";

/// Runs the real command.
pub(super) fn print_schema(url: &str, more: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let command = std::env::var(COMMAND_VARIABLE).unwrap_or_else(|_| {
        panic!(
            "{COMMAND_VARIABLE} names no diesel command; run `{INSTALL}` and set it to the binary"
        )
    });
    let output = Command::new(&command)
        .args(["print-schema", "--database-url", url])
        .args(more)
        .current_dir(folder.path())
        .output()
        .unwrap_or_else(|error| panic!("cannot run `{command}`: {error}; run `{INSTALL}`"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn long_names(count: usize) -> String {
    let name = |nth| {
        format!("CREATE TABLE a_table_with_a_long_name_{nth} (id integer NOT NULL PRIMARY KEY);")
    };
    (0..count).map(name).collect::<Vec<_>>().concat()
}

const POSTGRES: &str = r#"
CREATE SCHEMA billing;
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE TYPE billing.invoice_kind AS ENUM ('a');
CREATE TYPE a_type_with_a_name_that_is_nearly_as_long_as_a_name_may_be_here AS ENUM ('a');
CREATE TABLE users (
    id bigserial PRIMARY KEY, name varchar(20) NOT NULL, "type" text, "users" int, code char(3), letter char, mood mood NOT NULL,
    moods mood[], at timestamptz(3), day date, clock time, zoned timetz, flag bool DEFAULT true, tiny smallint, price numeric(10, 2),
    ratio double precision, part real, raw bytea, data jsonb, old json, tags text[] NOT NULL, names varchar(5)[], address inet,
    key uuid, since interval, span int4range, bits bit(3), more_bits bit varying(5), words tsvector, "odd name" int, "1st" int,
    long_one a_type_with_a_name_that_is_nearly_as_long_as_a_name_may_be_here, fn int, kind billing.invoice_kind,
    total int GENERATED ALWAYS AS (1) STORED
);
CREATE TABLE posts (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id bigint REFERENCES users, parent int REFERENCES posts);
CREATE TABLE likes (user_id bigint REFERENCES users, post_id int REFERENCES posts, PRIMARY KEY (post_id, user_id));
CREATE TABLE twice (id int PRIMARY KEY, a bigint REFERENCES users, b bigint REFERENCES users);
CREATE TABLE pairs (id int PRIMARY KEY, a int, b bigint, FOREIGN KEY (a, b) REFERENCES likes);
CREATE TABLE "Odd Table" (id int PRIMARY KEY, "type" int REFERENCES posts);
CREATE TABLE chickens (id int PRIMARY KEY);
CREATE TABLE eggs (id int PRIMARY KEY, chicken int REFERENCES chickens);
ALTER TABLE chickens ADD COLUMN egg int REFERENCES eggs;
CREATE TABLE __hidden (id int PRIMARY KEY);
CREATE VIEW cheap AS SELECT 1 AS one;
CREATE TABLE billing.invoices (id int PRIMARY KEY, kind billing.invoice_kind, mood mood);
CREATE TABLE billing.lines (id int PRIMARY KEY, invoice_id int REFERENCES billing.invoices, user_id bigint REFERENCES users);
CREATE TABLE billing."table" (id int PRIMARY KEY);
"#;

#[test]
fn it_is_diesels_own_on_postgresql() {
    let database = ScratchPostgres::new();
    let mut connection = database.connect();
    connection.batch_execute(POSTGRES).unwrap();
    let ours = schema_rs(&postgres::read(&mut connection).unwrap(), &PrintOptions::default());
    let billing = print_schema(&database.url, &["--schema", "billing"]);
    let (_, billing) = billing.split_once('\n').unwrap();
    let theirs = format!("{}{billing}", print_schema(&database.url, &[]));
    assert_eq!(ours, theirs);
}

#[test]
fn it_is_laid_out_as_diesel_lays_it_out() {
    let short: Vec<String> = (0..40)
        .map(|nth| format!("CREATE TABLE t{nth} (id integer NOT NULL PRIMARY KEY);"))
        .collect();
    let short = short.concat();
    let two = "CREATE TABLE aaaaaaaaaaaaaaaaaaaa (id int PRIMARY KEY); CREATE TABLE bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb (id int PRIMARY KEY);";
    let longer = two.replace("bbb ", "bbbb ");
    for sql in ["SELECT 1", &long_names(1), &long_names(2), &long_names(9), &short, two, &longer] {
        let database = ScratchSqlite::new();
        let mut connection = database.connect();
        connection.batch_execute(&sql.replace("id int P", "id int NOT NULL P")).unwrap();
        let ours = schema_rs(&sqlite::read(&mut connection).unwrap(), &PrintOptions::default());
        assert_eq!(ours, print_schema(&database.path, &[]));
    }
}

const SQLITE: &str = r#"
CREATE TABLE users (
    id INTEGER PRIMARY KEY NOT NULL, name VARCHAR(20) NOT NULL, "type" TEXT, users INT, flag BOOLEAN, tiny TINYINT, small SMALLINT,
    big BIGINT, price DECIMAL(10, 2), ratio DOUBLE, part FLOAT, exact NUMERIC, raw BLOB, bare, at TIMESTAMP, then_ DATETIME, day DATE,
    clock TIME, "odd name" INT, total INT GENERATED ALWAYS AS (1) STORED, half GENERATED ALWAYS AS (2)
);
CREATE TABLE posts (id INTEGER PRIMARY KEY NOT NULL, user_id INTEGER REFERENCES users, parent INTEGER REFERENCES posts (id));
CREATE TABLE likes (user_id INTEGER NOT NULL REFERENCES users (id), post_id INTEGER NOT NULL REFERENCES posts (id), PRIMARY KEY (post_id, user_id));
CREATE TABLE twice (id INTEGER PRIMARY KEY NOT NULL, a INTEGER REFERENCES users, b INTEGER REFERENCES users);
CREATE TABLE pairs (id INTEGER PRIMARY KEY NOT NULL, a INTEGER, b INTEGER, FOREIGN KEY (a, b) REFERENCES likes (post_id, user_id));
CREATE TABLE "Odd Table" (id INTEGER PRIMARY KEY NOT NULL, "type" INTEGER REFERENCES posts);
CREATE TABLE loose (name TEXT);
CREATE TABLE loose_too (rowid TEXT);
CREATE TABLE __hidden (id INTEGER PRIMARY KEY NOT NULL);
CREATE VIEW cheap AS SELECT 1 AS one;
"#;

#[test]
fn it_is_diesels_own_on_sqlite() {
    let database = ScratchSqlite::new();
    let mut connection = database.connect();
    connection.batch_execute(SQLITE).unwrap();
    let ours = schema_rs(&sqlite::read(&mut connection).unwrap(), &PrintOptions::default());
    assert_eq!(ours, print_schema(&database.path, &[]));
}
