//! Migrations that people wrote by hand, beside the compiled ones.

use super::event::Progress;
use super::session::{Flow, Session, key_of};
use super::{RunError, RunReport};
use crate::database::DatabaseError;
use crate::version::MigrationVersion;

/// A hand-written migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandWritten {
    /// Its version.
    pub version: MigrationVersion,
    /// Its directory's name.
    pub directory: String,
    /// The text of its `up.sql`.
    pub up: String,
    /// What its `metadata.toml` says; true if there is none.
    pub run_in_transaction: bool,
}

/// Runs those that have not run and are older than `before`, or all, in version order.
pub(super) fn run_older(
    session: &mut Session<'_>,
    before: Option<&MigrationVersion>,
    through: Option<&str>,
) -> Result<Flow, RunError> {
    let prepared = session.prepared;
    let mut pending: Vec<&HandWritten> = prepared
        .hand_written
        .iter()
        .filter(|migration| !session.applied.contains(&migration.version))
        .filter(|migration| before.is_none_or(|before| migration.version < *before))
        .filter(|migration| through.is_none_or(|through| migration.version.as_str() < through))
        .collect();
    pending.sort_by(|a, b| a.version.cmp(&b.version));
    for migration in pending {
        if session.observer.stop_requested() {
            return Ok(Flow::Stopped);
        }
        run_one(session, migration)?;
    }
    Ok(Flow::Done)
}

fn run_one(session: &mut Session<'_>, migration: &HandWritten) -> Result<(), RunError> {
    let failed = |error: DatabaseError| match error {
        DatabaseError::Statement { reason, retry, .. } => RunError::HandWritten {
            directory: migration.directory.clone(),
            reason,
            retry,
            in_transaction: migration.run_in_transaction,
        },
        other @ (DatabaseError::Connect { .. }
        | DatabaseError::Install { .. }
        | DatabaseError::NewerLedger { .. }
        | DatabaseError::CorruptEntry { .. }
        | DatabaseError::LostLease { .. }
        | DatabaseError::GivenUp
        | DatabaseError::Scratch { .. }
        | DatabaseError::MissingEngine { .. }) => RunError::Database(other),
    };
    let key = key_of("migrations", &migration.directory);
    session.with_retries(&key, |session| Ok(session.renew_lease()?))?;
    let since = session.database.now()?;
    let database = &mut *session.database;
    if migration.run_in_transaction {
        session.with_retries(&key, |session| {
            let database = &mut *session.database;
            database.begin()?;
            database.execute(&migration.up).map_err(failed)?;
            database.record_version(&migration.version).map_err(failed)?;
            Ok(database.commit()?)
        })?;
    } else {
        // It may be half done when it fails, so that it is not tried again. What it left open on this
        // connection must not reach what comes after: its transaction, and foreign keys that it switched off.
        let ran = database.execute(&migration.up).map_err(failed);
        let closed = database.roll_back().and_then(|()| database.enforce_foreign_keys(true));
        ran?;
        closed?;
        session.with_retries(&key, |session| {
            Ok(session.database.record_version(&migration.version)?)
        })?;
    }
    let duration_ms = session.elapsed_ms(since)?;
    session.applied.insert(migration.version.clone());
    let RunReport { hand_written, .. } = &mut session.report;
    hand_written.push(migration.directory.clone());
    session.observer.progress(Progress::HandWritten(migration.directory.clone(), duration_ms));
    Ok(())
}
