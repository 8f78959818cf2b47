//! Backward: what was planned to be undone, each migration with its records.

use super::event::{Observer, Progress};
use super::run::RunReport;
use super::session::{Session, key_of};
use super::{Prepared, RunError, adopt, rebuild, recover, step};
use crate::compile::{CompiledMigration, CompiledStep};
use crate::database::Database;
use crate::dialects::Transaction;
use crate::ledger::{Event, StepEvent};
use crate::rollout::next_phase;
use crate::rollout::revert::{RevertPlan, RevertTarget, plan_revert};

/// Undoes what comes from the target on, the last first. The plan is made anew under the lease; if it is
/// not the one that was consented to, nothing is undone.
///
/// # Errors
///
/// Refuses what the plan refuses; stops at the first migration that cannot be undone.
pub fn revert(
    database: &mut dyn Database,
    prepared: &Prepared<'_>,
    (target, consented): (&RevertTarget, &RevertPlan),
    (actor, holder): (&str, &str),
    observer: &mut dyn Observer,
) -> Result<RunReport, RunError> {
    Session::new(database, observer, prepared, actor, holder)
        .with_lease(|session| backward(session, target, consented))
}

fn backward(
    session: &mut Session<'_>,
    target: &RevertTarget,
    consented: &RevertPlan,
) -> Result<(), RunError> {
    session.ask()?;
    adopt::adopt(session)?;
    let facts = session.facts()?;
    let plan = plan_revert(&session.situation(&facts), target);
    if !plan.refused.is_empty() {
        return Err(RunError::RevertRefused(plan.refused));
    }
    if plan.versions != consented.versions {
        let changed =
            "what there is to undo has changed since it was looked at; ask again".to_owned();
        return Err(RunError::RevertRefused(vec![changed]));
    }
    let prepared = session.prepared;
    for version in &plan.versions {
        if session.observer.stop_requested() {
            session.report.stopped = true;
            break;
        }
        let place = prepared.compiled.by_version.get(version);
        let step = place.and_then(|(step, _)| prepared.compiled.steps.get(*step));
        let migration = place.zip(step).and_then(|((_, at), step)| step.migrations.get(*at));
        let (Some(step), Some(migration)) = (step, migration) else {
            let why = "no plan compiles to it".to_owned();
            return Err(RunError::Irreversible { version: version.clone(), why });
        };
        undo(session, step, migration)?;
        session.report.reverted.push((step.key.clone(), version.clone()));
        session.observer.progress(Progress::Reverted(step.key.clone(), version.clone()));
    }
    if !session.report.stopped {
        close(session, &plan)?;
    }
    session.ask()?;
    adopt::sweep_markers(session)?;
    let facts = session.facts()?;
    session.report.next = next_phase(&session.situation(&facts));
    Ok(())
}

/// Closes what was opened for Diesel and has not begun, so that nobody runs it any more.
fn close(session: &mut Session<'_>, plan: &RevertPlan) -> Result<(), RunError> {
    for phase in &plan.closes {
        let because = "reverted before it began".to_owned();
        let (plan, phase) = (phase.plan.clone(), phase.phase);
        let closed = Event::Closed { plan, phase, because };
        session.with_retries(&key_of("ledger", "close"), |session| {
            session.database.append(session.actor, &closed)?;
            Ok(())
        })?;
    }
    session.report.closed.clone_from(&plan.closes);
    Ok(())
}

fn undo(
    session: &mut Session<'_>,
    step: &CompiledStep,
    migration: &CompiledMigration,
) -> Result<(), RunError> {
    session.with_retries(&step.key, |session| Ok(session.renew_lease()?))?;
    let statements = migration.down.as_ref().map_err(|why| RunError::Irreversible {
        version: migration.version.clone(),
        why: why.clone(),
    })?;
    let event = session.event_of_last(step, migration);
    match &migration.down_transaction {
        Transaction::Shared => shared(session, step, migration, statements, &event),
        Transaction::ForeignKeysOff => {
            let rendered = rebuild::back(session, step, migration)?;
            let statements = rendered.as_ref().unwrap_or(statements);
            session.database.enforce_foreign_keys(false)?;
            let undone = shared(session, step, migration, statements, &event);
            let on = session.database.enforce_foreign_keys(true);
            undone?;
            Ok(on?)
        }
        Transaction::Alone { probe, repair } => {
            session.with_retries(&step.key, |session| {
                session.database.append(session.actor, &Event::Started(event.clone()))?;
                Ok(())
            })?;
            step::unshared(session, step, migration, (statements, repair), &event)?;
            step::require_effect(session, step, migration, (statements, probe))?;
            recover::record_reverted(session, step, migration)
        }
    }
}

/// Runs the statements back, takes Diesel's row away and says so in the ledger, in one transaction.
fn shared(
    session: &mut Session<'_>,
    step: &CompiledStep,
    migration: &CompiledMigration,
    statements: &[String],
    event: &StepEvent,
) -> Result<(), RunError> {
    session.with_retries(&step.key, |session| {
        let since = session.database.now()?;
        session.database.begin()?;
        for statement in statements {
            let done = session.database.execute(statement);
            done.map_err(|error| RunError::of_step(step, migration, error))?;
        }
        session.database.forget_cursor(&migration.version)?;
        session.database.forget_version(&migration.version)?;
        let duration_ms = i64::try_from(session.elapsed_ms(since)?).ok();
        let reverted = Event::Reverted(StepEvent { duration_ms, ..event.clone() });
        session.database.append(session.actor, &reverted)?;
        let committed = session.database.commit();
        committed.map_err(|error| RunError::of_step(step, migration, error))
    })
}
