//! What heartbeats are worth: beside deploys, and where they are all the evidence there is.

use crate::live::heartbeats::{STALE_MS, live, on_file, pause, project, web};

const SOLE: &str = "apps: { web: { heartbeat: sole_evidence } }\n";

#[test]
fn silence_ends_a_release_only_where_the_app_says_so() {
    for (config, ends) in [("apps: { web: {} }\n", false), (SOLE, true)] {
        let project = project(config, None);
        live(&project, "1.0.0");
        project.run(&["deploy", "start", "--app", "web", "--version", "2.0.0"]).exits(0);
        project
            .run(&["deploy", "finish", "--app", "web", "--version", "2.0.0", "--keep", "1.0.0"])
            .exits(0);
        project.run(&["run", "--plan", "create_users"]).exits(0);
        project.run(&["run", "--phase", "drop_nick/expand"]).exits(0);
        web("1.0.0", "i-1").beat(&mut on_file(&project)).unwrap();
        assert_eq!(project.json(&["next-phase"], 3)["contradictions"], serde_json::json!([]));
        pause(STALE_MS);
        let next = project.json(&["next-phase"], if ends { 0 } else { 3 });
        let said = next["contradictions"][0]["message"].as_str().unwrap();
        let counted = if ends { "ended" } else { "live" };
        let silent = "web 1.0.0 was not ended, but its one instance has not beaten for ";
        assert!(
            said.starts_with(silent) && said.ends_with(&format!(" s: counted as {counted}")),
            "{said}"
        );
        // 2.0.0 never beat: it runs without the library, or is not up yet.
        let list = project.run(&["deploy", "list"]).exits(0);
        assert!(list.contains("web 2.0.0  live since"), "{list}");
        assert_eq!(list.contains("web 1.0.0  live since"), !ends, "{list}");
    }
}

#[test]
fn a_rollout_is_not_ended_by_silence() {
    let project = project(SOLE, None);
    project.run(&["deploy", "start", "--app", "web", "--version", "1.0.0"]).exits(0);
    web("1.0.0", "i-1").beat(&mut on_file(&project)).unwrap();
    pause(STALE_MS);
    let list = project.run(&["deploy", "list"]).exits(0);
    assert!(list.contains("web 1.0.0  rolling out since"), "{list}");
    assert!(list.contains("0 instances beat, the last heartbeat "), "{list}");
}

#[test]
fn heartbeats_alone_open_no_gate_unless_they_are_all_the_evidence() {
    for (config, kind) in [("apps: { web: {} }\n", Some("unknown_app")), (SOLE, None)] {
        let project = project(config, None);
        project.run(&["run", "--plan", "create_users"]).exits(0);
        project.run(&["run", "--phase", "drop_nick/expand"]).exits(0);
        web("2.0.0", "i-1").beat(&mut on_file(&project)).unwrap();
        let next = project.json(&["next-phase"], if kind.is_some() { 3 } else { 0 });
        let because = next["blocked"][0]["because"][0]["kind"].as_str();
        assert_eq!(because, kind, "{next}");
        let said = next["contradictions"][0]["message"].as_str().unwrap();
        assert!(
            said.starts_with("web 2.0.0 was never started, but its instance `i-1` beat"),
            "{said}"
        );
    }
}

#[test]
fn two_instances_of_a_release_keep_it_live_as_long_as_one_beats() {
    let project = project(SOLE, None);
    live(&project, "1.0.0");
    let mut connection = on_file(&project);
    for instance in ["i-1", "i-2"] {
        web("1.0.0", instance).beat(&mut connection).unwrap();
    }
    for _ in 0..3 {
        pause(1_500);
        web("1.0.0", "i-2").beat(&mut connection).unwrap();
    }
    let list = project.json(&["deploy", "list"], 0);
    let release = &list["apps"][0]["releases"][0];
    assert_eq!(release["live"], true, "{list}");
    assert_eq!(release["instances"].as_array().unwrap().len(), 2, "{list}");
    let text = project.run(&["deploy", "list"]).exits(0);
    assert!(text.contains("1 instance beats"), "{text}");
}

#[test]
fn what_if_facts_win_over_heartbeats() {
    let project = project("apps: { web: {} }\n", None);
    live(&project, "1.0.0");
    live(&project, "2.0.0");
    project.run(&["run", "--plan", "create_users"]).exits(0);
    project.run(&["run", "--phase", "drop_nick/expand"]).exits(0);
    web("1.0.0", "i-1").beat(&mut on_file(&project)).unwrap();
    project.write("facts.yaml", "live: { web: [2.0.0] }\n");
    project.run(&["next-phase", "--facts", "facts.yaml"]).exits(0);
}

#[test]
fn a_stale_time_that_no_heartbeat_could_meet_is_refused() {
    let project = project("apps: { web: { heartbeat: always } }\n", None);
    let text = project.run(&["next-phase"]).fails(2);
    assert!(text.contains("`additional` or `sole_evidence`"), "{text}");
    project.write("planner.yaml", "heartbeats: { stale_after: 20ms }\n");
    let text = project.run(&["next-phase"]).fails(2);
    assert!(text.contains("a duration of at least `1s`"), "{text}");
}
