//! What programs read: every command's JSON, in every situation.

use crate::support::project::Project;

const USERS: &str = "title: Users
owner: accounts-team
expand:
  - create_table: { table: users, columns: [{ name: id, type: integer, primary_key: true }, { name: name, type: text }, { name: nick, type: text }] }
";
const DROP: &str = "title: Drop nick
after: [create_users]
expand:
  - deprecate_column: { table: users, column: nick }
contract:
  - drop_column: { table: users, column: nick }
gates: { contract: { releases: { web: \">=2.0.0\" }, approval: true } }
";

fn project() -> Project {
    Project::with_config("dialect: sqlite\ndatabase: sqlite:test.db\napps: { web: {} }\n")
        .file("plans/2026-01-01-000000_create_users.yaml", USERS)
        .file("plans/2026-01-02-000000_drop_nick.yaml", DROP)
}

#[track_caller]
fn has_keys(json: &serde_json::Value, keys: &[&str]) {
    for key in keys {
        assert!(!json[key].is_null(), "{key} is missing in {json}");
    }
}

#[test]
fn every_command_speaks_json() {
    let project = project();
    has_keys(&project.json(&["check"], 0), &["diagnostics", "summary"]);
    has_keys(&project.json(&["compile", "--check"], 1), &["stale"]);
    has_keys(&project.json(&["compile"], 0), &["migrations", "changed"]);
    let _ = project.json(&["show", "drop_nick"], 0);
    has_keys(&project.json(&["graph"], 0), &["steps", "edges"]);
    let _ = project.json(&["explain", "EC201"], 0);
    has_keys(&project.json(&["status"], 0), &["plans", "drift"]);
    has_keys(&project.json(&["history"], 0), &["entries"]);
    let next = ["answer", "resume", "ready", "blocked", "waiting", "drift", "complete"];
    has_keys(&project.json(&["next-phase"], 0), &next);
    has_keys(&project.json(&["run", "--dry-run"], 0), &["would_run", "blocked"]);
    let ran = ["opened", "finished", "hand_written", "adopted", "blocked", "drift", "answer"];
    has_keys(&project.json(&["run"], 0), &ran);
    has_keys(&project.json(&["run", "--phase", "drop_nick/contract"], 3), &ran);
    has_keys(&project.json(&["deploy", "list"], 0), &["apps"]);
    let release = ["--app", "web", "--version", "2.0.0"];
    has_keys(
        &project.json(&[&["deploy", "check"], &release[..]].concat(), 0),
        &["answer", "because"],
    );
    has_keys(&project.json(&[&["deploy", "start"], &release[..]].concat(), 0), &["recorded"]);
    has_keys(&project.json(&[&["deploy", "finish"], &release[..]].concat(), 0), &["recorded"]);
    let approve = ["approve", "drop_nick/contract", "--reason", "seen"];
    has_keys(&project.json(&approve, 0), &["recorded", "plan", "phase", "by"]);
    has_keys(
        &project.json(&["revert", "drop_nick/expand", "--dry-run"], 0),
        &["would_undo", "would_close", "needs_consent"],
    );
    let history = project.json(&["history"], 0);
    has_keys(&history["entries"][0], &["id", "at", "actor", "kind"]);
}

#[test]
fn next_phase_and_findings_have_the_keys_that_are_promised() {
    let project = project();
    project.run(&["run"]).exits(0);
    let next = project.json(&["next-phase"], 3);
    let blocked = &next["blocked"][0];
    has_keys(blocked, &["plan", "phase", "because", "unblock"]);
    has_keys(&blocked["because"][0], &["kind", "app", "text"]);
    let broken = DROP.replace("column: nick }\ngates", "column: nikc }\ngates");
    project.write("plans/2026-01-02-000000_drop_nick.yaml", broken);
    let found = project.json(&["check"], 1);
    let first = &found["diagnostics"][0];
    has_keys(
        first,
        &["code", "name", "severity", "message", "file", "line", "column", "plan", "help"],
    );
    assert_eq!(first["file"], "plans/2026-01-02-000000_drop_nick.yaml");
    // The path is the project's, wherever planner is called from.
    let elsewhere = std::env::temp_dir();
    let folder = project.path().to_str().unwrap();
    let mut command = project.command(&["-C", folder, "--format", "json", "check"]);
    let out = command.current_dir(elsewhere).output().unwrap().stdout;
    assert_eq!(
        serde_json::from_slice::<serde_json::Value>(&out).unwrap()["diagnostics"][0]["file"],
        first["file"]
    );
}

#[test]
fn a_failure_is_an_object_too() {
    let project = project();
    for (arguments, code) in [
        (&["show", "nothing"][..], 2),
        (&["run", "--phase", "nothing/expand"], 2),
        (&["deploy", "retire", "--app", "web", "--version", "1"], 2),
        (&["--env", "prod", "status"], 2),
    ] {
        let json = project.json(arguments, code);
        has_keys(&json["error"], &["message", "exit_code"]);
        assert_eq!(json["error"]["exit_code"], code);
    }
}

#[test]
fn what_if_facts_answer_without_recording() {
    let project = project();
    project.run(&["run"]).exits(0);
    let facts =
        "live: { web: [1.0.0, { version: 2.0.0, marks: [x] }] }\napproved: [drop_nick/contract]\n";
    project.write("facts.yaml", facts);
    let next = project.json(&["next-phase", "--facts", "facts.yaml"], 3);
    assert_eq!(next["blocked"][0]["because"][0]["release"], "1.0.0", "{next}");
    project.write(
        "facts.json",
        r#"{"live": {"web": ["2.0.0"]}, "approved": ["drop_nick/contract"], "now": "+24h"}"#,
    );
    let next = project.json(&["next-phase", "--facts", "facts.json"], 0);
    assert_eq!(next["ready"][0]["phase"], "contract", "{next}");
    project.write("facts.yaml", "done: [drop_nick/contract]\n");
    assert_eq!(project.json(&["next-phase", "--facts", "facts.yaml"], 0)["answer"], "complete");
    assert_eq!(project.json(&["next-phase"], 3)["answer"], "blocked");
    for bad in [
        "now: tomorrow",
        "nwo: +1h",
        "approved: [nope/contract]",
        "queries: { x: true }",
        "live: [1]",
        "{",
        "",
        "done: [drop_nick]",
    ] {
        project.write("facts.yaml", bad);
        let text = project.run(&["next-phase", "--facts", "facts.yaml"]).fails(2);
        assert!(text.contains("`facts.yaml` cannot be used"), "{bad}: {text}");
    }
    project.write("facts.yaml", b"\xff\xfe");
    project.run(&["next-phase", "--facts", "facts.yaml"]).fails(2);
    project.run(&["next-phase", "--facts", "plans"]).fails(2);
    project.run(&["next-phase", "--facts", "missing.yaml"]).fails(2);
}
