//! The offline script: what a person pastes into `psql` or `sqlite3` where planner may not connect.

use std::collections::BTreeMap;

use super::files::one_line;
use super::{CompiledMigration, CompiledProject, Work};
use crate::change::places::Places;
use crate::dialect::Dialect;
use crate::dialects::{self, LeftBehind, Transaction};
use crate::phase::PhaseKey;
use crate::plan::checked::CheckedProject;
use crate::plan::places;
use crate::version::MigrationVersion;

/// Diesel's table of versions, as Diesel creates it.
const VERSIONS_TABLE: &str = "CREATE TABLE IF NOT EXISTS __diesel_schema_migrations (\n       \
     version VARCHAR(50) PRIMARY KEY NOT NULL,\n       \
     run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP\n);\n";

/// Returns one SQL script that runs these migrations in order and records them in Diesel's table.
///
/// It has no guards of gates: whoever runs it has decided. But what nobody can see from outside is asked: whether something
/// is left behind in a place that goes. It stops at the first error, and what ran before that is recorded.
#[must_use]
pub fn script(
    project: &CheckedProject,
    compiled: &CompiledProject,
    migrations: &[&CompiledMigration],
) -> String {
    let mut text = match compiled.dialect {
        Dialect::Postgres => {
            "-- For psql, without --single-transaction.\n\\set ON_ERROR_STOP on\n\n"
        }
        Dialect::Sqlite => "-- For sqlite3.\n.bail on\nPRAGMA foreign_keys = ON;\n\n",
    }
    .to_owned();
    text.push_str(VERSIONS_TABLE);
    let comparisons = comparisons(project, compiled);
    for migration in migrations {
        text.push('\n');
        text.push_str(comparisons.get(&migration.version).map_or("", String::as_str));
        text.push_str(&heading(compiled, migration));
        for statement in statements(compiled.dialect, migration) {
            text.push_str(&statement);
            text.push_str("\n;\n");
        }
    }
    text
}

/// Returns, for the first migration of each phase that drops what is replaced, the statements that fail if the place that
/// replaces it lacks something.
fn comparisons(
    project: &CheckedProject,
    compiled: &CompiledProject,
) -> BTreeMap<MigrationVersion, String> {
    let mut found = BTreeMap::new();
    let mut last = None;
    project.walk(|_, step, catalog| {
        let phase = PhaseKey { plan: step.key.plan.clone(), phase: step.phase };
        if last.as_ref() == Some(&phase) {
            return;
        }
        let first = compiled.by_key.get(&step.key).and_then(|at| compiled.steps.get(*at));
        let first = first.and_then(|step| step.migrations.first());
        let text: String = places::of_phase(project, &phase)
            .iter()
            .filter_map(|places| Some((places, dialects::left_behind(places, catalog)?)))
            .map(|(places, queries)| refusal(compiled.dialect, &phase, places, &queries))
            .collect();
        if let (Some(first), false) = (first, text.is_empty()) {
            found.insert(first.version.clone(), text);
        }
        last = Some(phase);
    });
    found
}

fn refusal(dialect: Dialect, phase: &PhaseKey, places: &Places, queries: &LeftBehind) -> String {
    let comment = one_line(&format!("-- {phase}: compares {places}"));
    let message = format!("{phase}: something is left behind, compare {places}");
    let keys = queries
        .keys
        .iter()
        .map(|keys| format!("-- To see the first rows:\n-- {}\n", one_line(keys)));
    let keys: String = keys.collect();
    let statements = dialects::refuse_rows(dialect, &queries.count, &message).into_iter();
    format!("{comment}\n{keys}{}", statements.map(|one| format!("{one}\n;\n")).collect::<String>())
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
        Work::Statements | Work::Written | Work::Backfill(_) => {}
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
