//! `planner deploy start|finish|abort|retire|check`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::needs::NeedsArgs;
use crate::exit::{Exit, Failure};
use crate::formats::Answer;
use crate::ledger::{Event, LedgerSnapshot, Registration, replay};
use crate::phase::PhaseKey;
use crate::release::pulse::ago;
use crate::rollout::deploy::{DeployAnswer, DeployRefusal, Refused, may_abort, may_finish, may_retire, may_start};
use crate::release::{Break, Requirements};
use crate::shell::Shell;
use crate::shell::record::Known;
use crate::shell::situation::Loaded;

/// A release of an app
#[derive(Debug, clap::Args)]
pub(super) struct Release {
    /// The app
    #[arg(long)]
    pub(super) app: String,
    /// The release: its version or commit
    #[arg(long, value_name = "VERSION")]
    pub(super) version: String,
}

/// Start a rollout
#[derive(Debug, clap::Args)]
pub(super) struct Start {
    #[command(flatten)]
    release: Release,
    /// What the release declares it can do, e.g. `writes-both-names`
    #[arg(long, value_delimiter = ',', value_name = "MARK")]
    marks: Vec<String>,
    #[command(flatten)]
    needs: NeedsArgs,
    /// Record it although it is refused, for this reason; a backfill it does not keep up with is void
    #[arg(long, value_name = "REASON")]
    force: Option<String>,
}

/// Finish a rollout
#[derive(Debug, clap::Args)]
pub(super) struct Finish {
    #[command(flatten)]
    release: Release,
    /// A release that stays live; may be given several times
    #[arg(long, value_name = "VERSION")]
    keep: Vec<String>,
}

/// Ask about a release
#[derive(Debug, clap::Args)]
pub(super) struct Check {
    #[command(flatten)]
    release: Release,
    /// What the release declares it can do; its recorded marks if nothing is said
    #[arg(long, value_delimiter = ',', value_name = "MARK")]
    marks: Vec<String>,
    #[command(flatten)]
    needs: NeedsArgs,
}

pub(super) fn check(args: &Check, shell: &Shell) -> Result<Exit, Failure> {
    let needs = args.needs.read(&args.release.app, shell)?;
    let mut loaded = shell.load()?;
    if let Some(needs) = needs {
        let _ = registered(&mut loaded.ledger, &args.release, needs);
    }
    answer(&loaded, &args.release, &args.marks, shell)
}

fn answer(loaded: &Loaded, release: &Release, marks: &[String], shell: &Shell) -> Result<Exit, Failure> {
    let answer = may_start(&loaded.situation(), &release.app, &release.version, marks);
    let (human, refusals) = match &answer {
        DeployAnswer::Allowed => {
            (format!("{} {} may be started now.\n", release.app, release.version), Vec::new())
        }
        DeployAnswer::Refused(refusals) => (refused(release, refusals), refusals.clone()),
    };
    let because: Vec<_> = refusals
        .iter()
        .map(|refusal| {
            let mut value = match &refusal.because {
                Refused::Gate { requires } => json!({"kind": "gate", "requires": requires}),
                Refused::NotServed { breaks, told } => {
                    json!({"kind": "not_served", "needs": objects(breaks), "breaks": told.each})
                }
                Refused::BreaksOther { app, release, breaks, told } => json!({"kind": "breaks_other",
                    "app": app, "release": release, "needs": objects(breaks), "breaks": told.each}),
            };
            if let Value::Object(fields) = &mut value {
                if let Some(phase) = &refusal.phase {
                    fields.insert("plan".to_owned(), phase.plan.as_str().into());
                    fields.insert("phase".to_owned(), phase.phase.word().into());
                }
                fields.insert("help".to_owned(), refusal.help.as_str().into());
            }
            value
        })
        .collect();
    let word = if refusals.is_empty() { "allowed" } else { "refused" };
    let json = json!({"app": release.app, "release": release.version, "answer": word, "because": because});
    shell.answer(&Answer { human, json })?;
    Ok(if refusals.is_empty() { Exit::Done } else { Exit::Blocked })
}

