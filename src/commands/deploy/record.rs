//! `planner deploy start|finish|abort|retire|check`.

use serde_json::json;

use crate::config::Config;
use crate::database::connection::LiveDatabase;
use crate::database::{Database as _, DatabaseError, marker};
use crate::diagnostic::Sink;
use crate::exit::{Exit, Failure};
use crate::formats::Answer;
use crate::ledger::{Event, LedgerSnapshot, replay};
use crate::phase::PhaseKey;
use crate::rollout::progress::steps_of;
use crate::rollout::deploy::{DeployAnswer, DeployRefusal, may_abort, may_finish, may_retire, may_start};
use crate::shell::Shell;
use crate::shell::situation::Loaded;
use crate::shell::target::database_failure;

/// A release of an app
#[derive(Debug, clap::Args)]
pub(super) struct Release {
    /// The app
    #[arg(long)]
    app: String,
    /// The release: its version or commit
    #[arg(long, value_name = "VERSION")]
    version: String,
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

fn refused(release: &Release, refusals: &[DeployRefusal]) -> String {
    let mut text = format!("{} {} must not be started now:\n", release.app, release.version);
    for refusal in refusals {
        text += &format!("  {} asks for {}\n    {}\n", refusal.phase, refusal.requires, refusal.help);
    }
    text
}

pub(super) fn start(args: &Start, shell: &Shell) -> Result<Exit, Failure> {
    let Release { app, version } = &args.release;
    for (what, name) in [("app", app), ("release", version)] {
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c.is_control()) {
            let message = format!("the name of the {what} is empty or has white space in it");
            return Err(Failure::usage(message).help("say `--app web --version 2.5.0`"));
        }
    }
    if args.force.as_ref().is_some_and(|reason| reason.trim().is_empty()) {
        return Err(Failure::usage("`--force` needs a reason").help("say why, as in `--force \"incident 12\"`"));
    }
    let read = shell.read_project()?;
    let dialect = shell.dialect_of(&read)?;
    let built = shell.build(read, dialect)?;
    let config = built.config.clone();
    record(shell, &config, |database| {
        let (facts, entries) = shell.facts(&built, Some(database))?;
        let ledger = replay(&entries);
        let loaded = Loaded { built, ledger, facts, entries, database: None };
        let answer = may_start(&loaded.situation(), app, version, &args.marks);
        let (voided, closes) = (answer.voids(), answer.closes(&loaded.situation()));
        let refusals = match answer {
            DeployAnswer::Allowed => Vec::new(),
            DeployAnswer::Refused(refusals) => refusals,
        };
        if !refusals.is_empty() && args.force.is_none() {
            return Err(Failure::new(crate::exit::Exit::Blocked, refused(&args.release, &refusals).trim_end())
                .help("start a release that passes, or say `--force REASON` to record what has already happened"));
        }
        let forced = args.force.clone().filter(|_| !refusals.is_empty());
        let (app, version) = (app.clone(), version.clone());
        let mut events = vec![Event::DeployStarted {
            app: app.clone(),
            version: version.clone(),
            marks: args.marks.clone(),
            forced,
        }];
        for plan in voided {
            events.push(Event::BackfillVoided { plan, app: app.clone(), version: version.clone() });
        }
        let mut said = format!("{app} {version} is rolling out.\n");
        for phase in closes {
            said += &format!("{phase} was open and is closed again.\n");
            shut_markers(database, &loaded, &phase).map_err(|error| database_failure(&error))?;
            let because = format!("{app} {version} was forced in");
            events.push(Event::Closed { plan: phase.plan, phase: phase.phase, because });
        }
        Ok((events, said))
    })
}

/// Records what the ledger alone tells whether it may be: also while plans have findings, since the release is out there
/// whatever they say.
fn record_from_ledger(
    shell: &Shell,
    decide: impl FnOnce(&LedgerSnapshot) -> Result<(Event, String), Failure>,
) -> Result<Exit, Failure> {
    let config = shell.read_config(&mut Sink::default())?;
    shell.dialect_for(&config)?;
    record(shell, &config, |database| {
        let ledger = replay(&shell.entries(database)?);
        decide(&ledger).map(|(event, said)| (vec![event], said))
    })
}

pub(super) fn finish(args: &Finish, shell: &Shell) -> Result<Exit, Failure> {
    let Release { app, version } = &args.release;
    record_from_ledger(shell, |ledger| {
        let ended = may_finish(ledger, app, version, &args.keep).map_err(refusal)?;
        let event =
            Event::DeployFinished { app: app.clone(), version: version.clone(), keep: args.keep.clone() };
        let said = if ended.is_empty() {
            format!("{app} {version} is live.\n")
        } else {
            format!("{app} {version} is live; {} ended.\n", ended.join(", "))
        };
        Ok((event, said))
    })
}

pub(super) fn abort(args: &Release, shell: &Shell) -> Result<Exit, Failure> {
    let Release { app, version } = args;
    record_from_ledger(shell, |ledger| {
        may_abort(ledger, app, version).map_err(refusal)?;
        let event = Event::DeployAborted { app: app.clone(), version: version.clone() };
        Ok((event, format!("The rollout of {app} {version} is taken back.\n")))
    })
}

pub(super) fn retire(args: &Release, shell: &Shell) -> Result<Exit, Failure> {
    let Release { app, version } = args;
    record_from_ledger(shell, |ledger| {
        may_retire(ledger, app, version).map_err(refusal)?;
        let event = Event::Retired { app: app.clone(), version: version.clone() };
        Ok((event, format!("{app} {version} ended.\n")))
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

/// Decides and appends under the ledger's one lock, so that a deploy and the opening of a phase cannot pass each other.
fn record(
    shell: &Shell,
    config: &Config,
    decide: impl FnOnce(&mut LiveDatabase) -> Result<(Vec<Event>, String), Failure>,
) -> Result<Exit, Failure> {
    let mut database = shell.open_database(config)?;
    database.install_ledger().map_err(|error| database_failure(&error))?;
    database.begin().map_err(|error| database_failure(&error))?;
    let result = (|| {
        database.lock_ledger().map_err(|error| database_failure(&error))?;
        let (events, said) = decide(&mut database)?;
        let mut ids = Vec::with_capacity(events.len());
        for event in &events {
            let entry = database.append(&shell.actor(), event).map_err(|error| database_failure(&error))?;
            ids.push(entry.id);
        }
        database.commit().map_err(|error| database_failure(&error))?;
        Ok((ids, said))
    })();
    if result.is_err() {
        // The first failure is the one to tell; the connection is closed next, which rolls back too.
        let _ = database.roll_back();
    }
    let (ids, human) = result?;
    shell.answer(&Answer { json: json!({"recorded": ids, "message": human.trim_end()}), human })?;
    Ok(Exit::Done)
}
