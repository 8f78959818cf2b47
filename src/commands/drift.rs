//! `planner drift`.

use std::sync::Arc;

use serde_json::json;

use crate::database::connection::LiveDatabase;
use crate::database::{Database as _, DatabaseError};
use crate::diagnostic::Diagnostic;
use crate::exit::{Exit, Failure};
use crate::formats::{Answer, FormatName, format};
use crate::rollout::drift::drift;
use crate::rollout::schema_at::SchemaAt;
use crate::rollout::schema_drift::{Live, schema_drift};
use crate::shell::Shell;
use crate::shell::target::database_failure;

/// Compare the live database with what ran: its schema, the ledger, Diesel's versions and the files
///
/// Changes nothing. Exit code 4 if anything differs.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

fn live(database: &mut LiveDatabase) -> Result<Live, DatabaseError> {
    let mut catalog = database.catalog()?;
    catalog.definitions = Arc::new(database.definitions_of_others()?);
    Ok(Live { catalog, switched: database.switched_triggers()? })
}

pub(super) fn run(_: &Args, shell: &Shell) -> Result<Exit, Failure> {
    let mut loaded = shell.load()?;
    let Some(mut database) = loaded.database.take() else {
        return Err(Failure::usage("there is no database to compare with").help(
            "set DATABASE_URL, or write `database: sqlite:PATH` into `planner.yaml`; `planner run` creates a SQLite file",
        ));
    };
    let mut live = live(&mut database).map_err(|error| database_failure(&error))?;
    let situation = loaded.situation();
    let done = SchemaAt::done(&situation);
    database
        .settle_views(done.catalog(), &mut live.catalog)
        .map_err(|error| database_failure(&error))?;
    let schema = schema_drift(&situation, &live);
    let mut found: Vec<Diagnostic> = drift(&situation);
    found.extend(schema.found);
    let sources = &loaded.built.sources;
    let mut human = String::new();
    if !found.is_empty() {
        human += &format(FormatName::Human).diagnostics(sources, &found, shell.style);
    }
    for doubt in &schema.doubts {
        human += &format!("note: {doubt}\n");
    }
    if !schema.unknown.is_empty() {
        human += "\nnot known to the plans, and perhaps made by what could not be followed of hand-written migrations:\n";
        schema.unknown.iter().for_each(|object| human += &format!("  {object}\n"));
    }
    if found.is_empty() {
        human += "The database is what ran on it.\n";
    }
    let listed = format(FormatName::Json).diagnostics(sources, &found, shell.style);
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap_or_default();
    let json = json!({
        "drift": listed.get("diagnostics").cloned().unwrap_or_default(),
        "unknown": schema.unknown,
        "doubts": schema.doubts,
    });
    shell.answer(&Answer { human, json })?;
    Ok(if found.is_empty() { Exit::Done } else { Exit::Drift })
}