/// Returns what of the schema breaks, each object once.
fn objects(breaks: &[Break]) -> Vec<&str> {
    let mut objects: Vec<&str> = breaks.iter().map(|of| of.object.as_str()).collect();
    objects.sort_unstable();
    objects.dedup();
    objects
}

pub(super) fn refused(release: &Release, refusals: &[DeployRefusal]) -> String {
    let mut text = format!("{} {} must not be started now:\n", release.app, release.version);
    for refusal in refusals {
        let of_phase = refusal.phase.as_ref().map_or_else(String::new, |phase| format!("{phase} "));
        match &refusal.because {
            Refused::Gate { requires } => text += &format!("  {of_phase}asks for {requires}\n"),
            Refused::NotServed { told, .. } => {
                let when = if of_phase.is_empty() { "now".to_owned() } else { format!("after {}", of_phase.trim_end()) };
                text += &format!("  the schema does not serve it {when}:\n");
                text += &told.together.iter().map(|of| format!("    {of}\n")).collect::<String>();
            }
            Refused::BreaksOther { app, release, told, .. } => {
                text += &format!("  it would break {app} {release}, which is live:\n");
                text += &told.together.iter().map(|of| format!("    {of}\n")).collect::<String>();
            }
        }
        text += &format!("    {}\n", refusal.help);
    }
    text
}

/// Refuses a name that could not be written on a command line.
pub(super) fn check_name(what: &str, name: &str) -> Result<(), Failure> {
    if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c.is_control()) {
        let message = format!("the name of the {what} is empty or has white space in it");
        return Err(Failure::usage(message).help("say `--app web --version 2.5.0`"));
    }
    Ok(())
}

/// Refuses `--force` without a reason.
pub(super) fn check_reason(force: Option<&String>) -> Result<(), Failure> {
    if force.is_some_and(|reason| reason.trim().is_empty()) {
        return Err(Failure::usage("`--force` needs a reason").help("say why, as in `--force \"incident 12\"`"));
    }
    Ok(())
}

pub(super) fn start(args: &Start, shell: &Shell) -> Result<Exit, Failure> {
    let Release { app, version } = &args.release;
    for (what, name) in [("app", app), ("release", version)] {
        check_name(what, name)?;
    }
    check_reason(args.force.as_ref())?;
    let needs = args.needs.read(app, shell)?;
    record(shell, |loaded| {
        let registered = needs.and_then(|needs| registered(&mut loaded.ledger, &args.release, needs));
        let answer = may_start(&loaded.situation(), app, version, &args.marks);
        let refusals = match &answer {
            DeployAnswer::Allowed => Vec::new(),
            DeployAnswer::Refused(refusals) => refusals.clone(),
        };
        if !refusals.is_empty() && args.force.is_none() {
            return Err(Failure::new(crate::exit::Exit::Blocked, refused(&args.release, &refusals).trim_end())
                .help("start a release that passes, or say `--force REASON` to record what has already happened"));
        }
        let forced = args.force.clone().filter(|_| !refusals.is_empty());
        let (started, closed) = start_events(loaded, &args.release, &args.marks, forced, &answer);
        let mut said = format!("{app} {version} is rolling out.\n");
        said.extend(registered.as_ref().map(|(_, said)| said.as_str()));
        said += &closed;
        let mut events: Vec<Event> = registered.into_iter().map(|(event, _)| event).collect();
        events.extend(started);
        Ok((events, said))
    })
}

/// Returns the events of a start and what it has to do where it was refused, and says which phases it closes.
pub(super) fn start_events(
    loaded: &Loaded,
    release: &Release,
    marks: &[String],
    forced: Option<String>,
    answer: &DeployAnswer,
) -> (Vec<Event>, String) {
    let Release { app, version } = release;
    let start = Event::DeployStarted {
        app: app.clone(),
        version: version.clone(),
        marks: marks.to_vec(),
        forced,
    };
    let mut events = vec![start];
    for plan in answer.voids() {
        events.push(Event::BackfillVoided { plan, app: app.clone(), version: version.clone() });
    }
    let mut said = String::new();
    for PhaseKey { plan, phase } in answer.closes(&loaded.situation()) {
        said += &format!("{plan}/{phase} was open and is closed again.\n");
        let because = format!("{app} {version} was forced in");
        events.push(Event::Closed { plan, phase, because });
    }
    (events, said)
}

