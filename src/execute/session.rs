//! What all parts of a run share: the database, what is known of it, and the way to try again.

use std::collections::{BTreeMap, BTreeSet};

use super::event::{Observer, Progress};
use super::run::RunReport;
use super::{Prepared, RunError};
use crate::catalog::Catalog;
use crate::change::Change;
use crate::compile::{CompiledMigration, CompiledStep};
use crate::database::error::Retry;
use crate::database::{Database, DatabaseError};
use crate::ledger::{Event, LedgerSnapshot, MigrationState, StepEvent};
use crate::name::StepKey;
use crate::rollout::{Facts, Situation, ledger_of};
use crate::version::MigrationVersion;

/// One run or revert.
pub(super) struct Session<'a> {
    pub database: &'a mut dyn Database,
    pub observer: &'a mut dyn Observer,
    pub prepared: &'a Prepared<'a>,
    /// Who, in the ledger.
    pub actor: &'a str,
    /// Who, in the lease.
    pub holder: &'a str,
    /// What was done when last asked, and what this session has done since.
    pub ledger: LedgerSnapshot,
    /// Versions in Diesel's table.
    pub applied: BTreeSet<MigrationVersion>,
    pub report: RunReport,
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// It is done.
    Done,
    /// Somebody asked to stop; what was begun is in order and goes on with the next run.
    Stopped,
}

impl<'a> Session<'a> {
    /// Starts a session that knows nothing yet.
    pub fn new(
        database: &'a mut dyn Database,
        observer: &'a mut dyn Observer,
        prepared: &'a Prepared<'a>,
        actor: &'a str,
        holder: &'a str,
    ) -> Self {
        Self {
            database,
            observer,
            prepared,
            actor,
            holder,
            ledger: LedgerSnapshot::default(),
            applied: BTreeSet::new(),
            report: RunReport::default(),
        }
    }

    /// Becomes the one runner, installs the ledger, runs `work`, and steps down whatever came of it.
    pub fn with_lease(
        mut self,
        work: impl FnOnce(&mut Self) -> Result<(), RunError>,
    ) -> Result<RunReport, RunError> {
        self.database.install_ledger()?;
        self.set_limits()?;
        self.take_lease()?;
        let done = work(&mut self);
        let left = self.step_down();
        // What went wrong first is what matters.
        done?;
        left?;
        Ok(self.report)
    }

    /// Gives the lease back. All work is done and recorded by now, so that a database which stays locked is no
    /// failure: the lease runs out by itself.
    fn step_down(&mut self) -> Result<(), DatabaseError> {
        let limits = self.prepared.limits;
        let mut n_failed = 0;
        loop {
            let given = self.database.roll_back();
            let given = given.and_then(|()| self.database.release_lease(self.holder));
            match given {
                Err(error) if error.retry() == Retry::Later => n_failed += 1,
                given => return given,
            }
            if n_failed > limits.retries {
                return Ok(());
            }
            self.observer.sleep_ms(limits.backoff(n_failed));
        }
    }

    fn take_lease(&mut self) -> Result<(), RunError> {
        let limits = self.prepared.limits;
        let mut waited_ms = 0;
        let mut n_tries = 0;
        loop {
            let locked = match self.database.try_lease(self.holder, limits.lease_s) {
                Ok(true) => return Ok(()),
                Ok(false) => None,
                Err(error) if error.retry() == Retry::Later => Some(error),
                Err(error) => return Err(error.into()),
            };
            n_tries += 1;
            // The engine has waited for the lock already.
            waited_ms += locked.as_ref().map_or(0, |_| u64::from(limits.lock_timeout_ms));
            if waited_ms >= limits.lease_wait_ms || self.observer.stop_requested() {
                return Err(match (self.database.lease_holder(), locked) {
                    (Ok(Some((holder, until))), _) => RunError::AnotherRunner { holder, until },
                    (Ok(None) | Err(_), Some(error)) | (Err(error), None) => error.into(),
                    (Ok(None), None) => RunError::AnotherRunner {
                        holder: "its holder is unknown".to_owned(),
                        until: None,
                    },
                });
            }
            let pause = limits.backoff(n_tries) + self.observer.jitter_ms(limits.backoff_ms);
            self.observer.sleep_ms(pause);
            waited_ms += pause.max(1);
        }
    }

