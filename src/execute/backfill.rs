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

/// Runs a backfill to its end, or until somebody asks to stop; it goes on from its cursor the next time.
pub(super) fn run(
    session: &mut Session<'_>,
    step: &CompiledStep,
    migration: &CompiledMigration,
    change: &DataChange,
    event: &StepEvent,
) -> Result<Flow, RunError> {
    let state = session.ledger.migrations.get(&migration.version);
    let is_void = matches!(state, Some(MigrationState::Voided(..)))
        || session.ledger.voided.contains_key(&step.key.plan);
    let is_underway = matches!(state, Some(MigrationState::InDoubt(..)));
    let renewed = is_void.then(|| again(change, session.prepared.compiled.dialect));
    let change = renewed.as_ref().unwrap_or(change);
    let catalog = session.live_catalog()?;
    let Some(queries) = batch_queries(change, &catalog) else {
        return step::shared(session, step, migration, &migration.up, event);
    };
    if !is_underway {
        // A cursor without a start that is known belongs to an attempt that was undone or made void.
        session.with_retries(&step.key, |session| {
            session.database.begin()?;
            session.database.forget_cursor(&migration.version)?;
            session.database.append(session.actor, &Event::Started(event.clone()))?;
            Ok(session.database.commit()?)
        })?;
    }
    let since = session.database.now()?;
    let done = session.database.cursor(&migration.version)?.map_or(0, |cursor| cursor.rows_done);
    let left = remaining(session, &queries).ok();
    let rows_in_all = left.map(|left| left.saturating_add(u64::try_from(done).unwrap_or(0)));
    let backfill = Backfill { step, migration, change, catalog: &catalog, queries, rows_in_all };
    loop {
        let mut cursor = backfill.cursor(session)?;
        if backfill.pass(session, &mut cursor)? == Flow::Stopped {
            return Ok(Flow::Stopped);
        }
        let left = remaining(session, &backfill.queries).map_err(|error| backfill.failed(error))?;
        if left == 0 {
            break;
        }
        if cursor.pass >= session.prepared.limits.passes {
            return Err(RunError::RowsLeft {
                step: step.key.clone(),
                left,
                passes: cursor.pass,
                query: backfill.queries.remaining.clone(),
            });
        }
        let next =
            Cursor { pass: cursor.pass + 1, rows_done: cursor.rows_done, ..Cursor::default() };
        session.with_retries(&step.key, |session| backfill.save(session, &next))?;
    }
    let duration_ms = i64::try_from(session.elapsed_ms(since)?).ok();
    session.with_retries(&step.key, |session| {
        session.database.begin()?;
        session.database.forget_cursor(&migration.version)?;
        session.record_finished(&StepEvent { duration_ms, ..event.clone() })?;
        Ok(session.database.commit()?)
    })?;
    Ok(Flow::Done)
}

/// Counts the rows still to do.
fn remaining(session: &mut Session<'_>, queries: &BatchQueries) -> Result<u64, DatabaseError> {
    let rows = session.database.query_texts(&queries.remaining)?;
    let count = rows.first().and_then(|row| row.first()).and_then(Option::as_deref);
    Ok(count.and_then(|count| count.parse().ok()).unwrap_or(0))
}

/// Returns the first row of a query as a key, if it has one without NULL.
fn key(rows: Vec<Vec<Option<String>>>) -> Option<Vec<String>> {
    rows.into_iter().next()?.into_iter().collect()
}

impl Backfill<'_> {
    fn failed(&self, error: DatabaseError) -> RunError {
        RunError::of_step(self.step, self.migration, error)
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
