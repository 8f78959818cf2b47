//! Recording what is known of releases, under the ledger's one lock.

use jiff::{SignedDuration, Timestamp};

use super::Shell;
use super::pipeline::Depth;
use super::situation::Loaded;
use super::target::database_failure;
use crate::config::Config;
use crate::database::connection::LiveDatabase;
use crate::database::{Database as _, DatabaseError, marker};
use crate::diagnostic::Sink;
use crate::exit::Failure;
use crate::ledger::{Entry, Event, LedgerSnapshot};
use crate::phase::PhaseKey;
use crate::rollout::Facts;
use crate::rollout::progress::steps_of;

/// How long an instance that has fallen silent is remembered.
const HEARTBEATS_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What is known without reading any plan.
#[derive(Debug)]
pub struct Known {
    /// What is known of the world.
    pub facts: Facts,
    /// The ledger's entries, oldest first.
    pub entries: Vec<Entry>,
    /// The state that these and the heartbeats leave.
    pub ledger: LedgerSnapshot,
}

impl Shell {
    /// Reads what the database says, changing nothing, and without reading any plan.
    ///
    /// # Errors
    ///
    /// Fails if the configuration or the database cannot be used.
    pub fn known(&self) -> Result<Known, Failure> {
        let config = self.read_config(&mut Sink::default())?;
        let dialect = self.dialect_for(&config)?;
        let mut database = self.open_existing_database(&config)?;
        let (facts, entries, ledger) = self.facts_for(&config, dialect, database.as_mut())?;
        Ok(Known { facts, entries, ledger })
    }

    /// Decides and appends under the ledger's one lock, so that a deploy and the opening of a phase cannot pass each
    /// other. Returns the ids of the entries, and what `decide` said besides.
    ///
    /// # Errors
    ///
    /// Fails if the project or the database cannot be used, or as `decide` says; then nothing is recorded.
    pub fn record<T>(
        &self,
        decide: impl FnOnce(&mut Loaded) -> Result<(Vec<Event>, T), Failure>,
    ) -> Result<(Vec<i64>, T), Failure> {
        let read = self.read_project()?;
        let dialect = self.dialect_of(&read)?;
        let built = self.build(read, dialect, Depth::Outline)?;
        let config = built.config.clone();
        self.locked(&config, |database| {
            let (facts, entries, ledger) = self.facts(&built, Some(database))?;
            let mut loaded = Loaded { built, ledger, facts, entries, database: None };
            let (events, said) = decide(&mut loaded)?;
            for event in &events {
                if let Event::Closed { plan, phase, .. } = event {
                    let phase = PhaseKey { plan: plan.clone(), phase: *phase };
                    let shut = shut_markers(database, &loaded, &phase);
                    shut.map_err(|error| database_failure(&error))?;
                }
            }
            Ok((events, loaded.facts.now, said))
        })
    }

    /// As [`Self::record`], where the ledger alone decides: also while plans have findings.
    ///
    /// # Errors
    ///
    /// As for [`Self::record`].
    pub fn record_from_ledger<T>(
        &self,
        decide: impl FnOnce(&Known) -> Result<(Vec<Event>, T), Failure>,
    ) -> Result<(Vec<i64>, T), Failure> {
        let config = self.read_config(&mut Sink::default())?;
        let dialect = self.dialect_for(&config)?;
        self.locked(&config, |database| {
            let (facts, entries, ledger) = self.facts_for(&config, dialect, Some(database))?;
            let known = Known { facts, entries, ledger };
            let (events, said) = decide(&known)?;
            Ok((events, known.facts.now, said))
        })
    }

    fn locked<T>(
        &self,
        config: &Config,
        decide: impl FnOnce(&mut LiveDatabase) -> Result<(Vec<Event>, Timestamp, T), Failure>,
    ) -> Result<(Vec<i64>, T), Failure> {
        let mut database = self.open_database(config)?;
        database.install_ledger().map_err(|error| database_failure(&error))?;
        database.begin().map_err(|error| database_failure(&error))?;
        let result = (|| {
            database.lock_ledger().map_err(|error| database_failure(&error))?;
            let (events, now, said) = decide(&mut database)?;
            let ids = self.append(&mut database, &events, now);
            Ok((ids.map_err(|error| database_failure(&error))?, said))
        })();
        if result.is_err() {
            // The first failure is the one to tell; the connection is closed next, which rolls back too.
            let _ = database.roll_back();
        }
        result
    }

    fn append(
        &self,
        database: &mut LiveDatabase,
        events: &[Event],
        now: Timestamp,
    ) -> Result<Vec<i64>, DatabaseError> {
        let mut ids = Vec::with_capacity(events.len());
        for event in events {
            ids.push(database.append(&self.actor(), event)?.id);
        }
        database.forget_heartbeats(now.checked_sub(HEARTBEATS_KEPT).unwrap_or(Timestamp::MIN))?;
        database.commit()?;
        Ok(ids)
    }
}

/// Drops the markers that let `diesel migration run` into a phase.
fn shut_markers(
    database: &mut LiveDatabase,
    loaded: &Loaded,
    phase: &PhaseKey,
) -> Result<(), DatabaseError> {
    let steps = steps_of(&loaded.built.compiled, phase).into_iter();
    for migration in steps.flat_map(|step| &step.migrations) {
        marker::remove(database, &migration.version)?;
    }
    Ok(())
}
