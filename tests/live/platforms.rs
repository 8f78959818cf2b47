//! What the JSON of platforms says of which releases are live.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use planner::release::platforms::{Asked, PlatformName, Problem, ReleaseFrom, Sight, read};

fn sample(relative: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/platforms").join(relative);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn platform_of(file: &str) -> PlatformName {
    let (folder, _) = file.split_once('/').unwrap();
    PlatformName::parse(&folder.replace('_', "-")).unwrap()
}

/// Reads a sample of an app called `web`, which the platform calls `web` too.
fn web(file: &str, from: &str, history: bool) -> Result<Sight, Vec<Problem>> {
    let known: BTreeMap<String, BTreeSet<String>> = [("web".to_owned(), BTreeSet::new())].into();
    let asked = Asked {
        app: None,
        workload: None,
        container: None,
        release_from: &ReleaseFrom::parse(from).unwrap(),
        known: &known,
        history,
    };
    read(platform_of(file), &sample(file), &asked)
}

fn short(sight: &Sight) -> Vec<String> {
    let all = sight.seen.iter().map(|of| {
        let percent = of.percent.map_or_else(String::new, |percent| format!(" {percent}"));
        format!("{} {}{percent}", of.release, of.standing.word())
    });
    all.collect()
}

#[track_caller]
fn sees(file: &str, expected: &[&str]) {
    assert_eq!(short(&web(file, "image-tag", true).unwrap()), expected, "{file}");
}

#[track_caller]
fn lacks(file: &str, message: &str, help: &str) {
    let problems = web(file, "image-tag", false).unwrap_err();
    let found = problems.iter().any(|of| of.message.contains(message) && of.help.contains(help));
    assert!(found, "{file}: {problems:#?}");
}

#[test]
fn kubernetes_tells_what_serves_from_what_is_remembered() {
    sees("kubernetes/rollout.json", &["2.3.0 history", "2.4.0 serving 33", "2.5.0 serving 66"]);
    sees("kubernetes/settled.json", &["2.4.0 history", "2.5.0 serving 100"]);
    sees("kubernetes/argo_blue_green.json", &["2.4.0 serving 50", "2.5.0 serving 50"]);
    let sight = web("kubernetes/rollout.json", "image-tag", false).unwrap();
    assert_eq!(short(&sight), ["2.4.0 serving 33", "2.5.0 serving 66"]);
    assert_eq!(sight.passed_over, ["redis"]);
}

#[test]
fn a_deployment_without_replicas_can_be_scaled_up_again() {
    sees("kubernetes/scaled_to_zero.json", &["2.5.0 idle"]);
}

#[test]
fn a_pod_that_is_being_taken_down_still_serves() {
    sees("kubernetes/draining_pod.json", &["2.4.0 serving 50", "2.5.0 serving 50"]);
}

#[test]
fn what_is_replaced_pod_by_pod_is_told_by_its_pods() {
    sees("kubernetes/stateful_set.json", &["2.4.0 serving 50", "2.5.0 serving 50"]);
    lacks("kubernetes/stateful_set_alone.json", "its Pods are not in the input", "kubectl get");
    let file = "kubernetes/deployment_alone_in_rollout.json";
    lacks(file, "its ReplicaSets are not in the input", "replicasets");
}

#[test]
fn a_job_of_a_cron_job_that_still_runs_is_live_beside_it() {
    sees("kubernetes/cron_job.json", &["2.4.0 serving 100", "2.5.0 serving"]);
}

#[test]
fn two_installations_in_one_input_are_refused() {
    lacks("kubernetes/two_namespaces.json", "`shop`, `staging`", "kubectl -n");
}

#[test]
fn cloud_run_can_switch_back_to_every_revision_that_was_ready() {
    let expected =
        ["2.2.0 idle", "2.3.0 reachable", "2.3.9 history", "2.4.0 serving 90", "2.5.0 serving 10"];
    sees("cloud_run/canary.json", &expected);
    let labelled = web("cloud_run/canary.json", "label:release", true).unwrap();
    assert_eq!(short(&labelled), expected);
    let variable = web("cloud_run/canary.json", "env:RELEASE", true).unwrap();
    assert_eq!(short(&variable), expected);
    sees(
        "cloud_run/second_api.json",
        &["2.2.0 idle", "2.3.9 history", "2.4.0 serving 50", "2.5.0 serving 50"],
    );
}

#[test]
fn a_revision_that_gets_all_traffic_once_it_is_ready_is_reachable() {
    let seen = short(&web("cloud_run/not_ready_yet.json", "image-tag", false).unwrap());
    assert_eq!(seen, ["2.2.0 idle", "2.3.0 idle", "2.4.0 serving 100", "2.5.0 reachable"]);
}

#[test]
fn cloud_run_needs_the_traffic_split_and_the_revisions_it_names() {
    let sight = web("cloud_run/service_alone.json", "image-tag", false).unwrap();
    assert_eq!(short(&sight), ["2.5.0 serving 100"]);
    assert!(sight.notes[0].contains("gcloud run revisions list --service=web"), "{sight:?}");
    let file = "cloud_run/service_without_revisions.json";
    lacks(file, "what revision `web-00012-fox` of `web` runs", "gcloud run revisions list");
    lacks("cloud_run/revisions_alone.json", "the traffic split of `web`", "services describe");
}

