//! How a run can fail.

use jiff::Timestamp;

use crate::compile::{CompiledMigration, CompiledStep};
use crate::database::DatabaseError;
use crate::database::error::Retry;
use crate::name::StepKey;
use crate::phase::PhaseKey;
use crate::version::MigrationVersion;

/// Why a run or a revert stopped.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The database failed outside of any step.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Somebody else holds the lease.
    #[error("another run is under way: {holder}")]
    AnotherRunner {
        /// Who.
        holder: String,
        /// Until when, where the engine knows.
        until: Option<Timestamp>,
    },
    /// A lock was not to be had, and it is known who was in the way.
    #[error("{error}; in the way: {}", in_the_way.join(", "))]
    Locked {
        /// What failed.
        error: Box<RunError>,
        /// Who was in the way, a phrase each.
        in_the_way: Vec<String>,
    },
    /// A step failed.
    #[error("{0}")]
    Step(Box<StepFailure>),
    /// A hand-written migration failed.
    #[error("migration `{directory}` failed: {reason}")]
    HandWritten {
        /// Its directory.
        directory: String,
        /// What the engine said.
        reason: String,
        /// Whether trying again may help.
        retry: Retry,
        /// Whether it ran in a transaction, so that nothing is left of it.
        in_transaction: bool,
    },
    /// A backfill went over all rows and still finds some to do.
    #[error("backfill `{step}` is not complete: {left} rows are left after {passes} passes")]
    RowsLeft {
        /// The step.
        step: StepKey,
        /// How many rows.
        left: u64,
        /// How many passes were made.
        passes: i64,
        /// The query that counts them.
        query: String,
    },
    /// A step cannot be done on the database as it is.
    #[error("step `{step}` cannot be done on this database: {message}")]
    Refused {
        /// The step.
        step: StepKey,
        /// Why.
        message: String,
        /// What to do instead.
        alternative: String,
    },
    /// Somebody asked to stop while a lock was waited for.
    #[error("stopped as asked while waiting for a lock")]
    Stopped,
    /// A revert that was refused must not be executed.
    #[error("the revert was refused: {}", .0.join("; "))]
    RevertRefused(Vec<String>),
    /// A migration to undo cannot be.
    #[error("migration {version} cannot be undone: {why}")]
    Irreversible {
        /// Which.
        version: MigrationVersion,
        /// Why.
        why: String,
    },
}

/// Which step failed, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepFailure {
    /// Its phase.
    pub phase: PhaseKey,
    /// The step.
    pub step: StepKey,
    /// The migration.
    pub version: MigrationVersion,
    /// The statement.
    pub statement: String,
    /// What the engine said.
    pub reason: String,
    /// Whether trying again may help.
    pub retry: Retry,
}

impl std::fmt::Display for StepFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "step `{}` of {} failed: {}", self.step.id, self.phase, self.reason)
    }
}

/// How much of a statement a message repeats, in characters.
const STATEMENT_MAX: usize = 500;

/// Returns the beginning of a statement.
fn shortened(statement: &str) -> String {
    let mut text: String = statement.chars().take(STATEMENT_MAX).collect();
    if text.len() < statement.len() {
        text.push_str(" …");
    }
    text
}

impl RunError {
    /// Says which step a failed statement belongs to; other errors stay what they are.
    #[must_use]
    pub fn of_step(
        step: &CompiledStep,
        migration: &CompiledMigration,
        error: DatabaseError,
    ) -> Self {
        match error {
            DatabaseError::Statement { reason, sql, retry } => Self::Step(Box::new(StepFailure {
                phase: step.phase_key(),
                step: step.key.clone(),
                version: migration.version.clone(),
                statement: sql,
                reason,
                retry,
            })),
            other @ (DatabaseError::Connect { .. }
            | DatabaseError::Install { .. }
            | DatabaseError::NewerLedger { .. }
            | DatabaseError::CorruptEntry { .. }
            | DatabaseError::LostLease { .. }
            | DatabaseError::GivenUp
            | DatabaseError::Scratch { .. }
            | DatabaseError::MissingEngine { .. }) => Self::Database(other),
        }
    }

    /// Returns whether trying again may help.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::Database(error) => error.retry(),
            Self::Step(failure) => failure.retry,
            Self::HandWritten { retry, .. } => *retry,
            Self::Locked { error, .. } => error.retry(),
            Self::AnotherRunner { .. } => Retry::Later,
            Self::RowsLeft { .. }
            | Self::Refused { .. }
            | Self::Stopped
            | Self::RevertRefused(_)
            | Self::Irreversible { .. } => Retry::Never,
        }
    }

    /// Returns whether this statement failed, and not for want of a lock.
    pub(super) fn is_refusal_of(&self, statement: Option<&String>) -> bool {
        let (Self::Step(failure), Some(statement)) = (self, statement) else { return false };
        failure.retry == Retry::Never && failure.statement == statement.trim()
    }

    /// Returns whether it would fail again, although the database is there and this is the one run.
    pub(super) fn is_lasting(&self) -> bool {
        match self {
            Self::Step(failure) => failure.retry == Retry::Never,
            Self::RowsLeft { .. } => true,
            Self::Locked { .. }
            | Self::Database(_)
            | Self::AnotherRunner { .. }
            | Self::HandWritten { .. }
            | Self::Refused { .. }
            | Self::Stopped
            | Self::RevertRefused(_)
            | Self::Irreversible { .. } => false,
        }
    }

    /// Says what to do, where there is more to say than the message does.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::AnotherRunner { until: Some(until), .. } => Some(format!(
                "wait for it to end; its lease runs out at {until} unless it is renewed"
            )),
            Self::AnotherRunner { until: None, .. } => Some("wait for it to end".to_owned()),
            Self::Locked { .. } => Some(
                "wait for that transaction to end, or end it with `pg_terminate_backend`, then run again"
                    .to_owned(),
            ),
            Self::Step(failure) => Some(match failure.retry {
                Retry::Later => {
                    "the lock was not to be had; run again when the database is less busy"
                        .to_owned()
                }
                Retry::NextRun => format!(
                    "the connection broke, so that the step is in doubt; `planner run` asks the database whether it was done, and goes on; the statement was: {}",
                    shortened(&failure.statement)
                ),
                Retry::Never => format!("the statement was: {}", shortened(&failure.statement)),
            }),
            Self::HandWritten { retry: Retry::NextRun, in_transaction: true, .. } => Some(
                "the connection broke; run again, then what was not committed is done once more"
                    .to_owned(),
            ),
            Self::HandWritten { in_transaction: false, .. } => Some(
                "it does not run in a transaction, so look what is left of it before running again"
                    .to_owned(),
            ),
            Self::RowsLeft { query, .. } => Some(format!(
                "see which rows are left, then make the plan's `where` false for a row once it is done: {query}"
            )),
            Self::Refused { alternative, .. } => Some(alternative.clone()),
            Self::Stopped => {
                Some("the same command goes on where it ended; nothing is half done".to_owned())
            }
            Self::HandWritten { in_transaction: true, .. } => Some(
                "correct its `up.sql`; it ran in a transaction, so nothing is left of it"
                    .to_owned(),
            ),
            Self::Database(_) | Self::RevertRefused(_) | Self::Irreversible { .. } => None,
        }
    }
}
