//! `planner verify` where it cannot begin or does not come to its end, and what it leaves behind.

use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use diesel::prelude::*;

use crate::support::ScratchPostgres;
use crate::support::project::Project;
use crate::support::server::OwnServer;

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = diesel::sql_types::Text)]
    text: String,
}

/// The scratch databases on the server that a process of this program made.
fn scratch_databases(server: &ScratchPostgres, process: u32) -> Vec<String> {
    let sql = format!(
        "SELECT datname::text AS text FROM pg_database WHERE datname LIKE 'planner\\_verify\\_%\\_{process}' ORDER BY 1"
    );
    let found = diesel::sql_query(sql).load::<Found>(&mut server.connect()).unwrap();
    found.into_iter().map(|found| found.text).collect()
}

fn folders(above: &Path) -> Vec<String> {
    let names =
        std::fs::read_dir(above).unwrap().map(|of| of.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("planner_verify_")).collect()
}

/// A project with a hand-written migration that takes its time.
fn slow(project: Project, sql: &str) -> Project {
    project
        .file(
            "migrations/2020-01-01-000000_users/up.sql",
            "CREATE TABLE users (id integer PRIMARY KEY);",
        )
        .file("migrations/2020-01-01-000000_users/down.sql", "DROP TABLE users;")
        .file("migrations/2020-01-02-000000_slow/up.sql", sql)
        .file("migrations/2020-01-02-000000_slow/down.sql", "SELECT 1;")
}

