//! `planner next-phase`.

use camino::Utf8PathBuf;
use serde_json::{Value, json};

use crate::exit::{Exit, Failure};
use crate::formats::columns::columns;
use crate::formats::{Answer, counted};
use crate::rollout::{self, Because, BlockedPhase, NextPhase, ReadyPhase};
use crate::shell::remembered::Decision;
use crate::shell::{Shell, contradictions};

/// Say what may run now, what is blocked, by what, and what would unblock it
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Ask what if: facts in YAML or JSON that are laid over what is recorded
    #[arg(long, value_name = "FILE")]
    facts: Option<Utf8PathBuf>,
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    let decision = match &args.facts {
        Some(file) => {
            let mut loaded = shell.load()?;
            shell.overlay_facts(file, &mut loaded)?;
            loaded.into()
        }
        None => shell.load_to_decide()?,
    };
    let next = rollout::next_phase(&decision.loaded.situation());
    let disagree = contradictions::shown(&decision.loaded.ledger, decision.loaded.facts.now);
    let mut human = human(&next, &decision);
    if !disagree.human.is_empty() {
        human += &format!("\n{}", disagree.human);
    }
    if let Some(file) = &args.facts {
        human += &format!("So it would be if the facts of `{file}` held; nothing was recorded.\n");
    }
    let mut json = json(&next, &decision);
    if let Value::Object(answer) = &mut json {
        answer.insert("contradictions".to_owned(), disagree.json);
    }
    shell.answer(&Answer { human, json })?;
    // The process ends; taking thousands of plans apart piece by piece would only delay that.
    std::mem::forget(decision);
    Ok(match next.answer() {
        rollout::Answer::Resume => Exit::InDoubt,
        rollout::Answer::Ready | rollout::Answer::Complete => Exit::Done,
        rollout::Answer::Blocked => Exit::Blocked,
    })
}

fn human(next: &NextPhase, decision: &Decision) -> String {
    let mut parts: Vec<String> = Vec::new();
    if !next.resume.is_empty() {
        let lines = next.resume.iter().map(|resume| {
            format!("  {}  started at {}, migration {}\n", resume.step, resume.since, resume.version)
        });
        parts.push(format!("In doubt, started and not known finished:\n{}", lines.collect::<String>()));
    }
    if !next.ready.is_empty() {
        parts.push(format!("Ready, in this order:\n{}", ready(next, decision)));
    }
    if !next.blocked.is_empty() {
        let mut text = String::from("Blocked:\n");
        for blocked in &next.blocked {
            text += &format!("  {}\n", blocked.phase);
            for because in &blocked.because {
                text += &format!("    {}\n", words(because));
            }
        }
        parts.push(text);
    }
    if !next.waiting.is_empty() {
        let rows: Vec<_> = next
            .waiting
            .iter()
            .map(|(phase, waits_for)| {
                (phase.to_string(), waits_for.iter().map(|phase| format!("for {phase}")).collect())
            })
            .collect();
        parts.push(format!("Waiting:\n{}", columns(&rows)));
    }
    if !next.blocked.is_empty() {
        parts.push(format!("To unblock:\n{}", unblock(&next.blocked)));
    }
    if !next.drift.is_empty() {
        let mut text = String::from("Drift:\n");
        for found in &next.drift {
            text += &format!("  {}\n", found.message);
            if let Some(help) = &found.help {
                text += &format!("    {help}\n");
            }
        }
        parts.push(text);
    }
    parts.push(summary(next));
    parts.join("\n")
}

/// Returns the ready phases with their steps, and below each what opened its gates and what is still asked.
fn ready(next: &NextPhase, decision: &Decision) -> String {
    let steps = |ready: &ReadyPhase| ready.steps.iter().map(|step| step.id.to_string()).collect();
    let rows: Vec<_> = next.ready.iter().map(|ready| (ready.phase.to_string(), steps(ready))).collect();
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let mut text = String::new();
    for (ready, (name, steps)) in next.ready.iter().zip(rows) {
        text += &columns(&[(format!("{name:width$}"), steps)]);
        for because in &ready.because {
            text += &format!("    open: {because}\n");
        }
        for query in &ready.queries {
            text += &format!("    asked just before: {query}\n");
        }
        for places in compared(ready, decision) {
            text += &format!("    compared just before: {places}\n");
        }
    }
    text
}

