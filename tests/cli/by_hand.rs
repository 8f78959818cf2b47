//! Migrations that people write by hand beside the compiled ones.

use diesel::Connection as _;
use diesel::connection::SimpleConnection as _;

use crate::support::diesel::diesel;
use crate::support::project::Project;

const USERS: &str = "title: Users
expand:
  - create_table: { table: users, columns: [{ name: id, type: integer, primary_key: true }, { name: name, type: text }] }
";
const NICK: &str = "title: Nick\nafter: [create_users]\nexpand:\n  - add_column: { table: users, column: nick, type: text }\n";

fn project(config: &str) -> Project {
    Project::with_config(config)
        .file("plans/2026-01-01-000000_create_users.yaml", USERS)
        .file("plans/2026-02-01-000000_add_nick.yaml", NICK)
}

fn sqlite() -> Project {
    project("dialect: sqlite\ndatabase: sqlite:test.db\n")
}

fn has_table(project: &Project, table: &str) -> bool {
    let path = project.path().join("test.db");
    let mut connection = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    connection.batch_execute(&format!("SELECT 1 FROM {table}")).is_ok()
}

#[test]
fn they_run_in_version_order_with_the_compiled_ones() {
    let project = sqlite()
        .file("migrations/2025-12-31-000000_first/up.sql", "CREATE TABLE first (id INTEGER PRIMARY KEY);")
        // Fails unless the users are there and have no nick yet.
        .file("migrations/2026-01-15-000000_between/up.sql", "CREATE TABLE between_them AS SELECT id, name FROM users; ALTER TABLE users ADD COLUMN seen integer")
        .file("migrations/2026-01-15-000000_between/metadata.toml", "run_in_transaction = true\n")
        .file("migrations/2026-03-01-000000_last/up.sql", "UPDATE users SET nick = name;")
        .file("migrations/2026-03-01-000000_last/metadata.toml", "# no key\n");
    project.run(&["compile"]).exits(0);
    let ran = project.json(&["run"], 0);
    let by_hand =
        ["2025-12-31-000000_first", "2026-01-15-000000_between", "2026-03-01-000000_last"];
    assert_eq!(ran["hand_written"], serde_json::json!(by_hand), "{ran}");
    project.run(&["status"]).exits(0);
    let url = project.path().join("test.db").to_str().unwrap().to_owned();
    project.write("diesel.toml", "");
    let list = diesel(&url, project.path(), &["migration", "list"]).exits(0);
    assert_eq!(list.matches("[X]").count(), 5, "{list}");
    assert_eq!(project.json(&["run"], 0)["hand_written"], serde_json::json!([]));
}

#[test]
fn one_that_fails_in_its_transaction_leaves_nothing_and_stops_what_comes_after() {
    let bad = "migrations/2026-01-15-000000_bad";
    let project = sqlite().file(
        &format!("{bad}/up.sql"),
        "CREATE TABLE half (id INTEGER); SELECT nope FROM nowhere;",
    );
    let text = project.run(&["run"]).fails(1);
    assert!(text.contains("`2026-01-15-000000_bad` failed: no such table: nowhere"), "{text}");
    assert!(text.contains("nothing is left of it"), "{text}");
    assert!(has_table(&project, "users") && !has_table(&project, "half"));
    let status = project.json(&["status"], 0);
    assert_eq!(status["plans"][1]["phases"][0]["done"], 0, "{status}");
    project.write(&format!("{bad}/up.sql"), "CREATE TABLE half (id INTEGER);");
    project.run(&["run"]).exits(0);
    assert!(has_table(&project, "half"));
    assert_eq!(project.json(&["next-phase"], 0)["answer"], "complete");
}

#[test]
fn one_that_fails_outside_of_a_transaction_says_that_some_of_it_may_be_left() {
    let bad = "migrations/2026-01-15-000000_bad";
    let project = sqlite()
        .file(&format!("{bad}/up.sql"), "CREATE TABLE half (id INTEGER); SELECT nope FROM nowhere;")
        .file(&format!("{bad}/metadata.toml"), "run_in_transaction = false\n");
    let text = project.run(&["run"]).fails(1);
    assert!(text.contains("look what is left of it"), "{text}");
    assert!(has_table(&project, "half"));
}

#[test]
fn with_two_dialects_they_stand_beside_the_compiled_ones_of_their_own() {
    let config = "dialect: [sqlite, postgres]\ndatabase: sqlite:test.db\n";
    let project = project(config)
        .file("migrations/sqlite/2026-03-01-000000_mine/up.sql", "CREATE TABLE mine (id INTEGER);")
        .file("migrations/postgres/2026-03-02-000000_theirs/up.sql", "DO $$ BEGIN END $$;");
    project.run(&["compile"]).exits(0);
    let ran = project.json(&["run"], 0);
    assert_eq!(ran["hand_written"], serde_json::json!(["2026-03-01-000000_mine"]), "{ran}");
    assert!(has_table(&project, "mine"));
    let database = crate::support::ScratchPostgres::new();
    let project = project.variable("DATABASE_URL", &database.url);
    let ran = project.json(&["run"], 0);
    assert_eq!(ran["hand_written"], serde_json::json!(["2026-03-02-000000_theirs"]), "{ran}");
    project.run(&["status"]).exits(0);
}

#[test]
fn what_the_server_cannot_do_beside_writers_of_a_partitioned_table_is_refused_before_it_runs() {
    let table = "CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, kind text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE INDEX events_at ON events (at);\n";
    let project = Project::with_config("dialect: postgres\n")
        .file("migrations/2025-01-01-000000_events/up.sql", table)
        .file("migrations/2025-01-01-000000_events/down.sql", "DROP TABLE events;\n")
        .file(
            "plans/2026-01-01-000000_kinds.yaml",
            "title: Kinds\nexpand:\n  - create_index: { table: events, columns: [kind] }\n",
        );
    let told = project.run(&["check"]).fails(1);
    for said in ["`events` is partitioned", "events_kind_idx", "ON ONLY events"] {
        assert!(told.contains(said), "{told}");
    }
    // A column and a check are added there as everywhere.
    project.write(
        "plans/2026-01-01-000000_kinds.yaml",
        "title: Kinds\nexpand:\n  - add_column: { table: events, column: note, type: text }\n",
    );
    project.run(&["check", "--strict"]).exits(0);
}
