//! Diesel's own traps in hand-written migrations: what `check` says, and that Diesel does what it says.

use crate::support::diesel::diesel;
use crate::support::project::{Project, Ran};

const MAKE: &str = "CREATE TABLE made (id INTEGER PRIMARY KEY);\n";
const UNMAKE: &str = "DROP TABLE made;\n";

fn project() -> Project {
    Project::with_config("dialect: sqlite\ndatabase: sqlite:test.db\n")
}

/// The project with a hand-written migration.
fn with(project: Project, directory: &str, up: &str, down: &str) -> Project {
    project
        .file(&format!("migrations/{directory}/up.sql"), up)
        .file(&format!("migrations/{directory}/down.sql"), down)
}

fn migrate(project: &Project, arguments: &[&str]) -> Ran {
    project.write("diesel.toml", "");
    let url = project.path().join("test.db").to_str().unwrap().to_owned();
    diesel(&url, project.path(), &[&["migration"], arguments].concat())
}

/// Names, files and underlined texts of what is found.
#[track_caller]
fn found(project: &Project, code: i32) -> Vec<(String, String)> {
    let json = project.json(&["check"], code);
    let found = json["diagnostics"].as_array().unwrap();
    let text =
        |found: &serde_json::Value, key: &str| found[key].as_str().unwrap_or_default().to_owned();
    found.iter().map(|found| (text(found, "name"), text(found, "file"))).collect()
}

fn one(name: &str, file: &str) -> Vec<(String, String)> {
    vec![(name.to_owned(), file.to_owned())]
}

#[test]
fn odd_names_and_what_lies_beside_are_no_matter() {
    let names = [
        "2019-04-19_867530_x",
        "2020-12-7-000000_short",
        "2021-01-01-000000-0000_new cli",
        "20220101000000",
        "2023-01-01-000000_x.sql",
        "3_größe",
    ];
    let mut project = project()
        .file("migrations/.keep", "")
        .file("migrations/.diesel_lock", "")
        .file("migrations/.archive/notes.txt", "")
        .file("migrations/README.md", "# Migrations\n")
        .file("migrations/2020_loose.sql", "DROP TABLE made;");
    for (at, name) in names.iter().enumerate() {
        let (up, down) =
            (format!("CREATE TABLE t{at} (id INTEGER PRIMARY KEY);"), format!("DROP TABLE t{at};"));
        project = with(project, name, &up, &down);
    }
    assert_eq!(found(&project, 0), []);
    migrate(&project, &["run"]).exits(0);
    migrate(&project, &["revert", "--all"]).exits(0);
}

#[test]
fn of_two_with_one_version_diesel_runs_one() {
    let project = with(
        project(),
        "2024-01-01-000000_a",
        "CREATE TABLE a (id INTEGER PRIMARY KEY);",
        "DROP TABLE a;",
    );
    let project = with(
        project,
        "20240101000000_b",
        "CREATE TABLE b (id INTEGER PRIMARY KEY);",
        "DROP TABLE b;",
    );
    assert_eq!(
        found(&project, 1),
        one("duplicate-migration-version", "migrations/20240101000000_b/up.sql")
    );
    let ran = migrate(&project, &["run"]).exits(0);
    assert_eq!(ran.matches("Running migration").count(), 1, "{ran}");
    assert!(migrate(&project, &["pending"]).exits(0).contains("false"));
}

#[test]
fn a_copy_of_a_compiled_migration_has_its_version_too() {
    let users = "expand:\n  - create_table: { table: users, columns: [{ name: id, type: integer, primary_key: true }] }\n";
    let project = project().file("plans/2026-01-01-000000_create_users.yaml", users);
    project.run(&["compile"]).exits(0);
    let compiled = project.list("migrations").remove(0);
    let copy = format!("{}_copy", compiled.split('_').next().unwrap());
    project.write(&format!("migrations/{copy}/up.sql"), "SELECT 1;");
    let found = found(&project, 1);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "duplicate-migration-version");
}

#[test]
fn without_the_key_there_is_no_transaction_and_without_toml_there_is() {
    let failing = format!("{MAKE}SELECT * FROM nowhere;\n");
    let cases = [
        ("", true, "missing-transaction-key"),
        ("# run_in_transaction = true\n", true, "missing-transaction-key"),
        ("run_in_transactions = true\n", true, "missing-transaction-key"),
        ("run_in_transaction: false\n", false, "invalid-migration-metadata"),
        ("run_in_transaction = \"no\"\n", false, "invalid-migration-metadata"),
    ];
    for (metadata, stays, name) in cases {
        let directory = "migrations/2024-01-01-000000_make";
        let project = with(project(), "2024-01-01-000000_make", &failing, UNMAKE)
            .file(&format!("{directory}/metadata.toml"), metadata);
        assert_eq!(
            found(&project, 1),
            one(name, &format!("{directory}/metadata.toml")),
            "{metadata:?}"
        );
        migrate(&project, &["run"]).exits(1);
        // What failed is only there still if there was no transaction.
        project.write(&format!("{directory}/up.sql"), MAKE);
        assert_eq!(migrate(&project, &["run"]).code, i32::from(stays), "{metadata:?}");
        let human = project.run(&["check"]).exits(1);
        assert!(human.contains("metadata.toml"), "{human}");
    }
}

