//! `planner verify`: what statements really do on a scratch database, and what does not do what it says.

use diesel::prelude::*;
use serde_json::Value;

use crate::support::ScratchPostgres;
use crate::support::project::Project;

const USERS: &str = "title: Users
expand:
  - create_table: { table: users, columns: [{ name: id, type: integer, primary_key: true }, { name: name, type: text }] }
";

fn with_step(project: Project, step: &str) -> Project {
    let text = format!("title: More\nafter: [create_users]\nexpand:\n{step}");
    project
        .file("plans/2026-01-01-000000_create_users.yaml", USERS)
        .file("plans/2026-01-02-000000_more.yaml", text)
}

/// The statements of the last step.
fn statements(report: &Value) -> &Vec<Value> {
    report["steps"].as_array().unwrap().last().unwrap()["statements"].as_array().unwrap()
}

/// The lock on a table that the last step's statement with these words took.
fn lock<'a>(report: &'a Value, words: &str, table: &str) -> Option<&'a str> {
    let statement =
        statements(report).iter().find(|of| of["sql"].as_str().unwrap().contains(words)).unwrap();
    let locks = statement["locks"].as_array().unwrap();
    locks.iter().find(|lock| lock["table"] == table).map(|lock| lock["mode"].as_str().unwrap())
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

fn n_scratch_databases(server: &ScratchPostgres, process: u32) -> i64 {
    let sql = format!(
        "SELECT count(*) AS n FROM pg_database WHERE datname LIKE 'planner_verify_%_{process}'"
    );
    diesel::sql_query(sql).get_result::<Count>(&mut server.connect()).unwrap().n
}

#[test]
fn the_storefront_does_what_was_predicted_on_both_engines() {
    let project = Project::copy_of("examples/storefront");
    let report = project.json(&["verify"], 0);
    assert_eq!((&report["dialect"], &report["holds"]), (&"sqlite".into(), &true.into()));
    assert_eq!(report["steps"].as_array().unwrap().len(), 25);
    let server = ScratchPostgres::new();
    let project = project.variable("DATABASE_URL", &server.url);
    let report = project.json(&["verify"], 0);
    assert_eq!((&report["dialect"], &report["holds"]), (&"postgres".into(), &true.into()));
    let text = project.run(&["verify", "--plan", "unique_customer_email"]).exits(0);
    assert!(text.contains("customers: SHARE UPDATE EXCLUSIVE, blocks DDL"), "{text}");
    assert!(text.ends_with("1 step did what was predicted, up, down and up again.\n"), "{text}");
}

#[test]
fn the_locks_and_rewrites_of_each_statement_are_those_that_the_server_tells() {
    let server = ScratchPostgres::new();
    let up = "    up: |
        ALTER TABLE users ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid();
    down: ALTER TABLE users DROP COLUMN token
    probe: SELECT true
    touches: [users.token]
";
    let step = format!("  - sql:\n  {}", up.replace("\n    ", "\n      "));
    let project = with_step(Project::postgres(&server.url), &step);
    let report = project.json(&["verify", "--plan", "more"], 0);
    assert_eq!(lock(&report, "ADD COLUMN", "users"), Some("ACCESS EXCLUSIVE"));
    let rewrites = statements(&report).iter().map(|of| of["rewrites"].clone());
    assert!(rewrites.collect::<Vec<_>>().contains(&serde_json::json!(["users"])), "{report}");
}

