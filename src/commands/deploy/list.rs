//! `planner deploy list`.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::exit::{Exit, Failure};
use crate::formats::{Answer, counted};
use crate::release::pulse::ago;
use crate::release::{LiveState, Release};
use crate::shell::record::Known;
use crate::shell::{Shell, contradictions};

/// List the releases of every app
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Releases that ended too
    #[arg(long)]
    all: bool,
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    // The database alone tells; plans with findings must not hide what is live.
    let Known { facts, ledger, entries: _ } = shell.known()?;
    let now = facts.now;
    let mut human = String::new();
    let mut apps = Vec::new();
    for (name, app) in &ledger.apps {
        let shown: Vec<&Release> =
            app.releases.iter().filter(|release| args.all || release.is_live()).collect();
        for release in &shown {
            let marks = if release.marks.is_empty() { String::new() } else { format!("  marks {}", release.marks.join(", ")) };
            human += &format!("{name} {}  {}{marks}{}\n", release.version, state(release), pulse(release, now));
        }
        if shown.is_empty() {
            human += &format!("{name}: nothing is live\n");
        }
        let releases: Vec<_> = shown
            .iter()
            .map(|release| {
                json!({"version": release.version, "marks": release.marks, "live": release.is_live(),
                    "state": state(release), "instances": instances(release)})
            })
            .collect();
        apps.push(json!({"app": name, "releases": releases}));
    }
    if ledger.apps.is_empty() {
        human += "Nothing is known about any app: record the live releases with `planner deploy start`.\n";
    }
    let disagree = contradictions::shown(&ledger, now);
    if !disagree.human.is_empty() {
        human += &format!("\n{}", disagree.human);
    }
    shell.answer(&Answer { human, json: json!({"apps": apps, "contradictions": disagree.json}) })?;
    Ok(Exit::Done)
}

fn state(release: &Release) -> String {
    if let Some(pulse) = release.pulse.as_ref().filter(|_| release.lives_by_heartbeat()) {
        return format!("live by its heartbeats until {:.0}", pulse.until);
    }
    match release.state {
        LiveState::Starting { since } => format!("rolling out since {since}"),
        LiveState::Live { since } => format!("live since {since}"),
        LiveState::Registered => "registered".to_owned(),
        LiveState::Ended { at } => format!("ended {at}"),
    }
}

/// Says how many instances beat, and when the last one did.
fn pulse(release: &Release, now: Timestamp) -> String {
    release.pulse.as_ref().map_or_else(String::new, |pulse| {
        let beating = counted(pulse.beating(now).count(), "instance beats", "instances beat");
        format!("  {beating}, the last heartbeat {} ago", ago(pulse.last_seen(), now))
    })
}

fn instances(release: &Release) -> Vec<Value> {
    let instances = release.pulse.iter().flat_map(|pulse| &pulse.instances);
    let list = instances.map(|instance| {
        json!({"instance": instance.name, "first_seen": instance.first_seen.to_string(),
            "last_seen": instance.last_seen.to_string()})
    });
    list.collect()
}
