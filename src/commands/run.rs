//! `planner run`.

use serde_json::json;

use super::next_phase::{drift_json, words};
use super::schema_rs::parse_phase;
use crate::compile::{CompiledMigration, offline};
use crate::execute::{self, Mode, Only, RunReport, RunRequest};
use crate::exit::{Exit, Failure};
use crate::formats::{Answer, counted};
use crate::phase::PhaseKey;
use crate::rollout::progress::standing;
use crate::rollout::{BlockedPhase, next_phase};
use crate::shell::Shell;
use crate::shell::pipeline::{Built, Depth};
use crate::shell::runner::run_failure;
use crate::shell::situation::Loaded;

/// Run what is ready: open phases, migrations, backfills
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only phases of this plan
    #[arg(long, value_name = "PLAN")]
    plan: Option<String>,
    /// Only this phase; exit 3 if it is blocked
    #[arg(long, value_name = "PLAN/PHASE", value_parser = parse_phase)]
    phase: Option<PhaseKey>,
    /// This phase and everything before it in version order; exit 3 if it is blocked
    #[arg(long, value_name = "PLAN/PHASE", value_parser = parse_phase, conflicts_with_all = ["plan", "phase"])]
    through: Option<PhaseKey>,
    /// Only say what would run
    #[arg(long)]
    dry_run: bool,
    /// Print the statements that would run as one script, for databases planner may not write to
    #[arg(long, conflicts_with_all = ["dry_run", "open"])]
    sql: bool,
    /// Do not run gated phases that are ready but open them, so that `diesel migration run` passes their guards
    #[arg(long, conflicts_with = "dry_run")]
    open: bool,
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    let only = Only {
        plan: args.plan.as_deref().map(Into::into),
        phase: args.phase.clone(),
        through: args.through.clone(),
    };
    if args.dry_run || args.sql {
        let loaded = shell.load_whole()?;
        known(&only, &loaded.built.project, shell)?;
        return pretend(args, &only, &loaded, shell);
    }
    let read = shell.read_project()?;
    let dialect = shell.dialect_of(&read)?;
    let built = shell.build(read, dialect, Depth::Whole)?;
    known(&only, &built.project, shell)?;
    let preparation = shell.prepare(&built)?;
    let mut database = shell.open_database(&built.config)?;
    let mode = if args.open { Mode::OpenForDiesel } else { Mode::Run };
    let request = RunRequest { only: only.clone(), mode };
    let mut observer = shell.observer();
    let (actor, holder) = (shell.actor(), shell.lease_holder());
    let prepared = preparation.lend(&built);
    let report = execute::run(&mut database, &prepared, &request, (&actor, &holder), &mut observer)
        .map_err(|error| run_failure(&error))?;
    let blocked = blocked_of(&only, &report, &built);
    shell.answer(&Answer { human: human(&report, &blocked, args.open), json: json(&report, &blocked) })?;
    Ok(if report.stopped {
        Exit::InDoubt
    } else if blocked.is_empty() {
        Exit::Done
    } else {
        Exit::Blocked
    })
}

fn known(only: &Only, project: &crate::plan::checked::CheckedProject, shell: &Shell) -> Result<(), Failure> {
    if let Some(plan) = &only.plan {
        shell.known_plan(project, plan)?;
    }
    for phase in only.phase.iter().chain(&only.through) {
        shell.known_phase(project, phase)?;
    }
    Ok(())
}

/// Returns what was named on the command line and could not run, in words.
fn blocked_of(only: &Only, report: &RunReport, built: &Built) -> Vec<String> {
    let next = &report.next;
    let mut blocked = Vec::new();
    let due = execute::due(&built.project, &built.graph, next, only);
    let is_due = |named: &PhaseKey| due.iter().any(|due| due.phase == *named);
    let is_ready = |named: &PhaseKey| next.ready.iter().any(|ready| ready.phase == *named);
    for named in only.phase.iter().chain(&only.through) {
        let shut = next.blocked.iter().chain(&report.shut).find(|one| one.phase == *named);
        if let Some(shut) = shut {
            blocked.push(describe(shut));
        } else if let Some((_, waits_for)) = next.waiting.iter().find(|(phase, _)| phase == named) {
            let names: Vec<String> = waits_for.iter().map(ToString::to_string).collect();
            blocked.push(format!("{named} waits for {}", names.join(", ")));
            let before = next.blocked.iter().filter(|one| waits_for.contains(&one.phase));
            blocked.extend(before.map(describe));
        } else if is_ready(named) && !is_due(named) {
            blocked.push(format!(
                "{named} waits for phases that are ready and were not asked for: say `--through {named}`"
            ));
        }
    }
    blocked
}

