//! `deploy start` and `deploy check` with `--schema`, `--requires` and `--scan`: what is read, recorded and refused.

use crate::support::ScratchPostgres;
use crate::support::project::{Project, Ran};

const USERS: &str = "title: Users
expand:
  - create_table: { table: users, columns: [{ name: id, type: bigint, primary_key: true }, { name: name, type: text, nullable: false }] }
";
const SCHEMA: &str = "diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Text,
    }
}
";
const WITH_NICK: &str = "diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Text,
        nick -> Nullable<Text>,
    }
}
";

fn shop(config: &str) -> Project {
    let config = format!("dialect: sqlite\ndatabase: sqlite:test.db\n{config}");
    let project = Project::with_config(&config).file("plans/2026-01-01-000000_users.yaml", USERS);
    let project = project.file("web/schema.rs", SCHEMA).file("web/next.rs", WITH_NICK);
    project.run(&["run"]).exits(0);
    project
}

fn deploy(project: &Project, verb: &str, version: &str, more: &[&str]) -> Ran {
    project.run(&[&["deploy", verb, "--app", "web", "--version", version], more].concat())
}

/// How many entries the ledger has.
fn recorded(project: &Project) -> usize {
    project.json(&["history"], 0)["entries"].as_array().unwrap().len()
}

#[test]
fn what_a_release_needs_is_recorded_beside_its_start_and_once() {
    let project = shop("");
    let said = deploy(&project, "start", "1.0.0", &["--schema", "web/schema.rs"]).exits(0);
    assert_eq!(said, "web 1.0.0 is rolling out.\nWhat it needs is recorded: 1 table, 2 columns.\n");
    let before = recorded(&project);
    let said = deploy(&project, "start", "1.0.0", &["--schema", "web/schema.rs"]).exits(0);
    assert_eq!(said, "web 1.0.0 is rolling out.\n");
    assert_eq!(recorded(&project), before + 1);
    deploy(&project, "start", "1.0.0", &[]).exits(0);
    assert_eq!(recorded(&project), before + 2);
}

#[test]
fn a_release_that_the_schema_does_not_serve_is_refused_and_nothing_recorded() {
    let project = shop("");
    let before = recorded(&project);
    for verb in ["check", "start"] {
        let told = deploy(&project, verb, "2.0.0", &["--schema", "web/next.rs"]).fails(3);
        assert!(told.contains("users.nick"), "{told}");
        assert!(told.contains("web/next.rs:5"), "{told}");
    }
    assert_eq!(recorded(&project), before);
    deploy(&project, "check", "2.0.0", &["--schema", "web/schema.rs"]).exits(0);
    assert_eq!(recorded(&project), before);
}

#[test]
fn requires_yaml_narrows_what_is_needed() {
    let project = shop("apps: { web: { requires: web/requires.yaml } }\n");
    project.write("web/requires.yaml", "tables: { users: { ignores: [nick] } }\n");
    project.write("web/other.yaml", "tables: { users: { ignores: [nik] } }\n");
    deploy(&project, "check", "2.0.0", &["--schema", "web/next.rs"]).exits(0);
    let told = deploy(
        &project,
        "check",
        "2.0.0",
        &["--schema", "web/next.rs", "--requires", "web/other.yaml"],
    );
    let told = told.fails(1);
    assert!(told.contains("no column `nik` of `users` is declared"), "{told}");
    assert!(told.contains("did you mean `nick`?"), "{told}");
    assert!(told.contains("web/other.yaml:1:"), "{told}");
    // Where the file that planner.yaml names is not there, nothing of it is missed.
    std::fs::remove_file(project.path().join("web/requires.yaml")).unwrap();
    deploy(&project, "check", "2.0.0", &["--schema", "web/next.rs"]).fails(3);
    let raw = "raw_sql: { audit: { reads: [at] } }\n";
    project.write("web/raw.yaml", raw);
    let told = deploy(&project, "check", "2.0.0", &["--requires", "web/raw.yaml"]).fails(3);
    assert!(told.contains("`audit` does not exist"), "{told}");
}

#[test]
fn a_scan_narrows_what_is_needed() {
    let project = shop("");
    let scan = ["--schema", "web/next.rs", "--scan", "web/src"];
    project.write("web/src/main.rs", "fn f() { users::table.select(users::name).load(c) }");
    deploy(&project, "check", "2.0.0", &scan).exits(0);
    project.write("web/src/more/nick.rs", "fn g() { users::table.select(users::nick).load(c) }");
    deploy(&project, "check", "2.0.0", &scan).fails(3);
    project.write("web/src/more/nick.rs", "fn g() { }");
    project.write("web/src/latin1.rs", b"// \xe9\n");
    let told = deploy(&project, "check", "2.0.0", &scan).fails(3);
    assert!(told.contains("is not UTF-8"), "{told}");
    assert!(told.contains("the scan narrows nothing"), "{told}");
    let told = deploy(&project, "check", "2.0.0", &["--scan", "web/src"]).fails(2);
    assert!(told.contains("add `--schema FILE`"), "{told}");
}

