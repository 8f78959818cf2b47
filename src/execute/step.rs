//! One migration forward, with its records: in one transaction wherever the engine allows, else intent first.

use super::event::Progress;
use super::session::{Flow, Session};
use super::{RunError, backfill, rebuild, recover};
use crate::change::probe::Probe;
use crate::compile::{CompiledMigration, CompiledStep, Work};
use crate::database::DatabaseError;
use crate::dialects::Transaction;
use crate::ledger::{Event, MigrationState, StepEvent};

/// Runs a migration that is not done; one in doubt is settled first.
pub(super) fn run(
    session: &mut Session<'_>,
    step: &CompiledStep,
    migration: &CompiledMigration,
) -> Result<Flow, RunError> {
    if session.observer.stop_requested() {
        return Ok(Flow::Stopped);
    }
    session.renew_lease()?;
    let in_doubt = matches!(
        session.ledger.migrations.get(&migration.version),
        Some(MigrationState::InDoubt(..))
    );
    let is_batched = matches!(migration.work, Work::Backfill(_));
    if in_doubt && !is_batched && recover::settle(session, step, migration)? {
        return Ok(Flow::Done);
    }
    let since = session.database.now()?;
    let event = session.event(step, migration);
    session.observer.progress(Progress::Started(step.key.clone(), migration.version.clone()));
    let flow = match (&migration.work, &migration.transaction) {
        (Work::Guard, _) => shared(session, step, migration, &[], &event)?,
        (Work::Backfill(change), _) => backfill::run(session, step, migration, change, &event)?,
        (Work::Statements, Transaction::Shared | Transaction::ForeignKeysOff)
            if rebuild::is_rendered_again(session, step, migration) =>
        {
            rebuild::run(session, step, migration, &event)?
        }
        (Work::Statements, Transaction::Shared) => {
            shared(session, step, migration, &migration.up, &event)?
        }
        (Work::Statements, Transaction::ForeignKeysOff) => {
            foreign_keys_off(session, step, migration, &migration.up, &event)?
        }
        (Work::Statements, Transaction::Alone { probe, repair }) => {
            alone(session, step, migration, (probe, repair), &event)?
        }
    };
    if flow == Flow::Done {
        let duration_ms = session.elapsed_ms(since)?;
        session.note_finished(step, event)?;
        let progress = Progress::Finished(step.key.clone(), migration.version.clone(), duration_ms);
        session.observer.progress(progress);
    }
    Ok(flow)
}

/// Runs statements, Diesel's row and the ledger's entry in one transaction.
pub(super) fn shared(
    session: &mut Session<'_>,
    step: &CompiledStep,
    migration: &CompiledMigration,
    statements: &[String],
    event: &StepEvent,
) -> Result<Flow, RunError> {
    session.with_retries(&step.key, |session| {
        let since = session.database.now()?;
        session.database.begin()?;
        for statement in statements {
            let done = session.database.execute(statement);
            done.map_err(|error| RunError::of_step(step, migration, error))?;
        }
        let duration_ms = i64::try_from(session.elapsed_ms(since)?).ok();
        session.record_finished(&StepEvent { duration_ms, ..event.clone() })?;
        let committed = session.database.commit();
        committed.map_err(|error| RunError::of_step(step, migration, error))
    })?;
    Ok(Flow::Done)
}

/// The same with foreign keys off on this connection, which only works outside a transaction; they are
/// switched on again whatever happens.
pub(super) fn foreign_keys_off(
    session: &mut Session<'_>,
    step: &CompiledStep,
    migration: &CompiledMigration,
    statements: &[String],
    event: &StepEvent,
) -> Result<Flow, RunError> {
    session.database.enforce_foreign_keys(false)?;
    let ran = shared(session, step, migration, statements, event);
    let on = session.database.enforce_foreign_keys(true);
    let flow = ran?;
    on?;
    Ok(flow)
}

/// Runs a statement that cannot be in a transaction: the intent first, so that after a crash its probe decides.
fn alone(
    session: &mut Session<'_>,
    step: &CompiledStep,
    migration: &CompiledMigration,
    (probe, repair): (&Probe, &[String]),
    event: &StepEvent,
) -> Result<Flow, RunError> {
    session.database.append(session.actor, &Event::Started(event.clone()))?;
    let limits = session.prepared.limits;
    let since = session.database.now()?;
    session.database.set_lock_timeout(limits.alone_lock_timeout_ms)?;
    let ran = session.with_retries(&step.key, |session| {
        for statement in &migration.up {
            if let Err(error) = session.database.execute(statement) {
                let error = RunError::of_step(step, migration, error);
                // A failed concurrent build leaves an invalid index behind, which must not stay.
                recover::repair_all(session, step, migration, repair)?;
                return Err(error);
            }
        }
        Ok(())
    });
    session.database.set_lock_timeout(limits.lock_timeout_ms)?;
    if let Err(error) = ran {
        let failed = Event::Failed(event.clone(), error.to_string());
        session.database.append(session.actor, &failed)?;
        return Err(error);
    }
    if !recover::holds(session, probe)? {
        let error = DatabaseError::Statement {
            reason: "the statement ended without an error, but its effect is not there".to_owned(),
            sql: migration.up.join("; "),
            retry: crate::database::error::Retry::Never,
        };
        return Err(RunError::of_step(step, migration, error));
    }
    let duration_ms = i64::try_from(session.elapsed_ms(since)?).ok();
    session.with_retries(&step.key, |session| {
        session.database.begin()?;
        session.record_finished(&StepEvent { duration_ms, ..event.clone() })?;
        Ok(session.database.commit()?)
    })?;
    Ok(Flow::Done)
}
