//! Cloud Run, and Knative, from `gcloud run services describe` and `gcloud run revisions list`, in the shapes of both APIs.
//!
//! Every revision that became ready can be given traffic again by a change of the traffic split, which is no deploy: it is
//! idle, and live until it is retired or deleted. A tag makes a revision reachable without traffic.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::json::{count, flag, items, keys, last_part, moment, pairs, text, texts};
use super::template::{Container, Template};
use super::{Found, Platform, Revision, Standing};

pub(super) struct CloudRun;

const SERVICE: &str = "`gcloud run services describe web --format=json`";
const REVISIONS: &str = "`gcloud run revisions list --service=web --format=json`";

impl Platform for CloudRun {
    const COMMANDS: &'static str = "`gcloud run services describe web --format=json; gcloud run revisions list --service=web --format=json`";

    fn read(documents: &[Value], found: &mut Found) {
        let mut project = Project::default();
        for document in documents {
            project.take(document, found);
        }
        for (service, value) in &project.services {
            serve(service, value, project.revisions.get(service), found);
        }
        for service in project.revisions.keys().filter(|name| !project.services.contains_key(*name)) {
            let message = format!("the traffic split of `{service}` is not in the input");
            let help = format!("hand over what this prints too: {}", SERVICE.replace("web", service));
            found.problem(Some(service), message, help);
        }
    }
}

/// Services by name, and revisions by service and name.
#[derive(Default)]
struct Project<'a> {
    services: BTreeMap<&'a str, &'a Value>,
    revisions: BTreeMap<&'a str, BTreeMap<&'a str, &'a Value>>,
}

impl<'a> Project<'a> {
    fn take(&mut self, document: &'a Value, found: &mut Found) {
        let lists = ["/items", "/services", "/revisions"].into_iter();
        let lists: Vec<&[Value]> =
            lists.filter(|of| document.pointer(of).is_some_and(Value::is_array)).map(|of| items(document, of)).collect();
        if !lists.is_empty() {
            for item in lists.into_iter().flatten() {
                self.take_one(item, found);
            }
            return;
        }
        self.take_one(document, found);
    }

    fn take_one(&mut self, value: &'a Value, found: &mut Found) {
        // The second API: `projects/p/locations/l/services/web/revisions/web-00001-abc`.
        if let Some(name) = text(value, "/name").filter(|name| name.contains("/services/")) {
            let path = name.split_once("/services/").map_or("", |(_, path)| path);
            match path.split_once("/revisions/") {
                Some((service, revision)) => {
                    self.revisions.entry(service).or_default().insert(revision, value);
                }
                None => {
                    self.services.insert(path, value);
                }
            }
            return;
        }
        let name = text(value, "/metadata/name");
        let service = text(value, "/metadata/labels/serving.knative.dev~1service");
        match (name, text(value, "/kind"), service) {
            (Some(name), Some("Service"), _) if value.pointer("/spec/template").is_some() => {
                self.services.insert(name, value);
            }
            (Some(name), Some("Revision") | None, Some(service)) => {
                self.revisions.entry(service).or_default().insert(name, value);
            }
            (_, _, _) => {
                let message = format!(
                    "expected a service or a revision of Cloud Run, of either API; found {}",
                    keys(value)
                );
                let help = format!("hand over what these print: {}", CloudRun::COMMANDS);
                found.problem(None, message, help);
            }
        }
    }
}

/// An entry of a traffic split.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    percent: u64,
    /// Whether it has a tag, or is about to get traffic.
    is_reachable: bool,
}

/// Returns the traffic split by revision: as it is, and as it is wanted, which may still be under way.
fn split(service: &Value) -> BTreeMap<&str, Share> {
    let latest_ready = text(service, "/status/latestReadyRevisionName")
        .or_else(|| text(service, "/latestReadyRevision").map(last_part));
    let latest_created = latest_created(service);
    let mut split: BTreeMap<&str, Share> = BTreeMap::new();
    let mut add = |entry, is_actual: bool| {
        let named = text(entry, "/revisionName").or_else(|| text(entry, "/revision")).map(last_part);
        let is_latest = flag(entry, "/latestRevision")
            || text(entry, "/type") == Some("TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST");
        let percent = count(entry, "/percent");
        let is_reachable = percent > 0 || text(entry, "/tag").is_some();
        if let Some(name) = named.or(latest_ready.filter(|_| is_latest)) {
            let share = split.entry(name).or_default();
            share.percent = share.percent.saturating_add(if is_actual { percent } else { 0 });
            share.is_reachable |= is_reachable;
        }
        // What is being created gets that traffic as soon as it is ready.
        if let Some(name) = latest_created.filter(|_| is_latest) {
            split.entry(name).or_default().is_reachable |= is_reachable;
        }
    };
    for actual in ["/status/traffic", "/trafficStatuses"] {
        for entry in items(service, actual) {
            add(entry, true);
        }
    }
    for wanted in ["/spec/traffic", "/traffic"] {
        for entry in items(service, wanted) {
            add(entry, false);
        }
    }
    split
}

