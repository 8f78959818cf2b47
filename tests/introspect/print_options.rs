//! planner reads `diesel.toml` as Diesel's own command does: both print the same by every option.

use diesel::connection::SimpleConnection as _;
use planner::catalog::Catalog;
use planner::compile::schema_rs::schema_rs;
use planner::database::introspect::{postgres, sqlite};

use crate::support::{ScratchPostgres, ScratchSqlite, diesel as stock};

const POSTGRES: &str = r#"
CREATE SCHEMA billing;
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE TYPE shade AS ENUM ('dark');
CREATE TYPE billing.invoice_kind AS ENUM ('a');
CREATE TABLE users (zip varchar(20), id bigserial PRIMARY KEY, "Name" text, mood mood NOT NULL, moods mood[], shade shade, words tsvector);
CREATE TABLE posts (title text, id int PRIMARY KEY, user_id bigint REFERENCES users, mood mood);
CREATE TABLE likes (user_id bigint REFERENCES users, post_id int REFERENCES posts, PRIMARY KEY (post_id, user_id));
CREATE TABLE "Odd Table" (id int PRIMARY KEY, "type" int REFERENCES posts);
CREATE TABLE alone (id int PRIMARY KEY);
CREATE TABLE chickens (id int PRIMARY KEY);
CREATE TABLE eggs (id int PRIMARY KEY, chicken int REFERENCES chickens);
CREATE TABLE hidden_ledger (id int PRIMARY KEY, user_id bigint REFERENCES users);
CREATE TABLE billing.invoices (kind billing.invoice_kind, id int PRIMARY KEY, mood mood);
CREATE TABLE billing.lines (id int PRIMARY KEY, invoice_id int REFERENCES billing.invoices, user_id bigint REFERENCES users);
COMMENT ON TABLE users IS E'All people.\n\n  And  "more". ';
COMMENT ON COLUMN users.zip IS E'Where they live\nin short';
COMMENT ON COLUMN billing.invoices.kind IS 'what it is';
"#;

const SQLITE: &str = r#"
CREATE TABLE users (name VARCHAR(20) NOT NULL, id INTEGER PRIMARY KEY NOT NULL, age INT);
CREATE TABLE posts (title TEXT, id integer PRIMARY KEY NOT NULL, user_id INTEGER REFERENCES users, small INT2);
CREATE TABLE likes (user_id INT NOT NULL REFERENCES users (id), post_id INTEGER NOT NULL REFERENCES posts (id), PRIMARY KEY (post_id, user_id));
CREATE TABLE "Odd Table" (id INT PRIMARY KEY NOT NULL, "type" INTEGER REFERENCES posts, text_id INTEGER REFERENCES texts);
CREATE TABLE texts (id TEXT PRIMARY KEY NOT NULL, bare_id INTEGER REFERENCES bare);
CREATE TABLE bare (z_note TEXT, "a note" TEXT);
CREATE TABLE packed (id INTEGER PRIMARY KEY NOT NULL, of_pair INTEGER, FOREIGN KEY (of_pair, id) REFERENCES likes) WITHOUT ROWID;
CREATE TABLE to_packed (id INTEGER PRIMARY KEY NOT NULL, packed INTEGER REFERENCES packed, gone INTEGER REFERENCES nowhere (id));
CREATE TABLE hidden_ledger (id INTEGER PRIMARY KEY NOT NULL);
"#;

/// Options that mean the same on both engines.
const BOTH: [&str; 17] = [
    "",
    "[print_schema]\nfile = \"src/schema.rs\"",
    "[print_schema]\nfilter = { except_tables = [\"^hidden_.*\"] }",
    "[print_schema]\nfilter = { only_tables = [\"user\", \"^posts$\"] }",
    "[print_schema]\nfilter = { only_tables = [] }",
    "[print_schema]\nfilter = { except_tables = [\"(?i)ODD\", \"like\", \"users\"] }",
    "[print_schema.filter]\nexcept_tables = [\"s$\"]",
    "[print_schema]\nfilter = {}",
    "[print_schema]\ncolumn_sorting = \"name\"",
    "[print_schema]\ncolumn_sorting = \"ordinal_position\"",
    "[print_schema]\nimport_types = [\"diesel::sql_types::*\", \"crate::types::*\"]",
    "[print_schema]\nallow_tables_to_appear_in_same_query_config = \"fk_related_tables\"",
    "[print_schema]\nallow_tables_to_appear_in_same_query_config = \"none\"",
    "[print_schema]\nwith_docs = true",
    "[print_schema]\nwith_docs = \"only-database-comments\"",
    "[print_schema]\nwith_docs = false\ncolumn_sorting = \"name\"\nimport_types = []",
    "[print_schema]\nsqlite_integer_primary_key_is_bigint = true",
];

