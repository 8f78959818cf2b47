//! `planner deploy import` as a user meets it.

use std::io::Write as _;
use std::process::Stdio;

use crate::live::heartbeats::{live, project};
use crate::support::project::{Project, Ran, ran};

const APPS: &str = "apps: { web: {} }\n";

/// Imports a sample.
fn import(project: &Project, file: &str, more: &[&str]) -> Ran {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/platforms").join(file);
    let (folder, _) = file.split_once('/').unwrap();
    let from = folder.replace('_', "-");
    import_text(project, &from, &std::fs::read(path).unwrap(), more)
}

fn import_text(project: &Project, from: &str, text: &[u8], more: &[&str]) -> Ran {
    let arguments = [&["deploy", "import", "--from", from], more].concat();
    let mut command = project.command(&arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that refuses its arguments reads nothing.
    let _ = child.stdin.take().unwrap().write_all(text);
    ran(child.wait_with_output().unwrap())
}

fn states(project: &Project) -> Vec<String> {
    let list = project.json(&["deploy", "list"], 0);
    let releases = list["apps"].as_array().unwrap().iter();
    let releases = releases.flat_map(|app| app["releases"].as_array().unwrap().clone());
    let short = |state: &str| state.split(" since").next().unwrap().to_owned();
    releases
        .map(|of| {
            format!("{} {}", of["version"].as_str().unwrap(), short(of["state"].as_str().unwrap()))
        })
        .collect()
}

fn n_entries(project: &Project) -> usize {
    project.json(&["history"], 0)["entries"].as_array().unwrap().len()
}

#[test]
fn what_serves_is_recorded_and_a_second_import_changes_nothing() {
    let project = project(APPS, None);
    let text = import(&project, "kubernetes/rollout.json", &[]).exits(0);
    for said in [
        "web 2.4.0  serves 33 %  ReplicaSet web-7c6d9f8b6d",
        "web 2.5.0  serves 66 %",
        "rollout of web 2.5.0 started",
        "`redis` is no app that is known and was passed over",
    ] {
        assert!(text.contains(said), "{text}");
    }
    assert_eq!(states(&project), ["2.4.0 rolling out", "2.5.0 rolling out"]);
    let before = n_entries(&project);
    let text = import(&project, "kubernetes/rollout.json", &[]).exits(0);
    assert!(text.contains("Nothing to record: the ledger says the same."), "{text}");
    assert_eq!(n_entries(&project), before);
    // The rollout ends: 2.5.0 is alone, and 2.4.0 stays live until somebody says that it ended.
    let text = import(&project, "kubernetes/settled.json", &[]).exits(0);
    assert!(text.contains("web 2.5.0 is live\n"), "{text}");
    assert!(text.contains("web 2.4.0 is recorded as rolling out and not there"), "{text}");
    assert_eq!(states(&project), ["2.4.0 rolling out", "2.5.0 live"]);
}

#[test]
fn what_is_gone_from_the_platform_ends_only_if_it_is_said() {
    let project = project(APPS, None);
    live(&project, "1.0.0");
    let text = import(&project, "kubernetes/settled.json", &[]).exits(0);
    assert!(text.contains("web 1.0.0 is recorded as live and not there"), "{text}");
    assert_eq!(states(&project), ["1.0.0 live", "2.5.0 live"]);
    let text = import(&project, "kubernetes/settled.json", &["--retire-unseen"]).exits(0);
    assert!(text.contains("web 1.0.0 ended"), "{text}");
    assert_eq!(states(&project), ["2.5.0 live"]);
    let text = import(&project, "kubernetes/settled.json", &["--keep-history"]).exits(0);
    assert!(text.contains("rollout of web 2.4.0 started"), "{text}");
}

#[test]
fn a_dry_run_says_what_it_would_record_and_records_nothing() {
    let project = project(APPS, None);
    let text = import(&project, "cloud_run/canary.json", &["--dry-run"]).exits(0);
    assert!(text.contains("Would record:\n  rollout of web 2.2.0 started"), "{text}");
    assert!(!project.path().join("test.db").exists());
    let json: serde_json::Value = {
        let ran = import(&project, "cloud_run/canary.json", &["--dry-run", "--format", "json"]);
        ran.json()
    };
    assert_eq!(json["dry_run"], true);
    assert_eq!(json["seen"][2]["percent"], 90, "{json}");
    assert_eq!(json["events"][0]["kind"], "deploy_started", "{json}");
    assert_eq!(json["recorded"], serde_json::json!([]));
}

#[test]
fn a_revision_that_can_be_switched_back_to_is_live_until_it_is_retired_by_name() {
    let project = project(APPS, None);
    import(&project, "cloud_run/canary.json", &[]).exits(0);
    assert_eq!(
        states(&project),
        ["2.2.0 rolling out", "2.3.0 rolling out", "2.4.0 rolling out", "2.5.0 rolling out"]
    );
    project.run(&["deploy", "retire", "--app", "web", "--version", "2.2.0"]).exits(0);
    let text = import(&project, "cloud_run/canary.json", &[]).exits(0);
    assert!(text.contains("web 2.2.0 was retired and can still be switched back to"), "{text}");
    assert!(text.contains("Nothing to record"), "{text}");
    assert_eq!(states(&project).len(), 3);
}

#[test]
fn a_release_that_must_not_be_live_and_is_is_refused_and_told_and_recorded_only_by_force() {
    let project = project(APPS, None);
    live(&project, "1.0.0");
    live(&project, "2.0.0");
    project.run(&["run"]).exits(0);
    // The drop of a column promised that nothing before 2.0.0 is live.
    let old = std::fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/platforms/kubernetes/rollout.json"),
    );
    let old = old.unwrap().replace("web:2.4.0", "web:1.0.0");
    let import_old = |more: &[&str]| import_text(&project, "kubernetes", old.as_bytes(), more);
    let dry = import_old(&["--dry-run"]);
    assert_eq!(dry.code, 3, "{dry:?}");
    let ran = import_old(&[]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("web 1.0.0 must not be live now:"), "{}", ran.err);
    assert!(ran.err.contains("drop_nick/contract asks for >=2.0.0"), "{}", ran.err);
    assert!(ran.err.contains("but it is") && ran.err.contains("--force REASON"), "{}", ran.err);
    // What may be live is recorded all the same.
    assert_eq!(states(&project), ["2.0.0 live", "2.5.0 rolling out"]);
    import_old(&["--force", " "]).fails(2);
    let text = import_old(&["--force", "incident 12"]).exits(0);
    assert!(text.contains("rollout of web 1.0.0 started, forced: incident 12"), "{text}");
    assert!(states(&project).contains(&"1.0.0 rolling out".to_owned()));
    assert!(import_old(&[]).exits(0).contains("Nothing to record"));
}

