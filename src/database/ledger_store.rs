//! The ledger's rows: entries, the one row that numbers them, and the cursors of backfills.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde_json::{Value, json};

use super::any::AnyConnection;
use super::clock;
use super::lease::{self, Held};
use super::schema::{planner_cursors, planner_entries, planner_ledger};
use super::versions::table_exists;
use super::{Cursor, DatabaseError};
use crate::ledger::row::{EventRow, from_row, to_row};
use crate::ledger::{Entry, Event};
use crate::version::MigrationVersion;

/// A row of `planner_entries`, its columns in the schema's order.
pub(crate) type EntryRow = (
    i64,
    NaiveDateTime,
    String,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<i64>,
    Option<i64>,
    String,
);

const LEDGER: &str = "planner_ledger";
const ENTRIES: &str = "planner_entries";
const CURSORS: &str = "planner_cursors";

fn failed(table: &'static str) -> impl Fn(diesel::result::Error) -> DatabaseError {
    move |error| DatabaseError::statement(&error, table)
}

/// Returns the ledger's format; `None` if there is no ledger.
pub(crate) fn format(connection: &mut AnyConnection) -> Result<Option<i64>, DatabaseError> {
    if table_exists(connection, LEDGER)? { format_there(connection).map(Some) } else { Ok(None) }
}

fn format_there(connection: &mut AnyConnection) -> Result<i64, DatabaseError> {
    let format = planner_ledger::table
        .find(1)
        .select(planner_ledger::format)
        .first(connection)
        .optional()
        .map_err(failed(LEDGER))?;
    let missing = || DatabaseError::unexpected("table `planner_ledger` has lost its row", LEDGER);
    format.ok_or_else(missing)
}

/// Returns all entries, oldest first.
pub(crate) fn entries(connection: &mut AnyConnection) -> Result<Vec<Entry>, DatabaseError> {
    if table_exists(connection, LEDGER)? { entries_from(connection, 0) } else { Ok(Vec::new()) }
}

/// Returns the entries from this id on, oldest first, of a ledger that is there.
pub(crate) fn entries_from(
    connection: &mut AnyConnection,
    from: i64,
) -> Result<Vec<Entry>, DatabaseError> {
    refuse_newer(format_there(connection)?)?;
    let rows: Vec<EntryRow> = planner_entries::table
        .filter(planner_entries::id.ge(from))
        .order(planner_entries::id)
        .load(connection)
        .map_err(failed(ENTRIES))?;
    rows.into_iter().map(entry).collect()
}

/// Refuses a ledger whose format this program does not know.
pub(crate) const fn refuse_newer(found: i64) -> Result<(), DatabaseError> {
    let known = crate::ledger::FORMAT;
    if found > known { Err(DatabaseError::NewerLedger { found, known }) } else { Ok(()) }
}

/// Reads a stored entry.
pub(crate) fn entry(row: EntryRow) -> Result<Entry, DatabaseError> {
    let (
        id,
        at,
        actor,
        kind,
        plan,
        phase,
        step,
        version,
        checksum,
        app,
        release,
        attempt,
        duration_ms,
        detail,
    ) = row;
    let corrupt = |reason| DatabaseError::CorruptEntry { id, reason };
    let at = clock::read(at).ok_or_else(|| corrupt("its time is out of range".to_owned()))?;
    let row = EventRow {
        kind,
        plan,
        phase,
        step,
        version,
        checksum,
        app,
        release,
        attempt,
        duration_ms,
        detail,
    };
    let event = from_row(&row).map_err(corrupt)?;
    Ok(Entry { id, at, actor, event })
}

/// Appends an entry, in the open transaction: the ledger's row stays locked until it ends, so that ids ascend
/// in the order of commits.
pub(crate) fn append(
    connection: &mut AnyConnection,
    lease: Option<&Held>,
    actor: &str,
    event: &Event,
) -> Result<Entry, DatabaseError> {
    check_lease(connection, lease)?;
    let one = planner_ledger::table.find(1);
    diesel::update(one)
        .set(planner_ledger::next_id.eq(planner_ledger::next_id + 1))
        .execute(connection)
        .map_err(failed(LEDGER))?;
    let next: i64 =
        one.select(planner_ledger::next_id).first(connection).map_err(failed(LEDGER))?;
    let id = next - 1;
    let at = clock::now(connection)?;
    let row = to_row(event);
    diesel::insert_into(planner_entries::table)
        .values((
            planner_entries::id.eq(id),
            planner_entries::at.eq(clock::stored(at)),
            planner_entries::actor.eq(actor),
            planner_entries::kind.eq(row.kind),
            planner_entries::plan.eq(row.plan),
            planner_entries::phase.eq(row.phase),
            planner_entries::step.eq(row.step),
            planner_entries::version.eq(row.version),
            planner_entries::checksum.eq(row.checksum),
            planner_entries::app.eq(row.app),
            planner_entries::release.eq(row.release),
            planner_entries::attempt.eq(row.attempt),
            planner_entries::duration_ms.eq(row.duration_ms),
            planner_entries::detail.eq(row.detail),
        ))
        .execute(connection)
        .map_err(failed(ENTRIES))?;
    Ok(Entry { id, at, actor: actor.to_owned(), event: event.clone() })
}

