//! `planner schema-rs`.

mod files;
mod given;

use camino::Utf8PathBuf;

use crate::catalog::Catalog;
use crate::change::apply::apply;
use crate::compile::schema_rs::options::{PrintOptions, Schemas};
use crate::compile::schema_rs::schema_rs;
use crate::dialect::Dialect;
use crate::exit::{Exit, Failure};
use crate::phase::PhaseKey;
use crate::shell::pipeline::Depth;
use crate::shell::Shell;
use crate::shell::files::{read, write};

/// Print Diesel's `schema.rs` for the end of all plans, or for a given phase, as `diesel.toml` wants it
///
/// It is what `diesel print-schema` prints for a database in that state. Without a `diesel.toml` all schemas are printed. The file is
/// the one that `--config-file` or `DIESEL_CONFIG_FILE` names, else the nearest `diesel.toml` from the project's root upwards.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// As it stands once this phase has run: it, and everything that comes before it in version order
    #[arg(long, value_name = "PLAN/PHASE", value_parser = parse_phase)]
    at: Option<PhaseKey>,
    /// By the options under `[print_schema.KEY]` alone, `default` for those of `[print_schema]`; may be given several times. If nothing is said,
    /// by each key in turn, as Diesel does
    #[arg(long, value_name = "KEY")]
    schema_key: Vec<String>,
    /// By this file instead of `diesel.toml`
    #[arg(long, value_name = "FILE")]
    config_file: Option<Utf8PathBuf>,
    /// Write it to this file instead
    #[arg(long, value_name = "FILE", conflicts_with_all = ["write", "check"])]
    out: Option<Utf8PathBuf>,
    /// Write the `file` of each key in `diesel.toml`, as `diesel migration run` does
    #[arg(long, conflicts_with = "check")]
    write: bool,
    /// Only compare the `file` of each key in `diesel.toml` with what would be written; fail if one differs
    #[arg(long, visible_alias = "locked-schema")]
    check: bool,
    #[command(flatten)]
    given: given::Given,
}

/// Reads `PLAN/PHASE` from the command line.
pub(super) fn parse_phase(text: &str) -> Result<PhaseKey, String> {
    PhaseKey::parse(text).ok_or_else(|| "write a plan and a phase, as in `split_user_name/expand`".into())
}

/// What is printed for one key.
struct Printed<'a> {
    key: &'a str,
    options: PrintOptions,
    text: String,
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    let project = shell.read_project()?;
    project.has_all_migrations()?;
    let dialect = shell.dialect_of(&project)?;
    let printing = shell.printing(args.config_file.as_deref())?;
    let mut all: Vec<Printed<'_>> = Vec::new();
    for (key, options) in printing.chosen(&args.schema_key)? {
        let mut options = options.clone();
        shell.can_be_honoured(&printing, &options)?;
        args.given.apply(&mut options, shell)?;
        has_schemas(&options, dialect)?;
        all.push(Printed { key, options, text: String::new() });
    }
    if let ([_, _, ..], Some(file)) = (all.as_slice(), &args.out) {
        return Err(Failure::usage(format!("`diesel.toml` has several keys, and `{file}` is one file")).help(
            "choose one with `--schema-key`, or write the file of each key with `--write`",
        ));
    }
    let built = shell.build(project, dialect, Depth::Outline)?;
    let catalog = match &args.at {
        None => Catalog::clone(&built.project.end),
        Some(at) => {
            shell.known_phase(&built.project, at)?;
            catalog_at(&built.project, at)
        }
    };
    for printed in &mut all {
        printed.text = patched(schema_rs(&catalog, &printed.options), &printed.options, shell)?;
    }
    if args.write || args.check {
        return self::files::put(&all, args.write, shell);
    }
    let text: String = all.iter().map(|printed| printed.text.as_str()).collect();
    match &args.out {
        Some(file) => write(&shell.here.join(file), &text)?,
        None => shell.data(&text)?,
    }
    Ok(Exit::Done)
}

/// Refuses a schema where there are none.
fn has_schemas(options: &PrintOptions, dialect: Dialect) -> Result<(), Failure> {
    match (dialect, &options.schemas) {
        (Dialect::Sqlite, Schemas::Named(schema)) => {
            Err(Failure::usage(format!("schema `{schema}` is asked for, but SQLite has no schemas"))
                .help("take `schema` out of `print_schema` and off the command line, or choose another key with `--schema-key KEY`"))
        }
        (Dialect::Postgres | Dialect::Sqlite, _) => Ok(()),
    }
}

/// Applies the patch that is asked for.
fn patched(text: String, options: &PrintOptions, shell: &Shell) -> Result<String, Failure> {
    let Some(path) = &options.patch_file else { return Ok(text) };
    let file = path.strip_prefix(&shell.root).unwrap_or(path);
    let help = "make the patch anew, from what is printed without it, or take `patch_file` out of `diesel.toml`";
    let failed = |what: String| Failure::usage(what).help(help);
    let diff = read(path)?;
    let diff = diff.ok_or_else(|| failed(format!("there is no `{file}`, which is to be the `patch_file`")))?;
    let diff = diffy::Patch::from_str(&diff)
        .map_err(|error| failed(format!("`{file}`, the `patch_file`, is no patch: {error}")))?;
    diffy::apply(&text, &diff)
        .map_err(|error| failed(format!("`{file}`, the `patch_file`, does not fit: {error}")))
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
