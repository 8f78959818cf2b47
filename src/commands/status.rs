//! `planner status`.

mod debt;

use serde_json::json;

use crate::exit::{Exit, Failure};
use crate::formats::{Answer, FormatName, format};
use crate::ledger::MigrationState;
use crate::phase::Phase;
use crate::plan::checked::CheckedPlan;
use crate::rollout::drift::drift;
use crate::rollout::progress::standing;
use crate::shell::{Shell, contradictions};
use crate::shell::situation::Loaded;

/// Show where each plan stands; exit 4 if database, ledger and files disagree, 5 if something is in doubt
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Plans that are complete too
    #[arg(long)]
    all: bool,
    /// Instead: the plans that were expanded and never contracted, the oldest first, with what holds each back
    #[arg(long, conflicts_with = "all")]
    debt: bool,
    /// Only plans of this owner
    #[arg(long, value_name = "NAME", requires = "debt")]
    owner: Option<String>,
}

/// How far one phase has come.
struct Progress {
    phase: Phase,
    n_done: usize,
    n_steps: usize,
    in_doubt: bool,
}

impl Progress {
    const fn word(&self) -> &'static str {
        if self.in_doubt {
            "in doubt"
        } else if self.n_done == self.n_steps {
            "complete"
        } else if self.n_done > 0 {
            "started"
        } else {
            "pending"
        }
    }
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    if args.debt {
        return debt::run(args.owner.as_deref(), shell);
    }
    let loaded = shell.load()?;
    let drift = drift(&loaded.situation());
    let mut human = String::new();
    let mut plans = Vec::new();
    let mut n_complete = 0;
    let mut any_in_doubt = false;
    for plan in &loaded.built.project.plans {
        let phases: Vec<Progress> = plan.phases().map(|phase| progress(&loaded, plan, phase)).collect();
        let complete = phases.iter().all(|phase| phase.n_done == phase.n_steps && !phase.in_doubt);
        any_in_doubt |= phases.iter().any(|phase| phase.in_doubt);
        n_complete += usize::from(complete);
        if !complete || args.all {
            human += &format!("{}\n", plan.name);
            for phase in &phases {
                human += &format!("  {:<9} {:<9} {} of {} steps\n", phase.phase.word(), phase.word(), phase.n_done, phase.n_steps);
            }
        }
        let list: Vec<_> = phases
            .iter()
            .map(|phase| json!({"phase": phase.phase.word(), "state": phase.word(), "done": phase.n_done, "steps": phase.n_steps}))
            .collect();
        plans.push(json!({"plan": plan.name.as_str(), "owner": plan.owner, "complete": complete, "phases": list}));
    }
    let n_plans = loaded.built.project.plans.len();
    human += &format!("{n_complete} of {n_plans} plans are complete.\n");
    if loaded.database.is_none() {
        human += "There is no database yet; nothing has run.\n";
    }
    let drift_json: serde_json::Value = serde_json::from_str(&format(FormatName::Json).diagnostics(&loaded.built.sources, &drift, shell.style))
        .unwrap_or_default();
    let drift_list = drift_json.get("diagnostics").cloned().unwrap_or_default();
    if !drift.is_empty() && shell.format == FormatName::Human {
        human += "\nDatabase, ledger and files disagree:\n";
        human += &format(FormatName::Human).diagnostics(&loaded.built.sources, &drift, shell.style);
    }
    let disagree = contradictions::shown(&loaded.ledger, loaded.facts.now);
    if !disagree.human.is_empty() {
        human += &format!("\n{}", disagree.human);
    }
    let json = json!({"plans": plans, "drift": drift_list, "contradictions": disagree.json});
    shell.answer(&Answer { human, json })?;
    Ok(match (any_in_doubt, drift.is_empty()) {
        (true, _) => Exit::InDoubt,
        (false, false) => Exit::Drift,
        (false, true) => Exit::Done,
    })
}

fn progress(loaded: &Loaded, plan: &CheckedPlan, phase: Phase) -> Progress {
    let mut progress = Progress { phase, n_done: 0, n_steps: 0, in_doubt: false };
    let situation = loaded.situation();
    for step in plan.steps_of(phase) {
        let compiled = loaded.built.compiled.by_key.get(&step.key);
        let Some(step) = compiled.and_then(|at| loaded.built.compiled.steps.get(*at)) else { continue };
        progress.n_steps += 1;
        progress.n_done += usize::from(
            step.migrations.iter().all(|migration| standing(&situation, &migration.version).is_done()),
        );
        progress.in_doubt |= step.migrations.iter().any(|migration| {
            matches!(loaded.ledger.migrations.get(&migration.version), Some(MigrationState::InDoubt(..)))
        });
    }
    progress
}
