//! What is no file where a file should be: it is named, with what it is, and nothing waits for it.

use std::os::unix::net::UnixListener;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::project::{Project, Ran, ran};

const PLAN: &str = "title: Users\nexpand:\n  - create_table: { table: users, columns: [{ name: id, type: integer, primary_key: true }] }\n";

fn project() -> Project {
    Project::sqlite()
        .file("plans/2026-01-01-000000_create_users.yaml", PLAN)
        .file("migrations/2025-01-01-000000_old/up.sql", "CREATE TABLE a (id integer PRIMARY KEY);")
        .file("migrations/2025-01-01-000000_old/down.sql", "DROP TABLE a;")
}

/// Puts something else in the place of a file.
fn put(project: &Project, relative: &str, kind: &str) {
    let path = project.path().join(relative);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let _ = std::fs::remove_file(&path);
    match kind {
        "named pipe" => assert!(Command::new("mkfifo").arg(&path).status().unwrap().success()),
        "socket" => drop(UnixListener::bind(&path).unwrap()),
        "device" => std::os::unix::fs::symlink("/dev/zero", &path).unwrap(),
        "folder" => std::fs::create_dir(&path).unwrap(),
        other => panic!("{other}"),
    }
}

/// Runs a command that must come to its end by itself.
#[track_caller]
fn ends(project: &Project, arguments: &[&str]) -> Ran {
    let mut child = project.start(arguments);
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_mins(1) {
            child.kill().unwrap();
            panic!("{arguments:?} waits");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    ran(child.wait_with_output().unwrap())
}

#[test]
fn a_file_that_is_none_is_named_with_what_it_is() {
    let files = [
        "plans/2026-01-02-000000_next.yaml",
        "planner.yaml",
        "migrations/2025-02-01-000000_odd/up.sql",
        "migrations/2025-01-01-000000_old/down.sql",
        "migrations/2025-01-01-000000_old/metadata.toml",
        "planner.lock",
        "baseline.sqlite.sql",
    ];
    for kind in ["named pipe", "socket", "device", "folder"] {
        for file in files {
            let project = project();
            put(&project, file, kind);
            let told = ends(&project, &["check"]);
            assert_ne!(told.code, 0, "{file}: {told:?}");
            let said = format!("{}{}", told.out, told.err);
            assert!(said.contains(&format!("is a {kind}, not a file")), "{file}: {said}");
            assert!(said.contains(file.rsplit('/').next().unwrap()), "{file}: {said}");
        }
    }
}

#[test]
fn schemas_and_what_says_how_they_are_printed_are_looked_at_before_they_are_opened() {
    for (file, arguments) in [
        ("diesel.toml", &["schema-rs"] as &[&str]),
        ("src/schema.rs", &["new", "x", "--from-schema", "src/schema.rs"]),
        (
            "src/schema.rs",
            &["deploy", "check", "--app", "web", "--version", "1.0.0", "--schema", "src/schema.rs"],
        ),
        ("facts.json", &["next-phase", "--facts", "facts.json"]),
    ] {
        let project = project();
        project.run(&["compile"]).exits(0);
        put(&project, file, "named pipe");
        let told = ends(&project, arguments);
        assert_ne!(told.code, 0, "{arguments:?}: {told:?}");
        let said = format!("{}{}", told.out, told.err);
        assert!(said.contains("is a named pipe, not a file"), "{arguments:?}: {said}");
    }
}

#[test]
fn what_a_release_needs_is_no_pipe_either() {
    let project = project();
    let table = "diesel::table! { a (id) { id -> Integer, } }\n";
    project.write("schema.rs", table);
    put(&project, "requires.yaml", "named pipe");
    let of = ["deploy", "check", "--app", "web", "--version", "1.0.0", "--schema", "schema.rs"];
    let arguments = [&of as &[&str], &["--requires", "requires.yaml"]].concat();
    let told = ends(&project, &arguments);
    let said = format!("{}{}", told.out, told.err);
    assert!(told.code != 0 && said.contains("is a named pipe, not a file"), "{said}");
}

#[test]
fn a_pipe_that_a_shell_hands_over_is_read() {
    let project = project();
    project.run(&["compile"]).exits(0);
    let program = crate::support::project::program();
    let line = format!(
        "cat plans/2026-01-01-000000_create_users.yaml >/dev/null; {} next-phase --facts <(echo '{{\"live\": []}}')",
        program.display()
    );
    let output = Command::new("bash").args(["-c", &line]).current_dir(project.path()).output();
    let told = ran(output.unwrap());
    assert!(!format!("{}{}", told.out, told.err).contains("not a file"), "{told:?}");
}
