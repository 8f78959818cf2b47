//! One runner at a time.
//!
//! PostgreSQL: an advisory lock of the session, tried and never waited for, since a session that waits for one
//! would deadlock with `CREATE INDEX CONCURRENTLY`; it goes with the connection. SQLite: the lease in the ledger's
//! row with an expiry, renewed between statements and batches; that of a process of this machine which is gone
//! is free at once (`process.rs`). On both the row says who holds it, and
//! whoever held it looks there in the transaction in which it writes (`ledger_store::check_lease`).

use diesel::prelude::*;
use jiff::{SignedDuration, Timestamp};

use super::DatabaseError;
use super::any::AnyConnection;
use super::clock;
#[cfg(feature = "sqlite")]
use super::process;
#[cfg(feature = "postgres")]
use super::rows::any_row;
use super::schema::planner_ledger;

/// A lease that this connection holds. Holder and expiry together tell it from every other one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    /// Who.
    pub holder: String,
    /// Until when, as it stands in the ledger's row.
    pub until: Timestamp,
}

const LEDGER: &str = "planner_ledger";

/// The class of planner's advisory lock; the letters `plnr`. The other half is the ledger's schema, so that two
/// ledgers in two schemas of one database do not meet.
#[cfg(feature = "postgres")]
const LOCK: &str = "1886154354, hashtext(coalesce(current_schema()::text, ''))";

fn failed(error: &diesel::result::Error) -> DatabaseError {
    DatabaseError::statement(error, LEDGER)
}

/// Takes the lease or renews the one that is held, in the open transaction; `None` if another holds it.
pub(crate) fn take(
    connection: &mut AnyConnection,
    held: Option<&Held>,
    holder: &str,
    seconds: u32,
) -> Result<Option<Held>, DatabaseError> {
    let now = clock::now(connection)?;
    let until = now + SignedDuration::from_secs(i64::from(seconds));
    let stored = stored(connection, held, holder);
    let values = (
        planner_ledger::lease_holder.eq(Some(&stored)),
        planner_ledger::lease_until.eq(Some(clock::stored(until))),
    );
    let one = planner_ledger::table.find(1);
    let n_rows = match (held, &*connection) {
        (Some(held), _) => diesel::update(
            one.filter(planner_ledger::lease_holder.eq(&held.holder))
                .filter(planner_ledger::lease_until.eq(clock::stored(held.until))),
        )
        .set(values)
        .execute(connection),
        #[cfg(feature = "postgres")]
        (None, AnyConnection::Postgres(_)) => {
            if !try_lock(connection)? {
                return Ok(None);
            }
            diesel::update(one).set(values).execute(connection)
        }
        #[cfg(feature = "sqlite")]
        (None, AnyConnection::Sqlite(_)) => {
            let known: Option<Option<String>> = one
                .select(planner_ledger::lease_holder)
                .first(connection)
                .optional()
                .map_err(|error| failed(&error))?;
            let gone = known.flatten().filter(|holder| process::is_gone(holder));
            diesel::update(
                one.filter(
                    planner_ledger::lease_holder
                        .is_null()
                        .or(planner_ledger::lease_until.is_null())
                        .or(planner_ledger::lease_until.le(clock::stored(now)))
                        .or(planner_ledger::lease_holder.eq(gone)),
                ),
            )
            .set(values)
            .execute(connection)
        }
    };
    let is_mine = n_rows.map_err(|error| failed(&error))? == 1;
    Ok(is_mine.then_some(Held { holder: stored, until }))
}

/// Returns the holder's name as it is written into the row; that of a lease that is renewed stays.
fn stored(connection: &AnyConnection, held: Option<&Held>, holder: &str) -> String {
    match (held, connection) {
        (Some(held), _) => held.holder.clone(),
        #[cfg(feature = "postgres")]
        (None, AnyConnection::Postgres(_)) => holder.to_owned(),
        #[cfg(feature = "sqlite")]
        (None, AnyConnection::Sqlite(_)) => process::marked(holder),
    }
}

/// Returns a stored holder's name for people.
pub(crate) fn name_of(stored: &str) -> &str {
    #[cfg(feature = "sqlite")]
    return process::unmarked(stored);
    #[cfg(not(feature = "sqlite"))]
    return stored;
}

/// Gives the lease back, in the open transaction.
pub(crate) fn give_back(connection: &mut AnyConnection, held: &Held) -> Result<(), DatabaseError> {
    let mine = planner_ledger::table
        .find(1)
        .filter(planner_ledger::lease_holder.eq(&held.holder))
        .filter(planner_ledger::lease_until.eq(clock::stored(held.until)));
    diesel::update(mine)
        .set((
            planner_ledger::lease_holder.eq(None::<String>),
            planner_ledger::lease_until.eq(None::<chrono::NaiveDateTime>),
        ))
        .execute(connection)
        .map_err(|error| failed(&error))?;
    Ok(())
}

/// Returns who holds the lease and until when.
pub(crate) fn holder(
    connection: &mut AnyConnection,
) -> Result<Option<(String, Option<Timestamp>)>, DatabaseError> {
    let row: Option<(Option<String>, Option<chrono::NaiveDateTime>)> = planner_ledger::table
        .find(1)
        .select((planner_ledger::lease_holder, planner_ledger::lease_until))
        .first(connection)
        .optional()
        .map_err(|error| failed(&error))?;
    let (holder, until) = row.unwrap_or_default();
    let until = until.and_then(clock::read);
    let holds = match connection {
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(_) => is_locked(connection)?,
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => {
            let now = clock::now(connection)?;
            until.is_some_and(|until| until > now)
                && !holder.as_deref().is_some_and(process::is_gone)
        }
    };
    let unnamed = || "a session that does not give its name".to_owned();
    Ok(match (holds, holder) {
        (false, _) => None,
        #[cfg(feature = "sqlite")]
        (true, None) if matches!(connection, AnyConnection::Sqlite(_)) => None,
        (true, holder) => {
            Some((holder.map_or_else(unnamed, |holder| name_of(&holder).to_owned()), until))
        }
    })
}

#[cfg(feature = "postgres")]
fn try_lock(connection: &mut AnyConnection) -> Result<bool, DatabaseError> {
    any_row(connection, &format!("SELECT 1 WHERE pg_try_advisory_lock({LOCK})"))
}

/// Gives the advisory lock back; nothing on an engine without one.
#[cfg_attr(
    not(feature = "postgres"),
    expect(clippy::unnecessary_wraps, reason = "only one of the engines can fail")
)]
pub(crate) fn unlock(connection: &mut AnyConnection) -> Result<(), DatabaseError> {
    match connection {
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(_) => {
            any_row(connection, &format!("SELECT pg_advisory_unlock({LOCK})")).map(|_| ())
        }
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => Ok(()),
    }
}

#[cfg(feature = "postgres")]
fn is_locked(connection: &mut AnyConnection) -> Result<bool, DatabaseError> {
    any_row(
        connection,
        "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
         AND classid::bigint = 1886154354
         AND objid::bigint = hashtext(coalesce(current_schema()::text, ''))::bigint & 4294967295",
    )
}
