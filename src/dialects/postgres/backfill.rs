//! Backfills: rows walked by key in batches, or written whole where a migration file is run as it is.
//!
//! Keys travel as literals with their type, so that any type and any number of key columns works.

use super::columns::type_of;
use super::{group, numbers, quote};
use crate::catalog::{Catalog, SqlExpression};
use crate::change::{DataChange, Write};
use crate::dialects::{BatchQueries, RenderContext, Script};
use crate::name::{Name, ObjectName};

/// Writes a backfill as one statement for the migration file; there is nothing to undo.
pub(super) fn whole(context: &RenderContext<'_>, change: &DataChange) -> Script {
    let mut statements = vec![write(change, context.before, &[])];
    statements.extend(numbers::behind(context.before, change));
    Script { groups: vec![group::shared(context, statements, Ok(group::nothing()))] }
}

/// Returns the queries around a backfill's batches.
pub(in crate::dialects) fn batch_queries(
    change: &DataChange,
    catalog: &Catalog,
) -> Option<BatchQueries> {
    let remaining = match &change.write {
        Write::InsertSelect { .. } | Write::InsertValues { .. } => return None,
        Write::Update { .. } if change.condition.is_none() => {
            format!("SELECT {}", quote::literal("0"))
        }
        Write::Update { .. } | Write::Delete => {
            let from = quote::object(&change.table);
            format!("SELECT count(*)::text FROM {from}{}", filter(&conditions(change)))
        }
        Write::Copy { to, columns, .. } => {
            format!("SELECT count(*)::text {}", uncopied(change, catalog, to, columns).0)
        }
    };
    if change.key.is_empty() {
        return None;
    }
    // A key that is NULL has no place in the order; its rows are never walked, and are found to remain.
    let nullable = change.key.iter().filter(|column| {
        catalog.column(&change.table, column).is_some_and(|column| column.nullable)
    });
    let not_null: Vec<String> =
        nullable.map(|column| format!("{} IS NOT NULL", quote::quote(column))).collect();
    let upper_bound = format!(
        "SELECT {} FROM {}{} ORDER BY {} LIMIT 1",
        key_literals(change, catalog),
        quote::object(&change.table),
        filter(&not_null),
        descending(change)
    );
    Some(BatchQueries { upper_bound, remaining, last: numbers::behind(catalog, change) })
}

/// Returns the query for the last key of the next batch.
pub(in crate::dialects) fn batch_end(
    change: &DataChange,
    catalog: &Catalog,
    after: Option<&[String]>,
    upper: &[String],
    rows: u32,
) -> String {
    let keys = quote::list(&change.key);
    format!(
        "SELECT {} FROM (\n  SELECT {keys} FROM {}{}\n  ORDER BY {keys} LIMIT {rows}\n) AS planner_batch \
         ORDER BY {} LIMIT 1",
        key_literals(change, catalog),
        quote::object(&change.table),
        filter(&range(change, after, upper)),
        descending(change)
    )
}

/// Returns the statement that writes one batch.
pub(in crate::dialects) fn batch_write(
    change: &DataChange,
    catalog: &Catalog,
    after: Option<&[String]>,
    through: &[String],
) -> String {
    write(change, catalog, &range(change, after, through))
}

/// Writes the rows in a range of keys; all rows if it is empty.
fn write(change: &DataChange, catalog: &Catalog, range: &[String]) -> String {
    let table = quote::object(&change.table);
    let mut where_ = range.to_vec();
    where_.extend(conditions(change));
    let rows = filter(&where_);
    match &change.write {
        Write::Update { set } => {
            let set = set.iter().map(|(column, value)| {
                format!("{} = {}", quote::quote(column), quote::parenthesized(value))
            });
            format!("UPDATE {table} SET {}{rows}", quote::join(set))
        }
        Write::Delete => format!("DELETE FROM {table}{rows}"),
        Write::InsertSelect { columns, query } => format!(
            "INSERT INTO {table} ({}){}\n{}\nON CONFLICT DO NOTHING",
            quote::list(columns),
            overriding(catalog, &change.table, columns),
            quote::statement(query.as_str())
        ),
        Write::InsertValues { rows, .. } if rows.is_empty() => group::NOTHING.to_owned(),
        Write::InsertValues { columns, rows } => {
            let rows = rows
                .iter()
                .map(|row| format!("\n  ({})", quote::join(row.iter().map(quote::parenthesized))));
            format!(
                "INSERT INTO {table} ({}){} VALUES{}\nON CONFLICT DO NOTHING",
                quote::list(columns),
                overriding(catalog, &change.table, columns),
                quote::join(rows)
            )
        }
        Write::Copy { to, columns, overwrite } => {
            // The rows are locked while they are copied: a row deleted meanwhile would come back to life.
            let order = if change.key.is_empty() {
                String::new()
            } else {
                format!(" ORDER BY {}", quote::list(&change.key))
            };
            format!(
                "INSERT INTO {} ({}){}\nSELECT {} FROM (\n  SELECT * FROM {table}{rows}{order} FOR SHARE\n) AS {}\n\
                 ON CONFLICT {}",
                quote::object(to),
                quote::list(columns.iter().map(|(column, _)| column)),
                overriding(catalog, to, columns.iter().map(|(column, _)| column)),
                quote::join(columns.iter().map(|(_, value)| quote::parenthesized(value))),
                quote::quote(&change.table.name),
                on_conflict(catalog, to, columns, *overwrite)
            )
        }
    }
}