/// Locks the ledger's row until the transaction ends.
pub(crate) fn lock(connection: &mut AnyConnection) -> Result<(), DatabaseError> {
    // A write that changes nothing locks the row on every engine.
    let locked = diesel::update(planner_ledger::table.find(1))
        .set(planner_ledger::next_id.eq(planner_ledger::next_id))
        .execute(connection)
        .map_err(failed(LEDGER))?;
    if locked == 1 {
        Ok(())
    } else {
        Err(DatabaseError::unexpected("table `planner_ledger` has lost its row", LEDGER))
    }
}

/// Fails if this connection held the lease and another took it over; locks the ledger's row if it still holds it.
pub(crate) fn check_lease(
    connection: &mut AnyConnection,
    lease: Option<&Held>,
) -> Result<(), DatabaseError> {
    let Some(held) = lease else { return Ok(()) };
    let mine = planner_ledger::table
        .find(1)
        .filter(planner_ledger::lease_holder.eq(&held.holder))
        .filter(planner_ledger::lease_until.eq(clock::stored(held.until)));
    let n_rows = diesel::update(mine)
        .set(planner_ledger::next_id.eq(planner_ledger::next_id))
        .execute(connection)
        .map_err(failed(LEDGER))?;
    if n_rows == 1 {
        return Ok(());
    }
    let by: Option<Option<String>> = planner_ledger::table
        .find(1)
        .select(planner_ledger::lease_holder)
        .first(connection)
        .optional()
        .map_err(failed(LEDGER))?;
    let by = by.flatten();
    let by = by.as_deref().map_or("nobody", lease::name_of).to_owned();
    Err(DatabaseError::LostLease { by })
}

/// Returns the saved cursor of a backfill.
pub(crate) fn cursor(
    connection: &mut AnyConnection,
    version: &MigrationVersion,
) -> Result<Option<Cursor>, DatabaseError> {
    let text: Option<String> = planner_cursors::table
        .find(version.as_str())
        .select(planner_cursors::cursor)
        .first(connection)
        .optional()
        .map_err(failed(CURSORS))?;
    let unreadable =
        || DatabaseError::unexpected(format!("the cursor of {version} cannot be read"), CURSORS);
    text.map(|text| cursor_of(&text).ok_or_else(unreadable)).transpose()
}

/// Saves a cursor, in the open transaction.
pub(crate) fn save_cursor(
    connection: &mut AnyConnection,
    version: &MigrationVersion,
    cursor: &Cursor,
) -> Result<(), DatabaseError> {
    let now = clock::stored(clock::now(connection)?);
    let values = (planner_cursors::cursor.eq(text_of(cursor)), planner_cursors::updated_at.eq(now));
    let n_rows = diesel::update(planner_cursors::table.find(version.as_str()))
        .set(values.clone())
        .execute(connection)
        .map_err(failed(CURSORS))?;
    if n_rows == 0 {
        diesel::insert_into(planner_cursors::table)
            .values((planner_cursors::version.eq(version.as_str()), values.0, values.1))
            .execute(connection)
            .map_err(failed(CURSORS))?;
    }
    Ok(())
}

/// Removes a cursor.
pub(crate) fn forget_cursor(
    connection: &mut AnyConnection,
    version: &MigrationVersion,
) -> Result<(), DatabaseError> {
    diesel::delete(planner_cursors::table.find(version.as_str()))
        .execute(connection)
        .map_err(failed(CURSORS))?;
    Ok(())
}

fn text_of(cursor: &Cursor) -> String {
    json!({
        "after": cursor.after,
        "upper": cursor.upper,
        "rows_done": cursor.rows_done,
        "pass": cursor.pass,
    })
    .to_string()
}

fn cursor_of(text: &str) -> Option<Cursor> {
    let value: Value = serde_json::from_str(text).ok()?;
    let keys = |value: &Value| -> Option<Vec<String>> {
        value.as_array()?.iter().map(|key| Some(key.as_str()?.to_owned())).collect()
    };
    let after = value.get("after")?;
    Some(Cursor {
        after: if after.is_null() { None } else { Some(keys(after)?) },
        upper: keys(value.get("upper")?)?,
        rows_done: value.get("rows_done")?.as_i64()?,
        pass: value.get("pass")?.as_i64()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_was_saved() {
        let fresh = Cursor { after: None, upper: vec!["9".into()], rows_done: 0, pass: 1 };
        let later = Cursor { after: Some(vec!["'a''b'".into(), "3".into()]), ..fresh.clone() };
        for cursor in [fresh, later] {
            assert_eq!(cursor_of(&text_of(&cursor)), Some(cursor));
        }
        assert_eq!(cursor_of("{}"), None);
    }
}