#[test]
fn a_folder_is_all_its_files_of_rust() {
    let project = shop("");
    project.write("web/schema/mod.rs", "mod users;\nmod deep;\n");
    project.write("web/schema/users.rs", SCHEMA);
    project.write("web/schema/deep/mod.rs", "diesel::table! { posts (id) { id -> BigInt } }");
    project.write("web/schema/.hidden/x.rs", "not rust (");
    let told = deploy(&project, "check", "1.0.0", &["--schema", "web/schema"]).fails(3);
    assert!(told.contains("`posts` does not exist (web/schema/deep/mod.rs:1)"), "{told}");
    let told = deploy(&project, "check", "1.0.0", &["--schema", "web/schema/mod.rs"]).fails(1);
    assert!(told.contains("module `users` is in a file that was not given"), "{told}");
    deploy(&project, "check", "1.0.0", &["--schema", "web/schema/users.rs"]).exits(0);
    let both = ["--schema", "web/schema/users.rs", "--schema", "web/schema/deep"];
    deploy(&project, "check", "1.0.0", &both).fails(3);
}

#[test]
fn a_schema_that_cannot_be_read_is_told_and_records_nothing() {
    let project = shop("");
    let before = recorded(&project);
    project
        .write("bad.rs", "diesel::table! {\n    users (id) {\n        id => BigInt,\n    }\n}\n");
    let told = deploy(&project, "start", "1.0.0", &["--schema", "bad.rs"]).fails(1);
    assert!(told.contains("bad.rs:3:12"), "{told}");
    assert!(told.contains("expected `->`"), "{told}");
    project.write("latin1.rs", b"// \xe9\n");
    let told = deploy(&project, "start", "1.0.0", &["--schema", "latin1.rs"]).fails(1);
    assert!(told.contains("is not UTF-8"), "{told}");
    let told = deploy(&project, "start", "1.0.0", &["--schema", "missing.rs"]).fails(1);
    assert!(told.contains("cannot be read"), "{told}");
    std::fs::create_dir(project.path().join("empty")).unwrap();
    let told = deploy(&project, "start", "1.0.0", &["--schema", "empty"]).fails(2);
    assert!(told.contains("there is no file of Rust below `empty`"), "{told}");
    let huge = std::fs::File::create(project.path().join("huge.rs")).unwrap();
    huge.set_len(100 << 20).unwrap();
    let told = deploy(&project, "start", "1.0.0", &["--schema", "huge.rs"]).fails(1);
    assert!(told.contains("has more than 12582912 bytes"), "{told}");
    project.write("deep.rs", "(".repeat(3_000_000));
    let told = deploy(&project, "start", "1.0.0", &["--schema", "deep.rs"]).fails(1);
    assert!(told.contains("brackets are open here"), "{told}");
    assert_eq!(recorded(&project), before);
}

#[test]
fn paths_are_those_of_the_folder_the_command_is_run_in() {
    let project = shop("");
    let at = ["-C", "web", "deploy", "check", "--app", "web", "--version", "2", "--schema"];
    let told = project.run(&[&at[..], &["next.rs"]].concat()).fails(3);
    assert!(told.contains("(next.rs:5)"), "{told}");
}

#[test]
fn needs_are_kept_on_postgresql_too() {
    let database = ScratchPostgres::new();
    let config = "dialect: postgres\napps: { web: {} }\n";
    let project = Project::with_config(config).variable("DATABASE_URL", &database.url);
    let project = project.file("plans/2026-01-01-000000_users.yaml", USERS);
    let project = project.file("web/next.rs", WITH_NICK).file("web/schema.rs", SCHEMA);
    project.run(&["run"]).exits(0);
    deploy(&project, "start", "2", &["--schema", "web/next.rs"]).fails(3);
    let said = deploy(&project, "start", "1", &["--schema", "web/schema.rs"]).exits(0);
    assert!(said.contains("What it needs is recorded"), "{said}");
    let said = deploy(&project, "start", "1", &["--schema", "web/schema.rs"]).exits(0);
    assert_eq!(said, "web 1 is rolling out.\n");
}

/// The block of a page that begins with this line.
fn block(page: &str, first: &str) -> String {
    let lines = page.lines().skip_while(|line| !line.starts_with(first));
    let lines: Vec<&str> = lines.take_while(|line| *line != "```").collect();
    assert!(!lines.is_empty(), "{first}");
    lines.join("\n") + "\n"
}

#[test]
fn the_files_on_the_page_about_releases_are_read() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/releases.md");
    let page = std::fs::read_to_string(page).unwrap();
    let config = block(&page, "# planner.yaml");
    let project = shop(&config.replace("../web/", "web/"));
    project.write("web/requires.yaml", block(&page, "# requires.yaml"));
    let table = |name: &str, columns: &str| {
        format!("diesel::table! {{ {name} (id) {{ id -> BigInt, {columns} }} }}\n")
    };
    let schema = table("users", "email -> Text, name -> Text,")
        + &table("orders", "legacy_state -> Text,")
        + &table("outbox", "");
    project.write("web/all.rs", schema);
    let told = deploy(&project, "check", "1", &["--schema", "web/all.rs"]).fails(3);
    // Nothing is wrong in the files; the schema only has less than they ask for.
    assert!(!told.contains("EC1"), "{told}");
    assert!(told.contains("`users.search_rank` does not exist (web/requires.yaml:"), "{told}");
    assert!(told.contains("`audit` does not exist (web/requires.yaml:"), "{told}");
    assert!(!told.contains("outbox"), "{told}");
}
