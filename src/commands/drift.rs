//! `planner drift`.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;

use crate::catalog::Catalog;
use crate::config::Config;
use crate::database::connection::LiveDatabase;
use crate::database::{Database as _, DatabaseError};
use crate::diagnostic::Diagnostic;
use crate::exit::{Exit, Failure};
use crate::formats::{Answer, FormatName, format};
use crate::name::ObjectName;
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

fn live(database: &mut LiveDatabase, expected: &Catalog) -> Result<Live, DatabaseError> {
    let mut catalog = database.catalog()?;
    catalog.definitions = Arc::new(database.definitions_of_others()?);
    database.settle_views(expected, &mut catalog)?;
    let kept = database.kept_definitions(&expected.definitions, &catalog.definitions)?;
    let switched = database.switched_triggers()?;
    Ok(Live { catalog, switched, kept, unprinted: BTreeSet::new() })
}

/// Returns the tables that `diesel.toml` leaves out of the project's `schema.rs`.
fn unprinted(live: &Catalog, config: &Config, shell: &Shell) -> Result<BTreeSet<ObjectName>, Failure> {
    // What is wrong with the file is told where it is used.
    let Ok(printing) = shell.try_printing(None)? else { return Ok(BTreeSet::new()) };
    let options = printing.of_file(&shell.root.join(&config.schema));
    let is_left_out = |name: &&ObjectName| options.filter.leaves_out(name.name.as_str());
    Ok(live.tables.keys().filter(is_left_out).cloned().collect())
}

pub(super) fn run(_: &Args, shell: &Shell) -> Result<Exit, Failure> {
    let mut loaded = shell.load()?;
    let Some(mut database) = loaded.database.take() else {
        return Err(Failure::usage("there is no database to compare with").help(
            "set DATABASE_URL, or write `database: sqlite:PATH` into `planner.yaml`; `planner run` creates a SQLite file",
        ));
    };
    let situation = loaded.situation();
    let done = SchemaAt::done(&situation);
    let mut live = live(&mut database, done.catalog()).map_err(|error| database_failure(&error))?;
    if situation.project.foundation.base_is_of_schema_rs {
        live.unprinted = unprinted(&live.catalog, &loaded.built.config, shell)?;
    }
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
