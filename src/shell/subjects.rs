//! The hand-written migrations to verify.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::Utf8Path;

use super::project::ReadProject;
use crate::dialect::Dialect;
use crate::execute::verify::{Sql, Subject, Treatment};
use crate::history::{Content, HandWrittenMigration, History, Origin, Script};
use crate::source::Sources;
use crate::version::MigrationVersion;

/// What of a project is there before its plans.
#[derive(Clone, Debug, Default)]
pub struct Subjects {
    /// The SQL of a baseline that holds the schema.
    pub baseline: Option<Sql>,
    /// The hand-written migrations that it does not hold, in the order in which Diesel runs them.
    pub migrations: Vec<Subject>,
}

impl ReadProject {
    /// Returns what is there before the plans of a dialect. Migrations for which `is_tried` says no, and those that a baseline
    /// covers, only run.
    #[must_use]
    pub fn subjects(
        &self,
        dialect: Dialect,
        is_tried: &dyn Fn(&HandWrittenMigration) -> bool,
    ) -> Subjects {
        let Some(history) = self.by_hand.histories.get(&dialect) else {
            return Subjects::default();
        };
        let baseline =
            history.baseline.as_ref().filter(|of| of.header.origin != Origin::Migrations);
        Subjects {
            baseline: baseline.and_then(|baseline| sql_of(baseline.source, &self.sources)),
            migrations: migrations(history, &self.sources, is_tried),
        }
    }
}

fn migrations(
    history: &History,
    sources: &Sources,
    is_tried: &dyn Fn(&HandWrittenMigration) -> bool,
) -> Vec<Subject> {
    let is_held = |version| history.baseline.as_ref().is_some_and(|of| of.holds(version));
    // Of two directories with one version Diesel runs one.
    let mut all = BTreeMap::<&MigrationVersion, &HandWrittenMigration>::new();
    for migration in history.hand_written.iter().filter(|of| !is_held(&of.version)) {
        all.insert(&migration.version, migration);
    }
    let of = |migration: &HandWrittenMigration| {
        let is_judged = !history.baselined.contains(&migration.version) && is_tried(migration);
        Some(Subject {
            version: migration.version.clone(),
            directory: migration.directory.clone(),
            up: sql(&migration.up, sources)?,
            down: migration.down.as_ref().and_then(|down| sql(down, sources)),
            irreversible: migration
                .down
                .as_ref()
                .is_some_and(|down| down.content == Content::Comments { irreversible: true }),
            run_in_transaction: migration.metadata.run_in_transaction(),
            treatment: if is_judged { Treatment::Tried } else { Treatment::Run },
        })
    };
    all.into_values().filter_map(of).collect()
}

fn sql(script: &Script, sources: &Sources) -> Option<Sql> {
    sql_of(script.source, sources)
}

fn sql_of(source: crate::source::SourceId, sources: &Sources) -> Option<Sql> {
    let file = sources.get(source)?;
    Some(Sql { path: Utf8Path::to_owned(&file.path), text: Arc::clone(&file.text) })
}
