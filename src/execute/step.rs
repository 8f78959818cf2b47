//! One migration forward, with its records: in one transaction wherever the engine allows, else intent first.

use super::event::Progress;
use super::session::{Flow, Session};
use super::{RunError, backfill, rebuild, recover};
use crate::change::probe::Probe;
use crate::compile::{CompiledMigration, CompiledStep, Work};
use crate::database::DatabaseError;
use crate::database::error::Retry;
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
    session.with_retries(&step.key, |session| Ok(session.renew_lease()?))?;
    let in_doubt = matches!(
        session.ledger.migrations.get(&migration.version),
        Some(MigrationState::InDoubt(..))
    );
    let is_batched = matches!(migration.work, Work::Backfill(_));
    if in_doubt && !is_batched && recover::settle(session, step, migration)? {
        return Ok(Flow::Done);
    }
    let since = session.database.now()?;
    let mut event = session.event(step, migration);
    session.observer.progress(Progress::Started(step.key.clone(), migration.version.clone()));
    let flow = match (&migration.work, &migration.transaction) {
        (Work::Guard, _) => shared(session, step, migration, &[], &event)?,
        (Work::Backfill(change), _) => backfill::run(session, step, migration, change, &mut event)?,
        (Work::Statements, Transaction::Shared | Transaction::ForeignKeysOff)
            if rebuild::is_rendered_again(session, step, migration) =>
        {
            rebuild::run(session, step, migration, &event)?
        }
        (Work::Statements | Work::Written, Transaction::Shared) => {
            shared(session, step, migration, &migration.up, &event)?
        }
        (Work::Statements | Work::Written, Transaction::ForeignKeysOff) => {
            foreign_keys_off(session, step, migration, &migration.up, &event)?
        }
        (Work::Statements | Work::Written, Transaction::Alone { probe, repair }) => {
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
    session.with_retries(&step.key, |session| {
        session.database.append(session.actor, &Event::Started(event.clone()))?;
        Ok(())
    })?;
    let since = session.database.now()?;
    unshared(session, step, migration, (&migration.up, repair), event)?;
    require_effect(session, step, migration, (&migration.up, probe))?;
    let duration_ms = i64::try_from(session.elapsed_ms(since)?).ok();
    session.with_retries(&step.key, |session| {
        session.database.begin()?;
        session.record_finished(&StepEvent { duration_ms, ..event.clone() })?;
        Ok(session.database.commit()?)
    })?;
    Ok(Flow::Done)
}

/// Runs statements outside of any transaction, waiting long for locks. What a failed one leaves behind, such as an
/// invalid index, is cleared away, and then the ledger says that it failed; else it stays in doubt.
pub(super) fn unshared(
    session: &mut Session<'_>,
    step: &CompiledStep,
    migration: &CompiledMigration,
    (statements, repair): (&[String], &[String]),
    event: &StepEvent,
) -> Result<(), RunError> {
    let limits = session.prepared.limits;
    session.database.set_lock_timeout(limits.alone_lock_timeout_ms)?;
    let mut is_clean = true;
    let ran = session.with_retries(&step.key, |session| {
        if !is_clean {
            recover::repair_all(session, step, migration, repair)?;
            is_clean = true;
        }
        for statement in statements {
            let Err(error) = execute_alone(session, migration, statement) else { continue };
            let failed = RunError::of_step(step, migration, error);
            let Err(unrepaired) = recover::repair_all(session, step, migration, repair) else {
                return Err(failed);
            };
            // The first thing a repair does is to refuse what is not its own: then nothing of this is left.
            let is_refused = unrepaired.is_refusal_of(repair.first());
            is_clean = is_refused;
            return Err(if is_refused { unrepaired } else { failed });
        }
        Ok(())
    });
    let Err(error) = ran else {
        return Ok(session.database.set_lock_timeout(limits.lock_timeout_ms)?);
    };
    if is_clean {
        // A connection that broke cannot say so, and then the probe will; the first error says more.
        let failed = Event::Failed(event.clone(), error.to_string());
        let _ = session.database.append(session.actor, &failed);
    }
    let _ = session.database.set_lock_timeout(limits.lock_timeout_ms);
    Err(error)
}

/// Executes what planner rendered as one statement in such a way that, where its connection is cut, the server's own last
/// word is heard. What people wrote may be several statements, which only the other way takes.
fn execute_alone(
    session: &mut Session<'_>,
    migration: &CompiledMigration,
    statement: &str,
) -> Result<(), DatabaseError> {
    match migration.work {
        Work::Written => session.database.execute(statement),
        Work::Statements | Work::Backfill(_) | Work::Guard => {
            session.database.execute_counting(statement).map(|_| ())
        }
    }
}

/// Fails if the probe of statements that have just run does not hold.
pub(super) fn require_effect(
    session: &mut Session<'_>,
    step: &CompiledStep,
    migration: &CompiledMigration,
    (statements, probe): (&[String], &Probe),
) -> Result<(), RunError> {
    let of_step = |error| RunError::of_step(step, migration, error);
    // What leaves nothing to look for can only be believed.
    if probe.never_holds() || recover::holds(session, probe).map_err(of_step)? {
        return Ok(());
    }
    Err(of_step(DatabaseError::Statement {
        reason: "the statement ended without an error, but its effect is not there".to_owned(),
        sql: statements.join("; "),
        retry: Retry::Never,
    }))
}
