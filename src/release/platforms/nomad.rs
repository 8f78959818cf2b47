//! Nomad, from `nomad job inspect`, `job history`, `job allocs` and `job deployments`, all with `-json`.
//!
//! A version of a job is live while an allocation of it runs, canaries too, while its deployment goes on, and if it is the
//! newest of a job that was not stopped. Older stable versions are history: `nomad job revert` makes a new deployment of one.
//! But while a deployment with `auto_revert` goes on, Nomad itself may go back to the last stable version: that is idle.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::json::{count, flag, items, keys, number, text, texts};
use super::template::{Container, Template};
use super::{Found, Platform, Revision, Standing};

pub(super) struct Nomad;

impl Platform for Nomad {
    const COMMANDS: &'static str = "`nomad job history -json web; nomad job allocs -json web; nomad job deployments -json web`";

    fn read(documents: &[Value], found: &mut Found) {
        let mut cluster = Cluster::default();
        for document in documents {
            cluster.take(document, found);
        }
        for (job, versions) in &cluster.jobs {
            cluster.job(job, versions, found);
        }
        for (job, version) in cluster.mentioned() {
            if !cluster.jobs.get(job).is_some_and(|versions| versions.contains_key(&version)) {
                let workload = cluster.workload(job);
                found.problem(
                    Some(workload),
                    format!("version {version} of job `{job}` is not in the input"),
                    format!("hand over what this prints too: `nomad job history -json {job}`"),
                );
            }
        }
    }
}

/// How much of a version runs.
#[derive(Clone, Copy, Debug, Default)]
struct Allocations {
    running: u64,
    /// Pending, unknown, or being stopped.
    other: u64,
}

#[derive(Default)]
struct Cluster<'a> {
    /// Jobs by id and version.
    jobs: BTreeMap<&'a str, BTreeMap<u64, &'a Value>>,
    /// What runs, by job and version.
    allocations: BTreeMap<(&'a str, u64), Allocations>,
    /// Deployments that go on, by job and version, and whether they go back by themselves.
    deployments: BTreeMap<(&'a str, u64), bool>,
    /// The jobs that started others, periodically or on demand.
    parents: BTreeMap<&'a str, &'a str>,
}

impl<'a> Cluster<'a> {
    fn take(&mut self, document: &'a Value, found: &mut Found) {
        if let Some(job) = document.get("Job").filter(|job| job.get("TaskGroups").is_some()) {
            // An allocation brings its job along.
            self.take_job(job);
            if document.get("ClientStatus").is_none() {
                return;
            }
        }
        let mut has_lists = false;
        for list in ["/Allocations", "/Deployments", "/Versions"] {
            for item in items(document, list) {
                has_lists = true;
                self.take_one(item, found);
            }
        }
        if !has_lists {
            self.take_one(document, found);
        }
    }

    fn take_one(&mut self, value: &'a Value, found: &mut Found) {
        let of_job = text(value, "/JobID").zip(number(value, "/JobVersion"));
        if value.get("TaskGroups").is_some_and(Value::is_array) && text(value, "/ID").is_some() {
            self.take_job(value);
        } else if let (Some((job, version)), Some(status)) = (of_job, text(value, "/ClientStatus")) {
            let allocations = self.allocations.entry((job, version)).or_default();
            match status {
                "running" => allocations.running += 1,
                "complete" | "failed" | "lost" => {}
                _ => allocations.other += 1,
            }
        } else if let (Some(key), Some(status)) = (of_job, text(value, "/Status")) {
            if !matches!(status, "successful" | "failed" | "cancelled") {
                let groups = value.get("TaskGroups").and_then(Value::as_object);
                let reverts = groups.is_some_and(|all| all.values().any(|of| flag(of, "/AutoRevert")));
                self.deployments.insert(key, reverts);
            }
        } else {
            let message = format!(
                "expected a job, an allocation or a deployment of Nomad; found {}",
                keys(value)
            );
            found.problem(None, message, format!("hand over what these print: {}", Nomad::COMMANDS));
        }
    }

    fn take_job(&mut self, job: &'a Value) {
        let Some(id) = text(job, "/ID") else { return };
        if let Some(parent) = text(job, "/ParentID") {
            self.parents.insert(id, parent);
        }
        self.jobs.entry(id).or_default().insert(count(job, "/Version"), job);
    }

    /// Returns the job whose launches this one is among, or itself.
    fn workload(&self, job: &'a str) -> &'a str {
        let named = || {
            let cut = job.find("/periodic-").or_else(|| job.find("/dispatch-"));
            cut.and_then(|at| job.get(..at))
        };
        self.parents.get(job).copied().or_else(named).unwrap_or(job)
    }

    /// Returns the versions that something in the input is about: what runs, and what is being deployed.
    fn mentioned(&self) -> BTreeSet<(&'a str, u64)> {
        let alive = self.allocations.iter().filter(|(_, of)| of.running + of.other > 0);
        alive.map(|(key, _)| *key).chain(self.deployments.keys().copied()).collect()
    }

    fn job(&self, job: &'a str, versions: &BTreeMap<u64, &'a Value>, found: &mut Found) {
        let workload = self.workload(job);
        found.empty.push(workload.to_owned());
        let newest = versions.keys().next_back().copied();
        let has_allocations = self.allocations.keys().any(|(of, _)| *of == job);
        let going_back = self.deployments.iter().filter(|((of, _), reverts)| *of == job && **reverts);
        let fallback = going_back.filter_map(|((_, deployed), _)| {
            let before = versions.range(..deployed).rev();
            before.filter(|(_, value)| flag(value, "/Stable")).map(|(version, _)| *version).next()
        });
        let fallback: BTreeSet<u64> = fallback.collect();
        for (version, value) in versions {
            let allocations = self.allocations.get(&(job, *version)).copied().unwrap_or_default();
            let wanted = items(value, "/TaskGroups").iter().map(|group| count(group, "/Count")).sum::<u64>();
            let is_current = newest == Some(*version) && !flag(value, "/Stop");
            let is_dead = text(value, "/Status") == Some("dead");
            let standing = if allocations.running + allocations.other > 0
                || self.deployments.contains_key(&(job, *version))
            {
                Standing::Serving
            } else if is_current && !is_dead {
                if wanted > 0 { Standing::Serving } else { Standing::Idle }
            } else if fallback.contains(version) {
                Standing::Idle
            } else if flag(value, "/Stable") {
                Standing::History
            } else {
                continue;
            };
            let guessed = if has_allocations || !is_current { 0 } else { wanted };
            found.revisions.push(Revision {
                workload: workload.to_owned(),
                what: format!("version {version} of job {job}"),
                template: template(value),
                standing,
                weight: allocations.running.max(guessed),
                order: i64::try_from(*version).unwrap_or(i64::MAX),
            });
        }
    }
}

fn template(job: &Value) -> Template {
    let mut labels = texts(job, "/Meta");
    let mut containers = Vec::new();
    for group in items(job, "/TaskGroups") {
        labels.extend(texts(group, "/Meta"));
        for task in items(group, "/Tasks") {
            // What only prepares or accompanies a group's main task is not the app.
            if task.get("Lifecycle").is_some_and(Value::is_object) {
                continue;
            }
            containers.push(Container {
                name: text(task, "/Name").unwrap_or_default().to_owned(),
                image: text(task, "/Config/image").map(str::to_owned),
                env: texts(task, "/Env"),
                labels: texts(task, "/Meta"),
            });
        }
    }
    let annotations = labels.clone();
    Template { containers, default_container: None, labels, annotations }
}