fn compared(ready: &ReadyPhase, decision: &Decision) -> Vec<String> {
    if ready.compares { decision.compared(&ready.phase) } else { Vec::new() }
}

/// Returns each thing to do once, with the phases that ask for it.
fn unblock(blocked: &[BlockedPhase]) -> String {
    let mut to_do: Vec<(&str, Vec<String>)> = Vec::new();
    for phase in blocked {
        for fact in &phase.unblock {
            match to_do.iter_mut().find(|(known, _)| known == fact) {
                Some((_, phases)) => phases.push(phase.phase.to_string()),
                None => to_do.push((fact, vec![phase.phase.to_string()])),
            }
        }
    }
    let lines = to_do.into_iter().map(|(fact, phases)| {
        format!("  {fact}\n{}", columns(&[("  for".to_owned(), phases)]))
    });
    lines.collect()
}

fn summary(next: &NextPhase) -> String {
    let (n_ready, n_blocked) = (next.ready.len(), next.blocked.len() + next.waiting.len());
    let complete = counted(next.n_complete, "is complete", "are complete");
    match next.answer() {
        rollout::Answer::Resume => "Something is in doubt: `planner run` finds out and goes on.\n".into(),
        rollout::Answer::Ready => format!(
            "{} may run now with `planner run`; {n_blocked} must wait, {complete}.\n",
            counted(n_ready, "phase", "phases")
        ),
        rollout::Answer::Blocked => {
            format!("Nothing may run now: {} must wait, {complete}.\n", counted(n_blocked, "phase", "phases"))
        }
        rollout::Answer::Complete => format!("All is done: {complete}.\n"),
    }
}

/// Returns a reason as a sentence without its period.
pub(super) fn words(because: &Because) -> String {
    match because {
        Because::LiveRelease { app, release, requires } => {
            format!("{app} {release} is live, the gate asks for {requires}")
        }
        Because::BreaksRelease { app, release, needs: _, breaks } => {
            format!("{app} {release} is live and would not be served: {}", breaks.together.join("; "))
        }
        Because::UnknownNeeds { app, release } => {
            format!("{app} {release} is live, and it is not recorded what it needs")
        }
        Because::UnknownApp { app } => format!("nothing is known about the releases of {app}"),
        Because::UngatedApp { app } => format!("the gate says nothing about {app}, which uses this database"),
        Because::MissingGate => "no gate says which releases may be live".into(),
        Because::Unanswerable { app, why } => format!("the gate cannot be answered for {app}: {why}"),
        Because::Soak { until: Some(until), .. } => format!("it must soak until {until}"),
        Because::Soak { since: _, until: None } => "its soak has not begun".into(),
        Because::Approval { outdated: None } => "nobody has approved it".into(),
        Because::Approval { outdated: Some(by) } => {
            format!("{by} approved it before its steps were changed")
        }
        Because::Query { query, result } => format!("the query gate `{query}` is not true: {result}"),
        Because::UnsupportedGate { gate } => format!("this planner cannot evaluate the gate `{gate}`"),
        Because::ShippedTogether { app, release, plan } => {
            format!("plan {plan}, which prepares it, comes first in the same release, {app} {release}")
        }
        Because::VoidBackfill { release } => {
            format!("the backfill is void since {release} was forced in; it must run again")
        }
        Because::LeftBehind { text, keys, .. } if keys.is_empty() => text.clone(),
        Because::LeftBehind { text, rows, keys } => {
            let more = if *rows > keys.len() as u64 { ", …" } else { "" };
            format!("{text} (keys: {}{more})", keys.join(", "))
        }
        Because::NotCompared { places, why } => format!("{places} cannot be compared: {why}"),
        Because::Drift { message } => message.clone(),
    }
}

