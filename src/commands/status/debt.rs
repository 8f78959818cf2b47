//! `planner status --debt`.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::commands::next_phase::{json_because, words};
use crate::diagnostic::did_you_mean;
use crate::exit::{Exit, Failure};
use crate::formats::{Answer, counted};
use crate::phase::{Phase, PhaseKey};
use crate::release::pulse::ago;
use crate::rollout::debt::{Debt, Held, debts};
use crate::rollout::taken::taken_away;
use crate::rollout::{BlockedPhase, next_phase};
use crate::shell::Shell;
use crate::shell::situation::Loaded;

/// Shows the plans that were expanded and never contracted, of this owner or of all.
pub(super) fn run(owner: Option<&str>, shell: &Shell) -> Result<Exit, Failure> {
    let loaded = shell.load()?;
    if let Some(owner) = owner {
        known_owner(&loaded, owner)?;
    }
    let situation = loaded.situation();
    let next = next_phase(&situation);
    let mut debts = debts(&situation, &next);
    debts.retain(|debt| owner.is_none_or(|owner| debt.plan.owner.as_deref() == Some(owner)));
    let now = loaded.facts.now;
    let mut human: String = debts.iter().map(|debt| human(debt, now)).collect();
    human += &summary(&debts, now);
    let list: Vec<Value> = debts.iter().map(|debt| data(debt, &loaded)).collect();
    shell.answer(&Answer { human, json: json!({"debt": list}) })?;
    Ok(Exit::Done)
}

fn known_owner(loaded: &Loaded, owner: &str) -> Result<(), Failure> {
    let owners = || loaded.built.project.plans.iter().filter_map(|plan| plan.owner.as_deref());
    if owners().any(|of| of == owner) {
        return Ok(());
    }
    let near = did_you_mean(owner, owners());
    Err(Failure::usage(format!("no plan has the owner `{owner}`"))
        .help(near.unwrap_or_else(|| "`planner status --debt` tells the owners".to_owned())))
}

fn human(debt: &Debt<'_>, now: Timestamp) -> String {
    let owner = debt.plan.owner.as_deref().unwrap_or("nobody's");
    let since = match debt.since {
        Some(since) => format!("expanded {} ago", ago(since, now)),
        None => "expanded, nobody knows when".to_owned(),
    };
    let begun = if debt.begun { ", and its contract phase has begun" } else { "" };
    let mut text = format!("{}  {owner}, {since}{begun}\n", debt.plan.name);
    let contract = contract(debt);
    match &debt.held {
        Held::ByNothing => {
            text += "  nothing holds it back: `planner run` contracts it\n";
        }
        Held::InDoubt(phases) => {
            for phase in phases {
                text += &format!("  {phase} is in doubt: `planner run` finds out and goes on\n");
            }
        }
        Held::Blocked(blocked) => {
            for of in blocked {
                let waits = if of.phase == contract { "" } else { "waits for " };
                text += &format!("  {waits}{}\n", of.phase);
                text += &of.because.iter().map(|of| format!("    {}\n", words(of))).collect::<String>();
            }
        }
    }
    text
}

fn contract(debt: &Debt<'_>) -> PhaseKey {
    PhaseKey { plan: debt.plan.name.clone(), phase: Phase::Contract }
}

fn summary(debts: &[Debt<'_>], now: Timestamp) -> String {
    let n = counted(debts.len(), "plan is", "plans are");
    match debts.first() {
        None => "No plan is expanded and not contracted.\n".to_owned(),
        Some(Debt { since: Some(since), .. }) => format!(
            "{n} expanded and not contracted, the oldest for {}.\n",
            ago(*since, now)
        ),
        Some(Debt { since: None, .. }) => format!("{n} expanded and not contracted.\n"),
    }
}

fn data(debt: &Debt<'_>, loaded: &Loaded) -> Value {
    let names = |phases: &[PhaseKey]| phases.iter().map(PhaseKey::to_string).collect::<Vec<_>>();
    let (held, blocked, phases) = match &debt.held {
        Held::ByNothing => ("by_nothing", Vec::new(), Vec::new()),
        Held::InDoubt(phases) => ("in_doubt", Vec::new(), names(phases)),
        Held::Blocked(blocked) => {
            let phases: Vec<PhaseKey> = blocked.iter().map(|of| of.phase.clone()).collect();
            ("blocked", blocked.iter().map(|of| reasons(of, loaded)).collect(), names(&phases))
        }
    };
    json!({"plan": debt.plan.name.as_str(), "title": debt.plan.title, "owner": debt.plan.owner,
        "since": debt.since.map(|since| since.to_string()),
        "age_seconds": debt.since.map(|since| loaded.facts.now.duration_since(since).as_secs()),
        "contract_begun": debt.begun, "held": held, "phases": phases, "blocked": blocked})
}

fn reasons(blocked: &BlockedPhase, loaded: &Loaded) -> Value {
    let taken = taken_away(&loaded.built.project, &blocked.phase);
    let taken: Vec<String> = taken.iter().map(ToString::to_string).collect();
    let because: Vec<Value> = blocked.because.iter().map(|of| json_because(of, &taken)).collect();
    json!({"plan": blocked.phase.plan.as_str(), "phase": blocked.phase.phase.word(),
        "because": because, "unblock": blocked.unblock})
}
