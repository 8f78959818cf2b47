//! `planner baseline`.

mod compared;
mod told;

use std::collections::BTreeSet;

use crate::compile::Checksum;
use crate::dialect::Dialect;
use crate::exit::{Exit, Failure};
use crate::history::baseline::make::{Made, make};
use crate::history::baseline::{Header, is_newer};
use crate::history::Origin;
use crate::ledger::Event;
use crate::release::schema_rs::as_catalog::as_catalog;
use crate::shell::adoption::{ByDatabase, Sightings};
use crate::shell::histories::baseline_file;
use crate::shell::project::ReadProject;
use crate::shell::{Shell, files};
use crate::source::Sources;

/// Adopt an existing project or database: write down what was there before the first plan
///
/// Compares what the hand-written migrations, the live database and `schema.rs` say, shows where they differ, and writes
/// `baseline.<dialect>.sql` at the project's root. Plans build on it, and the migrations that it covers are not judged any more.
/// Touches neither the migrations nor any other file, and nothing in the database but planner's own ledger, which takes note.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where to take the schema from: `migrations`, `database` or `schema.rs`. If nothing is said, from where the baseline that is there took it;
    /// else from the database, if it can be reached and has something; else from the migrations
    #[arg(long, value_name = "PLACE", value_parser = parse_origin)]
    from: Option<Origin>,
    /// Which engine's, where the project has several and this is not the database's
    #[arg(long, value_parser = parse_dialect)]
    dialect: Option<Dialect>,
    /// Only say what would be written
    #[arg(long)]
    dry_run: bool,
}

fn parse_origin(word: &str) -> Result<Origin, String> {
    Origin::parse(word).ok_or_else(|| format!("places: {}", Origin::ALL.map(Origin::word).join(", ")))
}

fn parse_dialect(word: &str) -> Result<Dialect, String> {
    Dialect::parse(word).ok_or_else(|| format!("dialects: {}", Dialect::ALL.map(Dialect::word).join(", ")))
}

/// What comes of it.
struct Outcome {
    made: Made,
    /// Whether the file that is there stays as it is, whatever would be made now.
    is_kept: bool,
    /// What is worth knowing beside.
    notes: Vec<String>,
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    let read = shell.read_project()?;
    let seen = shell.sightings(&read, args.dialect)?;
    let path = baseline_file(seen.dialect);
    let before = files::read(&shell.root.join(&path))?;
    if before.as_deref().is_some_and(is_newer) {
        return Err(Failure::usage(format!("`{path}` was written by a newer planner"))
            .help("use the newest planner that works on this project"));
    }
    let mut outcome = decide(args, shell, &seen, &read, before.as_deref())?;
    let others = read.config.dialects.iter().filter(|other| **other != seen.dialect);
    outcome.notes.extend(others.map(|other| {
        format!("the project has {other} too: `planner baseline --dialect {other}` writes its baseline")
    }));
    let text = outcome.made.text(seen.dialect);
    let is_same = outcome.is_kept || before.as_ref() == Some(&text);
    if !is_same && !args.dry_run {
        files::write(&shell.root.join(&path), &text)?;
    }
    let entry = if args.dry_run { None } else { note_in_ledger(shell, &seen, &outcome.made)? };
    let told = told::Told {
        path: &path,
        outcome: &outcome,
        compared: compared::compared(&seen, outcome.made.header.origin),
        changes: told::changes(&seen, &read.sources, &outcome.made),
        is_new: before.is_none(),
        is_same,
        is_dry: args.dry_run,
        entry,
    };
    shell.answer(&told.answer())?;
    Ok(Exit::Done)
}

/// Decides from where the schema is taken, and makes the baseline.
fn decide(
    args: &Args,
    shell: &Shell,
    seen: &Sightings,
    read: &ReadProject,
    before: Option<&str>,
) -> Result<Outcome, Failure> {
    let mut notes = Vec::new();
    if let (Some(_), None) = (before, &seen.baseline) {
        notes.push("the baseline that is there cannot be read, and is written anew".to_owned());
    }
    let known = seen.baseline.as_ref().map(|baseline| baseline.header.origin);
    let origin = match (args.from, known) {
        (Some(origin), _) | (None, Some(origin)) => origin,
        (None, None) => default_origin(seen, &mut notes)?,
    };
    if let (None, Some(why), Some(baseline)) = (args.from, no_longer(seen, origin), &seen.baseline)
    {
        // It was taken in time, and what came after it is in the plans.
        notes.push(format!("the baseline stays as it is: {why}"));
        let made = kept(&baseline.header, before.unwrap_or_default());
        return Ok(Outcome { made, is_kept: true, notes });
    }
    let mut made = made_from(origin, seen, read)?;
    let today = shell.today().to_string();
    made.header.made = match &seen.baseline {
        // What says the same as before was made when it was first made.
        Some(baseline) => {
            let mut again = made.clone();
            again.header.made.clone_from(&baseline.header.made);
            let is_same = before == Some(again.text(seen.dialect).as_str());
            if is_same { baseline.header.made.clone() } else { today }
        }
        None => today,
    };
    Ok(Outcome { made, is_kept: false, notes })
}

