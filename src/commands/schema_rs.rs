//! `planner schema-rs`.

use camino::Utf8PathBuf;

use crate::catalog::Catalog;
use crate::change::apply::apply;
use crate::compile::schema_rs::options::{PrintOptions, Schemas};
use crate::compile::schema_rs::schema_rs;
use crate::dialect::Dialect;
use crate::exit::{Exit, Failure};
use crate::phase::PhaseKey;
use crate::shell::pipeline::Depth;
use crate::shell::{Shell, files};

/// Print Diesel's `schema.rs` for the end of all plans, or for a given phase, as `diesel.toml` wants it
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// As it stands once this phase has run: it, and everything that comes before it in version order
    #[arg(long, value_name = "PLAN/PHASE", value_parser = parse_phase)]
    at: Option<PhaseKey>,
    /// By the options under `[print_schema.KEY]` of `diesel.toml`
    #[arg(long, value_name = "KEY")]
    schema_key: Option<String>,
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
    read.has_all_migrations()?;
    let dialect = shell.dialect_of(&read)?;
    let options = shell.print_options(args.schema_key.as_deref())?;
    can_be_honoured(&options, dialect)?;
    let built = shell.build(read, dialect, Depth::Outline)?;
    let catalog = match &args.at {
        None => Catalog::clone(&built.project.end),
        Some(at) => {
            shell.known_phase(&built.project, at)?;
            catalog_at(&built.project, at)
        }
    };
    let text = patched(schema_rs(&catalog, &options), &options, shell)?;
    match &args.out {
        Some(file) => files::write(&shell.here.join(file), &text)?,
        None => shell.data(&text)?,
    }
    Ok(Exit::Done)
}

/// Refuses options that would be ignored otherwise.
fn can_be_honoured(options: &PrintOptions, dialect: Dialect) -> Result<(), Failure> {
    if let Some(option) = options.not_honoured.first() {
        let failure = Failure::usage(format!("`diesel.toml`: planner cannot honour `{option}` of `print_schema`"));
        return Err(failure.help(
            "take it out, or print the file with `diesel print-schema` from a database on which the plans ran",
        ));
    }
    match (dialect, &options.schemas) {
        (Dialect::Sqlite, Schemas::Named(schema)) => Err(Failure::usage(format!(
            "`diesel.toml` asks for schema `{schema}`, but SQLite has no schemas"
        ))
        .help("take `schema` out of `print_schema`, or name other options with `--schema-key KEY`")),
        (Dialect::Postgres | Dialect::Sqlite, _) => Ok(()),
    }
}

/// Applies the patch that `diesel.toml` names.
fn patched(text: String, options: &PrintOptions, shell: &Shell) -> Result<String, Failure> {
    let Some(file) = &options.patch_file else { return Ok(text) };
    let help = "make the patch anew, from what is printed without it, or take `patch_file` out of `diesel.toml`";
    let failed = |what: String| Failure::usage(what).help(help);
    let patch = files::read(&shell.root.join(file))?
        .ok_or_else(|| failed(format!("there is no `{file}`, which `diesel.toml` names as `patch_file`")))?;
    let patch = diffy::Patch::from_str(&patch)
        .map_err(|error| failed(format!("`{file}`, the `patch_file` of `diesel.toml`, is no patch: {error}")))?;
    diffy::apply(&text, &patch)
        .map_err(|error| failed(format!("`{file}`, the `patch_file` of `diesel.toml`, does not fit: {error}")))
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
