//! The database's clock, and times as the ledger stores them: UTC, without a zone.

use chrono::{DateTime, NaiveDateTime};
use jiff::Timestamp;

use super::DatabaseError;
use super::any::AnyConnection;
use super::rows::rows;

/// Reads the clock: the moment of the question, also inside a transaction.
pub(crate) fn now(connection: &mut AnyConnection) -> Result<Timestamp, DatabaseError> {
    let sql = match connection {
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(_) => {
            "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
        }
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
    };
    let rows = rows(connection, sql)?;
    let text = rows.into_iter().flatten().flatten().next().unwrap_or_default();
    text.parse().map_err(|_| DatabaseError::unexpected(format!("`{text}` is no time"), sql))
}

/// Returns a time as it is stored; the epoch for times that no calendar holds.
pub(crate) fn stored(time: Timestamp) -> NaiveDateTime {
    DateTime::from_timestamp_micros(time.as_microsecond()).unwrap_or_default().naive_utc()
}

/// Reads a stored time.
pub(crate) fn read(time: NaiveDateTime) -> Option<Timestamp> {
    Timestamp::from_microsecond(time.and_utc().timestamp_micros()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_comes_back_as_it_was_stored() {
        let time: Timestamp = "2026-11-21T09:00:00.123456Z".parse().unwrap();
        assert_eq!(read(stored(time)), Some(time));
    }
}
