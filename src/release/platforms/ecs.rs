//! Amazon ECS, from `aws ecs describe-services`, `describe-task-definition` and, if need be, `describe-tasks`.
//!
//! The deployments that are `PRIMARY` and `ACTIVE` are live, and so are task sets until they have drained: traffic goes back to
//! an `ACTIVE` one without a deploy. What is `INACTIVE` and runs nothing needs a deploy. With no tasks wanted, the primary one
//! is idle: scaling up is no deploy.

use std::collections::BTreeMap;

use serde_json::Value;

use super::json::{count, items, keys, last_part, moment, number, pairs, text, texts};
use super::template::{Container, Template};
use super::{Found, Platform, Revision, Standing};

pub(super) struct Ecs;

impl Platform for Ecs {
    const COMMANDS: &'static str = "`aws ecs describe-services --cluster shop --services web; aws ecs describe-task-definition --task-definition web:12 --include TAGS`, the latter for each that the services name";

    fn read(documents: &[Value], found: &mut Found) {
        let mut account = Account::default();
        for document in documents {
            account.take(document, found);
        }
        for service in &account.services {
            account.serve(service, found);
        }
        for task_set in &account.task_sets {
            let arn = text(task_set, "/serviceArn").unwrap_or_default();
            account.task_set(last_part(arn), task_set, found);
        }
        for task in &account.tasks {
            account.task(task, found);
        }
    }
}

#[derive(Default)]
struct Account<'a> {
    services: Vec<&'a Value>,
    task_sets: Vec<&'a Value>,
    tasks: Vec<&'a Value>,
    /// Task definitions by `family:revision`.
    definitions: BTreeMap<String, Template>,
}

impl<'a> Account<'a> {
    fn take(&mut self, document: &'a Value, found: &mut Found) {
        let mut is_known = false;
        let lists = [
            ("/services", &mut self.services),
            ("/taskSets", &mut self.task_sets),
            ("/tasks", &mut self.tasks),
        ];
        for (place, into) in lists {
            if document.pointer(place).is_some_and(Value::is_array) {
                is_known = true;
                into.extend(items(document, place));
            }
        }
        if let Some(definition) = document.get("taskDefinition").filter(|of| of.is_object()) {
            is_known = true;
            self.definitions.insert(definition_name(definition), template(document, definition));
        }
        for failure in items(document, "/failures") {
            let reason = text(failure, "/reason").unwrap_or("no reason is said");
            let name = last_part(text(failure, "/arn").unwrap_or("something"));
            let message = format!("ECS could not describe `{name}`: {reason}");
            found.problem(None, message, "check the cluster's and the service's names");
        }
        if !is_known {
            let message = format!(
                "expected `services`, `taskSets`, `tasks` or `taskDefinition` of ECS; found {}",
                keys(document)
            );
            found.problem(None, message, format!("hand over what these print: {}", Ecs::COMMANDS));
        }
    }

    fn serve(&self, service: &Value, found: &mut Found) {
        let Some(name) = text(service, "/serviceName") else {
            let message = format!("expected a service of ECS with `serviceName`; found {}", keys(service));
            found.problem(None, message, format!("hand over what these print: {}", Ecs::COMMANDS));
            return;
        };
        found.empty.push(name.to_owned());
        if text(service, "/status") == Some("INACTIVE") {
            return;
        }
        let deployments = items(service, "/deployments");
        for deployment in deployments {
            let id = text(deployment, "/id").map_or("without a name", last_part);
            let status = text(deployment, "/status").unwrap_or_default();
            let tasks = Tasks::of(deployment, "/desiredCount");
            let standing = match status {
                "INACTIVE" if tasks.running == 0 => continue,
                _ if tasks.any() > 0 => Standing::Serving,
                _ => Standing::Idle,
            };
            self.push(name, &format!("deployment {id}"), deployment, standing, tasks.running, found);
        }
        let task_sets = items(service, "/taskSets");
        for task_set in task_sets {
            self.task_set(name, task_set, found);
        }
        if deployments.is_empty() && task_sets.is_empty() && text(service, "/taskDefinition").is_some() {
            let tasks = Tasks::of(service, "/desiredCount");
            let standing = if tasks.any() > 0 { Standing::Serving } else { Standing::Idle };
            self.push(name, "service", service, standing, tasks.running, found);
        }
    }

