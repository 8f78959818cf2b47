//! `planner deploy import`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

use serde_json::{Value, json};

use super::record::{Release, check_name, check_reason, refused, start_events};
use crate::exit::{Exit, Failure};
use crate::formats::Answer;
use crate::ledger::{Event, replay};
use crate::release::platforms::{Asked, PlatformName, Problem, ReleaseFrom, Seen, Sight, Standing, read};
use crate::rollout::deploy::{DeployAnswer, may_start};
use crate::rollout::observed::{Reading, bring_in_line, retired_by_name};
use crate::shell::Shell;
use crate::shell::situation::Loaded;

/// The most that is read from standard input, in bytes.
const INPUT_MAX: u64 = 256 << 20;

/// Record what a platform says runs
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The platform: `kubernetes`, `cloud-run`, `ecs` or `nomad`
    #[arg(long, value_name = "PLATFORM", value_parser = platform)]
    from: PlatformName,
    /// The app that the input is about; else each workload whose name is a known app
    #[arg(long, value_name = "NAME")]
    app: Option<String>,
    /// The workload that is the app, where it has another name
    #[arg(long, value_name = "NAME")]
    workload: Option<String>,
    /// The container that is the app, where a workload has several
    #[arg(long, value_name = "NAME")]
    container: Option<String>,
    /// Where the release's name stands: `image-tag`, `label:KEY`, `env:NAME` or `annotation:KEY`; a `v` before a version number is left out
    #[arg(long, value_name = "WHERE", default_value = "image-tag", value_parser = release_from)]
    release_from: ReleaseFrom,
    /// Count as live what the platform only remembers and a new rollout would bring back
    #[arg(long)]
    keep_history: bool,
    /// Of the releases without traffic that can be switched back to, count the newest N as live and end the others
    #[arg(long, value_name = "N")]
    keep_idle: Option<usize>,
    /// End the releases that are recorded as live and are not in the input
    #[arg(long)]
    retire_unseen: bool,
    /// Record releases that run although they must not, for this reason; a backfill they do not keep up with is void
    #[arg(long, value_name = "REASON")]
    force: Option<String>,
    /// Only say what would be recorded
    #[arg(long)]
    dry_run: bool,
}

fn platform(word: &str) -> Result<PlatformName, String> {
    let words: Vec<&str> = PlatformName::ALL.iter().map(|platform| platform.word()).collect();
    PlatformName::parse(word).ok_or_else(|| format!("the platforms are {}", words.join(", ")))
}

fn release_from(text: &str) -> Result<ReleaseFrom, String> {
    ReleaseFrom::parse(text)
        .ok_or_else(|| "write `image-tag`, `label:KEY`, `env:NAME` or `annotation:KEY`".to_owned())
}

/// What came of an import.
#[derive(Debug, Default)]
struct Outcome {
    sight: Sight,
    /// What is recorded, for people.
    lines: Vec<String>,
    events: Vec<Value>,
    /// What is live and must not be, with what to do.
    refused: Vec<String>,
    told: Vec<String>,
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    if let Some(app) = &args.app {
        check_name("app", app)?;
    }
    check_reason(args.force.as_ref())?;
    let text = standard_input()?;
    let (ids, outcome) = if args.dry_run {
        let (_, outcome) = decide(args, &text, &shell.load()?, shell)?;
        (Vec::new(), outcome)
    } else {
        shell.record(|loaded| decide(args, &text, loaded, shell))?
    };
    let json = json(args, &ids, &outcome);
    shell.answer(&Answer { human: human(args, &outcome), json })?;
    if outcome.refused.is_empty() {
        return Ok(Exit::Done);
    }
    for refused in &outcome.refused {
        shell.say(&format!("error: {refused}"));
    }
    shell.say("  help: take these releases off the platform; or, since they are live in truth and planner must know it to answer rightly, record them with `--force REASON`");
    Ok(Exit::Blocked)
}

fn standard_input() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(INPUT_MAX + 1).read_to_end(&mut bytes);
    read.map_err(|error| Failure::usage(format!("cannot read standard input: {error}")))?;
    if bytes.len() as u64 > INPUT_MAX {
        let message = format!("standard input has more than {} MiB", INPUT_MAX >> 20);
        return Err(Failure::usage(message).help("hand over the workloads of one app only"));
    }
    String::from_utf8(bytes).map_err(|_| {
        Failure::usage("standard input is not UTF-8").help("hand over the JSON as the platform's command prints it")
    })
}

