//! The offline script: what a person pastes into `psql` or `sqlite3` where planner may not connect.

use super::files::one_line;
use super::{CompiledMigration, CompiledProject, Work};
use crate::dialect::Dialect;
use crate::dialects::{self, Transaction};

/// Diesel's table of versions, as Diesel creates it.
const VERSIONS_TABLE: &str = "CREATE TABLE IF NOT EXISTS __diesel_schema_migrations (\n       \
     version VARCHAR(50) PRIMARY KEY NOT NULL,\n       \
     run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP\n);\n";

/// Returns one SQL script that runs these migrations in order and records them in Diesel's table.
///
/// It has no guards: whoever runs it has decided. It stops at the first error, and what ran before that is recorded.
#[must_use]
pub fn script(compiled: &CompiledProject, migrations: &[&CompiledMigration]) -> String {
    let mut text = match compiled.dialect {
        Dialect::Postgres => {
            "-- For psql, without --single-transaction.\n\\set ON_ERROR_STOP on\n\n"
        }
        Dialect::Sqlite => "-- For sqlite3.\n.bail on\nPRAGMA foreign_keys = ON;\n\n",
    }
    .to_owned();
    text.push_str(VERSIONS_TABLE);
    for migration in migrations {
        text.push('\n');
        text.push_str(&heading(compiled, migration));
        for statement in statements(compiled.dialect, migration) {
            text.push_str(&statement);
            text.push_str("\n;\n");
        }
    }
    text
}

/// Comments that name the step, once a migration.
fn heading(compiled: &CompiledProject, migration: &CompiledMigration) -> String {
    let step = compiled.by_version.get(&migration.version);
    let step = step.and_then(|(at, _)| compiled.steps.get(*at));
    let name = step.map_or_else(
        || migration.directory.clone(),
        |step| format!("{}/{}", step.phase_key(), step.key.id),
    );
    let gate = if step.is_some_and(|step| step.gated) {
        "-- This phase has a gate: `planner next-phase` says whether it may run.\n"
    } else {
        ""
    };
    format!("{}\n{gate}", one_line(&format!("-- {name}: {}", migration.version)))
}

/// The migration's statements with its record, in one transaction where it can be in one.
fn statements(dialect: Dialect, migration: &CompiledMigration) -> Vec<String> {
    let record = format!(
        "INSERT INTO __diesel_schema_migrations (version) VALUES ({})",
        dialects::literal(migration.version.as_str())
    );
    match migration.work {
        Work::Guard => return vec![record],
        Work::Statements | Work::Backfill(_) => {}
    }
    let mut all = migration.up.clone();
    all.push(record);
    match migration.transaction {
        Transaction::Shared => {
            let begin = match dialect {
                Dialect::Postgres => "BEGIN",
                Dialect::Sqlite => "BEGIN IMMEDIATE",
            };
            all.insert(0, begin.to_owned());
            all.push("COMMIT".to_owned());
            all
        }
        Transaction::ForeignKeysOff => dialects::wrap_foreign_keys_off(&all, &[]),
        Transaction::Alone { .. } => all,
    }
}