    fn task_set(&self, service: &str, task_set: &Value, found: &mut Found) {
        let id = text(task_set, "/id").map_or("without a name", last_part);
        let tasks = Tasks::of(task_set, "/computedDesiredCount");
        let standing = match text(task_set, "/status") {
            Some("DRAINING") if tasks.running == 0 => return,
            _ if tasks.any() > 0 => Standing::Serving,
            _ => Standing::Idle,
        };
        // Before its first task runs, the scale says what part it is going to be.
        let weight = match (tasks.running, standing) {
            (0, Standing::Serving) => count(task_set, "/scale/value"),
            (running, _) => running,
        };
        self.push(service, &format!("task set {id}"), task_set, standing, weight, found);
    }

    /// A task that runs is live whatever its service says.
    fn task(&self, task: &Value, found: &mut Found) {
        let group = text(task, "/group").unwrap_or_default();
        let family = || text(task, "/taskDefinitionArn").map(|arn| family_of(last_part(arn)));
        let Some(workload) = group.strip_prefix("service:").or_else(family) else {
            let message = format!("expected a task of ECS with `taskDefinitionArn`; found {}", keys(task));
            found.problem(None, message, format!("hand over what these print: {}", Ecs::COMMANDS));
            return;
        };
        found.empty.push(workload.to_owned());
        if matches!(text(task, "/lastStatus"), Some("STOPPED" | "DEPROVISIONING" | "DELETED")) {
            return;
        }
        let arn = text(task, "/taskArn").map_or("without a name", last_part);
        let is_counted = self.services.iter().any(|of| text(of, "/serviceName") == Some(workload));
        let weight = u64::from(!is_counted);
        self.push(workload, &format!("task {arn}"), task, Standing::Serving, weight, found);
    }

    fn push(
        &self,
        workload: &str,
        what: &str,
        of: &Value,
        standing: Standing,
        weight: u64,
        found: &mut Found,
    ) {
        let arn = text(of, "/taskDefinition").or_else(|| text(of, "/taskDefinitionArn"));
        let name = last_part(arn.unwrap_or_default());
        let own = || {
            let containers = of.get("containers")?.as_array()?;
            let has_images = containers.iter().all(|of| text(of, "/image").is_some());
            has_images.then(|| Template { containers: read_containers(containers), ..Template::default() })
        };
        let Some(template) = self.definitions.get(name).cloned().or_else(own) else {
            let message = format!("task definition `{name}` of {what} of `{workload}` is not in the input");
            let help = format!(
                "hand over what this prints too: `aws ecs describe-task-definition --task-definition {name} --include TAGS`"
            );
            found.problem(Some(workload), message, help);
            return;
        };
        let number = name.rsplit_once(':').and_then(|(_, number)| number.parse().ok());
        found.revisions.push(Revision {
            workload: workload.to_owned(),
            what: format!("{what} of {name}"),
            template,
            standing,
            weight,
            order: number.unwrap_or_else(|| moment(of, "/createdAt")),
        });
    }
}

/// How many tasks there are, or are to be.
struct Tasks {
    running: u64,
    pending: u64,
    wanted: u64,
}

impl Tasks {
    fn of(value: &Value, wanted: &str) -> Self {
        Self {
            running: count(value, "/runningCount"),
            pending: count(value, "/pendingCount"),
            wanted: count(value, wanted),
        }
    }

    const fn any(&self) -> u64 {
        self.running.saturating_add(self.pending).saturating_add(self.wanted)
    }
}

fn family_of(name: &str) -> &str {
    name.split(':').next().unwrap_or(name)
}

/// Returns `family:revision`.
fn definition_name(definition: &Value) -> String {
    if let Some(arn) = text(definition, "/taskDefinitionArn") {
        return last_part(arn).to_owned();
    }
    let family = text(definition, "/family").unwrap_or_default();
    format!("{family}:{}", number(definition, "/revision").unwrap_or_default())
}

fn template(document: &Value, definition: &Value) -> Template {
    Template {
        containers: read_containers(items(definition, "/containerDefinitions")),
        default_container: None,
        labels: Vec::new(),
        annotations: pairs(document, "/tags", "key", "value"),
    }
}

fn read_containers(containers: &[Value]) -> Vec<Container> {
    let read = containers.iter().map(|container| Container {
        name: text(container, "/name").unwrap_or_default().to_owned(),
        image: text(container, "/image").map(str::to_owned),
        env: pairs(container, "/environment", "name", "value"),
        labels: texts(container, "/dockerLabels"),
    });
    read.collect()
}
