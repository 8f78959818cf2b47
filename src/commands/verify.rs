//! `planner verify`.

mod told;

use std::collections::BTreeSet;

use crate::database::scratch::Scratch;
use crate::dialect::Dialect;
use crate::execute::verify::{VerifyRequest, verify};
use crate::exit::{Exit, Failure};
use crate::name::PlanName;
use crate::shell::Shell;
use crate::shell::pipeline::{Built, Depth};
use crate::shell::target::database_failure;

/// Try plans on a scratch database: up, down, up, compared with the prediction, with the locks really taken
///
/// For SQLite the scratch database is a temporary file; for PostgreSQL one that is created on the server of the environment's
/// database, and dropped again. Each table gets a row before a step runs, where one can be made up.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Verify only this plan, which may be given several times; what it builds on just runs
    #[arg(long, value_name = "PLAN")]
    plan: Vec<String>,
    /// The variable with the URL of the server to make the scratch database on, instead of the environment's
    #[arg(long, value_name = "VARIABLE")]
    server_env: Option<String>,
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    let read = shell.read_project()?;
    let dialect = shell.dialect_of(&read)?;
    let built = shell.build(read, dialect, Depth::Whole)?;
    let only: BTreeSet<PlanName> = args.plan.iter().map(|plan| plan.as_str().into()).collect();
    for plan in &only {
        shell.known_plan(&built.project, plan)?;
    }
    let mut observer = shell.observer();
    let scratch = scratch(args, shell, &built)?;
    let before = shell.read_hand_written(&built)?;
    let request = VerifyRequest {
        project: &built.project,
        compiled: &built.compiled,
        before: &before,
        only: &only,
    };
    let report = verify(&scratch, &request, &mut observer);
    drop(scratch);
    let report = report.map_err(|error| database_failure(&error))?;
    shell.answer(&told::answer(&report, dialect))?;
    Ok(exit(report.stopped, report.holds()))
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
            on_server(&server, shell).map_err(failed)
        }
    }
}

#[cfg(feature = "postgres")]
fn on_server(server: &str, shell: &Shell) -> Result<Scratch, crate::database::DatabaseError> {
    Scratch::on_server(server, shell.now())
}

#[cfg(not(feature = "postgres"))]
fn on_server(_: &str, _: &Shell) -> Result<Scratch, crate::database::DatabaseError> {
    Err(crate::database::DatabaseError::MissingEngine { engine: "postgres" })
}