#[test]
fn ecs_counts_deployments_task_sets_and_tasks_that_run() {
    sees("ecs/rollout.json", &["2.4.0 serving 75", "2.5.0 serving 25"]);
    sees("ecs/blue_green.json", &["2.4.0 serving 50", "2.5.0 serving 50"]);
    sees("ecs/blue_scaled_down.json", &["2.4.0 idle", "2.5.0 serving 100"]);
    sees("ecs/tasks.json", &["2.4.0 serving", "2.5.0 serving 100"]);
    for from in ["label:release", "env:RELEASE", "annotation:release"] {
        let seen = short(&web("ecs/rollout.json", from, false).unwrap());
        assert_eq!(seen, ["2.4.0 serving 75", "2.5.0 serving 25"], "{from}");
    }
}

#[test]
fn ecs_needs_every_task_definition_that_is_named_and_services_that_are_there() {
    let command = "aws ecs describe-task-definition --task-definition web:11";
    lacks("ecs/without_task_definitions.json", "task definition `web:11`", command);
    lacks("ecs/missing.json", "ECS could not describe `web`: MISSING", "names");
}

#[test]
fn nomad_counts_allocations_deployments_and_what_it_goes_back_to_by_itself() {
    sees(
        "nomad/canary.json",
        &["2.2.0 history", "2.3.0 history", "2.4.0 serving 75", "2.5.0 serving 25"],
    );
    sees("nomad/reverting.json", &["2.4.0 idle", "2.5.0 serving"]);
    sees("nomad/settled.json", &["2.5.0 serving 100"]);
    sees("nomad/stopped.json", &["2.5.0 history"]);
    sees("nomad/periodic.json", &["2.4.0 serving 25", "2.5.0 serving 75"]);
    lacks("nomad/without_history.json", "version 3 of job `web`", "nomad job history -json web");
    let labelled = web("nomad/canary.json", "label:release", false).unwrap();
    assert_eq!(short(&labelled), ["2.4.0 serving 75", "2.5.0 serving 25"]);
}

#[test]
fn what_is_no_json_of_the_platform_is_refused_with_what_was_expected() {
    let known = BTreeMap::new();
    let from = ReleaseFrom::ImageTag;
    let asked = Asked {
        app: Some("web"),
        workload: None,
        container: None,
        release_from: &from,
        known: &known,
        history: true,
    };
    let deep = "[".repeat(100_000);
    let numbers = r#"{"kind":"Deployment","metadata":{"name":7},"spec":{"replicas":-1e308}}"#;
    let inputs = [
        "",
        "  \n",
        "No resources found",
        "null",
        "[]",
        "{}",
        "[[]]",
        "[1, \"x\", null]",
        "{\"items\": []}",
        "{\"kind\": \"List\", \"items\": [{\"kind\": \"List\", \"items\": []}]}",
        "{\"services\": 3}",
        "{\"a\": 1} {\"b\": ",
        numbers,
        deep.as_str(),
    ];
    for platform in PlatformName::ALL {
        for input in inputs {
            let problems = read(*platform, input, &asked).unwrap_err();
            assert!(!problems.is_empty(), "{platform:?} {input}");
            for of in problems {
                assert!(
                    !of.message.is_empty() && !of.help.is_empty(),
                    "{platform:?} {input}: {of:?}"
                );
            }
        }
    }
}

#[test]
fn whatever_is_taken_out_of_a_sample_or_put_into_it_never_panics() {
    let strange = [
        serde_json::json!(null),
        serde_json::json!([]),
        serde_json::json!({}),
        serde_json::json!("\u{1b}[31m"),
        serde_json::json!(-1),
        serde_json::json!(1e300),
    ];
    for folder in ["kubernetes", "cloud_run", "ecs", "nomad"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/platforms").join(folder);
        for entry in std::fs::read_dir(path).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let file = format!("{folder}/{name}");
            let text = sample(&file);
            let stream = serde_json::Deserializer::from_str(&text).into_iter();
            let whole =
                serde_json::Value::Array(stream.flat_map(|of| one_list(of.unwrap())).collect());
            let mut places = Vec::new();
            collect(&whole, String::new(), &mut places);
            for (at, place) in places.iter().enumerate() {
                let mut changed = whole.clone();
                *changed.pointer_mut(place).unwrap() = strange[at % strange.len()].clone();
                let _ = with_text(&file, &changed.to_string());
            }
        }
    }
}

fn one_list(value: serde_json::Value) -> Vec<serde_json::Value> {
    match value {
        serde_json::Value::Array(items) => items,
        other => vec![other],
    }
}

/// Every place in a document, as a JSON pointer.
fn collect(value: &serde_json::Value, at: String, places: &mut Vec<String>) {
    match value {
        serde_json::Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                collect(item, format!("{at}/{number}"), places);
            }
        }
        serde_json::Value::Object(object) => {
            for (key, item) in object {
                let key = key.replace('~', "~0").replace('/', "~1");
                collect(item, format!("{at}/{key}"), places);
            }
        }
        _ => {}
    }
    places.push(at);
}

fn with_text(file: &str, text: &str) -> Result<Sight, Vec<Problem>> {
    let known = BTreeMap::new();
    let asked = Asked {
        app: Some("web"),
        workload: None,
        container: None,
        release_from: &ReleaseFrom::ImageTag,
        known: &known,
        history: true,
    };
    read(platform_of(file), text, &asked)
}
