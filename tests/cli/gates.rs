//! Gates as a release manager meets them: what shuts them, what opens them, and the exit codes.

use diesel::Connection as _;
use diesel::connection::SimpleConnection as _;

use crate::support::ScratchPostgres;
use crate::support::project::Project;

const USERS: &str = "title: Users
expand:
  - create_table: { table: users, columns: [{ name: id, type: integer, primary_key: true }, { name: name, type: text }] }
";

/// A plan that adds a column and drops it behind this gate.
fn gated(name: &str, gate: &str) -> String {
    format!(
        "title: Gated\nafter: [create_users]\nexpand:\n  - add_column: {{ table: users, column: {name}, type: text }}\n  - deprecate_column: {{ table: users, column: {name} }}\ncontract:\n  - drop_column: {{ table: users, column: {name} }}\ngates: {{ contract: {gate} }}\n"
    )
}

/// A project with one gated plan for each of these, called `g1`, `g2` ….
fn project(config: &str, gates: &[&str]) -> Project {
    let project =
        Project::with_config(config).file("plans/2026-01-01-000000_create_users.yaml", USERS);
    for (at, gate) in gates.iter().enumerate() {
        let name = format!("g{}", at + 1);
        project.write(&format!("plans/2026-02-0{}-000000_{name}.yaml", at + 1), gated(&name, gate));
    }
    project
}

const WEB: &str = "dialect: sqlite\ndatabase: sqlite:test.db\napps: { web: {} }\n";

fn on_sqlite(project: &Project, sql: &str) {
    let path = project.path().join("test.db");
    let mut connection = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    connection.batch_execute(sql).unwrap();
}

fn live(project: &Project, app: &str, version: &str, more: &[&str]) {
    let start = [&["deploy", "start", "--app", app, "--version", version], more].concat();
    project.run(&start).exits(0);
    project.run(&["deploy", "finish", "--app", app, "--version", version]).exits(0);
}

/// The kinds of reasons that block a phase, by `planner next-phase`.
#[track_caller]
fn kinds(next: &serde_json::Value, plan: &str) -> Vec<String> {
    let blocked = next["blocked"].as_array().unwrap().iter().filter(|one| one["plan"] == plan);
    let because = blocked.flat_map(|one| one["because"].as_array().unwrap());
    because.map(|one| one["kind"].as_str().unwrap().to_owned()).collect()
}

#[track_caller]
fn next(project: &Project, code: i32) -> serde_json::Value {
    project.json(&["next-phase"], code)
}

#[track_caller]
fn blocks(project: &Project, phase: &str, said: &str) {
    let text = project.run(&["run", "--phase", phase]).fails(3);
    assert!(text.contains(said) && text.contains("0 migrations ran"), "{text}");
}

#[test]
fn releases_pass_by_range_by_marks_by_any_and_by_none() {
    let config = "dialect: sqlite\ndatabase: sqlite:test.db\napps: { web: {}, worker: {} }\n";
    let project = project(
        config,
        &[
            "{ releases: { web: \">=2.0.0\", worker: { any: \"never reads it\" } } }",
            "{ releases: { web: { marks: ignores-it }, worker: { any: \"never\" } } }",
            "{ releases: { none: \"nobody ever read it\" } }",
            "{ releases: { web: { any: \"x\" }, worker: \">=1.0.0\" } }",
        ],
    );
    project.run(&["run"]).exits(0);
    let at_first = next(&project, 3);
    for plan in ["g1", "g2", "g4"] {
        assert_eq!(kinds(&at_first, plan), ["unknown_app"], "{at_first}");
    }
    assert!(kinds(&at_first, "g3").is_empty() && at_first["ready"].as_array().unwrap().is_empty());
    live(&project, "web", "1.9.9", &[]);
    let old = next(&project, 3);
    assert_eq!(old["blocked"][0]["because"][0]["requires"], ">=2.0.0", "{old}");
    assert_eq!(old["blocked"][1]["because"][0]["requires"], "marks ignores-it", "{old}");
    blocks(&project, "g1/contract", "web 1.9.9 is live, the gate asks for >=2.0.0");
    // While a rollout lasts both are live.
    project
        .run(&["deploy", "start", "--app", "web", "--version", "2.0.0", "--marks", "a,ignores-it"])
        .exits(0);
    assert_eq!(kinds(&next(&project, 3), "g1"), ["live_release"]);
    project.run(&["deploy", "finish", "--app", "web", "--version", "2.0.0"]).exits(0);
    let ran = project.json(&["run"], 0);
    assert_eq!(ran["opened"], serde_json::json!(["g1/contract", "g2/contract"]), "{ran}");
    assert_eq!(kinds(&next(&project, 3), "g4"), ["unknown_app"]);
    live(&project, "worker", "1.0.0", &[]);
    project.run(&["run"]).exits(0);
    assert_eq!(next(&project, 0)["answer"], "complete");
}

