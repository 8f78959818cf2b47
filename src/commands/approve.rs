//! `planner approve`.

use serde_json::json;

use super::schema_rs::parse_phase;
use crate::database::Database as _;
use crate::exit::{Exit, Failure};
use crate::formats::Answer;
use crate::ledger::Event;
use crate::phase::PhaseKey;
use crate::rollout::gates::phase_checksum;
use crate::shell::Shell;
use crate::shell::pipeline::Depth;
use crate::shell::target::database_failure;

/// Open an approval gate, with your name and a reason
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The phase
    #[arg(value_name = "PLAN/PHASE", value_parser = parse_phase)]
    phase: PhaseKey,
    /// Who approves; the acting user if nothing is said
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Why it may run
    #[arg(long)]
    reason: String,
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    let read = shell.read_project()?;
    let dialect = shell.dialect_of(&read)?;
    let built = shell.build(read, dialect, Depth::Outline)?;
    shell.known_phase(&built.project, &args.phase)?;
    let gates = built.project.plan(&args.phase.plan).and_then(|plan| plan.gates.of(args.phase.phase));
    let asks = gates.and_then(|gates| gates.approval.as_ref()).is_some_and(|approval| approval.value);
    if !asks {
        return Err(Failure::usage(format!("`{}` has no approval gate", args.phase))
            .help("write `approval: true` under its gates, or go on without approving it"));
    }
    if args.reason.trim().is_empty() {
        return Err(Failure::usage("an approval has a reason").help("say `--reason \"why it may run\"`"));
    }
    let by = args.by.clone().unwrap_or_else(|| shell.actor());
    if by.trim().is_empty() {
        return Err(Failure::usage("an approval has a name").help("say `--by NAME`"));
    }
    let event = Event::Approved {
        plan: args.phase.plan.clone(),
        phase: args.phase.phase,
        checksum: phase_checksum(&built.compiled, &args.phase),
        by: by.clone(),
        reason: args.reason.clone(),
    };
    let mut database = shell.open_database(&built.config)?;
    let entry = database
        .install_ledger()
        .and_then(|()| database.append(&shell.actor(), &event))
        .map_err(|error| database_failure(&error))?;
    shell.answer(&Answer {
        human: format!("{by} approved {} as it is now; a change of its steps needs a new approval.\n", args.phase),
        json: json!({"recorded": [entry.id], "plan": args.phase.plan.as_str(), "phase": args.phase.phase.word(), "by": by}),
    })?;
    Ok(Exit::Done)
}
