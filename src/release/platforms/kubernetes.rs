//! Kubernetes, from `kubectl get … -o json`.
//!
//! A ReplicaSet with replicas, and a Pod that has not ended, serve; also while they are being taken down. What a Deployment
//! describes now is live even with no replicas: scaling up is no rollout. A ReplicaSet without replicas that
//! `revisionHistoryLimit` keeps needs `kubectl rollout undo`, which is a rollout: it is history.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::json::{count, flag, items, keys, moment, number, pairs, text, texts};
use super::template::{Container, Template};
use super::{Found, Platform, Revision, Standing};

pub(super) struct Kubernetes;

/// The kinds that own Pods, by themselves or through another.
const OWNERS: [&str; 5] = ["Deployment", "Rollout", "StatefulSet", "DaemonSet", "CronJob"];

impl Platform for Kubernetes {
    const COMMANDS: &'static str = "`kubectl get deployments,replicasets,pods -o json`";

    fn read(documents: &[Value], found: &mut Found) {
        let mut objects = Vec::new();
        for document in documents {
            flatten(document, None, &mut objects, found);
        }
        let cluster = Cluster::new(&objects);
        cluster.refuse_namesakes(found);
        for object in &objects {
            match object.kind {
                "Deployment" | "Rollout" => cluster.deployment(object, found),
                "ReplicaSet" | "ReplicationController" => cluster.replica_set(object, found),
                "StatefulSet" => cluster.stateful_set(object, found),
                "DaemonSet" => cluster.daemon_set(object, found),
                "CronJob" => cron_job(object, found),
                "Job" => cluster.job(object, found),
                "Pod" => cluster.pod(object, found),
                // `kubectl get all` prints much that runs nothing.
                _ => {}
            }
        }
    }
}

/// An object with its kind, which the objects of some lists do not say themselves.
struct Object<'a> {
    kind: &'a str,
    name: &'a str,
    namespace: &'a str,
    value: &'a Value,
}

fn flatten<'a>(
    document: &'a Value,
    of_list: Option<&'a str>,
    objects: &mut Vec<Object<'a>>,
    found: &mut Found,
) {
    let kind = text(document, "/kind").or(of_list);
    if let (Some(kind), Some(list)) = (kind, document.get("items").and_then(Value::as_array)) {
        let of_items = kind.strip_suffix("List").filter(|kind| !kind.is_empty());
        for item in list {
            // A list in a list is nothing that a cluster prints.
            if item.get("items").is_some() {
                unknown(item, found);
            } else {
                flatten(item, of_items, objects, found);
            }
        }
        return;
    }
    match (kind, text(document, "/metadata/name")) {
        (Some(kind), Some(name)) => {
            let namespace = text(document, "/metadata/namespace").unwrap_or_default();
            objects.push(Object { kind, name, namespace, value: document });
        }
        (Some(_), None) | (None, _) => unknown(document, found),
    }
}

fn unknown(value: &Value, found: &mut Found) {
    let message = format!(
        "expected an object of Kubernetes with `kind` and `metadata.name`, or a list of them; found {}",
        keys(value)
    );
    found.problem(None, message, format!("hand over what this prints: {}", Kubernetes::COMMANDS));
}

/// Returns kind and name of what controls an object.
fn owner<'a>(object: &Object<'a>) -> Option<(&'a str, &'a str)> {
    let owners = items(object.value, "/metadata/ownerReferences").iter();
    let mut of = owners.filter(|owner| flag(owner, "/controller"));
    let first = of.next()?;
    Some((text(first, "/kind")?, text(first, "/name")?))
}

type Key<'a> = (&'a str, &'a str, &'a str);

/// Who owns whom.
struct Cluster<'a> {
    /// Owners of ReplicaSets and Jobs, by the owned one's namespace, kind and name.
    owners: BTreeMap<Key<'a>, Option<(&'a str, &'a str)>>,
    /// Which workloads have Pods in the input, by namespace and name.
    with_pods: BTreeSet<(&'a str, String)>,
    /// Which Deployments have ReplicaSets in the input, by namespace and name.
    with_sets: BTreeSet<(&'a str, &'a str)>,
    /// Namespaces by the name of a workload.
    places: BTreeMap<String, BTreeSet<&'a str>>,
}

