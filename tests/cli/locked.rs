//! Hand-written migrations in the lock: an edit is an error until somebody accepts it.

use crate::support::project::Project;

const UP: &str = "migrations/2024-01-01-000000_make größe/up.sql";

fn project() -> Project {
    Project::with_config("dialect: [postgres, sqlite]\n")
        .file(
            "migrations/sqlite/2024-01-01-000000_make größe/up.sql",
            "CREATE TABLE made (id INTEGER PRIMARY KEY);\n",
        )
        .file("migrations/sqlite/2024-01-01-000000_make größe/down.sql", "DROP TABLE made;\n")
}

#[test]
fn an_edit_after_the_lock_is_an_error_until_it_is_compiled() {
    let project = project();
    let up = UP.replace("migrations/", "migrations/sqlite/");
    project.run(&["check"]).exits(0);
    assert!(project.run(&["compile", "--check"]).exits(1).contains("`planner.lock` is missing"));
    project.run(&["compile"]).exits(0);
    let lock = project.read("planner.lock");
    assert_eq!(lock.matches("\nmigration ").count(), 1, "{lock}");
    let after = lock.split_once("dialect sqlite").unwrap().1;
    assert!(after.contains("\nmigration 2024-01-01-000000_make%20gr%c3%b6%c3%9fe "), "{lock}");
    project.run(&["compile", "--check"]).exits(0);
    project.write(&up, "CREATE TABLE made (id INTEGER PRIMARY KEY);\r\n");
    project.run(&["check"]).exits(0);
    project.write(&up, "CREATE TABLE made (id INTEGER PRIMARY KEY, name TEXT);\n");
    let json = project.json(&["check"], 1);
    let found = &json["diagnostics"][0];
    assert_eq!(found["name"], "edited-hand-written-migration", "{json}");
    assert_eq!(found["file"].as_str(), Some(up.as_str()));
    assert!(found["help"].as_str().unwrap().contains("`planner compile`"), "{json}");
    project.run(&["compile", "--check"]).exits(1);
    let ran = project.run(&["compile"]);
    assert!(
        ran.err.contains("`2024-01-01-000000_make größe` was edited after it was locked"),
        "{ran:?}"
    );
    assert_ne!(project.read("planner.lock"), lock);
    project.run(&["check"]).exits(0);
    let _ = ran.exits(0);
}

#[test]
fn what_is_not_yet_locked_was_removed_or_cannot_be_read_is_no_edit() {
    let project = project();
    project.run(&["compile"]).exits(0);
    let directory = "migrations/sqlite/2024-01-01-000000_make größe";
    std::fs::rename(
        project.path().join(directory),
        project.path().join("migrations/sqlite/2024-01-02-000000_b"),
    )
    .unwrap();
    project.run(&["check"]).exits(0);
    project.write("planner.lock", "<<<<<<< HEAD\nmigration\nmigration %zz 12\n");
    project.run(&["check"]).exits(0);
    project.write("migrations/sqlite/2024-01-02-000000_b/up.sql", b"\xff".as_slice());
    project.run(&["compile"]).exits(0);
    assert!(!project.read("planner.lock").contains("\nmigration "));
}
