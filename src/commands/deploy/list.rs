//! `planner deploy list`.

use serde_json::json;

use crate::exit::{Exit, Failure};
use crate::formats::Answer;
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
    let loaded = shell.load()?;
    let mut human = String::new();
    let mut apps = Vec::new();
    for (name, app) in &loaded.ledger.apps {
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
    if loaded.ledger.apps.is_empty() {
        human += "Nothing is known about any app: record the live releases with `planner deploy start`.\n";
    }
    shell.answer(&Answer { human, json: json!({"apps": apps}) })?;
    Ok(Exit::Done)
}

fn state(state: &LiveState) -> String {
    match state {
        LiveState::Starting { since } => format!("rolling out since {since}"),
        LiveState::Live { since } => format!("live since {since}"),
        LiveState::Registered => "registered".to_owned(),
        LiveState::Ended { at } => format!("ended {at}"),
    }
}
