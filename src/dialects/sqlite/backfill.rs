//! Writes of data: whole, as a stock migration runs them, and in batches by key.

use super::quote::{inside, list, object, quote};
use super::sync::on_conflict;
use crate::catalog::{Catalog, SqlExpression};
use crate::change::{DataChange, Write};
use crate::dialects::BatchQueries;
use crate::name::{Name, ObjectName};

/// Returns the statement that does the whole change at once.
pub(super) fn whole(change: &DataChange, catalog: &Catalog) -> String {
    write(change, catalog, None)
}

pub(in crate::dialects) fn batch_queries(
    change: &DataChange,
    catalog: &Catalog,
) -> Option<BatchQueries> {
    if change.key.is_empty() {
        return None;
    }
    let table = object(&change.table);
    let remaining = match &change.write {
        Write::InsertSelect { .. } | Write::InsertValues { .. } => return None,
        // Without a condition nothing tells the rows that are done from those that are not.
        Write::Update { .. } if change.condition.is_none() => "SELECT 0".to_owned(),
        Write::Update { .. } | Write::Delete => {
            format!("SELECT count(*) FROM {table}{}", filter(change, None))
        }
        Write::Copy { to, columns, overwrite: _ } => {
            format!("SELECT count(*) {}", not_copied(change, to, columns, catalog).0)
        }
    };
    let keys: Vec<String> = change.key.iter().map(|key| as_literal(&quote(key))).collect();
    let upper_bound = format!(
        "SELECT {} FROM {table} ORDER BY {} LIMIT 1",
        keys.join(", "),
        descending(change.key.iter().map(quote))
    );
    Some(BatchQueries { upper_bound, remaining, last: Vec::new() })
}

pub(in crate::dialects) fn batch_end(
    change: &DataChange,
    _catalog: &Catalog,
    after: Option<&[String]>,
    upper: &[String],
    rows: u32,
) -> String {
    // The aliases stand for the columns with their types and collations, also for a row id.
    let aliases: Vec<String> = (1..=change.key.len()).map(|at| format!("k{at}")).collect();
    let inner: Vec<String> =
        change.key.iter().zip(&aliases).map(|(key, k)| format!("{} AS {k}", quote(key))).collect();
    let quoted: Vec<String> = aliases.iter().map(|alias| as_literal(alias)).collect();
    format!(
        "SELECT {} FROM (SELECT {} FROM {} WHERE {} ORDER BY {} LIMIT {rows}) ORDER BY {} LIMIT 1",
        quoted.join(", "),
        inner.join(", "),
        object(&change.table),
        between(&change.key, after, upper),
        list(&change.key),
        descending(aliases.iter().cloned())
    )
}

pub(in crate::dialects) fn batch_write(
    change: &DataChange,
    catalog: &Catalog,
    after: Option<&[String]>,
    through: &[String],
) -> String {
    write(change, catalog, Some(&between(&change.key, after, through)))
}

pub(in crate::dialects) fn again(change: &DataChange) -> DataChange {
    let mut again = change.clone();
    match &mut again.write {
        Write::Update { set } => {
            let differs: Vec<String> = set
                .iter()
                .map(|(column, value)| format!("{} IS NOT ({})", quote(column), inside(value)))
                .collect();
            again.condition = Some(SqlExpression::new(differs.join(" OR ")));
        }
        Write::Copy { overwrite, .. } => *overwrite = true,
        Write::Delete | Write::InsertSelect { .. } | Write::InsertValues { .. } => {}
    }
    again
}

