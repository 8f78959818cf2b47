//! What a place that goes holds and the one that replaces it does not.

use super::backfill::not_copied;
use super::quote::{always_quoted, inside, object, quote};
use crate::catalog::{Catalog, SqlExpression};
use crate::change::Write;
use crate::change::places::Places;
use crate::dialects::conjuncts::beside_null;
use crate::dialects::{KEYS_MAX, LeftBehind};
use crate::name::Name;

/// See [`crate::dialects::left_behind`].
pub(in crate::dialects) fn left_behind(places: &Places, catalog: &Catalog) -> Option<LeftBehind> {
    let fill = &places.fill;
    let (rows, keys) = match &fill.write {
        Write::Update { set } => {
            let wanted =
                if places.back.is_empty() { lost(places, set) } else { differing(places, set) };
            let rows = format!("FROM {} WHERE {}", object(&fill.table), wanted.join(" AND "));
            (rows, fill.key.iter().map(quote).collect())
        }
        Write::Copy { to, columns, .. } => not_copied(fill, to, columns, catalog),
        Write::Delete | Write::InsertSelect { .. } | Write::InsertValues { .. } => return None,
    };
    let count = format!("SELECT count(*) {rows}");
    let keys = (!keys.is_empty()).then(|| {
        let keys: Vec<String> = keys;
        let texts: Vec<String> = keys.iter().map(|key| format!("CAST({key} AS TEXT)")).collect();
        format!("SELECT {} {rows} ORDER BY {} LIMIT {KEYS_MAX}", texts.join(", "), keys.join(", "))
    });
    Some(LeftBehind { count, keys })
}

/// Rows still to do that have nothing in a new column and something in what it is filled from.
fn lost(places: &Places, set: &[(Name, SqlExpression)]) -> Vec<String> {
    let lacks: Vec<String> = set
        .iter()
        .map(|(column, value)| {
            format!("{} IS NULL AND ({}) IS NOT NULL", quote(column), inside(value))
        })
        .collect();
    let own = places.fill.condition.iter().map(|condition| format!("({})", inside(condition)));
    own.chain([format!("({})", lacks.join(" OR "))]).collect()
}

/// Rows whose places agree in neither direction.
fn differing(places: &Places, set: &[(Name, SqlExpression)]) -> Vec<String> {
    let mut wanted = vec![any_differs(set), any_differs(&places.back)];
    if let Some(condition) = &places.fill.condition {
        let columns: Vec<&Name> = set.iter().map(|(column, _)| column).collect();
        wanted.extend(beside_null(condition.as_str(), &columns, always_quoted));
    }
    wanted
}

fn any_differs(values: &[(Name, SqlExpression)]) -> String {
    let differs: Vec<String> = values
        .iter()
        .map(|(column, value)| format!("{} IS NOT ({})", quote(column), inside(value)))
        .collect();
    format!("({})", differs.join(" OR "))
}