/// Compares what is recorded with what is seen.
fn decide(args: &Args, text: &str, loaded: &Loaded, shell: &Shell) -> Result<(Vec<Event>, Outcome), Failure> {
    let recorded = replay(&loaded.entries).apps;
    let mut known: BTreeMap<String, BTreeSet<String>> =
        loaded.facts.apps.iter().map(|app| (app.clone(), BTreeSet::new())).collect();
    for (name, app) in &recorded {
        known.entry(name.clone()).or_default().extend(app.releases.iter().map(|of| of.version.clone()));
    }
    let asked = Asked {
        app: args.app.as_deref(),
        workload: args.workload.as_deref(),
        container: args.container.as_deref(),
        release_from: &args.release_from,
        known: &known,
        history: args.keep_history,
    };
    let sight = read(args.from, text, &asked).map_err(|problems| unusable(&problems, shell))?;
    let mut outcome = Outcome { told: sight.notes.clone(), ..Outcome::default() };
    let passed_over = sight.passed_over.iter();
    outcome.told.extend(passed_over.map(|workload| {
        format!("`{workload}` is no app that is known and was passed over; name it with `--app` if it uses this database")
    }));
    let mut events = Vec::new();
    for app in &sight.apps {
        let seen: Vec<Seen> = sight.seen.iter().filter(|of| of.app == *app).cloned().collect();
        let retired = retired_by_name(&loaded.entries, app);
        let reading = Reading {
            keep_history: args.keep_history,
            keep_idle: args.keep_idle,
            retire_unseen: args.retire_unseen,
        };
        let in_line = bring_in_line(app, recorded.get(app), &seen, &retired, reading);
        let mut left_out = BTreeSet::new();
        for of in &in_line.start {
            if !start(args, loaded, of, &mut events, &mut outcome) {
                left_out.insert(of.release.clone());
            }
        }
        outcome.told.extend(in_line.told);
        for version in in_line.retire {
            outcome.lines.push(format!("{app} {version} ended"));
            events.push(Event::Retired { app: app.clone(), version });
        }
        if let Some(finish) = in_line.finish.filter(|of| !left_out.contains(&of.version)) {
            let keep: Vec<String> = finish.keep.into_iter().filter(|of| !left_out.contains(of)).collect();
            outcome.lines.push(format!("{app} {} is live", finish.version));
            events.push(Event::DeployFinished { app: app.clone(), version: finish.version, keep });
        }
    }
    outcome.events = events.iter().map(json_event).collect();
    outcome.sight = sight;
    Ok((events, outcome))
}

/// Adds the start of a release, unless it is refused and not forced. Returns whether it was added.
fn start(args: &Args, loaded: &Loaded, of: &Seen, events: &mut Vec<Event>, outcome: &mut Outcome) -> bool {
    let release = Release { app: of.app.clone(), version: of.release.clone() };
    let answer = may_start(&loaded.situation(), &release.app, &release.version, &[]);
    let refusals = match &answer {
        DeployAnswer::Allowed => Vec::new(),
        DeployAnswer::Refused(refusals) => refusals.clone(),
    };
    if !refusals.is_empty() && args.force.is_none() {
        let why = refused(&release, &refusals).replace("must not be started now", "must not be live now");
        let why = why.trim_end();
        match of.standing {
            Standing::Reachable | Standing::Serving => outcome.refused.push(format!("{why}\n  but it is")),
            // It does no harm where it is, and nobody can take back that it is there but by deleting it.
            Standing::Idle | Standing::History => {
                outcome.told.push(format!("{why}\n  and can be switched back to: delete it from the platform"));
            }
        }
        return false;
    }
    let forced = args.force.clone().filter(|_| !refusals.is_empty());
    let why = forced.as_ref().map_or_else(String::new, |reason| format!(", forced: {reason}"));
    outcome.lines.push(format!("rollout of {} {} started{why}", of.app, of.release));
    let (more, closed) = start_events(loaded, &release, &[], forced, &answer);
    outcome.lines.extend(closed.lines().map(|line| line.trim_end_matches('.').to_owned()));
    events.extend(more);
    true
}

fn unusable(problems: &[Problem], shell: &Shell) -> Failure {
    for problem in problems {
        shell.say(&format!("error: {}", problem.message));
        shell.say(&format!("  help: {}", problem.help));
    }
    let n = crate::formats::counted(problems.len(), "thing", "things");
    Failure::usage(format!("the input cannot be used: {n} in it, as said above; nothing was recorded"))
}

fn human(args: &Args, outcome: &Outcome) -> String {
    let mut text = String::new();
    for of in &outcome.sight.seen {
        let share = of.percent.map_or_else(String::new, |percent| format!(" {percent} %"));
        text += &format!("{} {}  {}{share}  {}\n", of.app, of.release, standing(of.standing), of.sources.join(", "));
    }
    let verb = if args.dry_run { "Would record" } else { "Recorded" };
    if outcome.lines.is_empty() {
        let nothing = if outcome.refused.is_empty() { "Nothing to record: the ledger says the same." } else { "Nothing was recorded." };
        text += &format!("{nothing}\n");
    } else {
        text += &format!("{verb}:\n");
    }
    for line in &outcome.lines {
        text += &format!("  {line}\n");
    }
    if !outcome.told.is_empty() {
        text += "To note:\n";
    }
    for told in &outcome.told {
        text += &format!("  {}\n", told.replace('\n', "\n  "));
    }
    text
}

const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::History => "is remembered",
        Standing::Idle => "can be switched back to",
        Standing::Reachable => "can be reached",
        Standing::Serving => "serves",
    }
}

fn json(args: &Args, ids: &[i64], outcome: &Outcome) -> Value {
    let seen: Vec<Value> = outcome
        .sight
        .seen
        .iter()
        .map(|of| {
            json!({"app": of.app, "release": of.release, "standing": of.standing.word(), "percent": of.percent,
                "sources": of.sources})
        })
        .collect();
    json!({"seen": seen, "events": outcome.events, "recorded": ids, "refused": outcome.refused, "told": outcome.told,
        "passed_over": outcome.sight.passed_over, "dry_run": args.dry_run})
}

fn json_event(event: &Event) -> Value {
    let row = crate::ledger::to_row(event);
    let detail: Value = serde_json::from_str(&row.detail).unwrap_or_default();
    json!({"kind": row.kind, "plan": row.plan, "phase": row.phase, "app": row.app, "release": row.release, "detail": detail})
}