/// Supposes that the release needs this, and returns the entry that says so, unless the ledger has it already.
fn registered(ledger: &mut LedgerSnapshot, release: &Release, needs: Requirements) -> Option<(Event, String)> {
    let Release { app, version } = release;
    let known = ledger.apps.get(app).and_then(|app| app.release(version));
    if known.and_then(|release| release.needs.as_deref()) == Some(&needs) {
        return None;
    }
    let said = format!("What it needs is recorded: {}.\n", needs.size());
    let registration = Registration { needs: Some(Arc::new(needs)), ..Registration::default() };
    ledger.know(app, version, &registration);
    let (app, version, registration) = (app.clone(), version.clone(), Box::new(registration));
    Some((Event::Registered { app, version, registration }, said))
}

pub(super) fn finish(args: &Finish, shell: &Shell) -> Result<Exit, Failure> {
    let Release { app, version } = &args.release;
    record_from_ledger(shell, |known| {
        let ended = may_finish(&replay(&known.entries), app, version, &args.keep).map_err(refusal)?;
        let event =
            Event::DeployFinished { app: app.clone(), version: version.clone(), keep: args.keep.clone() };
        let mut said = if ended.is_empty() {
            format!("{app} {version} is live.\n")
        } else {
            format!("{app} {version} is live; {} ended.\n", ended.join(", "))
        };
        for version in &ended {
            said += &still_beating(known, app, version);
        }
        Ok((vec![event], said))
    })
}

pub(super) fn abort(args: &Release, shell: &Shell) -> Result<Exit, Failure> {
    let Release { app, version } = args;
    record_from_ledger(shell, |known| {
        may_abort(&replay(&known.entries), app, version).map_err(refusal)?;
        let event = Event::DeployAborted { app: app.clone(), version: version.clone() };
        let said = format!("The rollout of {app} {version} is taken back.\n{}", still_beating(known, app, version));
        Ok((vec![event], said))
    })
}

pub(super) fn retire(args: &Release, shell: &Shell) -> Result<Exit, Failure> {
    let Release { app, version } = args;
    record_from_ledger(shell, |known| {
        may_retire(&replay(&known.entries), app, version).map_err(refusal)?;
        let event = Event::Retired { app: app.clone(), version: version.clone() };
        Ok((vec![event], format!("{app} {version} ended.\n{}", still_beating(known, app, version))))
    })
}

/// Says that a release that is about to end counts as live for a while, if its instances beat.
fn still_beating(known: &Known, app: &str, version: &str) -> String {
    let now = known.facts.now;
    let release = known.ledger.apps.get(app).and_then(|app| app.release(version));
    let pulse = release.and_then(|release| release.pulse.as_ref()).filter(|pulse| pulse.is_fresh(now));
    pulse.map_or_else(String::new, |pulse| {
        format!(
            "{app} {version} beat {} ago and counts as live until {:.0}, longer if it beats again.\n",
            ago(pulse.last_seen(), now),
            pulse.until
        )
    })
}

fn refusal(why: String) -> Failure {
    Failure::usage(why).help("`planner deploy list --all` shows what is recorded")
}

/// Records what is decided and tells it.
fn record(
    shell: &Shell,
    decide: impl FnOnce(&mut Loaded) -> Result<(Vec<Event>, String), Failure>,
) -> Result<Exit, Failure> {
    let (ids, human) = shell.record(decide)?;
    tell(shell, &ids, human)
}

/// Records what the ledger alone tells whether it may be: also while plans have findings, since the release is out there
/// whatever they say.
fn record_from_ledger(
    shell: &Shell,
    decide: impl FnOnce(&Known) -> Result<(Vec<Event>, String), Failure>,
) -> Result<Exit, Failure> {
    let (ids, human) = shell.record_from_ledger(decide)?;
    tell(shell, &ids, human)
}

fn tell(shell: &Shell, ids: &[i64], human: String) -> Result<Exit, Failure> {
    shell.answer(&Answer { json: json!({"recorded": ids, "message": human.trim_end()}), human })?;
    Ok(Exit::Done)
}
