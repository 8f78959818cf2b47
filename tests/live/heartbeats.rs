//! Heartbeats as an application writes them, on both engines.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection as _, PgConnection, RunQueryDsl as _, SqliteConnection};
use planner::database::heartbeat::HeartbeatConnection;
use planner::{Heartbeat, HeartbeatError};

use crate::support::ScratchPostgres;
use crate::support::project::Project;

pub const USERS: &str = "title: Users
expand:
  - create_table: { table: users, columns: [{ name: id, type: integer, primary_key: true }, { name: name, type: text }, { name: nick, type: text }] }
";
pub const DROP: &str = "title: Drop nick
after: [create_users]
expand:
  - deprecate_column: { table: users, column: nick }
contract:
  - drop_column: { table: users, column: nick }
gates: { contract: { releases: { web: \">=2.0.0\" } } }
";

/// How long it takes until a heartbeat is stale: long enough for the commands in between on a busy machine.
pub const STALE_MS: u64 = 4_100;

/// A project whose heartbeats are stale after four seconds.
pub fn project(config: &str, url: Option<&str>) -> Project {
    let heartbeats = "heartbeats: { stale_after: 4s }\n";
    let project = match url {
        Some(url) => Project::with_config(&format!("dialect: postgres\n{heartbeats}{config}"))
            .variable("DATABASE_URL", url),
        None => Project::with_config(&format!(
            "dialect: sqlite\ndatabase: sqlite:test.db\n{heartbeats}{config}"
        )),
    };
    project
        .file("plans/2026-01-01-000000_create_users.yaml", USERS)
        .file("plans/2026-01-02-000000_drop_nick.yaml", DROP)
}

pub fn file(project: &Project) -> String {
    project.path().join("test.db").to_str().unwrap().to_owned()
}

pub fn on_file(project: &Project) -> SqliteConnection {
    let mut connection = SqliteConnection::establish(&file(project)).unwrap();
    // Planner's own commands write at the same time.
    connection.batch_execute("PRAGMA busy_timeout = 10000").unwrap();
    connection
}

pub fn live(project: &Project, version: &str) {
    for verb in ["start", "finish"] {
        project.run(&["deploy", verb, "--app", "web", "--version", version]).exits(0);
    }
}

pub fn web(release: &str, instance: &str) -> Heartbeat {
    Heartbeat::new("web", release).instance(instance)
}

pub fn pause(milliseconds: u64) {
    std::thread::sleep(Duration::from_millis(milliseconds));
}

fn an_ended_release_that_beats_counts_as_live<C>(project: &Project, connection: &mut C)
where
    C: HeartbeatConnection,
{
    live(project, "1.0.0");
    live(project, "2.0.0");
    project.run(&["run", "--plan", "create_users"]).exits(0);
    project.run(&["run", "--phase", "drop_nick/expand"]).exits(0);
    assert_eq!(project.json(&["next-phase"], 0)["contradictions"], serde_json::json!([]));
    web("1.0.0", "i-3").beat(connection).unwrap();
    let next = project.json(&["next-phase"], 3);
    let blocked = &next["blocked"][0];
    assert_eq!(blocked["because"][0]["kind"], "live_release", "{next}");
    assert_eq!(blocked["because"][0]["release"], "1.0.0", "{next}");
    let unblock = blocked["unblock"][0].as_str().unwrap();
    assert!(unblock.starts_with("end `web` 1.0.0: stop `i-3`, and wait until"), "{unblock}");
    assert_eq!(next["contradictions"][0]["counted_as"], "live", "{next}");
    for command in [&["next-phase"][..], &["status"], &["deploy", "list"]] {
        let ran = project.run(command);
        let said =
            ran.out.contains("web 1.0.0 ended at 2") && ran.out.contains("instance `i-3` beat");
        assert!(said && ran.out.contains("s ago: counted as live"), "{command:?}: {}", ran.out);
    }
    // A run asks the same.
    project.run(&["run", "--phase", "drop_nick/contract"]).fails(3);
    let list = project.run(&["deploy", "list"]).exits(0);
    assert!(list.contains("web 1.0.0  live by its heartbeats until 2"), "{list}");
    assert!(list.contains("1 instance beats, the last heartbeat "), "{list}");
    pause(STALE_MS);
    assert_eq!(project.json(&["next-phase"], 0)["contradictions"], serde_json::json!([]));
    project.run(&["run", "--phase", "drop_nick/contract"]).exits(0);
}

#[test]
fn an_ended_release_that_beats_counts_as_live_on_sqlite() {
    let project = project("apps: { web: {} }\n", None);
    live(&project, "0.9.0");
    an_ended_release_that_beats_counts_as_live(&project, &mut on_file(&project));
}

#[test]
fn an_ended_release_that_beats_counts_as_live_on_postgresql() {
    let database = ScratchPostgres::new();
    let project = project("apps: { web: {} }\n", Some(&database.url));
    an_ended_release_that_beats_counts_as_live(&project, &mut database.connect());
}

#[test]
fn a_release_that_ends_while_it_beats_is_told_to_count_as_live_for_a_while() {
    let project = project("apps: { web: {} }\n", None);
    live(&project, "1.0.0");
    web("1.0.0", "i-1").beat(&mut on_file(&project)).unwrap();
    project.run(&["deploy", "start", "--app", "web", "--version", "2.0.0"]).exits(0);
    let said = project.run(&["deploy", "finish", "--app", "web", "--version", "2.0.0"]).exits(0);
    assert!(said.contains("1.0.0 ended.\nweb 1.0.0 beat "), "{said}");
    assert!(said.contains("and counts as live until 2"), "{said}");
    // Another record of its end is refused as before: deploys recorded it already.
    let text = project.run(&["deploy", "retire", "--app", "web", "--version", "1.0.0"]).fails(2);
    assert!(text.contains("ended already"), "{text}");
}

fn nothing_is_created_before_planner_is_there(
    connection: &mut (impl HeartbeatConnection + SimpleConnection),
) {
    let error = web("1.0.0", "i-1").beat(connection).unwrap_err();
    assert!(matches!(error, HeartbeatError::NotInstalled), "{error}");
    assert!(connection.batch_execute("SELECT * FROM planner_heartbeats").is_err());
    assert!(!error.is_passing());
}

#[test]
fn a_beat_before_the_ledger_is_there_says_so_and_creates_nothing() {
    nothing_is_created_before_planner_is_there(&mut ScratchPostgres::new().connect());
    nothing_is_created_before_planner_is_there(
        &mut SqliteConnection::establish(":memory:").unwrap(),
    );
}

/// What a ledger of the first format was.
const FIRST_FORMAT: &str =
    "DROP TABLE planner_heartbeats; UPDATE planner_ledger SET format = 1 WHERE id = 1";

fn an_older_ledger_is_brought_up_to_date<C>(project: &Project, connection: &mut C)
where
    C: HeartbeatConnection + SimpleConnection,
{
    live(project, "1.0.0");
    connection.batch_execute(FIRST_FORMAT).unwrap();
    // Asking works and changes nothing.
    project.run(&["next-phase"]).exits(0);
    assert!(project.run(&["deploy", "list"]).exits(0).contains("web 1.0.0  live since"));
    nothing_is_created_before_planner_is_there(connection);
    live(project, "2.0.0");
    web("1.0.0", "i-1").beat(connection).unwrap();
    assert!(project.run(&["deploy", "list"]).exits(0).contains("live by its heartbeats"));
    connection.batch_execute(FIRST_FORMAT).unwrap();
    project.run(&["run", "--plan", "create_users"]).exits(0);
    web("2.0.0", "i-1").beat(connection).unwrap();
}

#[test]
fn an_older_ledger_is_brought_up_to_date_on_first_use() {
    let database = ScratchPostgres::new();
    let server = project("", Some(&database.url));
    an_older_ledger_is_brought_up_to_date(&server, &mut database.connect());
    let embedded = project("", None);
    live(&embedded, "0.9.0");
    an_older_ledger_is_brought_up_to_date(&embedded, &mut on_file(&embedded));
}

#[test]
fn a_role_that_may_only_write_heartbeats_can_beat_again_and_again() {
    let database = ScratchPostgres::new();
    let project = project("", Some(&database.url));
    live(&project, "1.0.0");
    let role = "DO $$ BEGIN CREATE ROLE planner_beats LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$";
    let mut owner = database.connect();
    owner.batch_execute(role).unwrap();
    let url = database.url.replacen("planner@", "planner_beats@", 1);
    let mut weak = PgConnection::establish(&url).unwrap();
    let error = web("1.0.0", "i-1").beat(&mut weak).unwrap_err();
    assert!(error.to_string().contains("permission denied"), "{error}");
    owner
        .batch_execute("GRANT SELECT, INSERT, UPDATE ON planner_heartbeats TO planner_beats")
        .unwrap();
    for _ in 0..3 {
        web("1.0.0", "i-1").beat(&mut weak).unwrap();
    }
    let list = project.json(&["deploy", "list"], 0);
    let instances = list["apps"][0]["releases"][0]["instances"].as_array().unwrap();
    assert_eq!(instances.len(), 1, "{list}");
    assert!(instances[0]["last_seen"].as_str() > instances[0]["first_seen"].as_str(), "{list}");
}

#[test]
fn a_name_that_cannot_be_recorded_is_refused() {
    let mut connection = SqliteConnection::establish(":memory:").unwrap();
    for heartbeat in [
        Heartbeat::new("", "1"),
        Heartbeat::new("web", " "),
        web("1", "a\nb"),
        web("1", "\0"),
        web(&"9".repeat(201), "i"),
    ] {
        let error = heartbeat.beat(&mut connection).unwrap_err();
        assert!(matches!(error, HeartbeatError::Name { .. }), "{heartbeat:?}: {error}");
        assert!(heartbeat.spawn(":memory:", |_| ()).is_err());
    }
    // The name it gives itself can.
    let error = Heartbeat::new("web", "1").beat(&mut connection).unwrap_err();
    assert!(matches!(error, HeartbeatError::NotInstalled), "{error}");
}

#[test]
fn instances_that_were_silent_for_a_month_are_forgotten_when_a_deploy_is_recorded() {
    let project = project("", None);
    live(&project, "1.0.0");
    let mut connection = on_file(&project);
    let insert = "INSERT INTO planner_heartbeats VALUES ('web', '0.1.0', 'old', '2020-01-01 00:00:00', '2020-01-02 00:00:00')";
    connection.batch_execute(insert).unwrap();
    web("1.0.0", "i-1").beat(&mut connection).unwrap();
    live(&project, "2.0.0");
    let left = diesel::sql_query("DELETE FROM planner_heartbeats").execute(&mut connection);
    assert_eq!(left.unwrap(), 1);
}

#[test]
fn what_the_library_writes_to_only_ever_expands() {
    let plans = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("plans");
    for entry in std::fs::read_dir(plans).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let contracts = text.lines().any(|line| line.starts_with("contract:"));
        assert!(!contracts, "{} has a contract phase", path.display());
    }
}
