//! Comparing what a phase drops with what replaces it, just before the phase is opened.

use super::RunError;
use super::session::Session;
use crate::catalog::Catalog;
use crate::change::places::Places;
use crate::database::DatabaseError;
use crate::dialects::left_behind;
use crate::phase::PhaseKey;
use crate::rollout::compare::{Compared, LeftBehindRows, pending};

/// Compares a phase's places, if there are any and it has not begun. What the engine says of a comparison that cannot be made is
/// an answer too.
pub(super) fn compare(
    session: &mut Session<'_>,
    phase: &PhaseKey,
) -> Result<Vec<Compared>, RunError> {
    let facts = session.facts()?;
    let pending = pending(&session.situation(&facts), phase);
    if pending.is_empty() {
        return Ok(Vec::new());
    }
    let catalog = session.live_catalog()?;
    let mut compared = Vec::new();
    for places in pending {
        let result = match ask(session, &places, &catalog) {
            Ok(found) => Ok(found),
            Err(DatabaseError::Statement { reason, .. }) => Err(reason),
            Err(error) => return Err(error.into()),
        };
        compared.push(Compared { places, result });
    }
    Ok(compared)
}

fn ask(
    session: &mut Session<'_>,
    places: &Places,
    catalog: &Catalog,
) -> Result<LeftBehindRows, DatabaseError> {
    let Some(queries) = left_behind(places, catalog) else { return Ok(LeftBehindRows::default()) };
    let timeout_ms = session.prepared.limits.query_timeout_ms;
    let rows = session.database.query_texts_within(&queries.count, timeout_ms)?;
    let count = rows.first().and_then(|row| row.first()).and_then(Option::as_deref);
    let unreadable = || DatabaseError::unexpected("the rows cannot be counted", &queries.count);
    let rows = count.and_then(|count| count.parse().ok()).ok_or_else(unreadable)?;
    let keys = match &queries.keys {
        Some(keys) if rows > 0 => session.database.query_texts_within(keys, timeout_ms)?,
        Some(_) | None => Vec::new(),
    };
    let keys = keys.into_iter().map(|key| {
        let parts: Vec<String> =
            key.into_iter().map(|part| part.unwrap_or_else(|| "NULL".to_owned())).collect();
        if let [part] = parts.as_slice() { part.clone() } else { format!("({})", parts.join(", ")) }
    });
    Ok(LeftBehindRows { rows, keys: keys.collect() })
}
