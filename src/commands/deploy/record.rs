//! `planner deploy start|finish|abort|retire|check`.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::database::connection::LiveDatabase;
use crate::database::{Database as _, DatabaseError, marker};
use crate::exit::{Exit, Failure};
use crate::formats::Answer;
use crate::ledger::{Event, replay};
use crate::phase::PhaseKey;
use crate::release::pulse::ago;
use crate::rollout::progress::steps_of;
use crate::rollout::deploy::{DeployAnswer, DeployRefusal, may_abort, may_finish, may_retire, may_start};
use crate::shell::Shell;
use crate::shell::situation::Loaded;
use crate::shell::target::database_failure;

/// How long an instance that has fallen silent is remembered.
const HEARTBEATS_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

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
}

pub(super) fn check(args: &Check, shell: &Shell) -> Result<Exit, Failure> {
    let loaded = shell.load()?;
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
            json!({"plan": refusal.phase.plan.as_str(), "phase": refusal.phase.phase.word(),
                "requires": refusal.requires, "help": refusal.help})
        })
        .collect();
    let word = if refusals.is_empty() { "allowed" } else { "refused" };
    let json = json!({"app": release.app, "release": release.version, "answer": word, "because": because});
    shell.answer(&Answer { human, json })?;
    Ok(if refusals.is_empty() { Exit::Done } else { Exit::Blocked })
}

pub(super) fn refused(release: &Release, refusals: &[DeployRefusal]) -> String {
    let mut text = format!("{} {} must not be started now:\n", release.app, release.version);
    for refusal in refusals {
        text += &format!("  {} asks for {}\n    {}\n", refusal.phase, refusal.requires, refusal.help);
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
    record(shell, |loaded| {
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
        let (events, closed) = start_events(loaded, &args.release, &args.marks, forced, &answer);
        let said = format!("{app} {version} is rolling out.\n{closed}");
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

pub(super) fn finish(args: &Finish, shell: &Shell) -> Result<Exit, Failure> {
    let Release { app, version } = &args.release;
    record(shell, |loaded| {
        let ended = may_finish(&replay(&loaded.entries), app, version, &args.keep).map_err(refusal)?;
        let event =
            Event::DeployFinished { app: app.clone(), version: version.clone(), keep: args.keep.clone() };
        let mut said = if ended.is_empty() {
            format!("{app} {version} is live.\n")
        } else {
            format!("{app} {version} is live; {} ended.\n", ended.join(", "))
        };
        for version in &ended {
            said += &still_beating(loaded, app, version);
        }
        Ok((vec![event], said))
    })
}

pub(super) fn abort(args: &Release, shell: &Shell) -> Result<Exit, Failure> {
    let Release { app, version } = args;
    record(shell, |loaded| {
        may_abort(&replay(&loaded.entries), app, version).map_err(refusal)?;
        let event = Event::DeployAborted { app: app.clone(), version: version.clone() };
        Ok((vec![event], format!("The rollout of {app} {version} is taken back.\n{}", still_beating(loaded, app, version))))
    })
}

pub(super) fn retire(args: &Release, shell: &Shell) -> Result<Exit, Failure> {
    let Release { app, version } = args;
    record(shell, |loaded| {
        may_retire(&replay(&loaded.entries), app, version).map_err(refusal)?;
        let event = Event::Retired { app: app.clone(), version: version.clone() };
        Ok((vec![event], format!("{app} {version} ended.\n{}", still_beating(loaded, app, version))))
    })
}

/// Says that a release that is about to end counts as live for a while, if its instances beat.
fn still_beating(loaded: &Loaded, app: &str, version: &str) -> String {
    let now = loaded.facts.now;
    let release = loaded.ledger.apps.get(app).and_then(|app| app.release(version));
    let pulse = release.and_then(|release| release.pulse.as_ref()).filter(|pulse| pulse.is_fresh(now));
    pulse.map_or_else(String::new, |pulse| {
        format!(
            "{app} {version} beat {} ago and counts as live until {:.0}, longer if it beats again.\n",
            ago(pulse.last_seen(), now),
            pulse.until
        )
    })
}

/// Drops the markers that let `diesel migration run` into a phase.
fn shut_markers(database: &mut LiveDatabase, loaded: &Loaded, phase: &PhaseKey) -> Result<(), DatabaseError> {
    let steps = steps_of(&loaded.built.compiled, phase).into_iter();
    for migration in steps.flat_map(|step| &step.migrations) {
        marker::remove(database, &migration.version)?;
    }
    Ok(())
}

fn refusal(why: String) -> Failure {
    Failure::usage(why).help("`planner deploy list --all` shows what is recorded")
}

/// Decides, appends, and says what was recorded.
fn record(
    shell: &Shell,
    decide: impl FnOnce(&Loaded) -> Result<(Vec<Event>, String), Failure>,
) -> Result<Exit, Failure> {
    let (ids, human) = append_decided(shell, decide)?;
    shell.answer(&Answer { json: json!({"recorded": ids, "message": human.trim_end()}), human })?;
    Ok(Exit::Done)
}

/// Decides and appends under the ledger's one lock, so that a deploy and the opening of a phase cannot pass each other; returns
/// the new entries' ids and what else was decided.
pub(super) fn append_decided<T>(
    shell: &Shell,
    decide: impl FnOnce(&Loaded) -> Result<(Vec<Event>, T), Failure>,
) -> Result<(Vec<i64>, T), Failure> {
    let read = shell.read_project()?;
    let dialect = shell.dialect_of(&read)?;
    let built = shell.build(read, dialect)?;
    let mut database = shell.open_database(&built.config)?;
    database.install_ledger().map_err(|error| database_failure(&error))?;
    database.begin().map_err(|error| database_failure(&error))?;
    let result = (|| {
        database.lock_ledger().map_err(|error| database_failure(&error))?;
        let (facts, entries, ledger) = shell.facts(&built, Some(&mut database))?;
        let loaded = Loaded { built, ledger, facts, entries, database: None };
        let (events, decided) = decide(&loaded)?;
        let mut ids = Vec::with_capacity(events.len());
        for event in &events {
            if let Event::Closed { plan, phase, .. } = event {
                let phase = PhaseKey { plan: plan.clone(), phase: *phase };
                shut_markers(&mut database, &loaded, &phase).map_err(|error| database_failure(&error))?;
            }
            let entry = database.append(&shell.actor(), event).map_err(|error| database_failure(&error))?;
            ids.push(entry.id);
        }
        let old = loaded.facts.now.checked_sub(HEARTBEATS_KEPT).unwrap_or(Timestamp::MIN);
        database.forget_heartbeats(old).map_err(|error| database_failure(&error))?;
        database.commit().map_err(|error| database_failure(&error))?;
        Ok((ids, decided))
    })();
    if result.is_err() {
        // The first failure is the one to tell; the connection is closed next, which rolls back too.
        let _ = database.roll_back();
    }
    result
}
