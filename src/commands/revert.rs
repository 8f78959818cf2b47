//! `planner revert`.

use serde_json::json;

use crate::execute;
use crate::exit::{Exit, Failure};
use crate::formats::{Answer, counted};
use crate::name::StepKey;
use crate::phase::PhaseKey;
use crate::rollout::revert::{RevertPlan, RevertTarget, plan_revert};
use crate::shell::Shell;
use crate::shell::runner::run_failure;

/// Go back to before a step or phase: undo it and whatever came after it in the graph
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The phase (`PLAN/expand`) or the step (`PLAN/STEP`) to go back to before
    #[arg(value_name = "PLAN/PHASE|PLAN/STEP", value_parser = parse_target)]
    target: RevertTarget,
    /// Consent to undo this contract phase, whose data is gone; may be given several times
    #[arg(long, value_name = "PLAN/contract")]
    consent: Vec<String>,
    /// Only say what would be undone
    #[arg(long)]
    dry_run: bool,
}

fn parse_target(text: &str) -> Result<RevertTarget, String> {
    if let Some(phase) = PhaseKey::parse(text) {
        return Ok(RevertTarget::Phase(phase));
    }
    match text.rsplit_once('/') {
        Some((plan, step)) if !plan.is_empty() && !step.is_empty() => {
            Ok(RevertTarget::Step(StepKey { plan: plan.into(), id: step.into() }))
        }
        _ => Err("write a plan and a phase or step, as in `split_user_name/expand`".into()),
    }
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    let loaded = shell.load_whole()?;
    match &args.target {
        RevertTarget::Phase(phase) => shell.known_phase(&loaded.built.project, phase)?,
        RevertTarget::Step(step) => shell.known_step(&loaded.built.project, step)?,
    }
    let plan = plan_revert(&loaded.situation(), &args.target);
    if !plan.refused.is_empty() {
        return Err(Failure::new(Exit::Blocked, format!("nothing is undone: {}", plan.refused.join("; "))));
    }
    let directories = directories(&loaded, &plan);
    if args.dry_run {
        let mut human: String = directories.iter().map(|one| format!("would undo {one}\n")).collect();
        for contract in &plan.contracts {
            human += &format!("needs `--consent {contract}`\n");
        }
        for phase in &plan.closes {
            human += &format!("would close {phase}\n");
        }
        if directories.is_empty() && plan.closes.is_empty() {
            human += "Nothing would be undone.\n";
        }
        let contracts: Vec<String> = plan.contracts.iter().map(ToString::to_string).collect();
        let closes: Vec<String> = plan.closes.iter().map(ToString::to_string).collect();
        let json = json!({"would_undo": directories, "would_close": closes, "needs_consent": contracts});
        shell.answer(&Answer { human, json })?;
        return Ok(Exit::Done);
    }
    let lacking: Vec<String> = plan
        .contracts
        .iter()
        .map(ToString::to_string)
        .filter(|contract| !args.consent.contains(contract))
        .collect();
    if !lacking.is_empty() {
        let flags: Vec<String> = lacking.iter().map(|one| format!("--consent {one}")).collect();
        let message = format!("this undoes {}, which removed what cannot be brought back whole", lacking.join(", "));
        return Err(Failure::new(Exit::Blocked, message).help(format!("say `{}` if that is meant", flags.join(" "))));
    }
    let Some(mut database) = loaded.database else {
        return nothing(shell);
    };
    if plan.versions.is_empty() && plan.closes.is_empty() {
        return nothing(shell);
    }
    let preparation = shell.prepare(&loaded.built)?;
    let prepared = preparation.lend(&loaded.built);
    let mut observer = shell.observer();
    let who = (shell.actor(), shell.lease_holder());
    let report = execute::revert(
        &mut database,
        &prepared,
        (&args.target, &plan),
        (&who.0, &who.1),
        &mut observer,
    )
    .map_err(|error| run_failure(&error))?;
    let undone: Vec<&str> = report.reverted.iter().map(|(_, version)| version.as_str()).collect();
    let mut human = format!("{} undone.\n", counted(undone.len(), "migration was", "migrations were"));
    for phase in &report.closed {
        human += &format!("{phase} is closed again.\n");
    }
    if report.stopped {
        human += "Stopped as asked; the same command goes on where it ended.\n";
    }
    let closed: Vec<String> = report.closed.iter().map(ToString::to_string).collect();
    shell.answer(&Answer { human, json: json!({"reverted": undone, "closed": closed, "stopped": report.stopped}) })?;
    Ok(if report.stopped { Exit::InDoubt } else { Exit::Done })
}

fn nothing(shell: &Shell) -> Result<Exit, Failure> {
    let none: [&str; 0] = [];
    let json = json!({"reverted": none, "closed": none, "stopped": false});
    shell.answer(&Answer { human: "There is nothing to undo.\n".into(), json })?;
    Ok(Exit::Done)
}

fn directories(loaded: &crate::shell::situation::Loaded, plan: &RevertPlan) -> Vec<String> {
    let compiled = &loaded.built.compiled;
    let migrations = plan.versions.iter().filter_map(|version| {
        let (step, at) = compiled.by_version.get(version)?;
        compiled.steps.get(*step)?.migrations.get(*at)
    });
    migrations.map(|migration| migration.directory.clone()).collect()
}
