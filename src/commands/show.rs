//! `planner show`.

mod locks;

use serde_json::json;

use crate::catalog::Catalog;
use crate::change::apply::apply;
use crate::compile::{CompiledMigration, CompiledStep, Work};
use crate::dialects::Transaction;
use crate::dialects::locks::Demand;
use crate::exit::{Exit, Failure};
use crate::formats::Answer;
use crate::shell::Shell;
use crate::shell::pipeline::Depth;

/// Print a plan's steps with their SQL, the locks they take, how they meet transactions, and how they are undone
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plan's name
    plan: String,
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    let read = shell.read_project()?;
    let dialect = shell.dialect_of(&read)?;
    let built = shell.build(read, dialect, Depth::Whole)?;
    let name = args.plan.as_str().into();
    shell.known_plan(&built.project, &name)?;
    let Some(plan) = built.project.plan(&name) else { return Ok(Exit::Done) };
    let mut catalog = Catalog::clone(&built.project.start);
    let mut steps: Vec<(&CompiledStep, locks::Asked)> = Vec::new();
    for step in &built.compiled.steps {
        if step.key.plan == name {
            steps.push((step, locks::of_step(step, &catalog)));
        }
        for change in step.changes.iter() {
            // INVARIANT: `check` applied the same changes in the same order.
            let applied = apply(change, &mut catalog);
            debug_assert!(applied.is_ok(), "{applied:?}");
        }
    }
    let mut human = format!("{name}: {}\n", plan.title.as_deref().unwrap_or("without a title"));
    if let Some(owner) = &plan.owner {
        human += &format!("owner: {owner}\n");
    }
    let mut phase = None;
    for (step, asked) in &steps {
        if phase != Some(step.phase) {
            phase = Some(step.phase);
            human += &format!("\n{}{}\n", step.phase, if step.gated { " (gated)" } else { "" });
        }
        human += &format!("\n  {}\n", step.key.id);
        for (migration, asked) in step.migrations.iter().zip(asked) {
            human += &human_migration(migration, asked);
        }
    }
    let json = json!({
        "plan": name.as_str(),
        "title": plan.title,
        "owner": plan.owner,
        "dialect": dialect.word(),
        "steps": steps.iter().map(|(step, asked)| json_step(step, asked)).collect::<Vec<_>>(),
    });
    shell.answer(&Answer { human, json })?;
    Ok(Exit::Done)
}

fn human_migration(migration: &CompiledMigration, asked: &[Vec<Demand>]) -> String {
    let mut text = format!("    {} {}\n", migration.version, describe(migration));
    for (statement, asked) in migration.up.iter().zip(asked) {
        text += &indented(statement, "      ");
        for demand in asked {
            text += &format!("        {}\n", locks::told(demand));
        }
    }
    match &migration.down {
        Ok(statements) => {
            text += "    undone by\n";
            for statement in statements {
                text += &indented(statement, "      ");
            }
        }
        Err(why) => text += &format!("    cannot be undone: {why}\n"),
    }
    text
}

fn indented(statement: &str, indent: &str) -> String {
    statement.lines().map(|line| format!("{indent}{line}\n")).collect()
}

fn describe(migration: &CompiledMigration) -> &'static str {
    match (&migration.work, &migration.transaction) {
        (Work::Guard, _) => "guard of the next one; planner itself runs nothing for it",
        (Work::Backfill(_), _) => "in batches; Diesel runs it whole",
        (Work::Statements | Work::Written, Transaction::Shared) => "in one transaction",
        (Work::Statements | Work::Written, Transaction::ForeignKeysOff) => {
            "table rebuild, in one transaction"
        }
        (Work::Statements | Work::Written, Transaction::Alone { .. }) => "alone, outside a transaction",
    }
}

fn json_step(step: &CompiledStep, asked: &locks::Asked) -> serde_json::Value {
    let migrations: Vec<_> = step
        .migrations
        .iter()
        .zip(asked)
        .map(|(migration, asked)| {
            json!({
                "version": migration.version.as_str(),
                "directory": migration.directory,
                "how": describe(migration),
                "up": migration.up,
                "locks": locks::json(asked),
                "down": migration.down.as_ref().ok(),
                "irreversible": migration.down.as_ref().err(),
            })
        })
        .collect();
    json!({
        "id": step.key.id.as_str(),
        "phase": step.phase.word(),
        "gated": step.gated,
        "checksum": step.checksum.as_str(),
        "migrations": migrations,
    })
}
