//! `planner schema-rs`.

use camino::Utf8PathBuf;

use crate::catalog::Catalog;
use crate::change::apply::apply;
use crate::compile::schema_rs::schema_rs;
use crate::exit::{Exit, Failure};
use crate::phase::PhaseKey;
use crate::shell::pipeline::Depth;
use crate::shell::{Shell, files};

/// Print Diesel's `schema.rs` for the end of all plans, or for a given phase
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// As it stands once this phase has run: it, and everything that comes before it in version order
    #[arg(long, value_name = "PLAN/PHASE", value_parser = parse_phase)]
    at: Option<PhaseKey>,
    /// Write it to this file instead
    #[arg(long, value_name = "FILE")]
    out: Option<Utf8PathBuf>,
}

/// Reads `PLAN/PHASE` from the command line.
pub(super) fn parse_phase(text: &str) -> Result<PhaseKey, String> {
    PhaseKey::parse(text).ok_or_else(|| "write a plan and a phase, as in `split_user_name/expand`".into())
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    let read = shell.read_project()?;
    let dialect = shell.dialect_of(&read)?;
    let built = shell.build(read, dialect, Depth::Outline)?;
    let catalog = match &args.at {
        None => Catalog::clone(&built.project.end),
        Some(at) => {
            shell.known_phase(&built.project, at)?;
            catalog_at(&built.project, at)
        }
    };
    let text = schema_rs(&catalog);
    match &args.out {
        Some(file) => files::write(&shell.here.join(file), &text)?,
        None => shell.data(&text)?,
    }
    Ok(Exit::Done)
}

/// Applies every step up to the end of a phase, in version order.
fn catalog_at(project: &crate::plan::checked::CheckedProject, at: &PhaseKey) -> Catalog {
    let mut catalog = Catalog::clone(&project.start);
    for plan in &project.plans {
        for step in &plan.steps {
            if plan.name == at.plan && step.phase > at.phase {
                return catalog;
            }
            for change in step.changes.iter() {
                // INVARIANT: `check` applied the same changes in the same order.
                let applied = apply(change, &mut catalog);
                debug_assert!(applied.is_ok(), "{applied:?}");
            }
        }
        if plan.name == at.plan {
            break;
        }
    }
    catalog
}