#[test]
fn an_app_that_only_the_ledger_knows_shuts_gates_while_one_of_its_releases_is_live() {
    let project = project(WEB, &["{ releases: { web: \">=2.0.0\" } }"]);
    project.run(&["run"]).exits(0);
    live(&project, "web", "2.0.0", &[]);
    project.run(&["deploy", "start", "--app", "wbe", "--version", "1"]).exits(0);
    assert_eq!(kinds(&next(&project, 3), "g1"), ["ungated_app"]);
    blocks(&project, "g1/contract", "the gate says nothing about wbe");
    project.run(&["deploy", "abort", "--app", "wbe", "--version", "1"]).exits(0);
    project.run(&["run", "--phase", "g1/contract"]).exits(0);
}

#[test]
fn a_gate_that_forgets_an_app_of_the_configuration_is_a_finding() {
    let config = "dialect: sqlite\ndatabase: sqlite:test.db\napps: { web: {}, worker: {} }\n";
    let project = project(config, &["{ releases: { web: \">=2.0.0\" } }"]);
    assert_eq!(project.findings(1)[0].0, "EC206");
    project.run(&["run"]).fails(1);
    assert!(!project.path().join("test.db").exists());
}

#[test]
fn a_soak_counts_from_the_last_release_that_did_not_pass_and_a_rollback_resets_it() {
    let project = project(WEB, &["{ releases: { web: \">=2.0.0\" }, soak: 24h }"]);
    project.run(&["run"]).exits(0);
    live(&project, "web", "1.0.0", &[]);
    live(&project, "web", "2.0.0", &[]);
    let hours_pass = |hours: u32| {
        let at = format!("strftime('%Y-%m-%d %H:%M:%f', at, '-{hours} hours')");
        on_sqlite(&project, &format!("UPDATE planner_entries SET at = {at}"));
    };
    blocks(&project, "g1/contract", "it must soak until");
    hours_pass(23);
    blocks(&project, "g1/contract", "it must soak until");
    // Nothing is open yet, so going back is allowed, and the time counts anew.
    live(&project, "web", "1.0.0", &[]);
    live(&project, "web", "2.0.0", &[]);
    hours_pass(23);
    blocks(&project, "g1/contract", "it must soak until");
    hours_pass(2);
    assert_eq!(next(&project, 0)["ready"][0]["phase"], "contract");
    project.run(&["run", "--phase", "g1/contract"]).exits(0);
}

#[test]
fn an_approval_binds_to_the_steps_that_were_approved() {
    let project = project(WEB, &["{ releases: { none: \"x\" }, approval: true }"]);
    project.run(&["run"]).exits(0);
    blocks(&project, "g1/contract", "nobody has approved it");
    project.run(&["approve", "g1/contract"]).fails(2);
    project.run(&["approve", "g1/contract", "--reason", " "]).fails(2);
    project.run(&["approve", "g1/contract", "--reason", "x", "--by", " "]).fails(2);
    project.run(&["approve", "g1/expand", "--reason", "x"]).fails(2);
    project.run(&["approve", "g2/contract", "--reason", "x"]).fails(2);
    project.run(&["approve", "g1/contract", "--reason", "seen", "--by", "Ada"]).exits(0);
    assert_eq!(next(&project, 0)["ready"][0]["because"][1], "approved by Ada: seen");
    let file = "plans/2026-02-01-000000_g1.yaml";
    let edited = project.read(file).replace(
        "contract:\n",
        "contract:\n  - create_index: { table: users, columns: [name], unique: true }\n",
    );
    project.write(
        file,
        edited.replace("none: \"x\" }", "none: \"x\" }, query: \"SELECT count(*) = 0 FROM users\""),
    );
    let text = next(&project, 3);
    assert_eq!(text["blocked"][0]["because"][0]["outdated"], "Ada", "{text}");
    blocks(&project, "g1/contract", "Ada approved it before its steps were changed");
    project.run(&["approve", "g1/contract", "--reason", "seen again"]).exits(0);
    project.run(&["run", "--phase", "g1/contract"]).exits(0);
    let history = project.run(&["history"]).exits(0);
    assert!(history.contains("Ada approved g1/contract: seen"), "{history}");
    assert!(history.contains("tester approved g1/contract: seen again"), "{history}");
}

