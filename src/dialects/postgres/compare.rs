//! What a place that goes holds and the one that replaces it does not.

use super::backfill::{conditions, filter, uncopied};
use super::columns::type_of;
use super::quote;
use crate::catalog::{Catalog, SqlExpression};
use crate::change::Write;
use crate::change::places::Places;
use crate::dialects::conjuncts::beside_null;
use crate::dialects::{KEYS_MAX, LeftBehind};
use crate::name::{Name, ObjectName};

/// See [`crate::dialects::left_behind`].
pub(in crate::dialects) fn left_behind(places: &Places, catalog: &Catalog) -> Option<LeftBehind> {
    let fill = &places.fill;
    let (rows, keys) = match &fill.write {
        Write::Update { set } => {
            let wanted = if places.back.is_empty() {
                lost(places, set)
            } else {
                differing(places, set, catalog)
            };
            let rows = format!("FROM {}{}", quote::object(&fill.table), filter(&wanted));
            (rows, fill.key.iter().map(quote::quote).collect())
        }
        Write::Copy { to, columns, .. } => uncopied(fill, catalog, to, columns),
        Write::Delete | Write::InsertSelect { .. } | Write::InsertValues { .. } => return None,
    };
    let count = format!("SELECT count(*)::text {rows}");
    let texts: Vec<String> = keys.iter().map(|key| format!("{key}::text")).collect();
    let keys = (!keys.is_empty()).then(|| {
        format!("SELECT {} {rows} ORDER BY {} LIMIT {KEYS_MAX}", texts.join(", "), keys.join(", "))
    });
    Some(LeftBehind { count, keys })
}

/// Rows still to do that have nothing in a new column and something in what it is filled from.
fn lost(places: &Places, set: &[(Name, SqlExpression)]) -> Vec<String> {
    let lacks: Vec<String> = set
        .iter()
        .map(|(column, value)| {
            format!(
                "{} IS NULL AND {} IS NOT NULL",
                quote::quote(column),
                quote::parenthesized(value)
            )
        })
        .collect();
    let mut wanted = conditions(&places.fill);
    wanted.push(format!("({})", lacks.join(" OR ")));
    wanted
}

/// Rows whose places agree in neither direction.
fn differing(places: &Places, set: &[(Name, SqlExpression)], catalog: &Catalog) -> Vec<String> {
    let table = &places.fill.table;
    let mut wanted =
        vec![any_differs(table, set, catalog), any_differs(table, &places.back, catalog)];
    if let Some(condition) = &places.fill.condition {
        let columns: Vec<&Name> = set.iter().map(|(column, _)| column).collect();
        wanted.extend(beside_null(condition.as_str(), &columns, quote::quoted));
    }
    wanted
}

fn any_differs(table: &ObjectName, values: &[(Name, SqlExpression)], catalog: &Catalog) -> String {
    let differs: Vec<String> = values
        .iter()
        .map(|(column, value)| {
            let (mut name, mut value) = (quote::quote(column), quote::parenthesized(value));
            if let Some(sql_type) = type_of(catalog, table, column) {
                // As it would be stored: rounded, padded.
                value = format!("{value}::{sql_type}");
                if has_no_equality(&sql_type.0) {
                    (name, value) = (format!("{name}::text"), format!("({value})::text"));
                }
            }
            format!("{name} IS DISTINCT FROM {value}")
        })
        .collect();
    format!("({})", differs.join(" OR "))
}

/// Types whose values the server cannot compare.
fn has_no_equality(sql_type: &str) -> bool {
    let element = sql_type.trim_end_matches("[]");
    ["json", "xml", "point", "polygon", "line", "jsonpath", "pg_snapshot", "txid_snapshot"]
        .contains(&element)
}
