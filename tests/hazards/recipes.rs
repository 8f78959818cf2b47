//! Four published recipes that are wrong or incomplete: what they do, and what planner says of them.

use planner::database::Database as _;
use planner::database::connection::{LiveDatabase, open};
use planner::database::observe::Observed;
use planner::name::ObjectName;

use crate::support::ScratchPostgres;
use crate::support::project::Project;

const CREATE: (&str, &str) = (
    "2023-01-01-000000_create",
    "CREATE TABLE users (id bigint PRIMARY KEY, name text, visits integer NOT NULL DEFAULT 0);",
);
const CHECK: &str =
    "ALTER TABLE users ADD CONSTRAINT users_name_set CHECK (name IS NOT NULL) NOT VALID;";
const FILL: &str = "UPDATE users SET name = '' WHERE id BETWEEN 1 AND 1000 AND name IS NULL;";

/// A database with the table and a row in it.
fn database() -> (ScratchPostgres, LiveDatabase) {
    let scratch = ScratchPostgres::new();
    let mut database = open(&scratch.url).unwrap();
    database.execute(CREATE.1).unwrap();
    database.execute("INSERT INTO users (id) VALUES (1)").unwrap();
    (scratch, database)
}

/// Rule and severity of what is found in these migrations.
fn found(migrations: &[(&str, &str)]) -> Vec<(String, String)> {
    let project = Project::with_config("dialect: postgres\n");
    for (directory, up) in migrations {
        project.write(&format!("migrations/{directory}/up.sql"), up);
        project.write(&format!("migrations/{directory}/down.sql"), "-- irreversible: a test");
        if up.contains("CONCURRENTLY") {
            let metadata = format!("migrations/{directory}/metadata.toml");
            project.write(&metadata, "run_in_transaction = false\n");
        }
    }
    project.run(&["compile"]).exits(0);
    let output = project.command(&["check", "--format", "json"]).output().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let word = |of: &serde_json::Value, key: &str| of[key].as_str().unwrap().to_owned();
    let found = json["diagnostics"].as_array().unwrap().iter();
    found.map(|of| (word(of, "name"), word(of, "severity"))).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(rule, severity)| ((*rule).to_owned(), (*severity).to_owned())).collect()
}

#[test]
fn a_check_that_is_not_valid_comes_after_the_backfill_and_not_before_it() {
    let (_scratch, mut database) = database();
    database.execute(CHECK).unwrap();
    // It stops the old writer, and any change of a row that is not filled yet.
    assert!(database.execute("INSERT INTO users (id) VALUES (2)").is_err());
    assert!(database.execute("UPDATE users SET visits = 1 WHERE id = 1").is_err());
    let as_published =
        [CREATE, ("2023-02-01-000000_check", CHECK), ("2023-03-01-000000_fill", FILL)];
    assert_eq!(found(&as_published), pairs(&[("unprepared-restriction", "warning")]));
    let turned = [CREATE, ("2023-02-01-000000_fill", FILL), ("2023-03-01-000000_check", CHECK)];
    assert_eq!(found(&turned), []);
}

#[test]
fn a_concurrent_index_is_not_built_if_it_does_not_exist() {
    let (_scratch, mut database) = database();
    database.execute("INSERT INTO users (id, name) VALUES (2, 'a'), (3, 'a')").unwrap();
    let interrupted = "CREATE UNIQUE INDEX CONCURRENTLY users_name ON users (name)";
    assert!(database.execute(interrupted).is_err());
    database.execute("DELETE FROM users WHERE id = 3").unwrap();
    let again = interrupted.replace("CONCURRENTLY", "CONCURRENTLY IF NOT EXISTS");
    database.execute(&again).unwrap();
    let catalog = database.catalog().unwrap();
    let index = &catalog.table(&ObjectName::parse("users")).unwrap().indexes["users_name"];
    assert!(!index.valid, "the retry passes and leaves it as it was");
    let again = "CREATE INDEX CONCURRENTLY IF NOT EXISTS users_name ON users (name);";
    let expected = pairs(&[("skipped-invalid-index", "warning")]);
    assert_eq!(found(&[CREATE, ("2023-02-01-000000_index", again)]), expected);
}

#[test]
fn dropping_a_column_writes_no_table_anew_and_a_swap_of_columns_breaks_releases() {
    let (_scratch, mut database) = database();
    database.begin().unwrap();
    let before = database.observe(&Observed::default()).unwrap();
    database.execute("ALTER TABLE users DROP COLUMN name").unwrap();
    let done = database.observe(&before).unwrap().since(&before);
    database.roll_back().unwrap();
    assert!(done.rewritten.is_empty() && done.scanned.is_empty(), "{done:?}");
    let add = ("2023-02-01-000000_add", "ALTER TABLE users ADD COLUMN visits_new bigint;");
    let fill = ("2023-02-02-000000_fill", "UPDATE users SET visits_new = visits WHERE id < 1000;");
    let swap = (
        "2023-03-01-000000_swap",
        "ALTER TABLE users DROP COLUMN visits;\nALTER TABLE users RENAME COLUMN visits_new TO visits;",
    );
    let found = found(&[CREATE, add, fill, swap]);
    assert!(
        found.contains(&("unplanned-destructive-migration".to_owned(), "error".to_owned())),
        "{found:?}"
    );
    assert!(!found.iter().any(|(rule, _)| rule == "table-rewrite"), "{found:?}");
}

#[test]
fn validation_has_no_statement_timeout() {
    let validate = "SET LOCAL statement_timeout = '3s';\nALTER TABLE users VALIDATE CONSTRAINT users_name_set;";
    let migrations = [
        CREATE,
        ("2023-02-01-000000_fill", FILL),
        ("2023-03-01-000000_check", CHECK),
        ("2023-04-01-000000_validate", validate),
    ];
    assert_eq!(found(&migrations), pairs(&[("long-work-under-timeout", "warning")]));
    let plan = "title: x\nexpand:\n  - create_table: { table: users, columns: [{ name: id, type: bigint, primary_key: true }, { name: name, type: text }] }\n";
    let check = "title: y\nafter: [users]\ncontract:\n  - add_check: { table: users, check: name IS NOT NULL, name: users_name_set }\ngates: { contract: { releases: { none: a test }, query: SELECT true } }\n";
    let project = Project::with_config("dialect: postgres\n")
        .file("plans/2023-01-01-000000_users.yaml", plan)
        .file("plans/2023-02-01-000000_check.yaml", check);
    let shown = project.run(&["show", "check"]).exits(0);
    assert!(shown.contains("VALIDATE CONSTRAINT"), "{shown}");
    assert!(!shown.contains("statement_timeout"), "{shown}");
}