impl<'a> Cluster<'a> {
    fn new(objects: &[Object<'a>]) -> Self {
        let mut cluster = Self {
            owners: BTreeMap::new(),
            with_pods: BTreeSet::new(),
            with_sets: BTreeSet::new(),
            places: BTreeMap::new(),
        };
        for object in objects {
            let owner = owner(object);
            cluster.owners.insert((object.namespace, object.kind, object.name), owner);
            if let ("ReplicaSet", Some(("Deployment" | "Rollout", name))) = (object.kind, owner) {
                cluster.with_sets.insert((object.namespace, name));
            }
        }
        for object in objects {
            let workload = cluster.workload(object);
            if object.kind == "Pod" {
                cluster.with_pods.insert((object.namespace, workload.clone()));
            }
            if runs(object.kind) {
                cluster.places.entry(workload).or_default().insert(object.namespace);
            }
        }
        cluster
    }

    /// Returns the name of the workload that an object belongs to: that of its owner's owner.
    fn workload(&self, object: &Object<'a>) -> String {
        let Some((kind, name)) = owner(object) else { return object.name.to_owned() };
        match self.owners.get(&(object.namespace, kind, name)) {
            Some(Some((_, above))) => (*above).to_owned(),
            Some(None) => name.to_owned(),
            // The owner is not in the input, but a ReplicaSet's name is its Deployment's with a hash behind it.
            None => {
                let hash = text(object.value, "/metadata/labels/pod-template-hash");
                let stem = hash.and_then(|hash| name.strip_suffix(hash)?.strip_suffix('-'));
                stem.filter(|_| kind == "ReplicaSet").unwrap_or(name).to_owned()
            }
        }
    }

    /// Workloads of one name in several namespaces are several installations, perhaps on several databases.
    fn refuse_namesakes(&self, found: &mut Found) {
        for (workload, namespaces) in &self.places {
            if namespaces.len() > 1 {
                let names: Vec<String> = namespaces.iter().map(|name| format!("`{name}`")).collect();
                let message = format!("`{workload}` is in several namespaces: {}", names.join(", "));
                found.problem(Some(workload), message, "hand over one of them, with `kubectl -n NAMESPACE`");
            }
        }
    }

    fn deployment(&self, object: &Object<'a>, found: &mut Found) {
        let value = object.value;
        let has_sets = self.with_sets.contains(&(object.namespace, object.name));
        let has_pods = self.with_pods.contains(&(object.namespace, object.name.to_owned()));
        let replicas = number(value, "/spec/replicas").unwrap_or(1);
        let in_rollout = count(value, "/status/updatedReplicas") < count(value, "/status/replicas");
        if in_rollout && !has_sets && !has_pods {
            found.problem(
                Some(object.name),
                format!("`{}` is being rolled out, and its ReplicaSets are not in the input", object.name),
                format!("hand over what this prints: {}", Kubernetes::COMMANDS),
            );
        }
        if value.pointer("/spec/template").is_none() && has_sets {
            // An Argo Rollout may refer to its template; its ReplicaSets have it.
            return;
        }
        let weight = if has_sets || has_pods { 0 } else { count(value, "/status/readyReplicas") };
        let standing = if replicas > 0 { Standing::Serving } else { Standing::Idle };
        push(object, object.name, "/spec/template", standing, weight, found);
    }

    fn replica_set(&self, object: &Object<'a>, found: &mut Found) {
        let value = object.value;
        let wanted = number(value, "/spec/replicas").unwrap_or(1);
        let there = count(value, "/status/replicas");
        let workload = self.workload(object);
        let standing = match owner(object) {
            _ if wanted > 0 || there > 0 => Standing::Serving,
            Some(_) => Standing::History,
            None => Standing::Idle,
        };
        push(object, &workload, "/spec/template", standing, count(value, "/status/readyReplicas"), found);
    }

    fn stateful_set(&self, object: &Object<'a>, found: &mut Found) {
        let value = object.value;
        let (current, update) =
            (text(value, "/status/currentRevision"), text(value, "/status/updateRevision"));
        let wanted = number(value, "/spec/replicas").unwrap_or(1);
        self.rolled_in_place(object, current != update && wanted > 0, found);
        let standing = if wanted > 0 { Standing::Serving } else { Standing::Idle };
        self.push_in_place(object, standing, count(value, "/status/readyReplicas"), found);
    }

    fn daemon_set(&self, object: &Object<'a>, found: &mut Found) {
        let value = object.value;
        let updated = count(value, "/status/updatedNumberScheduled");
        self.rolled_in_place(object, updated < count(value, "/status/desiredNumberScheduled"), found);
        self.push_in_place(object, Standing::Serving, count(value, "/status/numberReady"), found);
    }

    /// Of what is replaced Pod by Pod, only the Pods say what is still there.
    fn rolled_in_place(&self, object: &Object<'a>, in_rollout: bool, found: &mut Found) {
        if in_rollout && !self.with_pods.contains(&(object.namespace, object.name.to_owned())) {
            found.problem(
                Some(object.name),
                format!("`{}` is being rolled out, and its Pods are not in the input", object.name),
                "hand over what this prints: `kubectl get statefulsets,daemonsets,pods -o json`",
            );
        }
    }

    fn push_in_place(&self, object: &Object<'a>, standing: Standing, ready: u64, found: &mut Found) {
        let has_pods = self.with_pods.contains(&(object.namespace, object.name.to_owned()));
        push(object, object.name, "/spec/template", standing, if has_pods { 0 } else { ready }, found);
    }

    fn job(&self, object: &Object<'a>, found: &mut Found) {
        let value = object.value;
        let has_ended = items(value, "/status/conditions").iter().any(|condition| {
            matches!(text(condition, "/type"), Some("Complete" | "Failed"))
                && text(condition, "/status") == Some("True")
        });
        let workload = self.workload(object);
        if has_ended && count(value, "/status/active") == 0 {
            found.empty.push(workload);
            return;
        }
        let standing =
            if flag(value, "/spec/suspend") { Standing::Idle } else { Standing::Serving };
        push(object, &workload, "/spec/template", standing, count(value, "/status/active"), found);
    }

    fn pod(&self, object: &Object<'a>, found: &mut Found) {
        let workload = self.workload(object);
        // One that nobody has heard of may well serve.
        if let Some("Succeeded" | "Failed") = text(object.value, "/status/phase") {
            found.empty.push(workload);
            return;
        }
        let is_ready = items(object.value, "/status/conditions").iter().any(|condition| {
            text(condition, "/type") == Some("Ready") && text(condition, "/status") == Some("True")
        });
        // Where its ReplicaSet or Job is in the input, that has counted it.
        let counted = owner(object).is_some_and(|(kind, name)| {
            !OWNERS.contains(&kind) && self.owners.contains_key(&(object.namespace, kind, name))
        });
        let weight = u64::from(is_ready && !counted);
        push(object, &workload, "", Standing::Serving, weight, found);
    }
}

fn runs(kind: &str) -> bool {
    OWNERS.contains(&kind) || ["ReplicaSet", "ReplicationController", "Job", "Pod"].contains(&kind)
}

fn cron_job(object: &Object<'_>, found: &mut Found) {
    let is_suspended = flag(object.value, "/spec/suspend");
    let standing = if is_suspended { Standing::Idle } else { Standing::Serving };
    push(object, object.name, "/spec/jobTemplate/spec/template", standing, 0, found);
}

/// Adds what an object runs, as the template at a place says.
fn push(
    object: &Object<'_>,
    workload: &str,
    template: &str,
    standing: Standing,
    weight: u64,
    found: &mut Found,
) {
    let what = format!("{} {}", object.kind, object.name);
    let Some(template) = object.value.pointer(template).and_then(read_template) else {
        let message = format!("{what} of `{workload}` has no containers in its template");
        let help = format!("hand over what this prints: {}", Kubernetes::COMMANDS);
        found.problem(Some(workload), message, help);
        return;
    };
    found.revisions.push(Revision {
        workload: workload.to_owned(),
        what,
        template,
        standing,
        weight,
        order: match object.kind {
            // What it describes now is the newest, however old it is itself.
            kind if OWNERS.contains(&kind) => i64::MAX,
            _ => moment(object.value, "/metadata/creationTimestamp"),
        },
    });
}

fn read_template(template: &Value) -> Option<Template> {
    let containers = template.pointer("/spec/containers")?.as_array()?;
    let containers = containers.iter().map(|container| Container {
        name: text(container, "/name").unwrap_or_default().to_owned(),
        image: text(container, "/image").map(str::to_owned),
        env: pairs(container, "/env", "name", "value"),
        labels: Vec::new(),
    });
    let annotations = texts(template, "/metadata/annotations");
    let default = annotations.iter().find(|(key, _)| key == "kubectl.kubernetes.io/default-container");
    Some(Template {
        containers: containers.collect(),
        default_container: default.map(|(_, name)| name.clone()),
        labels: texts(template, "/metadata/labels"),
        annotations,
    })
}