/// Returns the statement that writes all rows that the change selects, within bounds if there are any.
fn write(change: &DataChange, catalog: &Catalog, bounds: Option<&str>) -> String {
    let table = object(&change.table);
    match &change.write {
        Write::Update { set } => {
            let set: Vec<String> = set
                .iter()
                .map(|(column, value)| format!("{} = {}", quote(column), inside(value)))
                .collect();
            format!("UPDATE {table} SET {}{}", set.join(", "), filter(change, bounds))
        }
        Write::Delete => format!("DELETE FROM {table}{}", filter(change, bounds)),
        // A condition ends the query, so that `ON` is not read as a join's.
        Write::InsertSelect { columns, query } => format!(
            "INSERT INTO {table} ({}) SELECT * FROM ({}) WHERE true ON CONFLICT DO NOTHING",
            list(columns),
            inside(query).trim_end_matches(';')
        ),
        Write::InsertValues { columns, rows } => {
            let rows: Vec<String> = rows
                .iter()
                .map(|row| format!("({})", row.iter().map(inside).collect::<Vec<_>>().join(", ")))
                .collect();
            format!(
                "INSERT INTO {table} ({}) VALUES {} ON CONFLICT DO NOTHING",
                list(columns),
                rows.join(", ")
            )
        }
        Write::Copy { to, columns, overwrite } => {
            let values: Vec<String> = columns.iter().map(|(_, value)| inside(value)).collect();
            let conflict = if *overwrite {
                let key = identifying(to, columns, catalog);
                on_conflict(&to.name, columns.iter().map(|(column, _)| column), &key)
            } else {
                "ON CONFLICT DO NOTHING".to_owned()
            };
            let filter = match filter(change, bounds) {
                none if none.is_empty() => " WHERE true".to_owned(),
                filter => filter,
            };
            format!(
                "INSERT INTO {} ({}) SELECT {} FROM {table}{filter} {conflict}",
                object(to),
                list(columns.iter().map(|(column, _)| column)),
                values.join(", ")
            )
        }
    }
}

/// Returns ` WHERE …` of a change's condition and bounds, or nothing.
fn filter(change: &DataChange, bounds: Option<&str>) -> String {
    let condition = change.condition.as_ref().map(|condition| format!("({})", inside(condition)));
    let parts: Vec<String> = bounds.map(str::to_owned).into_iter().chain(condition).collect();
    if parts.is_empty() { String::new() } else { format!(" WHERE {}", parts.join(" AND ")) }
}

/// Returns the condition that a key lies after one and not after another.
fn between(key: &[Name], after: Option<&[String]>, through: &[String]) -> String {
    let row = |parts: &[String]| match parts {
        [only] => only.clone(),
        several => format!("({})", several.join(", ")),
    };
    let key = row(&key.iter().map(quote).collect::<Vec<_>>());
    let upper = format!("{key} <= {}", row(through));
    after.map_or_else(|| upper.clone(), |after| format!("{key} > {} AND {upper}", row(after)))
}

/// Returns an expression for a key's value as the text of a literal. The engine's own `quote` ends a text at its first zero byte.
fn as_literal(key: &str) -> String {
    format!(
        "CASE WHEN typeof({key}) = 'text' AND instr({key}, char(0)) \
         THEN 'CAST(x''' || hex({key}) || ''' AS TEXT)' ELSE quote({key}) END"
    )
}

fn descending(keys: impl Iterator<Item = String>) -> String {
    keys.map(|key| format!("{key} DESC")).collect::<Vec<_>>().join(", ")
}

/// Returns the target's columns, of those copied, that identify a row: its primary key, or else a unique key;
/// none if it has none among them.
fn identifying(to: &ObjectName, columns: &[(Name, SqlExpression)], catalog: &Catalog) -> Vec<Name> {
    let lists = catalog.table(to).map(crate::catalog::Table::arbiter_column_lists);
    let is_copied = |key: &&Name| columns.iter().any(|(column, _)| column == *key);
    lists
        .into_iter()
        .flatten()
        .find(|list| list.iter().all(is_copied))
        .map(|list| list.into_iter().cloned().collect())
        .unwrap_or_default()
}

/// Returns the source rows that have no row in the target, from `FROM` on, and what to tell them apart by, if the target has
/// a key.
pub(super) fn not_copied(
    change: &DataChange,
    to: &ObjectName,
    columns: &[(Name, SqlExpression)],
    catalog: &Catalog,
) -> (String, Vec<String>) {
    let key = identifying(to, columns, catalog);
    let compared = columns.iter().filter(|(column, _)| key.is_empty() || key.contains(column));
    // The values are computed first, where the target's columns cannot hide the source's.
    let (values, same): (Vec<String>, Vec<String>) = compared
        .enumerate()
        .map(|(at, (column, value))| {
            let value = format!("{} AS v{at}", inside(value));
            (value, format!("there.{} IS copied.v{at}", quote(column)))
        })
        .unzip();
    let rows = format!(
        "FROM (SELECT {} FROM {}{}) AS copied WHERE NOT EXISTS (SELECT 1 FROM {} AS there WHERE {})",
        values.join(", "),
        object(&change.table),
        filter(change, None),
        object(to),
        same.join(" AND ")
    );
    (rows, (0..key.len()).map(|at| format!("copied.v{at}")).collect())
}
