//! `planner schema-rs` beside the stock `diesel print-schema`: same options, same files, same output.

use diesel::connection::SimpleConnection as _;

use crate::support::project::Project;
use crate::support::{ScratchPostgres, ScratchSqlite, diesel as stock};

const SQLITE: &str = "
CREATE TABLE users (name VARCHAR(20) NOT NULL, id INTEGER PRIMARY KEY NOT NULL, age INT);
CREATE TABLE posts (title TEXT, id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users);
CREATE TABLE alone (id INTEGER PRIMARY KEY);
";

const POSTGRES: &str = "
CREATE SCHEMA billing;
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
CREATE DOMAIN billing.amount AS numeric NOT NULL;
CREATE TABLE users (zip varchar(20), id bigserial PRIMARY KEY, mood mood, words tsvector, email email, amount billing.amount);
CREATE TABLE posts (id int PRIMARY KEY, user_id bigint REFERENCES users);
CREATE TABLE alone (id int PRIMARY KEY);
CREATE TABLE billing.lines (id int PRIMARY KEY, amount billing.amount, email email, mood mood);
COMMENT ON TABLE users IS 'All people';
";

/// A project whose one migration is this, by hand, and that ran on this database.
fn project(project: Project, sql: &str) -> Project {
    project
        .file("Cargo.toml", "")
        .file("migrations/2020-01-01-000000_all/up.sql", sql)
        .file("migrations/2020-01-01-000000_all/down.sql", "SELECT 1;\n")
}

/// Compares what both print with these options.
#[track_caller]
fn print_alike(project: &Project, url: &str, options: &[&str]) -> String {
    let with = |command| [&[command][..], options].concat();
    let theirs = stock::diesel(url, project.path(), &with("print-schema")).exits(0);
    let ours = project.run(&with("schema-rs")).exits(0);
    assert!(ours == theirs, "{options:?}\n{}", diffy::create_patch(&theirs, &ours));
    ours
}

const BOTH: [&[&str]; 10] = [
    &[],
    &["--only-tables", "user", "^posts$"],
    &["-e", "alone"],
    &["--with-docs"],
    &["--with-docs-config", "only-database-comments"],
    &["--allow-tables-to-appear-in-same-query-config", "fk_related_tables"],
    &["--column-sorting", "name"],
    &["--import-types", "diesel::sql_types::*", "--import-types", "crate::types::*"],
    &["--sqlite-integer-primary-key-is-bigint"],
    &["--with-docs", "--column-sorting", "name", "-o", "s$"],
];

#[test]
fn the_options_of_the_command_line_are_diesels_own_on_sqlite() {
    let database = ScratchSqlite::new();
    database.connect().batch_execute(SQLITE).unwrap();
    let plain = "[print_schema]\nwith_docs = true\nfilter = { except_tables = [\"users\"] }\n";
    for text in ["", plain] {
        let project = project(Project::sqlite(), SQLITE).file("diesel.toml", text);
        for options in BOTH {
            print_alike(&project, &database.path, options);
        }
    }
}

#[test]
fn the_options_of_the_command_line_are_diesels_own_on_postgresql() {
    let database = ScratchPostgres::new();
    database.connect().batch_execute(POSTGRES).unwrap();
    let project = project(Project::postgres(&database.url), POSTGRES).file("diesel.toml", "");
    let own: [&[&str]; 8] = [
        &["--schema", "billing"],
        &["-s", "public", "--with-docs"],
        &["--no-generate-missing-sql-type-definitions"],
        &["--except-custom-type-definitions", "^Mood$", "Tsv"],
        &["--custom-type-derives", "std::fmt::Debug", "--custom-type-derives", "Clone"],
        &["--pg-domains-as-custom-types", "^email$"],
        &["--pg-domains-as-custom-types", "x", "--pg-domains-as-custom-types", "amount"],
        &["--schema", "billing", "--pg-domains-as-custom-types", "."],
    ];
    for options in BOTH.iter().chain(&own) {
        print_alike(&project, &database.url, options);
    }
}

#[test]
fn another_configuration_file_is_read_as_diesel_reads_it() {
    let database = ScratchSqlite::new();
    database.connect().batch_execute(SQLITE).unwrap();
    let patch = "@@ -2,5 +2,5 @@\n \n diesel::table! {\n     alone (id) {\n-        id -> Nullable<Integer>,\n+        id -> Integer,\n     }\n";
    let project = project(Project::sqlite(), SQLITE)
        .file("diesel.toml", "[print_schema]\nfilter = { only_tables = [\"users\"] }\n")
        .file(
            "config/other.toml",
            "[print_schema]\nfilter = { only_tables = [\"alone\"] }\npatch_file = \"own.patch\"\n",
        )
        .file("config/own.patch", patch)
        .file("config/posts.toml", "[print_schema]\nfilter = { only_tables = [\"posts\"] }\n");
    let printed = print_alike(&project, &database.path, &[]);
    assert!(printed.contains("users (id)"), "{printed}");
    let named = print_alike(&project, &database.path, &["--config-file", "config/other.toml"]);
    assert!(named.contains("id -> Integer"), "{named}");
    // The variable, also from `.env`; what is named on the command line comes before it.
    project.write(".env", "DIESEL_CONFIG_FILE=config/posts.toml\n");
    let printed = print_alike(&project, &database.path, &[]);
    assert!(printed.contains("posts (id)"), "{printed}");
    let project = project.variable("DIESEL_CONFIG_FILE", "config/other.toml");
    assert_eq!(project.run(&["schema-rs"]).exits(0), named);
    let named = project.run(&["schema-rs", "--config-file", "config/posts.toml"]).exits(0);
    assert_eq!(named, printed);
    let told = project.run(&["schema-rs", "--config-file", "config/none.toml"]).fails(2);
    assert!(told.contains("config/none.toml`, which `--config-file` names"), "{told}");
    let project = project.variable("DIESEL_CONFIG_FILE", "config/none.toml");
    let told = project.run(&["schema-rs"]).fails(2);
    assert!(told.contains("config/none.toml`, which `DIESEL_CONFIG_FILE` names"), "{told}");
}

