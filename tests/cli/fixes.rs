//! `check --fix` and `check --write`: what is fixed passes the check, and runs.

use planner::rules;

use crate::support::project::Project;
use crate::support::{ScratchPostgres, diesel};

/// Returns the files of a page's bad examples of hand-written migrations, one list an example.
fn bad_examples(page: &str) -> Vec<Vec<(String, String)>> {
    let mut examples = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if line != "```sql bad" {
            continue;
        }
        let mut files: Vec<(String, String)> = Vec::new();
        for line in lines.by_ref().take_while(|line| *line != "```") {
            if let Some(name) = line.strip_prefix("-- file: ") {
                files.push((name.to_owned(), String::new()));
            } else if let Some((_, text)) = files.last_mut() {
                text.push_str(line);
                text.push('\n');
            }
        }
        examples.push(files);
    }
    examples
}

/// Returns how many findings with this code carry a fix that can be made.
fn n_fixes(json: &serde_json::Value, code: &str) -> usize {
    let found = json["diagnostics"].as_array().unwrap().iter();
    let is_fix = |found: &&serde_json::Value| {
        found["code"] == code && found["fix"].is_object() && found["fix"]["held_back"].is_null()
    };
    found.filter(is_fix).count()
}

fn check(project: &Project) -> serde_json::Value {
    project.run(&["--format", "json", "check"]).json()
}

#[test]
fn what_is_fixed_passes_the_check_and_runs_up_and_down() {
    let mut fixable = Vec::new();
    for rule in rules::ALL {
        for files in bad_examples(&rule.page()) {
            let server = ScratchPostgres::new();
            let project = Project::postgres(&server.url);
            for (path, text) in &files {
                project.write(path, text);
            }
            let code = rule.code.id;
            if n_fixes(&check(&project), code) == 0 {
                continue;
            }
            fixable.push(code);
            let diff = project.run(&["check", "--fix"]);
            assert!(diff.out.starts_with("--- ") && diff.out.contains("\n+"), "{diff:?}");
            let sarif = project.run(&["--format", "sarif", "check"]).json();
            let results = sarif["runs"][0]["results"].as_array().unwrap();
            assert!(results.iter().any(|result| result["fixes"].is_array()), "{sarif:#}");
            let written = project.run(&["check", "--write"]);
            assert!(written.err.contains("Fixed 1 finding in"), "{code}: {written:?}");
            let after = check(&project);
            let found = after["diagnostics"].as_array().unwrap();
            let is_left = |of: &serde_json::Value| of["code"] == code || of["severity"] == "error";
            assert!(!found.iter().any(is_left), "{code}: {after:#}");
            let migrations = project.path().join("migrations");
            diesel::migrate(&server.url, &migrations);
            diesel::revert_all(&server.url, &migrations);
        }
    }
    assert_eq!(fixable, ["EC702", "EC401", "EC402", "EC403", "EC405"]);
}

const UP: &str = "migrations/2024-03-01-000000_later/up.sql";

fn with_an_index() -> Project {
    Project::with_config("dialect: postgres\n")
        .file(
            "migrations/2024-01-01-000000_users/up.sql",
            "CREATE TABLE users (id bigint PRIMARY KEY, name text);\n",
        )
        .file("migrations/2024-01-01-000000_users/down.sql", "DROP TABLE users;\n")
        .file(UP, "-- who\r\nCREATE UNIQUE INDEX by_name ON users (name);\r\n")
        .file("migrations/2024-03-01-000000_later/down.sql", "DROP INDEX by_name;\n")
}

#[test]
fn the_rest_of_the_file_stays_as_it_is() {
    let project = with_an_index();
    let shown = project.run(&["check", "--fix"]);
    assert_eq!(project.read(UP).matches("CONCURRENTLY").count(), 0, "it only shows");
    assert!(
        shown.err.contains("`planner check --write` would fix 1 finding in 2 files"),
        "{shown:?}"
    );
    let _ = project.run(&["check", "--write"]);
    assert_eq!(
        project.read(UP),
        "-- who\r\nCREATE UNIQUE INDEX CONCURRENTLY by_name ON users (name);\r\n"
    );
    assert_eq!(
        project.read("migrations/2024-03-01-000000_later/metadata.toml"),
        "run_in_transaction = false\n"
    );
}

#[test]
fn what_is_locked_is_not_touched_and_why_is_said() {
    let project = with_an_index();
    project.run(&["compile"]).exits(0);
    let before = project.read(UP);
    for option in ["--fix", "--write"] {
        let ran = project.run(&["check", option]);
        let said = "not fixed: blocking-index in `migrations/2024-03-01-000000_later/up.sql`: it is in `planner.lock`";
        assert!(ran.err.contains(said), "{ran:?}");
    }
    assert_eq!(project.read(UP), before);
}

#[test]
fn what_a_rewrite_might_change_is_left_to_people() {
    for (up, why) in [
        ("CREATE INDEX by_name ON users (name);\nSELECT 1;\n", "it is not alone"),
        ("CREATE INDEX IF NOT EXISTS by_name ON users (name);\n", "an invalid one may be there"),
        ("ALTER TABLE users ADD CHECK (id > 0);\n", "its name is the server's"),
    ] {
        let project = with_an_index().file(UP, up);
        let json = check(&project);
        let found = json["diagnostics"].as_array().unwrap();
        assert!(!found.is_empty() && found.iter().all(|of| of["fix"].is_null()), "{why}: {json:#}");
    }
}
