//! `planner history`.

use serde_json::{Value, json};

use crate::exit::{Exit, Failure};
use crate::formats::{Answer, counted};
use crate::ledger::{Entry, Event, StepEvent, to_row};
use crate::shell::Shell;

/// Show what was done: when, by whom, how long it took, with which checksum
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only this plan
    #[arg(long)]
    plan: Option<String>,
    /// Only the newest entries
    #[arg(long, short = 'n', value_name = "COUNT")]
    last: Option<usize>,
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    let config = shell.read_config(&mut crate::diagnostic::Sink::default())?;
    let entries = match shell.open_existing_database(&config)? {
        Some(mut database) => shell.entries(&mut database)?,
        None => Vec::new(),
    };
    let is_wanted = |entry: &&Entry| {
        args.plan.as_ref().is_none_or(|plan| to_row(&entry.event).plan.as_ref() == Some(plan))
    };
    let wanted: Vec<&Entry> = entries.iter().filter(is_wanted).collect();
    let first = args.last.map_or(0, |last| wanted.len().saturating_sub(last));
    let shown = wanted.get(first..).unwrap_or_default();
    let human: String = shown
        .iter()
        .map(|entry| format!("{:>6}  {:.0}  {:<12} {}\n", entry.id, entry.at, entry.actor, words(&entry.event)))
        .collect();
    let list: Vec<Value> = shown.iter().map(|entry| json_entry(entry)).collect();
    let human = if human.is_empty() { "Nothing is recorded.\n".into() } else { human };
    shell.answer(&Answer { human, json: json!({"entries": list}) })?;
    Ok(Exit::Done)
}

fn json_entry(entry: &Entry) -> Value {
    let row = to_row(&entry.event);
    let detail: Value = serde_json::from_str(&row.detail).unwrap_or_default();
    json!({
        "id": entry.id, "at": entry.at.to_string(), "actor": entry.actor, "kind": row.kind,
        "plan": row.plan, "phase": row.phase, "step": row.step, "version": row.version,
        "checksum": row.checksum, "app": row.app, "release": row.release, "attempt": row.attempt,
        "duration_ms": row.duration_ms, "detail": detail,
    })
}

fn step(event: &StepEvent) -> String {
    let checksum = event.checksum.as_str().get(..12).unwrap_or_default();
    let duration = event.duration_ms.map_or_else(String::new, |ms| format!(" in {ms} ms"));
    format!("{}/{} {} ({}, checksum {checksum}){duration}", event.plan, event.phase, event.step, event.version)
}

fn words(event: &Event) -> String {
    match event {
        Event::Started(of) => format!("started {} (attempt {})", step(of), of.attempt),
        Event::Finished(of) => format!("finished {}", step(of)),
        Event::Failed(of, why) => format!("failed {}: {why}", step(of)),
        Event::Reverted(of) => format!("reverted {}", step(of)),
        Event::Opened { plan, phase, because, .. } => {
            format!("opened {plan}/{phase}: {}", because.join("; "))
        }
        Event::Closed { plan, phase, because } => format!("closed {plan}/{phase}: {because}"),
        Event::Approved { plan, phase, by, reason, .. } => {
            format!("{by} approved {plan}/{phase}: {reason}")
        }
        Event::Registered { app, version, registration } => {
            let needs = registration.needs.as_ref().map_or_else(String::new, |needs| {
                format!(", which needs {}", needs.size())
            });
            format!("registered {app} {version}{needs}")
        }
        Event::DeployStarted { app, version, marks, forced } => {
            let marks = if marks.is_empty() { String::new() } else { format!(" with marks {}", marks.join(", ")) };
            let forced = forced.as_ref().map_or_else(String::new, |why| format!(", forced: {why}"));
            format!("rollout of {app} {version} started{marks}{forced}")
        }
        Event::DeployFinished { app, version, keep } if keep.is_empty() => {
            format!("rollout of {app} {version} finished")
        }
        Event::DeployFinished { app, version, keep } => {
            format!("rollout of {app} {version} finished, {} kept", keep.join(", "))
        }
        Event::DeployAborted { app, version } => format!("rollout of {app} {version} taken back"),
        Event::Retired { app, version } => format!("{app} {version} retired"),
        Event::Baselined { origin, migrations, .. } => {
            let covered = counted(migrations.len(), "migration", "migrations");
            format!("baseline from {}, covering {covered}", origin.words())
        }
        Event::BackfillVoided { plan, app, version } => {
            format!("backfill of {plan} made void by {app} {version}")
        }
    }
}
