//! `planner verify`.

mod history;
mod told;

use crate::database::DatabaseError;
use crate::database::error::Retry;
use crate::database::scratch::Scratch;
use crate::diagnostic::did_you_mean;
use crate::dialect::Dialect;
use crate::execute::verify::{Plans, VerifyRequest, verify};
use crate::exit::{Exit, Failure};
use crate::history::HandWrittenMigration;
use crate::plan::checked::CheckedPlan;
use crate::shell::Shell;
use crate::shell::pipeline::{Built, Depth};
use crate::shell::project::ReadProject;
use crate::shell::since::Changed;
use crate::shell::target::database_failure;
use crate::version::MigrationVersion;

/// Try hand-written migrations and plans on a scratch database: up, down, up, with the locks really taken
///
/// For SQLite the scratch database is a temporary file; for PostgreSQL one that is created on the server of the environment's
/// database, and dropped again. Each table gets a row before a migration or a step runs, where one can be made up. What a step leaves is
/// compared with the prediction; what the `down.sql` of a hand-written migration leaves, with what was there before it. Migrations that a
/// baseline covers only run.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Verify only this plan, which may be given several times; what it builds on just runs
    #[arg(long, value_name = "PLAN")]
    plan: Vec<String>,
    /// Verify only the hand-written migration with this version or directory name, which may be given several times
    #[arg(long, value_name = "VERSION")]
    migration: Vec<String>,
    /// Verify only what this branch adds: plans and hand-written migrations that differ from where it parted from this revision
    #[arg(long, value_name = "REV", conflicts_with_all = ["plan", "migration"])]
    since: Option<String>,
    /// The variable with the URL of the server to make the scratch database on, instead of the environment's
    #[arg(long, value_name = "VARIABLE")]
    server_env: Option<String>,
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    let changed = args.since.as_deref().map(|since| shell.changed_since(since)).transpose()?;
    let read = shell.read_project()?;
    read.has_all_migrations()?;
    let dialect = shell.dialect_of(&read)?;
    let changed = changed.filter(|changed| changed.concerns_all(&read.config).is_none());
    let is_wanted = |migration: &HandWrittenMigration| match &changed {
        Some(changed) => changed.has(&migration.path),
        None if args.plan.is_empty() && args.migration.is_empty() => true,
        None => args.migration.iter().any(|given| is_named(migration, given)),
    };
    for given in &args.migration {
        known_migration(&read, dialect, given)?;
    }
    let subjects = read.subjects(dialect, &is_wanted);
    let built = shell.build(read, dialect, Depth::Whole)?;
    for plan in &args.plan {
        shell.known_plan(&built.project, &plan.as_str().into())?;
    }
    let plans = plans(args, changed.as_ref(), &built);
    let mut observer = shell.observer();
    let scratch = scratch(args, shell, &built)?;
    for told in scratch.left_behind() {
        shell.say(told);
    }
    scratch.cancel_when(observer.stop_flag());
    let request = VerifyRequest {
        project: &built.project,
        compiled: &built.compiled,
        baseline: subjects.baseline.as_ref(),
        history: &subjects.migrations,
        plans: &plans,
    };
    let report = verify(scratch, &request, &mut observer).map_err(|error| failed(&error))?;
    shell.answer(&told::answer(&report, dialect))?;
    Ok(exit(report.stopped, report.holds()))
}

/// Returns which plans are asked for.
fn plans(args: &Args, changed: Option<&Changed>, built: &Built) -> Plans {
    if let Some(changed) = changed {
        let sources = &built.sources;
        let path = |plan: &&CheckedPlan| sources.get(plan.source).map(|file| &file.path);
        let all = built.project.plans.iter();
        let differs = all.filter(|plan| path(plan).is_some_and(|path| changed.has(path)));
        return Plans::Only(differs.map(|plan| plan.name.clone()).collect());
    }
    if args.plan.is_empty() && args.migration.is_empty() {
        return Plans::All;
    }
    Plans::Only(args.plan.iter().map(|plan| plan.as_str().into()).collect())
}

fn is_named(migration: &HandWrittenMigration, given: &str) -> bool {
    let is_version = !given.contains('_');
    migration.directory == given
        || (is_version && migration.version == MigrationVersion::of_directory(given))
}

/// Checks that a hand-written migration exists.
fn known_migration(read: &ReadProject, dialect: Dialect, given: &str) -> Result<(), Failure> {
    let all = read.by_hand.histories.get(&dialect).into_iter().flat_map(|of| &of.hand_written);
    if all.clone().any(|migration| is_named(migration, given)) {
        return Ok(());
    }
    let near = did_you_mean(given, all.map(|migration| migration.directory.as_str()));
    Err(Failure::usage(format!("there is no hand-written migration `{given}`")).help(
        near.unwrap_or_else(|| "name its directory, or the version that it begins with".into()),
    ))
}

fn failed(error: &DatabaseError) -> Failure {
    if error.retry() == Retry::NextRun {
        return Failure::usage(format!("the scratch database is gone: {error}")).help(
            "verify again; if the server restarted, what was left of this run is removed by the next one",
        );
    }
    database_failure(error)
}

const fn exit(stopped: bool, holds: bool) -> Exit {
    match (stopped, holds) {
        (_, false) => Exit::Findings,
        (true, true) => Exit::InDoubt,
        (false, true) => Exit::Done,
    }
}

fn scratch(args: &Args, shell: &Shell, built: &Built) -> Result<Scratch, Failure> {
    let failed = |error| database_failure(&error);
    match built.project.dialect {
        Dialect::Sqlite => Scratch::file(shell.now()).map_err(failed),
        Dialect::Postgres => {
            let named = match &args.server_env {
                Some(variable) => shell.named_address(variable)?,
                None => shell.database_address(&built.config)?,
            };
            let server = named.ok_or_else(|| {
                Failure::usage("no server is named to make a scratch database on").help(
                    "set DATABASE_URL to a database on it, or name the variable that has its URL with `--server-env`",
                )
            })?;
            on_server(&server).map_err(failed)
        }
    }
}

#[cfg(feature = "postgres")]
fn on_server(server: &str) -> Result<Scratch, DatabaseError> {
    Scratch::on_server(server)
}

#[cfg(not(feature = "postgres"))]
fn on_server(_: &str) -> Result<Scratch, DatabaseError> {
    Err(DatabaseError::MissingEngine { engine: "postgres" })
}