    fn set_limits(&mut self) -> Result<(), RunError> {
        let limits = self.prepared.limits;
        self.database.set_lock_timeout(limits.lock_timeout_ms)?;
        self.database.set_statement_timeout(limits.statement_timeout_ms)?;
        Ok(())
    }

    /// Renews the lease; an error if another took it over.
    pub fn renew_lease(&mut self) -> Result<(), DatabaseError> {
        if self.database.try_lease(self.holder, self.prepared.limits.lease_s)? {
            return Ok(());
        }
        let by = self.database.lease_holder()?;
        let by = by.map_or_else(|| "nobody".to_owned(), |(holder, _)| holder);
        Err(DatabaseError::LostLease { by })
    }

    /// Asks the database what was done.
    pub fn refresh(&mut self) -> Result<(), DatabaseError> {
        let (entries, beats) = (self.database.entries()?, self.database.heartbeats()?);
        let now = self.database.now()?;
        self.ledger = ledger_of(&entries, &beats, self.prepared.heartbeats, now);
        self.applied = self.database.applied_versions()?;
        Ok(())
    }

    /// The same between transactions, where a locked database is waited for.
    pub fn ask(&mut self) -> Result<(), RunError> {
        self.with_retries(&key_of("ledger", "read"), |session| Ok(session.refresh()?))
    }

    /// Collects what a decision looks at besides the plans and the ledger.
    pub fn facts(&mut self) -> Result<Facts, DatabaseError> {
        let hand_written = self.prepared.hand_written.iter();
        Ok(Facts {
            now: self.database.now()?,
            gates: self.prepared.gates,
            apps: self.prepared.apps.to_vec(),
            applied: self.applied.clone(),
            hand_written: hand_written.map(|m| (m.version.clone(), m.directory.clone())).collect(),
            queries: BTreeMap::new(),
            compared: BTreeMap::new(),
            ledger_installed: true,
            naming: self.prepared.naming.clone(),
            by_release: self.prepared.by_release.clone(),
        })
    }

    /// Puts together what a decision looks at.
    pub const fn situation<'s>(&'s self, facts: &'s Facts) -> Situation<'s> {
        Situation {
            project: self.prepared.project,
            graph: self.prepared.graph,
            compiled: self.prepared.compiled,
            ledger: &self.ledger,
            facts,
        }
    }

    /// Reads the live catalog and puts back into it what only the plans know: which of its triggers are syncs.
    pub fn live_catalog(&mut self) -> Result<Catalog, DatabaseError> {
        let mut catalog = self.database.catalog()?;
        let changes = self.prepared.compiled.steps.iter().flat_map(|step| step.changes.iter());
        for change in changes {
            let Change::CreateSync(sync) = change else { continue };
            let there = catalog.table(sync.table()).is_some_and(|table| {
                let mut names = sync.triggers(catalog.dialect).into_iter();
                names.all(|name| table.triggers.contains_key(&name))
            });
            if there {
                catalog.syncs.insert(sync.name().clone(), sync.clone());
            }
        }
        Ok(catalog)
    }

    /// Describes a new attempt at a migration for the ledger.
    pub fn event(&self, step: &CompiledStep, migration: &CompiledMigration) -> StepEvent {
        event_of(step, migration, self.last_attempt(migration) + 1)
    }

    /// Describes what becomes of the last attempt at a migration: it goes on, it ends, it is undone.
    pub fn event_of_last(&self, step: &CompiledStep, migration: &CompiledMigration) -> StepEvent {
        event_of(step, migration, self.last_attempt(migration))
    }

