//! Opening a gated phase: its gates are asked once more, and the answer is recorded before anything runs.

use super::event::Progress;
use super::session::Session;
use super::{RunError, compare};
use crate::database::{DatabaseError, marker};
use crate::ledger::Event;
use crate::name::{Name, StepKey};
use crate::phase::{Phase, PhaseKey};
use crate::rollout::BlockedPhase;
use crate::rollout::gates::{gates, phase_checksum};
use crate::version::MigrationVersion;

/// Whether a phase is open.
pub(super) enum Opening {
    Open,
    Shut(BlockedPhase),
}

/// Evaluates the gates under the lock that a deploy takes too, so that the two cannot pass each other, and
/// records the opening. The query is asked and places are compared just before that lock, which may take its time. `mark` names
/// the migrations that the stock `diesel migration run` is to be let through to.
pub(super) fn open(
    session: &mut Session<'_>,
    phase: &PhaseKey,
    mark: &[MigrationVersion],
) -> Result<Opening, RunError> {
    let key = StepKey { plan: phase.plan.clone(), id: Name::from(phase.phase.word()) };
    let query = ask(session, phase)?;
    let compared = compare::compare(session, phase)?;
    session.with_retries(&key, |session| {
        session.database.begin()?;
        session.database.lock_ledger()?;
        session.refresh()?;
        let mut facts = session.facts()?;
        facts.queries.extend(query.clone().map(|answer| (phase.clone(), answer)));
        facts.compared.insert(phase.clone(), compared.clone());
        let state = gates(&session.situation(&facts), phase);
        if !state.shut.is_empty() {
            session.database.roll_back()?;
            let (because, unblock) = (state.shut, state.unblock);
            return Ok(Opening::Shut(BlockedPhase { phase: phase.clone(), because, unblock }));
        }
        let checksum = phase_checksum(session.prepared.compiled, phase);
        let known = session.ledger.opened.get(phase);
        if known.is_none_or(|opened| opened.checksum != checksum) {
            let event = Event::Opened {
                plan: phase.plan.clone(),
                phase: phase.phase,
                checksum,
                because: state.open,
            };
            session.database.append(session.actor, &event)?;
        }
        for version in mark {
            marker::create(session.database, version)?;
        }
        session.database.commit()?;
        session.report.opened.push(phase.clone());
        session.observer.progress(Progress::PhaseOpened(phase.clone()));
        Ok(Opening::Open)
    })
}

/// Asks the phase's query, if it has one and gates are on. What the engine says of a bad query is an answer too.
fn ask(
    session: &mut Session<'_>,
    phase: &PhaseKey,
) -> Result<Option<Result<bool, String>>, RunError> {
    let prepared = session.prepared;
    let gates = prepared.project.plan(&phase.plan).map(|plan| &plan.gates);
    let gates = gates.and_then(|gates| match phase.phase {
        Phase::Expand => None,
        Phase::Backfill => gates.backfill.as_deref(),
        Phase::Contract => gates.contract.as_deref(),
    });
    let query = gates.and_then(|gates| gates.query.as_ref());
    let Some(query) = query.and_then(|query| query.of(prepared.compiled.dialect)) else {
        return Ok(None);
    };
    if !prepared.gates {
        return Ok(None);
    }
    match session.database.query_gate(&query.value, prepared.limits.query_timeout_ms) {
        Ok(Some(answer)) => Ok(Some(Ok(answer))),
        Ok(None) => Ok(Some(Err("it returned no row, or NULL".to_owned()))),
        Err(DatabaseError::Statement { reason, .. }) => Ok(Some(Err(reason))),
        Err(error) => Err(error.into()),
    }
}