#[test]
fn an_empty_up_and_a_directory_without_one_stop_diesel() {
    let project = with(project(), "2024-01-01-000000_make", "", UNMAKE);
    assert_eq!(
        found(&project, 1),
        one("empty-migration", "migrations/2024-01-01-000000_make/up.sql")
    );
    migrate(&project, &["run"]).exits(1);
    project.write("migrations/2024-01-01-000000_make/up.sql", MAKE);
    project.write("migrations/scripts/a.sql", "SELECT 1;");
    assert_eq!(found(&project, 1), one("not-a-migration", "migrations/scripts"));
    migrate(&project, &["run"]).exits(1);
    std::fs::remove_dir_all(project.path().join("migrations/scripts")).unwrap();
    migrate(&project, &["run"]).exits(0);
}

#[test]
fn without_a_way_back_diesel_fails_or_forgets() {
    let down = "migrations/2024-01-01-000000_make/down.sql";
    let project = with(project(), "2024-01-01-000000_make", MAKE, "");
    migrate(&project, &["run"]).exits(0);
    assert_eq!(found(&project, 0), one("missing-way-back", down));
    project.run(&["check", "--strict"]).exits(1);
    migrate(&project, &["revert"]).exits(1);
    std::fs::remove_file(project.path().join(down)).unwrap();
    assert_eq!(
        found(&project, 0),
        one("missing-way-back", "migrations/2024-01-01-000000_make/up.sql")
    );
    migrate(&project, &["revert"]).exits(1);
    project.write(down, "-- This file should undo anything in `up.sql`\n");
    assert_eq!(found(&project, 0), one("missing-way-back", down));
    migrate(&project, &["revert"]).exits(0);
    migrate(&project, &["run"]).exits(1);
    project.write(down, "-- irreversible: nobody needs it\n");
    assert_eq!(found(&project, 0), []);
}

#[test]
fn what_cannot_be_read_is_reported_and_what_is_large_is_read() {
    let project = with(
        project(),
        "2024-01-01-000000_seed",
        &"INSERT INTO made VALUES (1);\n".repeat(300_000),
        UNMAKE,
    )
    .file("migrations/2024-01-02-000000_latin/up.sql", b"SELECT '\xe9';".as_slice())
    .file("migrations/2024-01-02-000000_latin/down.sql", UNMAKE);
    assert_eq!(
        found(&project, 1),
        one("unreadable-file", "migrations/2024-01-02-000000_latin/up.sql")
    );
}

#[test]
fn each_engine_has_its_folder() {
    let project = Project::with_config("dialect: [postgres, sqlite]\n");
    let long = "x".repeat(51);
    let project = with(project, &format!("sqlite/{long}"), MAKE, UNMAKE);
    let project = with(project, &format!("postgres/{long}"), MAKE, UNMAKE);
    let file = format!("migrations/postgres/{long}/up.sql");
    assert_eq!(found(&project, 1), one("overlong-migration-version", &file));
}

#[test]
fn rules_of_migrations_can_be_turned_off_and_the_branch_alone_judged() {
    let project = Project::with_config("dialect: sqlite\nrules: { missing-way-back: off }\n");
    let project = with(project, "2024-01-01-000000_make", MAKE, "");
    assert_eq!(found(&project, 0), []);
    let project = Project::with_config("dialect: sqlite\nrules: { missing-way-back: error }\n");
    let project = with(project, "2024-01-01-000000_make", MAKE, "");
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=tester", "-c", "user.email=tester@example.org"];
        let mut command = std::process::Command::new("git");
        let ran = command.args(identity).args(arguments).current_dir(project.path()).output();
        assert!(ran.unwrap().status.success(), "{arguments:?}");
    };
    git(&["init", "--quiet"]);
    git(&["add", "--all"]);
    git(&["-c", "commit.gpgsign=false", "commit", "--quiet", "--message", "one"]);
    let since = ["--format", "github", "check", "--since", "HEAD"];
    assert_eq!(project.run(&since).exits(0), "");
    project.write("migrations/2024-01-02-000000_more/up.sql", MAKE);
    let printed = project.run(&since).exits(1);
    assert!(printed.contains("2024-01-02-000000_more") && !printed.contains("_make"), "{printed}");
    // Of a migration all files count: here the one with the finding is as it was.
    project.write("migrations/2024-01-01-000000_make/up.sql", "-- edited\n");
    assert!(project.run(&since).exits(1).contains("_make/down.sql"));
}
