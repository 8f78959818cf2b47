//! Backfills in batches by primary key, with the cursor in each batch's own transaction.

use super::RunError;
use super::event::Progress;
use super::session::{Flow, Session};
use super::step;
use crate::catalog::Catalog;
use crate::change::DataChange;
use crate::compile::{CompiledMigration, CompiledStep};
use crate::database::{Cursor, DatabaseError};
use crate::dialects::{BatchQueries, again, batch_end, batch_queries, batch_write};
use crate::ledger::{Event, MigrationState, StepEvent};

/// A backfill while it runs.
struct Backfill<'a> {
    step: &'a CompiledStep,
    migration: &'a CompiledMigration,
    change: &'a DataChange,
    catalog: &'a Catalog,
    queries: BatchQueries,
    /// Rows done before and rows to do, for the progress bar.
    rows_in_all: Option<u64>,
}

/// How an attempt at a backfill ended.
enum End {
    Done,
    Stopped,
    /// A release outside its gate was forced in meanwhile: all rows must be looked at again.
    Void,
}

/// Runs a backfill to its end, or until somebody asks to stop; it goes on from its cursor the next time. `event`
/// becomes that of the attempt that ended it.
pub(super) fn run(
    session: &mut Session<'_>,
    step: &CompiledStep,
    migration: &CompiledMigration,
    change: &DataChange,
    event: &mut StepEvent,
) -> Result<Flow, RunError> {
    loop {
        match attempt(session, step, migration, change, event)? {
            End::Done => return Ok(Flow::Done),
            End::Stopped => return Ok(Flow::Stopped),
            End::Void => session.ask()?,
        }
    }
}

fn attempt(
    session: &mut Session<'_>,
    step: &CompiledStep,
    migration: &CompiledMigration,
    change: &DataChange,
    event: &mut StepEvent,
) -> Result<End, RunError> {
    let state = session.ledger.migrations.get(&migration.version);
    let is_underway = matches!(state, Some(MigrationState::InDoubt(..)));
    // What an attempt wrote before it failed is written.
    let has_cursor = is_underway || matches!(state, Some(MigrationState::Failed(..)));
    let is_void = session.ledger.voided.contains_key(&step.key.plan);
    let renewed = is_void.then(|| again(change, session.prepared.compiled.dialect));
    let change = renewed.as_ref().unwrap_or(change);
    let catalog = session.live_catalog()?;
    let Some(queries) = batch_queries(change, &catalog) else {
        step::shared(session, step, migration, &migration.up, event)?;
        return Ok(End::Done);
    };
    if is_underway {
        *event = session.event_of_last(step, migration);
    } else {
        *event = session.event(step, migration);
        // Any other cursor belongs to an attempt that was undone or made void.
        session.with_retries(&step.key, |session| {
            session.database.begin()?;
            if !has_cursor {
                session.database.forget_cursor(&migration.version)?;
            }
            session.database.append(session.actor, &Event::Started(event.clone()))?;
            Ok(session.database.commit()?)
        })?;
    }
    let since = session.database.now()?;
    let done = session.database.cursor(&migration.version)?.map_or(0, |cursor| cursor.rows_done);
    let left = remaining(session, &queries).ok();
    let rows_in_all = left.map(|left| left.saturating_add(u64::try_from(done).unwrap_or(0)));
    let backfill = Backfill { step, migration, change, catalog: &catalog, queries, rows_in_all };
    let last = match backfill.passes(session) {
        Ok(Flow::Done) => backfill.queries.last,
        Ok(Flow::Stopped) => return Ok(End::Stopped),
        Err(error) => {
            if error.is_lasting() {
                // It cannot go on as it is written: the plan may be edited. If this cannot be said, it stays in doubt.
                let failed = Event::Failed(event.clone(), error.to_string());
                let _ = session.database.append(session.actor, &failed);
            }
            return Err(error);
        }
    };
    let duration_ms = i64::try_from(session.elapsed_ms(since)?).ok();
    finish(session, step, &StepEvent { duration_ms, ..event.clone() }, &last)
}

/// Records the end, unless a release outside the gate was forced in since the start: that wrote rows behind the
/// cursor. A deploy locks the same row, so the two cannot pass each other.
fn finish(
    session: &mut Session<'_>,
    step: &CompiledStep,
    event: &StepEvent,
    last: &[String],
) -> Result<End, RunError> {
    session.with_retries(&step.key, |session| {
        session.database.begin()?;
        session.database.lock_ledger()?;
        session.refresh()?;
        let state = session.ledger.migrations.get(&event.version);
        if matches!(state, Some(MigrationState::Voided(..))) {
            session.database.roll_back()?;
            return Ok(End::Void);
        }
        for statement in last {
            session.database.execute(statement)?;
        }
        session.database.forget_cursor(&event.version)?;
        session.record_finished(event)?;
        session.database.commit()?;
        Ok(End::Done)
    })
}