/// Takes an hour on SQLite.
const LONG: &str = "CREATE TABLE n AS WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 9000000000) SELECT max(i) FROM c;";

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_mins(1), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn kill(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn what_a_killed_verification_left_on_the_server_is_removed_by_the_next_one_and_said() {
    let server = ScratchPostgres::new();
    let project = slow(Project::postgres(&server.url), "SELECT pg_sleep(3);");
    let mut living = project.start(&["verify"]);
    let mut dead = project.start(&["verify"]);
    let (alive, killed) = (living.id(), dead.id());
    wait_until("no scratch database was made", || {
        !scratch_databases(&server, alive).is_empty()
            && !scratch_databases(&server, killed).is_empty()
    });
    kill(&mut dead);
    let left = scratch_databases(&server, killed);
    assert!(!left.is_empty());
    // The server notices that a client is gone when its statement ends.
    std::thread::sleep(Duration::from_secs(4));
    let project = slow(Project::postgres(&server.url), "SELECT 1;");
    let mut said = String::new();
    wait_until("nothing was removed", || {
        // Another test that verifies may have been the next one.
        said += &project.run(&["verify"]).err;
        scratch_databases(&server, killed).is_empty()
    });
    let others = "which a verification that died had left";
    assert!(said.is_empty() || said.contains(others), "{said}");
    let output = living.wait().unwrap();
    assert!(output.success(), "the database of a living one stays");
    assert_eq!(scratch_databases(&server, alive), Vec::<String>::new());
}

#[test]
fn what_a_killed_verification_left_in_the_temporary_folder_is_removed_and_said() {
    let temporary = tempfile::tempdir().unwrap();
    let variable = temporary.path().to_str().unwrap();
    let project = slow(Project::sqlite(), LONG).variable("TMPDIR", variable);
    let mut child = project.start(&["verify"]);
    wait_until("no folder was made", || {
        folders(temporary.path())
            .iter()
            .any(|name| temporary.path().join(name).join("in_use").exists())
    });
    let quick = slow(Project::sqlite(), "SELECT 1;").variable("TMPDIR", variable);
    let ran = quick.run(&["verify"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "the folder of a living one stays");
    assert_eq!(folders(temporary.path()).len(), 1);
    kill(&mut child);
    let ran = quick.run(&["verify"]);
    assert!(ran.err.contains("which a verification that died had left"), "{}", ran.err);
    assert_eq!(folders(temporary.path()), Vec::<String>::new());
    ran.exits(0);
}

#[test]
fn a_signal_ends_a_statement_of_an_hour_on_sqlite_and_nothing_is_left() {
    let up = format!(
        "title: Slow\nexpand:\n  - sql: {{ up: '{}', touches: [n], down: DROP TABLE n, probe: SELECT true }}\n",
        LONG.trim_end_matches(';')
    );
    let by_hand = slow(Project::sqlite(), LONG)
        .file("migrations/2020-01-03-000000_last/up.sql", "CREATE TABLE last (id integer);");
    let by_plan =
        slow(Project::sqlite(), "SELECT 1;").file("plans/2026-01-01-000000_slow.yaml", &up);
    for project in [by_hand, by_plan] {
        let temporary = tempfile::tempdir().unwrap();
        let project = project.variable("TMPDIR", temporary.path().to_str().unwrap());
        let child = project.start(&["verify"]);
        wait_until("no folder was made", || !folders(temporary.path()).is_empty());
        std::thread::sleep(Duration::from_secs(2));
        let asked = Instant::now();
        let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        assert!(killed.unwrap().success());
        let output = child.wait_with_output().unwrap();
        assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
        let text = String::from_utf8(output.stdout).unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(text.contains("Stopped before the end."), "{text}{errors}");
        assert!(!text.contains("last"), "{text}");
        assert_eq!(output.status.code(), Some(5), "{text}{errors}");
        assert_eq!(folders(temporary.path()), Vec::<String>::new());
    }
}

#[test]
fn many_at_once_do_not_meet() {
    let server = ScratchPostgres::new();
    let project = slow(Project::postgres(&server.url), "SELECT 1;");
    let children: Vec<Child> = (0..4).map(|_| project.start(&["verify"])).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_temporary_folder_that_cannot_be_written_to_is_said_with_what_to_do() {
    let project = slow(Project::sqlite(), "SELECT 1;").file("no_folder", "");
    let none = project.path().join("no_folder").to_str().unwrap().to_owned();
    let text = project.variable("TMPDIR", &none).run(&["verify"]).fails(2);
    assert!(text.contains("no scratch database can be made: "), "{text}");
    assert!(text.contains("set TMPDIR to a folder that can be written to"), "{text}");
}

#[test]
fn a_role_that_may_create_no_databases_is_told_of_the_other_way() {
    let server = ScratchPostgres::new();
    let role = format!("planner_role_{}", std::process::id());
    let mut connection = server.connect();
    let mut execute = |sql: String| {
        diesel::sql_query(sql).execute(&mut connection).unwrap();
    };
    execute(format!("CREATE ROLE {role} LOGIN"));
    let (_, place) = server.url.split_once('@').unwrap();
    let project = slow(Project::postgres(&format!("postgres://{role}@{place}")), "SELECT 1;");
    let text = project.run(&["verify"]).fails(2);
    execute(format!("DROP ROLE {role}"));
    assert!(text.contains("permission denied to create database"), "{text}");
    assert!(text.contains("`--server-env VARIABLE`"), "{text}");
    let ran = project.variable("OTHER", &server.url).run(&["verify", "--server-env", "OTHER"]);
    ran.exits(0);
}

#[test]
fn a_server_that_goes_away_in_the_middle_is_told_and_what_is_left_is_removed() {
    let server = ScratchPostgres::new();
    let project = slow(Project::postgres(&server.url), "SELECT pg_sleep(20);");
    let child = project.start(&["verify"]);
    let process = child.id();
    let mut connection = server.connect();
    let end = format!(
        "SELECT count(pg_terminate_backend(pid))::text AS text FROM pg_stat_activity
         WHERE datname LIKE 'planner\\_verify\\_%\\_{process}' AND query LIKE '%pg_sleep%' AND state = 'active'"
    );
    wait_until("nothing slept", || {
        let ended = diesel::sql_query(&end).get_result::<Found>(&mut connection).unwrap();
        ended.text != "0"
    });
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("the scratch database is gone: "), "{text}");
    assert!(text.contains("verify again"), "{text}");
    assert_eq!(scratch_databases(&server, process), Vec::<String>::new());
}

#[test]
fn a_signal_cancels_a_long_statement_on_a_server() {
    let server = ScratchPostgres::new();
    let plan = "title: Slow\nexpand:\n  - sql: { up: SELECT pg_sleep(60), irreversible: a test, touches: [users], probe: SELECT true }\n";
    let by_hand = slow(Project::postgres(&server.url), "SELECT pg_sleep(60);");
    let by_plan = slow(Project::postgres(&server.url), "SELECT 1;");
    for project in [by_hand, by_plan.file("plans/2026-01-01-000000_slow.yaml", plan)] {
        let child = project.start(&["verify"]);
        let process = child.id();
        let sleeps = format!(
            "SELECT count(*)::text AS text FROM pg_stat_activity WHERE datname LIKE 'planner\\_verify\\_%\\_{process}'
                AND query LIKE '%pg_sleep%' AND state = 'active'"
        );
        let mut connection = server.connect();
        wait_until("nothing slept", || {
            diesel::sql_query(&sleeps).get_result::<Found>(&mut connection).unwrap().text != "0"
        });
        let asked = Instant::now();
        let killed = Command::new("kill").args(["-INT", &process.to_string()]).status();
        assert!(killed.unwrap().success());
        let output = child.wait_with_output().unwrap();
        assert!(asked.elapsed() < Duration::from_secs(20), "{:?}", asked.elapsed());
        let text = String::from_utf8(output.stdout).unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(text.contains("Stopped before the end."), "{text}{errors}");
        assert!(!text.contains("canceling"), "what was cancelled is no finding: {text}");
        assert_eq!(output.status.code(), Some(5), "{text}{errors}");
        assert_eq!(scratch_databases(&server, process), Vec::<String>::new());
    }
}

#[test]
fn a_server_that_is_killed_in_the_middle_is_told_and_nothing_hangs() {
    let mut server = OwnServer::start();
    let project = slow(Project::postgres(&server.url()), "SELECT pg_sleep(60);");
    let child = project.start(&["verify"]);
    let mut connection = PgConnection::establish(&server.url()).unwrap();
    let sleeps = "SELECT count(*)::text AS text FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'";
    wait_until("nothing slept", || {
        diesel::sql_query(sleeps).get_result::<Found>(&mut connection).unwrap().text != "0"
    });
    server.kill();
    let killed = Instant::now();
    let output = child.wait_with_output().unwrap();
    assert!(killed.elapsed() < Duration::from_secs(30), "{:?}", killed.elapsed());
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("the scratch database is gone: "), "{text}");
    assert!(text.contains("verify again"), "{text}");
}

#[test]
fn only_one_plan_is_verified_on_a_sqlite_file_that_is_not_touched() {
    let plan = |title: &str, column: &str| {
        format!(
            "title: {title}\nexpand:\n  - add_column: {{ table: users, column: {column}, type: text }}\n"
        )
    };
    let project = slow(Project::sqlite(), "SELECT 1;")
        .file("plans/2026-01-01-000000_one.yaml", plan("One", "a"))
        .file("plans/2026-01-02-000000_two.yaml", plan("Two", "b"));
    let file = project.path().join("mine.db");
    let project = project.variable("DATABASE_URL", &format!("sqlite:{}", file.display()));
    project.run(&["run"]).exits(0);
    let before = std::fs::read(&file).unwrap();
    let report = project.json(&["verify", "--plan", "two"], 0);
    assert_eq!(report["steps"].as_array().unwrap().len(), 1);
    assert_eq!(std::fs::read(&file).unwrap(), before);
}
