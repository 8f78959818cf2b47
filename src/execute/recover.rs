//! After a crash: was it done?

use super::RunError;
use super::event::Progress;
use super::session::Session;
use crate::change::probe::Probe;
use crate::compile::{CompiledMigration, CompiledStep};
use crate::database::DatabaseError;
use crate::dialects::Transaction;
use crate::ledger::{Event, MigrationState};

/// Settles a migration that was started and is not known finished, which had no transaction to take it back:
/// `true` if it turned out to be done, which is then recorded; else what was left of it has been cleared
/// away and it can be run.
pub(super) fn settle(
    session: &mut Session<'_>,
    step: &CompiledStep,
    migration: &CompiledMigration,
) -> Result<bool, RunError> {
    let of_step = |error| RunError::of_step(step, migration, error);
    match (&migration.transaction, &migration.down_transaction) {
        (Transaction::Alone { probe, repair }, _) => {
            if holds(session, probe).map_err(of_step)? {
                found_done(session, step, migration)?;
                return Ok(true);
            }
            repair_all(session, step, migration, repair)?;
            Ok(false)
        }
        // Only its undoing can have been cut short.
        (_, Transaction::Alone { probe, repair }) => {
            if !holds(session, probe).map_err(of_step)? {
                repair_all(session, step, migration, repair)?;
                found_done(session, step, migration)?;
                return Ok(true);
            }
            record_reverted(session, step, migration)?;
            Ok(false)
        }
        (
            Transaction::Shared | Transaction::ForeignKeysOff,
            Transaction::Shared | Transaction::ForeignKeysOff,
        ) => {
            let done = session.applied.contains(&migration.version);
            if done {
                found_done(session, step, migration)?;
            }
            Ok(done)
        }
    }
}

/// Records that a migration was undone: Diesel's row goes, and the ledger says so.
pub(super) fn record_reverted(
    session: &mut Session<'_>,
    step: &CompiledStep,
    migration: &CompiledMigration,
) -> Result<(), RunError> {
    let event = session.event_of_last(step, migration);
    session.with_retries(&step.key, |session| {
        session.database.begin()?;
        session.database.forget_version(&migration.version)?;
        session.database.append(session.actor, &Event::Reverted(event.clone()))?;
        Ok(session.database.commit()?)
    })?;
    let at = session.database.now()?;
    session.applied.remove(&migration.version);
    session
        .ledger
        .migrations
        .insert(migration.version.clone(), MigrationState::Reverted(event, at));
    Ok(())
}

fn found_done(
    session: &mut Session<'_>,
    step: &CompiledStep,
    migration: &CompiledMigration,
) -> Result<(), RunError> {
    let event = session.event_of_last(step, migration);
    session.with_retries(&step.key, |session| {
        session.database.begin()?;
        session.record_finished(&event)?;
        Ok(session.database.commit()?)
    })?;
    session.note_finished(step, event)?;
    let progress = Progress::FoundDone(step.key.clone(), migration.version.clone());
    session.observer.progress(progress);
    Ok(())
}

/// Clears away what an unfinished statement left.
pub(super) fn repair_all(
    session: &mut Session<'_>,
    step: &CompiledStep,
    migration: &CompiledMigration,
    repair: &[String],
) -> Result<(), RunError> {
    for statement in repair {
        session.with_retries(&step.key, |session| {
            let repaired = session.database.execute(statement);
            repaired.map_err(|error| RunError::of_step(step, migration, error))
        })?;
    }
    Ok(())
}

/// Answers a probe from the live catalog, and by asking where only the data knows.
pub(super) fn holds(session: &mut Session<'_>, probe: &Probe) -> Result<bool, DatabaseError> {
    let catalog = session.database.catalog()?;
    answer(session, probe, &catalog)
}

fn answer(
    session: &mut Session<'_>,
    probe: &Probe,
    catalog: &crate::catalog::Catalog,
) -> Result<bool, DatabaseError> {
    if let Some(holds) = probe.holds(catalog) {
        return Ok(holds);
    }
    match probe {
        Probe::Query(query) => {
            let timeout_ms = session.prepared.limits.query_timeout_ms;
            Ok(session.database.query_gate(query, timeout_ms)? == Some(true))
        }
        Probe::Not(probe) => Ok(!answer(session, probe, catalog)?),
        Probe::All(probes) => {
            for probe in probes {
                if !answer(session, probe, catalog)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Probe::Table(_)
        | Probe::Column(..)
        | Probe::Default(..)
        | Probe::Nullable(..)
        | Probe::Constraint(..)
        | Probe::ValidIndex(..)
        | Probe::Index(..)
        | Probe::Enum(..)
        | Probe::View(_)
        | Probe::Trigger(..) => Ok(false),
    }
}
