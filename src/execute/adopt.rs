//! What somebody else did: migrations that Diesel ran itself, and markers that are no longer needed.

use super::RunError;
use super::session::{Session, key_of};
use crate::database::marker;
use crate::ledger::{Event, MigrationState};

/// Enters compiled migrations that Diesel applied without planner into the ledger, as attempt 0 and without a
/// duration. What is in doubt is left to its probe, a void backfill to be done again.
pub(super) fn adopt(session: &mut Session<'_>) -> Result<(), RunError> {
    let prepared = session.prepared;
    let mut found = Vec::new();
    for step in &prepared.compiled.steps {
        for migration in &step.migrations {
            let unknown = match session.ledger.migrations.get(&migration.version) {
                None | Some(MigrationState::Reverted(..) | MigrationState::Failed(..)) => true,
                Some(
                    MigrationState::Done(..)
                    | MigrationState::InDoubt(..)
                    | MigrationState::Voided(..),
                ) => false,
            };
            if unknown && session.applied.contains(&migration.version) {
                let mut event = session.event(step, migration);
                event.attempt = 0;
                found.push(event);
            }
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    session.with_retries(&key_of("ledger", "adopt"), |session| {
        session.database.begin()?;
        for event in &found {
            session.database.append(session.actor, &Event::Finished(event.clone()))?;
        }
        Ok(session.database.commit()?)
    })?;
    session.report.adopted = found.iter().map(|event| event.version.clone()).collect();
    session.ask()
}

/// Drops the markers of migrations that have run, and of those whose phase is not open any more.
pub(super) fn sweep_markers(session: &mut Session<'_>) -> Result<(), RunError> {
    for version in marker::existing(session.database)? {
        let place = session.prepared.compiled.by_version.get(&version);
        let step = place.and_then(|(step, _)| session.prepared.compiled.steps.get(*step));
        let is_shut =
            step.is_some_and(|step| !session.ledger.opened.contains_key(&step.phase_key()));
        if is_shut || session.applied.contains(&version) {
            marker::remove(session.database, &version)?;
        }
    }
    Ok(())
}
