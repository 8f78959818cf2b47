//! What happens during a run, for the shell to show.

use crate::name::StepKey;
use crate::phase::PhaseKey;
use crate::version::MigrationVersion;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A gated phase was opened.
    PhaseOpened(PhaseKey),
    /// A migration starts.
    Started(StepKey, MigrationVersion),
    /// A migration is finished, after so many milliseconds.
    Finished(StepKey, MigrationVersion, u64),
    /// A migration that was in doubt turned out to be done.
    FoundDone(StepKey, MigrationVersion),
    /// A hand-written migration is finished.
    HandWritten(String, u64),
    /// A batch of a backfill is written: rows so far, and all rows if known.
    Batch {
        /// The step.
        step: StepKey,
        /// Rows so far.
        rows: u64,
        /// Rows in all, as far as is known.
        of: Option<u64>,
    },
    /// A statement did not get its lock and is tried again in so many milliseconds.
    Retry(StepKey, String, u64),
    /// A migration was undone.
    Reverted(StepKey, MigrationVersion),
}

/// What the shell lends to a run: eyes, a clock to sleep by, and a way to be stopped.
pub trait Observer {
    /// Shows what happened.
    fn progress(&mut self, progress: Progress);
    /// Returns whether somebody asked to stop; asked between statements and batches.
    fn stop_requested(&self) -> bool;
    /// Waits.
    fn sleep_ms(&mut self, milliseconds: u64);
    /// Returns a number from 0 to `below`, for jitter.
    fn jitter_ms(&mut self, below: u64) -> u64;
}