#[test]
fn the_nearest_configuration_file_above_the_project_is_read() {
    let database = ScratchSqlite::new();
    database.connect().batch_execute(SQLITE).unwrap();
    let text =
        "[print_schema]\nfile = \"inner/schema.rs\"\nfilter = { only_tables = [\"users\"] }\n";
    let project = project(Project::sqlite(), SQLITE).file("diesel.toml", text);
    for name in ["planner.yaml", "plans", "migrations"] {
        let inner = project.path().join("inner");
        std::fs::create_dir_all(&inner).unwrap();
        std::fs::rename(project.path().join(name), inner.join(name)).unwrap();
    }
    let inner = project.path().join("inner");
    let theirs = stock::diesel(&database.path, &inner, &["print-schema"]).exits(0);
    assert_eq!(project.run(&["-C", "inner", "schema-rs"]).exits(0), theirs);
    project.run(&["-C", "inner", "schema-rs", "--write"]).exits(0);
    assert_eq!(project.read("inner/schema.rs"), theirs);
}

const KEYS: &str =
    "[print_schema.zeta]\nfile = \"src/zeta.rs\"\nfilter = { only_tables = [\"posts\"] }\n
[print_schema]\nfile = \"src/schema.rs\"\n
[print_schema.alpha]\nfile = \"src/deep/alpha.rs\"\nwith_docs = true\n
[print_schema.fileless]\nfilter = { only_tables = [\"alone\"] }\n";

#[test]
fn each_key_is_printed_in_diesels_order_and_written_where_diesel_writes_it() {
    let database = ScratchSqlite::new();
    let project = project(Project::sqlite(), SQLITE).file("diesel.toml", KEYS);
    database.connect().batch_execute(SQLITE).unwrap();
    print_alike(&project, &database.path, &[]);
    let alone = project.run(&["schema-rs", "--schema-key", "fileless"]).exits(0);
    assert!(alone.contains("alone (id)") && !alone.contains("posts"), "{alone}");
    let two = ["schema-rs", "--schema-key", "fileless", "--schema-key", "zeta"];
    assert!(project.run(&two).exits(0).starts_with(&alone));
    let told = project.run(&["schema-rs", "--out", "src/all.rs"]).fails(2);
    assert!(told.contains("several keys"), "{told}");

    let told = project.run(&["schema-rs", "--check"]).exits(1);
    assert!(told.contains("+++ b/src/deep/alpha.rs"), "{told}");
    let told = project.run(&["schema-rs", "--write", "--schema-key", "zeta"]).exits(0);
    assert_eq!(told, "wrote src/zeta.rs\n");
    let told = project.run(&["schema-rs", "--write"]).exits(0);
    assert_eq!(told, "wrote src/deep/alpha.rs\nwrote src/schema.rs\nkept src/zeta.rs as it is\n");
    project.run(&["schema-rs", "--check"]).exits(0);
    let files = ["src/zeta.rs", "src/schema.rs", "src/deep/alpha.rs"];
    let ours = files.map(|file| project.read(file));
    // Diesel finds nothing to change, and writes the same.
    let run = ["migration", "run", "--locked-schema"];
    let fresh = ScratchSqlite::new();
    stock::diesel(&fresh.path, project.path(), &run).exits(0);
    for file in files {
        std::fs::remove_file(project.path().join(file)).unwrap();
    }
    stock::diesel(&fresh.path, project.path(), &["migration", "run"]).exits(0);
    assert_eq!(files.map(|file| project.read(file)), ours);

    project.write("src/zeta.rs", ours[0].replace("title", "headline"));
    let told = project.run(&["schema-rs", "--check"]).exits(1);
    assert!(
        told.contains("-        headline -> Nullable<Text>,\n+        title -> Nullable<Text>,"),
        "{told}"
    );
    let stale = project.json(&["schema-rs", "--check"], 1);
    assert_eq!(stale["stale"], serde_json::json!(["src/zeta.rs"]));
    // Diesel does not look at how lines end.
    project.write("src/zeta.rs", ours[0].replace('\n', "\r\n"));
    project.run(&["schema-rs", "--locked-schema"]).exits(0);
    assert_eq!(project.json(&["schema-rs", "--write"], 0)["written"], serde_json::json!([]));
}

#[test]
fn files_that_cannot_be_written_as_meant_are_refused() {
    for (text, told) in [
        ("", "names no `file` to write the schema to"),
        (
            "[print_schema]\nfile = \"a.rs\"\n[print_schema.b]\nfile = \"a.rs\"\n",
            "`a.rs` is the `file` of two keys",
        ),
    ] {
        let project = project(Project::sqlite(), SQLITE).file("diesel.toml", text);
        let answer = project.run(&["schema-rs", "--write"]).fails(2);
        assert!(answer.contains(told), "{answer}");
        assert!(!project.path().join("a.rs").exists());
    }
    let project = project(Project::sqlite(), SQLITE);
    let answer = project.run(&["schema-rs", "users"]).fails(2);
    assert!(answer.contains("add `--only-tables` or `--except-tables`"), "{answer}");
    let answer = project.run(&["schema-rs", "-o", "("]).fails(2);
    assert!(answer.contains("`(` is no regular expression"), "{answer}");
}