    fn last_attempt(&self, migration: &CompiledMigration) -> i64 {
        let state = self.ledger.migrations.get(&migration.version);
        state.map_or(0, |state| state.last().0.attempt)
    }

    /// Records a migration as finished, in the open transaction: Diesel's row and the ledger's entry. Diesel's row
    /// is there already when a backfill was made void, or when an undoing was cut short.
    pub fn record_finished(&mut self, event: &StepEvent) -> Result<(), DatabaseError> {
        if !self.applied.contains(&event.version) {
            self.database.record_version(&event.version)?;
        }
        self.database.append(self.actor, &Event::Finished(event.clone()))?;
        Ok(())
    }

    /// Takes note of a finished migration, after the commit.
    pub fn note_finished(
        &mut self,
        step: &CompiledStep,
        event: StepEvent,
    ) -> Result<(), DatabaseError> {
        let version = event.version.clone();
        let at = self.database.now()?;
        self.applied.insert(version.clone());
        self.ledger.migrations.insert(version.clone(), MigrationState::Done(event, at));
        self.report.finished.push((step.key.clone(), version));
        Ok(())
    }

    /// Returns the milliseconds since a moment, by the database's clock.
    pub fn elapsed_ms(&mut self, since: jiff::Timestamp) -> Result<u64, DatabaseError> {
        let passed = self.database.now()?.duration_since(since).as_millis();
        Ok(u64::try_from(passed).unwrap_or(0))
    }

    /// Does a piece of work; what failed for want of a lock is taken back and tried again, with growing pauses.
    pub fn with_retries<T>(
        &mut self,
        step: &StepKey,
        mut work: impl FnMut(&mut Self) -> Result<T, RunError>,
    ) -> Result<T, RunError> {
        let done = self.try_often(step, &mut work);
        let in_the_way = self.database.in_the_way();
        done.map_err(|error| match error.retry() {
            Retry::Later if !in_the_way.is_empty() => {
                RunError::Locked { error: Box::new(error), in_the_way }
            }
            Retry::Later | Retry::NextRun | Retry::Never => error,
        })
    }

    fn try_often<T>(
        &mut self,
        step: &StepKey,
        work: &mut impl FnMut(&mut Self) -> Result<T, RunError>,
    ) -> Result<T, RunError> {
        let limits = self.prepared.limits;
        let mut n_failed = 0;
        loop {
            // A pause may have outlasted the lease; renewing it can meet the same lock that the work waits for.
            let renewed = if n_failed > 0 { self.renew_lease() } else { Ok(()) };
            let error = match renewed.map_err(RunError::from).and_then(|()| work(self)) {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            // A broken connection takes the transaction back by itself; the first error says more.
            let _ = self.database.roll_back();
            n_failed += 1;
            if error.retry() != Retry::Later || n_failed > limits.retries {
                return Err(error);
            }
            if self.observer.stop_requested() {
                return Err(RunError::Stopped);
            }
            self.database.watch_locks();
            let pause = limits.backoff(n_failed);
            let pause = pause + self.observer.jitter_ms(pause / 2 + 1);
            self.observer.progress(Progress::Retry(step.clone(), error.to_string(), pause));
            self.observer.sleep_ms(pause);
        }
    }
}

/// Names a piece of work that is no step, for the message that it is tried again.
pub(super) fn key_of(plan: &str, id: &str) -> StepKey {
    StepKey { plan: plan.into(), id: id.into() }
}

fn event_of(step: &CompiledStep, migration: &CompiledMigration, attempt: i64) -> StepEvent {
    StepEvent {
        plan: step.key.plan.clone(),
        phase: step.phase,
        step: step.key.id.clone(),
        version: migration.version.clone(),
        checksum: step.checksum.clone(),
        attempt,
        duration_ms: None,
    }
}