#[test]
fn a_revision_that_must_not_be_switched_back_to_is_told_and_no_failure() {
    let project = project(APPS, None);
    live(&project, "2.4.0");
    project.run(&["run"]).exits(0);
    let sample = std::fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/platforms/cloud_run/canary.json"),
    );
    let text = sample.unwrap().replace("web:2.2.0", "web:1.2.0");
    let text = import_text(&project, "cloud-run", text.as_bytes(), &[]).exits(0);
    assert!(text.contains("web 1.2.0 must not be live now:"), "{text}");
    assert!(text.contains("and can be switched back to: delete it from the platform"), "{text}");
    assert!(!states(&project).iter().any(|state| state.starts_with("1.2.0")));
}

#[test]
fn the_app_the_workload_the_container_and_the_place_of_the_name_are_said_where_they_are_not_plain()
{
    let project = project("", None);
    let text = import(&project, "kubernetes/settled.json", &[]).fails(2);
    assert!(text.contains("none of the workloads is an app that is known: `web`"), "{text}");
    assert!(text.contains("--app NAME") && text.contains("nothing was recorded"), "{text}");
    let text = import(&project, "kubernetes/rollout.json", &["--app", "shop"]).fails(2);
    assert!(text.contains("several workloads may be `shop`: `redis`, `web`"), "{text}");
    let text = import(&project, "kubernetes/rollout.json", &["--app", "shop", "--workload", "api"]);
    assert!(text.fails(2).contains("there is no workload `api`"));
    let shop = ["--app", "shop", "--workload", "web"];
    let proxy = [&shop[..], &["--container", "proxy", "--dry-run"]].concat();
    assert!(
        import(&project, "kubernetes/rollout.json", &proxy)
            .exits(0)
            .contains("shop 1.30.1  serves")
    );
    let missing = [&shop[..], &["--release-from", "label:version"]].concat();
    let text = import(&project, "kubernetes/rollout.json", &missing).fails(2);
    assert!(text.contains("of `web`: it has no label `version`"), "{text}");
    let text = import(&project, "kubernetes/rollout.json", &["--app", "redis"]).fails(2);
    assert!(text.contains("the image `redis` has no tag"), "{text}");
    import(&project, "kubernetes/rollout.json", &["--app", "a b"]).fails(2);
    let text = import(&project, "kubernetes/rollout.json", &["--release-from", "branch"]).fails(2);
    assert!(text.contains("write `image-tag`, `label:KEY`"), "{text}");
    let text = import_text(&project, "heroku", b"{}", &[]).fails(2);
    assert!(text.contains("the platforms are kubernetes, cloud-run, ecs, nomad"), "{text}");
    assert_eq!(project.json(&["deploy", "list"], 0)["apps"], serde_json::json!([]));
}

#[test]
fn a_v_before_a_version_is_left_out_unless_it_was_recorded_with_it() {
    let nomad = project(APPS, None);
    import(&nomad, "nomad/settled.json", &[]).exits(0);
    assert_eq!(states(&nomad), ["2.5.0 live"]);
    let nomad = project(APPS, None);
    live(&nomad, "v2.5.0");
    assert!(import(&nomad, "nomad/settled.json", &[]).exits(0).contains("Nothing to record"));
}

#[test]
fn input_that_is_no_text_or_no_json_is_refused() {
    let project = project(APPS, None);
    for text in [&b"\xff\xfe"[..], b"", b"Error from server (Forbidden)"] {
        let said = import_text(&project, "kubernetes", text, &[]).fails(2);
        assert!(said.contains("help: hand over"), "{said}");
    }
}

#[test]
fn an_app_that_runs_nowhere_any_more_keeps_its_releases_until_they_are_retired() {
    let project = project(APPS, None);
    live(&project, "2.5.0");
    let text = import(&project, "nomad/stopped.json", &[]).exits(0);
    assert!(text.contains("web 2.5.0 is recorded as live and not there"), "{text}");
    import(&project, "nomad/stopped.json", &["--retire-unseen"]).exits(0);
    assert_eq!(states(&project), Vec::<String>::new());
}