fn json(next: &NextPhase, decision: &Decision) -> Value {
    let resume: Vec<Value> = next
        .resume
        .iter()
        .map(|resume| {
            json!({"plan": resume.step.plan.as_str(), "step": resume.step.id.as_str(),
                "version": resume.version.as_str(), "since": resume.since.to_string()})
        })
        .collect();
    let ready: Vec<Value> = next
        .ready
        .iter()
        .map(|ready| {
            let steps: Vec<&str> = ready.steps.iter().map(|step| step.id.as_str()).collect();
            json!({"plan": ready.phase.plan.as_str(), "phase": ready.phase.phase.word(),
                "steps": steps, "queries": ready.queries, "compares": compared(ready, decision),
                "because": ready.because})
        })
        .collect();
    let blocked: Vec<Value> = next
        .blocked
        .iter()
        .map(|blocked| {
            let taken = decision.taken_away(&blocked.phase);
            let because: Vec<Value> =
                blocked.because.iter().map(|because| json_because(because, &taken)).collect();
            json!({"plan": blocked.phase.plan.as_str(), "phase": blocked.phase.phase.word(),
                "because": because, "unblock": blocked.unblock})
        })
        .collect();
    let waiting: Vec<Value> = next
        .waiting
        .iter()
        .map(|(phase, waits_for)| {
            let waits_for: Vec<String> = waits_for.iter().map(ToString::to_string).collect();
            json!({"plan": phase.plan.as_str(), "phase": phase.phase.word(), "waits_for": waits_for})
        })
        .collect();
    json!({"answer": next.answer().word(), "resume": resume, "ready": ready, "blocked": blocked,
        "waiting": waiting, "drift": drift_json(next), "complete": next.n_complete})
}

/// Returns where database, ledger and files disagree; places are in the answer of `planner status`.
pub(super) fn drift_json(next: &NextPhase) -> Vec<Value> {
    let found = next.drift.iter();
    found
        .map(|found| {
            let rule = found.code;
            json!({"code": rule.id, "name": rule.name, "message": found.message, "help": found.help})
        })
        .collect()
}

/// `taken` is what the phase takes away: what a live release may need.
pub(super) fn json_because(because: &Because, taken: &[String]) -> Value {
    let mut value = match because {
        Because::LiveRelease { app, release, requires } => {
            json!({"app": app, "release": release, "requires": requires, "needs": taken})
        }
        Because::BreaksRelease { app, release, needs, breaks } => {
            json!({"app": app, "release": release, "needs": needs, "breaks": breaks.each})
        }
        Because::UnknownNeeds { app, release } => json!({"app": app, "release": release}),
        Because::UnknownApp { app } | Because::UngatedApp { app } => json!({"app": app}),
        Because::Unanswerable { app, why } => json!({"app": app, "why": why}),
        Because::Soak { since, until } => {
            json!({"since": since.map(|t| t.to_string()), "until": until.map(|t| t.to_string())})
        }
        Because::Approval { outdated } => json!({"outdated": outdated}),
        Because::Query { query, result } => json!({"query": query, "result": result}),
        Because::MissingGate => json!({}),
        Because::UnsupportedGate { gate } => json!({"gate": gate}),
        Because::ShippedTogether { app, release, plan } => json!({"app": app, "release": release, "plan": plan}),
        Because::VoidBackfill { release } => json!({"release": release}),
        Because::LeftBehind { text: _, rows, keys } => json!({"rows": rows, "keys": keys}),
        Because::NotCompared { places, why } => json!({"places": places, "why": why}),
        Because::Drift { message } => json!({"message": message}),
    };
    if let Value::Object(fields) = &mut value {
        fields.insert("kind".into(), because.kind().into());
        fields.insert("text".into(), words(because).into());
    }
    value
}