fn latest_created(service: &Value) -> Option<&str> {
    text(service, "/status/latestCreatedRevisionName")
        .or_else(|| text(service, "/latestCreatedRevision").map(last_part))
}

fn serve(
    service: &str,
    value: &Value,
    revisions: Option<&BTreeMap<&str, &Value>>,
    found: &mut Found,
) {
    let split = split(value);
    let latest = latest_created(value);
    if revisions.is_none() {
        let command = REVISIONS.replace("web", service);
        found.notes.push((
            service.to_owned(),
            format!("the revisions of `{service}` that have no traffic and can be switched back to are not in the input: {command} prints them"),
        ));
    }
    let listed = revisions.into_iter().flat_map(BTreeMap::keys).copied();
    let names: BTreeSet<&str> = split.keys().copied().chain(listed).chain(latest).collect();
    if names.is_empty() {
        found.empty.push(service.to_owned());
    }
    for name in names {
        let revision = revisions.and_then(|all| all.get(name)).copied();
        let share = split.get(name).copied().unwrap_or_default();
        let standing = match share {
            Share { percent: 1.., .. } => Standing::Serving,
            Share { is_reachable: true, .. } => Standing::Reachable,
            Share { .. } if revision.is_some_and(never_ready) => Standing::History,
            Share { .. } => Standing::Idle,
        };
        // The service's own template is that of the revision created last.
        let own = || template(value).filter(|_| latest == Some(name));
        let Some(template) = revision.and_then(template).or_else(own) else {
            let message = format!("what revision `{name}` of `{service}` runs is not in the input");
            let help = format!("hand over what this prints too: {}", REVISIONS.replace("web", service));
            found.problem(Some(service), message, help);
            continue;
        };
        let created = revision.map_or(i64::MAX, |revision| {
            moment(revision, "/metadata/creationTimestamp").max(moment(revision, "/createTime"))
        });
        found.revisions.push(Revision {
            workload: service.to_owned(),
            what: format!("revision {name}"),
            template,
            standing,
            weight: share.percent,
            order: created,
        });
    }
}

/// Returns whether a revision never became ready, so that it can be given no traffic.
fn never_ready(revision: &Value) -> bool {
    let failed = |condition: &Value| {
        let is_ready = text(condition, "/type") == Some("Ready");
        let state = text(condition, "/status").or_else(|| text(condition, "/state"));
        is_ready && matches!(state, Some("False" | "CONDITION_FAILED"))
    };
    ["/status/conditions", "/conditions"]
        .into_iter()
        .any(|place| items(revision, place).iter().any(failed))
}

/// Reads what a revision runs, or what a service describes, in either API.
fn template(value: &Value) -> Option<Template> {
    let places = [
        ("/spec/template/spec/containers", "/spec/template/metadata"),
        ("/spec/containers", "/metadata"),
        ("/template/containers", "/template"),
        ("/containers", ""),
    ];
    let (containers, meta) = places.into_iter().find_map(|(containers, meta)| {
        let list = value.pointer(containers)?.as_array()?;
        Some((list, value.pointer(meta).unwrap_or(&Value::Null)))
    })?;
    let annotations = texts(meta, "/annotations");
    // Where the image was resolved to a digest, its name as it was given is kept here.
    let given = annotations.iter().find(|(key, _)| key == "client.knative.dev/user-image");
    let is_only = containers.len() == 1;
    let containers = containers.iter().map(|container| {
        let given = given.filter(|_| is_only).map(|(_, image)| image.clone());
        Container {
            name: text(container, "/name").unwrap_or_default().to_owned(),
            image: given.or_else(|| text(container, "/image").map(str::to_owned)),
            env: pairs(container, "/env", "name", "value"),
            labels: Vec::new(),
        }
    });
    let containers = containers.collect();
    Some(Template { containers, default_container: None, labels: texts(meta, "/labels"), annotations })
}