/// Options about types and schemas, which only PostgreSQL has.
const ONLY_POSTGRES: [&str; 17] = [
    "[print_schema]\nschema = \"billing\"",
    "[print_schema]\nschema = \"billing\"\nwith_docs = true\nfilter = { except_tables = [\"lines\"] }",
    "[print_schema]\nschema = \"public\"",
    "[print_schema]\nschema = \"public\"\nwith_docs = true",
    "[print_schema]\nschema = \"nowhere\"",
    "[print_schema]\ngenerate_missing_sql_type_definitions = false",
    "[print_schema]\ngenerate_missing_sql_type_definitions = false\nimport_types = [\"crate::types::*\"]",
    "[print_schema]\nexcept_custom_type_definitions = [\"^Mood$\", \"Tsv\"]",
    "[print_schema]\nexcept_custom_type_definitions = [\".\"]\nimport_types = [\"crate::types::*\"]",
    "[print_schema]\ncustom_type_derives = [\"diesel::query_builder::QueryId\"]",
    "[print_schema]\ncustom_type_derives = [\"diesel::sql_types::SqlType\", \"std::fmt::Debug\"]",
    "[print_schema]\ncustom_type_derives = [\"diesel::query_builder::QueryId\", \"std::fmt::Debug\", \"Clone\", \"some::other::LongName\"]",
    // One letter below and above what fits on one line, then on an indented one.
    "[print_schema]\ncustom_type_derives = [\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"]",
    "[print_schema]\ncustom_type_derives = [\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"]",
    "[print_schema]\ncustom_type_derives = [\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"]",
    "[print_schema]\ncustom_type_derives = [\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"]",
    "[print_schema]\npg_domains_as_custom_types = []",
];

fn is_diesels_own(catalog: &Catalog, url: &str, text: &str) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("diesel.toml"), text).unwrap();
    let theirs = stock::print_schema(url, folder.path());
    let ours = schema_rs(catalog, &stock::print_options(text, "default"));
    assert!(ours == theirs, "{text}\nours:\n{ours}\ntheirs:\n{theirs}");
}

#[test]
fn every_option_is_diesels_own_on_postgresql() {
    let database = ScratchPostgres::new();
    let mut connection = database.connect();
    connection.batch_execute(POSTGRES).unwrap();
    let catalog = postgres::read(&mut connection).unwrap();
    for text in BOTH.iter().chain(&ONLY_POSTGRES) {
        is_diesels_own(&catalog, &database.url, text);
    }
}

#[test]
fn every_option_is_diesels_own_on_sqlite() {
    let database = ScratchSqlite::new();
    let mut connection = database.connect();
    connection.batch_execute(SQLITE).unwrap();
    let catalog = sqlite::read(&mut connection).unwrap();
    for text in BOTH {
        is_diesels_own(&catalog, &database.path, text);
    }
}

#[test]
fn a_key_chooses_its_own_options() {
    let text = "[print_schema.default]\nfilter = { only_tables = [\"users\"] }\n[print_schema.other]\nfilter = { only_tables = [\"posts\"] }\n";
    let database = ScratchSqlite::new();
    let mut connection = database.connect();
    connection.batch_execute(SQLITE).unwrap();
    let catalog = sqlite::read(&mut connection).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("diesel.toml"), text).unwrap();
    let ours = |key: &str| schema_rs(&catalog, &stock::print_options(text, key));
    // Diesel prints one after the other.
    let theirs = stock::print_schema(&database.path, folder.path());
    assert_eq!(ours("default") + &ours("other"), theirs);
    assert!(ours("other").contains("posts (id)") && !ours("other").contains("users (id)"));
}