#[test]
fn a_dropped_table_was_locked_too_and_a_validated_check_reads_the_whole_table() {
    let server = ScratchPostgres::new();
    let project = with_step(
        Project::postgres(&server.url),
        "  - deprecate_table: { table: users }\ncontract:\n  - drop_table: { table: users }\ngates: { contract: { releases: { none: nobody } } }\n",
    );
    let report = project.json(&["verify"], 0);
    assert_eq!(lock(&report, "DROP TABLE", "users"), Some("ACCESS EXCLUSIVE"));
    let project = with_step(
        Project::postgres(&server.url),
        "  - deprecate_column: { table: users, column: name }\nbackfill:\n  - update: { table: users, set: { name: \"''\" }, where: name IS NULL }\ncontract:\n  - set_not_null: { table: users, column: name }\ngates: { contract: { releases: { none: nobody }, query: \"SELECT true\" } }\n",
    );
    let report = project.json(&["verify"], 0);
    assert_eq!(lock(&report, "VALIDATE", "users"), Some("SHARE UPDATE EXCLUSIVE"));
    let scans = statements(&report).iter().map(|of| of["scans"].as_array().unwrap().len());
    assert_eq!(scans.sum::<usize>(), 1, "only the validation reads the table: {report}");
}

#[test]
fn a_way_back_that_does_not_undo_is_found() {
    for (down, said) in [
        ("SELECT 1", "not undone: table `extra` should not be there"),
        ("DROP TABLE nothing", "undoing it failed:"),
    ] {
        let step = format!(
            "  - sql:\n      up: CREATE TABLE extra (id integer)\n      down: {down}\n      probe: SELECT true\n      touches: [extra]\n"
        );
        let project = with_step(Project::sqlite(), &step);
        let text = project.run(&["verify"]).exits(1);
        assert!(text.contains(said), "{text}");
        assert!(text.contains("did not do what was predicted"), "{text}");
    }
}

#[test]
fn a_statement_that_fails_on_a_table_with_a_row_is_found() {
    let step = "  - sql:\n      up: DO $$ BEGIN EXECUTE format('ALTER TABLE %I ADD COLUMN age integer NOT NULL', 'users'); END $$\n      down: ALTER TABLE users DROP COLUMN age\n      probe: SELECT true\n      touches: [users.age]\n";
    let server = ScratchPostgres::new();
    let project = with_step(Project::postgres(&server.url), step);
    let text = project.run(&["verify"]).exits(1);
    assert!(text.contains("failed: column \"age\" of relation \"users\" contains null"), "{text}");
}

#[test]
fn what_nothing_undoes_is_said_and_is_no_failure() {
    let step = "  - deprecate_table: { table: users }\nbackfill:\n  - sql: { up: DELETE FROM users, irreversible: rows are gone }\n";
    let text = with_step(Project::sqlite(), step).run(&["verify"]).exits(0);
    assert!(text.contains("cannot be undone: rows are gone"), "{text}");
}

#[test]
fn nothing_is_left_of_a_scratch_database_also_after_a_signal() {
    let server = ScratchPostgres::new();
    let step = "  - sql:\n      up: SELECT pg_sleep(2)\n      down: SELECT 1\n      probe: SELECT true\n      touches: [users]\n";
    let project = with_step(Project::postgres(&server.url), step);
    let mut child = project.start(&["verify"]);
    let process = child.id();
    let began = std::time::Instant::now();
    while n_scratch_databases(&server, process) == 0 {
        assert!(began.elapsed().as_secs() < 30, "no scratch database was made");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let killed = std::process::Command::new("kill").args(["-INT", &process.to_string()]).status();
    assert!(killed.unwrap().success());
    child.wait().unwrap();
    assert_eq!(n_scratch_databases(&server, process), 0);
}

#[test]
fn what_cannot_be_had_is_refused_with_what_to_do() {
    let project = with_step(
        Project::with_config("dialect: postgres\n"),
        "  - add_column: { table: users, column: x, type: text }\n",
    );
    let text = project.run(&["verify"]).fails(2);
    assert!(text.contains("no server is named to make a scratch database on"), "{text}");
    let text = project.run(&["verify", "--server-env", "NOWHERE"]).fails(2);
    assert!(text.contains("the variable `NOWHERE` is not set"), "{text}");
    let text = project.run(&["verify", "--plan", "mroe"]).fails(2);
    assert!(text.contains("did you mean `more`?"), "{text}");
}
