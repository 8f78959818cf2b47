//! `planner deploy list`.

use serde_json::json;

use crate::diagnostic::Sink;
use crate::exit::{Exit, Failure};
use crate::formats::Answer;
use crate::ledger::replay;
use crate::release::{LiveState, Release};
use crate::shell::Shell;

/// List the releases of every app
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Releases that ended too
    #[arg(long)]
    all: bool,
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    // The ledger alone tells; plans with findings must not hide what is live.
    let config = shell.read_config(&mut Sink::default())?;
    shell.dialect_for(&config)?;
    let entries = match shell.open_existing_database(&config)? {
        Some(mut database) => shell.entries(&mut database)?,
        None => Vec::new(),
    };
    let ledger = replay(&entries);
    let mut human = String::new();
    let mut apps = Vec::new();
    for (name, app) in &ledger.apps {
        let shown: Vec<&Release> =
            app.releases.iter().filter(|release| args.all || release.is_live()).collect();
        for release in &shown {
            let marks = if release.marks.is_empty() { String::new() } else { format!("  marks {}", release.marks.join(", ")) };
            human += &format!("{name} {}  {}{marks}\n", release.version, state(&release.state));
        }
        if shown.is_empty() {
            human += &format!("{name}: nothing is live\n");
        }
        let releases: Vec<_> = shown
            .iter()
            .map(|release| {
                json!({"version": release.version, "marks": release.marks, "live": release.is_live(),
                    "state": state(&release.state)})
            })
            .collect();
        apps.push(json!({"app": name, "releases": releases}));
    }
    if ledger.apps.is_empty() {
        human += "Nothing is known about any app: record the live releases with `planner deploy start`.\n";
    }
    shell.answer(&Answer { human, json: json!({"apps": apps}) })?;
    Ok(Exit::Done)
}

fn state(state: &LiveState) -> String {
    match state {
        LiveState::Starting { since } => format!("rolling out since {since}"),
        LiveState::Live { since } => format!("live since {since}"),
        LiveState::Ended { at } => format!("ended {at}"),
    }
}