/// Returns what lets an insert name a column that is always self-numbered.
pub(super) fn overriding<'a>(
    catalog: &Catalog,
    table: &ObjectName,
    columns: impl IntoIterator<Item = &'a Name>,
) -> &'static str {
    use crate::catalog::{Generated, Identity};
    let is_always = |column: &Name| {
        catalog
            .column(table, column)
            .is_some_and(|column| column.generated == Some(Generated::Identity(Identity::Always)))
    };
    if columns.into_iter().any(is_always) { " OVERRIDING SYSTEM VALUE" } else { "" }
}

/// Writes what a copy does with a row whose key is there.
fn on_conflict(
    catalog: &Catalog,
    to: &ObjectName,
    columns: &[(Name, SqlExpression)],
    overwrite: bool,
) -> String {
    let Some(key) = covered_key(catalog, to, columns).filter(|_| overwrite) else {
        return "DO NOTHING".to_owned();
    };
    let rest = columns.iter().map(|(column, _)| column).filter(|column| !key.contains(column));
    let set: Vec<String> =
        rest.map(|column| format!("{0} = EXCLUDED.{0}", quote::quote(column))).collect();
    if set.is_empty() {
        return "DO NOTHING".to_owned();
    }
    format!("({}) DO UPDATE SET {}", quote::list(key), set.join(", "))
}

/// Returns the first unique key of the target whose columns are all copied; the primary key comes first.
fn covered_key<'a>(
    catalog: &'a Catalog,
    to: &ObjectName,
    columns: &[(Name, SqlExpression)],
) -> Option<Vec<&'a Name>> {
    let copied = |name: &&Name| columns.iter().any(|(column, _)| column == *name);
    let lists = catalog.table(to)?.arbiter_column_lists();
    lists.into_iter().find(|list| list.iter().all(copied))
}

/// Writes the source rows that have no row in the target, from `FROM` on, and what to tell them apart by, if the target has a
/// key.
pub(super) fn uncopied(
    change: &DataChange,
    catalog: &Catalog,
    to: &ObjectName,
    columns: &[(Name, SqlExpression)],
) -> (String, Vec<String>) {
    let source = format!("FROM {}{}", quote::object(&change.table), filter(&conditions(change)));
    let target = quote::object(to);
    let Some(key) = covered_key(catalog, to, columns) else {
        // Without a key of the target rows can only be told apart by all that was copied.
        let values =
            columns.iter().map(|(_, value)| format!("{}::text", quote::parenthesized(value)));
        let copied = columns.iter().map(|(column, _)| format!("{}::text", quote::quote(column)));
        let rows = format!(
            "FROM (\n  SELECT {} {source}\n  EXCEPT ALL\n  SELECT {} FROM {target}\n) AS planner_source",
            quote::join(values),
            quote::join(copied)
        );
        return (rows, Vec::new());
    };
    let (mut values, mut keys, mut same) = (Vec::new(), Vec::new(), Vec::new());
    for ((column, value), number) in columns.iter().zip(1..) {
        if key.contains(&column) {
            let cast = type_of(catalog, to, column)
                .map(|sql_type| format!("::{sql_type}"))
                .unwrap_or_default();
            values.push(format!("{}{cast} AS planner_{number}", quote::parenthesized(value)));
            keys.push(format!("planner_source.planner_{number}"));
            let column = quote::quote(column);
            same.push(format!("planner_target.{column} = planner_source.planner_{number}"));
        }
    }
    let rows = format!(
        "FROM (\n  SELECT {} {source}\n) AS planner_source WHERE NOT EXISTS (\n  \
         SELECT FROM {target} AS planner_target WHERE {}\n)",
        values.join(", "),
        same.join(" AND ")
    );
    (rows, keys)
}

/// Returns the author's condition, if there is one.
pub(super) fn conditions(change: &DataChange) -> Vec<String> {
    change.condition.iter().map(quote::parenthesized).collect()
}

/// Writes conditions as a clause that begins with a space; nothing if there is none.
pub(super) fn filter(conditions: &[String]) -> String {
    if conditions.is_empty() {
        String::new()
    } else {
        format!(" WHERE {}", conditions.join(" AND "))
    }
}

/// Writes the conditions of a range of keys, after the first bound and through the second.
fn range(change: &DataChange, after: Option<&[String]>, through: &[String]) -> Vec<String> {
    let keys = row(change.key.iter().map(quote::quote));
    let after = after.map(|after| format!("{keys} > {}", row(after.iter().cloned())));
    let through = format!("{keys} <= {}", row(through.iter().cloned()));
    after.into_iter().chain([through]).collect()
}

/// Writes several values as a row, one as itself.
fn row(values: impl IntoIterator<Item = String>) -> String {
    let values: Vec<String> = values.into_iter().collect();
    match values.as_slice() {
        [one] => one.clone(),
        _ => format!("({})", values.join(", ")),
    }
}

/// Writes the key columns as the texts of literals of their types.
fn key_literals(change: &DataChange, catalog: &Catalog) -> String {
    let literal =
        |column: &Name| quote::key_literal(column, type_of(catalog, &change.table, column));
    quote::join(change.key.iter().map(literal))
}

/// Writes the key columns, greatest first.
fn descending(change: &DataChange) -> String {
    quote::join(change.key.iter().map(|column| format!("{} DESC", quote::quote(column))))
}