fn describe(blocked: &BlockedPhase) -> String {
    let because: Vec<String> = blocked.because.iter().map(words).collect();
    format!("{} is blocked: {}", blocked.phase, because.join("; "))
}

fn human(report: &RunReport, blocked: &[String], opened_only: bool) -> String {
    let mut text = String::new();
    if !report.adopted.is_empty() {
        text += &format!("Took note of {} that Diesel had run.\n", counted(report.adopted.len(), "migration", "migrations"));
    }
    for shut in &report.shut {
        text += &format!("{}.\n", describe(shut));
    }
    for line in blocked.iter().filter(|line| !report.shut.iter().any(|shut| describe(shut) == **line)) {
        text += &format!("{line}.\n");
    }
    if opened_only {
        let n = report.opened.len();
        text += &format!("{} open for `diesel migration run`.\n", counted(n, "phase is", "phases are"));
    } else {
        let n = report.finished.len() + report.hand_written.len();
        text += &format!("{} ran.\n", counted(n, "migration", "migrations"));
    }
    if report.stopped {
        text += "Stopped as asked; `planner run` goes on where it ended.\n";
    }
    for found in &report.next.drift {
        text += &format!("Drift: {}; `planner status` says what to do.\n", found.message);
    }
    let waiting = report.next.blocked.len() + report.next.waiting.len();
    if waiting > 0 {
        text += &format!("{} must wait; `planner next-phase` says for what.\n", counted(waiting, "phase", "phases"));
    }
    text
}

fn json(report: &RunReport, blocked: &[String]) -> serde_json::Value {
    let finished: Vec<_> = report
        .finished
        .iter()
        .map(|(step, version)| {
            json!({"plan": step.plan.as_str(), "step": step.id.as_str(), "version": version.as_str()})
        })
        .collect();
    let opened: Vec<String> = report.opened.iter().map(ToString::to_string).collect();
    let adopted: Vec<&str> = report.adopted.iter().map(crate::version::MigrationVersion::as_str).collect();
    json!({
        "opened": opened, "finished": finished, "hand_written": report.hand_written, "adopted": adopted,
        "stopped": report.stopped, "blocked": blocked, "drift": drift_json(&report.next), "answer": report.next.answer().word(),
    })
}

/// Says what would run, without running it.
fn pretend(args: &Args, only: &Only, loaded: &Loaded, shell: &Shell) -> Result<Exit, Failure> {
    let situation = loaded.situation();
    let next = next_phase(&situation);
    let ready = execute::due(&loaded.built.project, &loaded.built.graph, &next, only);
    let mut migrations: Vec<&CompiledMigration> = Vec::new();
    let mut human = String::new();
    for ready in &ready {
        human += &format!("would run {}\n", ready.phase);
        for key in &ready.steps {
            let step = loaded.built.compiled.by_key.get(key).and_then(|at| loaded.built.compiled.steps.get(*at));
            let todo = step.into_iter().flat_map(|step| &step.migrations);
            for migration in todo.filter(|migration| !standing(&situation, &migration.version).is_done()) {
                human += &format!("  {}\n", migration.directory);
                migrations.push(migration);
            }
        }
    }
    let report = RunReport { next, ..RunReport::default() };
    let blocked = blocked_of(only, &report, &loaded.built);
    if args.sql {
        shell.data(&offline::script(&loaded.built.project, &loaded.built.compiled, &migrations))?;
        for line in &blocked {
            shell.say(&format!("{line}."));
        }
    } else {
        for line in &blocked {
            human += &format!("{line}.\n");
        }
        if migrations.is_empty() {
            human += "Nothing would run.\n";
        }
        let directories: Vec<&str> = migrations.iter().map(|migration| migration.directory.as_str()).collect();
        shell.answer(&Answer { human, json: json!({"would_run": directories, "blocked": blocked}) })?;
    }
    Ok(if blocked.is_empty() { Exit::Done } else { Exit::Blocked })
}