/// Counts the rows still to do.
fn remaining(session: &mut Session<'_>, queries: &BatchQueries) -> Result<u64, DatabaseError> {
    let rows = session.database.query_texts(&queries.remaining)?;
    let count = rows.first().and_then(|row| row.first()).and_then(Option::as_deref);
    // Taken for none, it would end a backfill that is not done.
    let unreadable =
        || DatabaseError::unexpected("the rows still to do cannot be counted", &queries.remaining);
    count.and_then(|count| count.parse().ok()).ok_or_else(unreadable)
}

/// Returns the first row of a query as a key, if it has one without NULL.
fn key(rows: Vec<Vec<Option<String>>>) -> Option<Vec<String>> {
    rows.into_iter().next()?.into_iter().collect()
}

impl Backfill<'_> {
    fn failed(&self, error: DatabaseError) -> RunError {
        RunError::of_step(self.step, self.migration, error)
    }

    /// Goes over all rows, again if some are left, until a query proves that none is.
    fn passes(&self, session: &mut Session<'_>) -> Result<Flow, RunError> {
        loop {
            let mut cursor = self.cursor(session)?;
            if self.pass(session, &mut cursor)? == Flow::Stopped {
                return Ok(Flow::Stopped);
            }
            let left = remaining(session, &self.queries).map_err(|error| self.failed(error))?;
            if left == 0 {
                return Ok(Flow::Done);
            }
            if cursor.pass >= session.prepared.limits.passes {
                return Err(RunError::RowsLeft {
                    step: self.step.key.clone(),
                    left,
                    passes: cursor.pass,
                    query: self.queries.remaining.clone(),
                });
            }
            let next =
                Cursor { pass: cursor.pass + 1, rows_done: cursor.rows_done, ..Cursor::default() };
            session.with_retries(&self.step.key, |session| self.save(session, &next))?;
        }
    }

    /// Returns the saved cursor, or one at the start with the greatest key of this moment as its fixed end.
    fn cursor(&self, session: &mut Session<'_>) -> Result<Cursor, RunError> {
        let saved = session.database.cursor(&self.migration.version)?;
        let mut cursor = saved.unwrap_or(Cursor { pass: 1, ..Cursor::default() });
        if cursor.upper.is_empty() {
            let rows = session.database.query_texts(&self.queries.upper_bound);
            cursor.upper = key(rows.map_err(|error| self.failed(error))?).unwrap_or_default();
        }
        Ok(cursor)
    }

    fn save(&self, session: &mut Session<'_>, cursor: &Cursor) -> Result<(), RunError> {
        session.database.begin()?;
        session.database.save_cursor(&self.migration.version, cursor)?;
        Ok(session.database.commit()?)
    }

    /// Writes every row up to the cursor's end, batch by batch.
    fn pass(&self, session: &mut Session<'_>, cursor: &mut Cursor) -> Result<Flow, RunError> {
        if cursor.upper.is_empty() {
            return Ok(Flow::Done);
        }
        let limits = session.prepared.limits;
        let mut rows = self.change.batch.rows.unwrap_or(limits.batch_rows);
        loop {
            if session.observer.stop_requested() {
                return Ok(Flow::Stopped);
            }
            let since = session.database.now()?;
            let next = session
                .with_retries(&self.step.key, |session| self.batch(session, cursor, rows))?;
            let Some(next) = next else { return Ok(Flow::Done) };
            *cursor = next;
            let took_ms = session.elapsed_ms(since)?;
            if self.change.batch.rows.is_none() {
                rows = limits.next_batch(rows, took_ms);
            }
            session.observer.progress(Progress::Batch {
                step: self.step.key.clone(),
                rows: u64::try_from(cursor.rows_done).unwrap_or(0),
                of: self.rows_in_all,
            });
            if let Some(pause_ms) = self.change.batch.pause_ms {
                session.observer.sleep_ms(u64::from(pause_ms));
            }
        }
    }

    /// Writes one batch and the cursor after it in one transaction; `None` if there is no row left.
    fn batch(
        &self,
        session: &mut Session<'_>,
        cursor: &Cursor,
        rows: u32,
    ) -> Result<Option<Cursor>, RunError> {
        let after = cursor.after.as_deref();
        session.database.begin()?;
        // The lease is renewed in the batch's own transaction: who has lost it cannot commit a batch.
        session.renew_lease()?;
        let end = batch_end(self.change, self.catalog, after, &cursor.upper, rows);
        let through = session.database.query_texts(&end).map_err(|error| self.failed(error))?;
        let Some(through) = key(through) else {
            session.database.commit()?;
            return Ok(None);
        };
        let write = batch_write(self.change, self.catalog, after, &through);
        let written =
            session.database.execute_counting(&write).map_err(|error| self.failed(error))?;
        let next = Cursor {
            after: Some(through),
            upper: cursor.upper.clone(),
            rows_done: cursor.rows_done.saturating_add(i64::try_from(written).unwrap_or(i64::MAX)),
            pass: cursor.pass,
        };
        session.database.save_cursor(&self.migration.version, &next)?;
        session.database.commit().map_err(|error| self.failed(error))?;
        Ok(Some(next))
    }
}
