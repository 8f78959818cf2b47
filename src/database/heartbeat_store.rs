//! Heartbeats as planner itself reads them, and forgets those that are old.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use jiff::Timestamp;

use super::DatabaseError;
use super::any::AnyConnection;
use super::clock;
use super::schema::planner_heartbeats as table;
use super::versions::table_exists;
use crate::release::pulse::{Beat, Instance};

/// The table's name.
pub(crate) const HEARTBEATS: &str = "planner_heartbeats";

type BeatRow = (String, String, String, NaiveDateTime, NaiveDateTime);

fn failed(error: &diesel::result::Error) -> DatabaseError {
    DatabaseError::statement(error, HEARTBEATS)
}

/// Returns all heartbeats; none where the ledger is older than they are.
pub(crate) fn all(connection: &mut AnyConnection) -> Result<Vec<Beat>, DatabaseError> {
    if !table_exists(connection, HEARTBEATS)? {
        return Ok(Vec::new());
    }
    let rows: Vec<BeatRow> = table::table
        .order((table::app, table::release, table::instance))
        .load(connection)
        .map_err(|error| failed(&error))?;
    // A time that no clock can show is none that an instance ever saw.
    let read = |time| clock::read(time).unwrap_or(Timestamp::MAX);
    // Applications write these; a name must not be able to steer a terminal.
    let plain = |name: String| -> String {
        name.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
    };
    let beats = rows.into_iter().map(|(app, release, name, first_seen, last_seen)| {
        let (app, release, name) = (plain(app), plain(release), plain(name));
        let instance = Instance { name, first_seen: read(first_seen), last_seen: read(last_seen) };
        Beat { app, release, instance }
    });
    Ok(beats.collect())
}

/// Forgets the instances that were last heard of before a time, and returns how many they were.
pub(crate) fn forget(
    connection: &mut AnyConnection,
    before: Timestamp,
) -> Result<u64, DatabaseError> {
    if !table_exists(connection, HEARTBEATS)? {
        return Ok(0);
    }
    let old = table::table.filter(table::last_seen.lt(clock::stored(before)));
    let n_rows = diesel::delete(old).execute(connection).map_err(|error| failed(&error))?;
    Ok(n_rows as u64)
}
