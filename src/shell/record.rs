//! Recording what is known of releases, under the ledger's one lock.

use jiff::{SignedDuration, Timestamp};

use super::Shell;
use super::situation::Loaded;
use super::target::database_failure;
use crate::database::connection::LiveDatabase;
use crate::database::{Database as _, DatabaseError, marker};
use crate::exit::Failure;
use crate::ledger::Event;
use crate::phase::PhaseKey;
use crate::rollout::progress::steps_of;

/// How long an instance that has fallen silent is remembered.
const HEARTBEATS_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

impl Shell {
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
        let built = self.build(read, dialect)?;
        let mut database = self.open_database(&built.config)?;
        database.install_ledger().map_err(|error| database_failure(&error))?;
        database.begin().map_err(|error| database_failure(&error))?;
        let result = (|| {
            database.lock_ledger().map_err(|error| database_failure(&error))?;
            let (facts, entries, ledger) = self.facts(&built, Some(&mut database))?;
            let mut loaded = Loaded { built, ledger, facts, entries, database: None };
            let (events, said) = decide(&mut loaded)?;
            let ids = self.append(&mut database, &loaded, &events);
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
        loaded: &Loaded,
        events: &[Event],
    ) -> Result<Vec<i64>, DatabaseError> {
        let mut ids = Vec::with_capacity(events.len());
        for event in events {
            if let Event::Closed { plan, phase, .. } = event {
                shut_markers(database, loaded, &PhaseKey { plan: plan.clone(), phase: *phase })?;
            }
            ids.push(database.append(&self.actor(), event)?.id);
        }
        let old = loaded.facts.now.checked_sub(HEARTBEATS_KEPT).unwrap_or(Timestamp::MIN);
        database.forget_heartbeats(old)?;
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
