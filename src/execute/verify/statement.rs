//! One migration on the scratch database, statement by statement.

use std::time::Instant;

use super::concurrent;
use crate::catalog::Catalog;
use crate::compile::CompiledMigration;
use crate::database::connection::LiveDatabase;
use crate::database::observe::{Done, Observed};
use crate::database::outward::outward;
use crate::database::scratch::Scratch;
use crate::database::{Database as _, DatabaseError};
use crate::dialects::Transaction;

/// A statement and what it really did to tables that were there before its step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedStatement {
    /// The migration's directory.
    pub directory: String,
    /// The statement.
    pub sql: String,
    /// Locks, scans, rewrites.
    pub done: Done,
    /// How long it took on the few rows there are, in microseconds.
    pub microseconds: u64,
    /// What the engine said, if it failed.
    pub failed: Option<String>,
    /// What it said where tables had rows that planner had made up, if it ran on others.
    pub failed_on_made_up: Option<String>,
}

/// Runs a migration forward and looks at each of its statements; ends with the first that fails.
pub(super) fn migration(
    scratch: &Scratch,
    database: &mut LiveDatabase,
    migration: &CompiledMigration,
    before: &Catalog,
) -> Result<Vec<VerifiedStatement>, DatabaseError> {
    let mut verified = Vec::new();
    let is_alone = match &migration.transaction {
        Transaction::Alone { .. } => true,
        Transaction::Shared | Transaction::ForeignKeysOff => false,
    };
    let foreign_keys_off = migration.transaction == Transaction::ForeignKeysOff;
    if foreign_keys_off {
        database.enforce_foreign_keys(false)?;
    }
    if !is_alone {
        database.begin()?;
    }
    let mut seen = database.observe(&Observed::default())?;
    for sql in &migration.up {
        #[expect(
            clippy::disallowed_methods,
            reason = "how long the engine takes is what is measured"
        )]
        let started = Instant::now();
        let (ran, mut done) = if let Some(why) = outward(before.dialect, sql) {
            let reason = format!("it is not run on a scratch database: {why}");
            (Err(DatabaseError::unexpected(reason, sql)), Done::default())
        } else if is_alone {
            concurrent::run(scratch, database, sql, before)?
        } else {
            (database.execute(sql), Done::default())
        };
        let microseconds = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let failed = match ran {
            Ok(()) => None,
            Err(DatabaseError::Statement { reason, .. }) => Some(reason),
            Err(other) => return Err(other),
        };
        // A transaction that failed answers nothing any more.
        if failed.is_none() {
            let now = database.observe(&seen)?;
            merge(&mut done, now.since(&seen), is_alone);
            seen = now;
        }
        done.keep(|table| before.tables.contains_key(table));
        let directory = migration.directory.clone();
        let is_last = failed.is_some();
        verified.push(VerifiedStatement {
            directory,
            sql: sql.clone(),
            done,
            microseconds,
            failed,
            failed_on_made_up: None,
        });
        if is_last {
            database.roll_back()?;
            break;
        }
    }
    let failed = verified.last().is_some_and(|of| of.failed.is_some());
    if !is_alone && !failed {
        database.commit()?;
    }
    if foreign_keys_off {
        database.enforce_foreign_keys(true)?;
    }
    Ok(verified)
}

/// What was seen in the transaction; of a statement that is in none, only what is left of it can be seen so.
fn merge(done: &mut Done, seen: Done, is_alone: bool) {
    done.rewritten = seen.rewritten;
    if !is_alone {
        done.locks = seen.locks;
        done.scanned = seen.scanned;
    }
}

/// Runs statements as their transaction wants it.
pub(super) fn plainly(
    database: &mut LiveDatabase,
    statements: &[String],
    transaction: &Transaction,
) -> Result<(), DatabaseError> {
    match transaction {
        // What people wrote may be several statements in one text.
        Transaction::Alone { .. } => statements.iter().try_for_each(|sql| database.execute(sql)),
        Transaction::Shared => in_transaction(database, statements),
        Transaction::ForeignKeysOff => {
            database.enforce_foreign_keys(false)?;
            let ran = in_transaction(database, statements);
            let on = database.enforce_foreign_keys(true);
            ran.and(on)
        }
    }
}

fn in_transaction(database: &mut LiveDatabase, statements: &[String]) -> Result<(), DatabaseError> {
    database.begin()?;
    let ran = statements.iter().try_for_each(|sql| database.execute(sql));
    match ran.and_then(|()| database.commit()) {
        Ok(()) => Ok(()),
        Err(error) => {
            // What went wrong first is what matters.
            let _ = database.roll_back();
            Err(error)
        }
    }
}
