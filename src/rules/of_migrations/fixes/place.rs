//! Where new migrations go, and which of those that are there may be changed.

use std::ops::Bound;
use std::sync::Arc;

use jiff::ToSpan as _;
use jiff::civil::DateTime;

use super::super::super::Evidence;
use crate::catalog::Catalog;
use crate::change::apply::apply_as_run;
use crate::history::HandWrittenMigration;
use crate::version::MigrationVersion;

/// Returns the name of a migration's directory that runs so many seconds after this one, before any other does.
pub(super) fn following(
    evidence: &Evidence<'_>,
    migration: &HandWrittenMigration,
    seconds: u32,
    suffix: &str,
) -> Option<String> {
    const STAMP: &str = "%Y-%m-%d-%H%M%S";
    let (stamp, name) = migration.directory.split_once('_')?;
    let moment = DateTime::strptime(STAMP, stamp).ok()?;
    let next = moment.checked_add(i64::from(seconds).seconds()).ok()?;
    let directory = format!("{}_{name}_{suffix}", next.strftime(STAMP));
    let version = MigrationVersion::of_directory(&directory);
    if version <= migration.version {
        return None;
    }
    let between = (Bound::Excluded(&migration.version), Bound::Included(&version));
    let mut others = evidence.context.history.versions.range::<MigrationVersion, _>(between);
    others.next().is_none().then_some(directory)
}

/// Returns the schema just before a migration. The next one asked for is mostly further on, so that it goes on from there: from the first
/// migration each time would take a square of them.
pub(super) fn schema_before(
    evidence: &Evidence<'_>,
    migration: &HandWrittenMigration,
) -> Arc<Catalog> {
    let foundation = &evidence.context.project.foundation;
    let wanted = foundation.migrations.partition_point(|laid| laid.version < migration.version);
    let reached = evidence.reached.take().filter(|(n_laid, _)| *n_laid <= wanted);
    let (mut n_laid, mut catalog) = reached.unwrap_or_else(|| {
        let dialect = evidence.context.project.dialect;
        (0, foundation.base.clone().unwrap_or_else(|| Arc::new(Catalog::empty(dialect))))
    });
    if n_laid < wanted {
        let schema = Arc::make_mut(&mut catalog);
        for laid in foundation.migrations.iter().take(wanted).skip(n_laid) {
            laid.changes.iter().for_each(|change| drop(apply_as_run(change, schema)));
        }
        n_laid = wanted;
    }
    evidence.reached.replace(Some((n_laid, Arc::clone(&catalog))));
    catalog
}

/// Returns whether the names that the server gives can be told: nothing that planner could not read may have taken them.
pub(super) fn names_are_known(evidence: &Evidence<'_>) -> bool {
    evidence.context.project.foundation.doubts.iter().all(|doubt| doubt.about.is_some())
}

/// Returns why a migration is left as it is: one that may have run anywhere is not to be changed any more.
pub(super) fn held_back(
    evidence: &Evidence<'_>,
    migration: &HandWrittenMigration,
) -> Option<String> {
    let is_locked = evidence.context.history.locked.contains(&migration.directory);
    is_locked.then(|| {
        "it is in `planner.lock`, so that it may have run somewhere; write a new migration"
            .to_owned()
    })
}