fn default_origin(seen: &Sightings, notes: &mut Vec<String>) -> Result<Origin, Failure> {
    let has_migrations = seen.migrations.is_some();
    match &seen.database {
        Ok(Some(database)) if !database.has_run_plans => {
            let is_empty = database.applied.is_empty() && database.catalog.tables.is_empty();
            if !is_empty || !has_migrations {
                return Ok(Origin::Database);
            }
            notes.push("the database is empty, so the schema is taken from the migrations".to_owned());
            Ok(Origin::Migrations)
        }
        Ok(_) if has_migrations => Ok(Origin::Migrations),
        Ok(Some(_)) => Err(plans_have_run()),
        Ok(None) => Err(nothing_there()),
        Err(failure) if has_migrations => {
            let message = &failure.message;
            notes.push(format!("the database was not asked, so the schema is taken from the migrations: {message}"));
            Ok(Origin::Migrations)
        }
        Err(failure) => Err(failure.clone()),
    }
}

fn nothing_there() -> Failure {
    Failure::usage("there are no hand-written migrations and no database to take a schema from").help(
        "set DATABASE_URL, or write `database: sqlite:PATH` or `migrations:` into `planner.yaml`; a project that begins with plans needs no baseline",
    )
}

fn plans_have_run() -> Failure {
    Failure::usage("plans have run on this database, so that it is not what was there before them").help(
        "use `--from migrations`, or a database on which no plan has run; `planner drift` compares this one with what ran",
    )
}

/// Returns why a place no longer says what was there before the first plan.
fn no_longer(seen: &Sightings, origin: Origin) -> Option<&'static str> {
    match origin {
        Origin::Migrations => None,
        Origin::Database => {
            let database = seen.database.as_ref().ok().and_then(Option::as_ref);
            let has_run = database.is_some_and(|database| database.has_run_plans);
            has_run.then_some("plans have run on this database")
        }
        Origin::SchemaRs => {
            seen.has_compiled.then_some("plans are compiled, and `schema.rs` may have what they make")
        }
    }
}

fn made_from(origin: Origin, seen: &Sightings, read: &ReadProject) -> Result<Made, Failure> {
    let header = |covered: BTreeSet<_>, left_out: BTreeSet<String>| Header {
        origin,
        made: String::new(),
        left_out,
        covered,
    };
    let versions = seen.migrations.as_ref().map(|of| of.versions.clone()).unwrap_or_default();
    match origin {
        Origin::Migrations => {
            let Some(migrations) = &seen.migrations else {
                return Err(Failure::usage("there are no hand-written migrations")
                    .help(format!("check `migrations: {}` in `planner.yaml`, or use `--from database`", read.config.migrations)));
            };
            read.has_all_migrations()?;
            Ok(make(header(versions, BTreeSet::new()), &migrations.catalog))
        }
        Origin::Database => match &seen.database {
            Ok(Some(database)) if database.has_run_plans => Err(plans_have_run()),
            Ok(Some(ByDatabase { catalog, applied, beside, .. })) => {
                Ok(make(header(applied.clone(), beside.clone()), catalog))
            }
            Ok(None) => Err(Failure::usage("there is no database to take the schema from")
                .help("set DATABASE_URL, or write `database: sqlite:PATH` into `planner.yaml`")),
            Err(failure) => Err(failure.clone()),
        },
        Origin::SchemaRs => {
            if let Some(why) = no_longer(seen, origin) {
                return Err(Failure::usage(why).help("use `--from migrations` or `--from database`"));
            }
            let Some(schema_rs) = &seen.schema_rs else {
                return Err(Failure::usage(format!("there is no `{}`", read.config.schema))
                    .help("say where it is with `schema:` in `planner.yaml`"));
            };
            let declared = schema_rs.declared.as_ref().map_err(|why| {
                Failure::new(Exit::Findings, why.clone())
                    .help("write it as `diesel print-schema` does, or use `--from migrations`")
            })?;
            let (catalog, left_out) = as_catalog(declared, seen.dialect);
            Ok(make(header(versions, left_out), &catalog))
        }
    }
}

/// Returns the baseline that is there as it is.
fn kept(header: &Header, text: &str) -> Made {
    let is_header = |line: &&str| line.starts_with("--") || line.trim().is_empty();
    let script: Vec<&str> = text.lines().skip_while(is_header).collect();
    let statements = vec![script.join("\n")];
    let statements = statements.into_iter().filter(|script| !script.is_empty()).collect();
    Made { header: header.clone(), statements }
}

/// Appends an entry to the ledger, if there is a database and its last one says something else; returns its number.
fn note_in_ledger(shell: &Shell, seen: &Sightings, made: &Made) -> Result<Option<i64>, Failure> {
    let Ok(Some(database)) = &seen.database else { return Ok(None) };
    let event = Event::Baselined {
        origin: made.header.origin,
        migrations: made.header.covered.iter().cloned().collect(),
        checksum: Checksum::of_text(&made.timeless(seen.dialect)),
    };
    if database.baselined.as_ref() == Some(&event) {
        return Ok(None);
    }
    let (ids, ()) = shell.record_from_ledger(|_| Ok((vec![event], ())))?;
    Ok(ids.first().copied())
}

/// Returns the schema that a baseline holds, if it holds one.
fn schema_of(
    seen: &Sightings,
    sources: &Sources,
) -> Option<std::sync::Arc<crate::catalog::Catalog>> {
    let baseline = seen.baseline.as_ref()?;
    baseline.catalog(seen.dialect, sources, &mut crate::diagnostic::Sink::default())
}