#[test]
fn a_backup_gate_blocks_until_this_planner_can_evaluate_it() {
    let project = project(WEB, &["{ releases: { none: \"x\" }, backup: true }"]);
    project.run(&["run"]).exits(0);
    assert_eq!(kinds(&next(&project, 3), "g1"), ["unsupported_gate"]);
    blocks(&project, "g1/contract", "this planner cannot evaluate the gate `backup`");
}

#[test]
fn a_query_gate_opens_for_one_true_value_only() {
    let config = format!("{WEB}limits: {{ query_timeout: 500ms }}\n");
    let project = project(&config, &["{ releases: { none: \"x\" }, query: \"Q\" }"]);
    let file = "plans/2026-02-01-000000_g1.yaml";
    let text = project.read(file);
    let with = |query: &str| project.write(file, text.replace("\"Q\"", &format!("\"{query}\"")));
    with("SELECT 1");
    project.run(&["run", "--phase", "create_users/expand"]).exits(0);
    project.run(&["run", "--phase", "g1/expand"]).exits(0);
    on_sqlite(&project, "INSERT INTO users (id) VALUES (7)");
    for (query, said) in [
        ("SELECT count(*) = 0 FROM users", "is not true: false"),
        ("SELECT NULL", "returned no row, or NULL"),
        ("SELECT 1 WHERE 0", "returned no row, or NULL"),
        ("SELECT 1, 1", "returned 2 columns"),
        ("SELECT id FROM users", "returned another value"),
        ("SELECT 1 UNION ALL SELECT 1", "returned 2 rows"),
        ("SELECT abs(-9223372036854775808)", "integer overflow"),
        (
            "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n",
            "no answer within 500 ms",
        ),
    ] {
        with(query);
        blocks(&project, "g1/contract", said);
    }
    for query in [
        "SELECT nope FROM users",
        "SELECT 1 FROM nowhere",
        "SELECT 1; SELECT 0",
        "DELETE FROM users RETURNING 1",
        "COMMIT",
        "SELECT (",
    ] {
        with(query);
        let found = project.findings(1);
        assert!(
            found.iter().all(|(code, _)| code == "EC119" || code == "EC122"),
            "{query}: {found:?}"
        );
        project.run(&["run", "--phase", "g1/contract"]).fails(1);
    }
    with("SELECT count(*) = 1 FROM users;");
    project.run(&["run", "--phase", "g1/contract"]).exits(0);
}

#[test]
fn a_query_gate_on_postgresql_can_neither_write_nor_last() {
    let database = ScratchPostgres::new();
    let config = "dialect: postgres\napps: { web: {} }\nlimits: { query_timeout: 500ms }\n";
    let gate = "{ releases: { none: \"x\" }, query: \"Q\" }";
    let project = project(config, &[gate]).variable("DATABASE_URL", &database.url);
    let file = "plans/2026-02-01-000000_g1.yaml";
    let text = project.read(file);
    let with = |query: &str| project.write(file, text.replace("\"Q\"", &format!("\"{query}\"")));
    with("SELECT false");
    project.run(&["run"]).exits(0);
    database
        .connect()
        .batch_execute("CREATE SEQUENCE s; INSERT INTO users (id) VALUES (7)")
        .unwrap();
    for (query, said) in [
        ("SELECT NULL::boolean", "returned no row, or NULL"),
        ("SELECT true, true", "returned 2 columns"),
        ("SELECT 2", "returned another value"),
        ("SELECT nextval('s') > 0", "read-only transaction"),
        (
            "SELECT set_config('transaction_read_only', 'off', false) IS NULL",
            "must be set before any query",
        ),
        ("SELECT pg_sleep(9) IS NULL", "statement timeout"),
    ] {
        with(query);
        blocks(&project, "g1/contract", said);
    }
    with("SELECT count(*) = 1 FROM users");
    project.run(&["run", "--phase", "g1/contract"]).exits(0);
}
