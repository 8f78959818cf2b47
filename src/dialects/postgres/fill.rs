//! Filling a column from inside the server, batch by batch: for a migration that people run with Diesel.

use super::quote;
use crate::catalog::SqlExpression;
use crate::name::{Name, ObjectName};

/// See [`crate::dialects::fill_in_batches`].
pub(in crate::dialects) fn fill_in_batches(
    table: &ObjectName,
    key: &[Name],
    column: &Name,
    value: &SqlExpression,
    rows: u32,
) -> String {
    let (table, column) = (quote::object(table), quote::quote(column));
    let keys: Vec<String> = key.iter().map(quote::quote).collect();
    let numbered = |word: &str| -> Vec<String> {
        let one = |at: usize| match keys.len() {
            1 => format!("planner_{word}"),
            _ => format!("planner_{word}_{}", at.saturating_add(1)),
        };
        (0..keys.len()).map(one).collect()
    };
    let (first, last) = (numbered("first"), numbered("last"));
    let row = |of: &[String]| match of {
        [only] => only.clone(),
        several => format!("({})", several.join(", ")),
    };
    let declared = |of: &[String]| -> String {
        let each = of.iter().zip(&keys);
        each.map(|(variable, key)| format!("\n  {variable} {table}.{key}%TYPE;")).collect()
    };
    let backwards: Vec<String> = keys.iter().map(|key| format!("{key} DESC")).collect();
    let (firsts, lasts) = (declared(&first), declared(&last));
    let (own, from, to) = (row(&keys), row(&first), row(&last));
    let (key, backwards) = (keys.join(", "), backwards.join(", "));
    let (first, last) = (first.join(", "), last.join(", "));
    // No column of a primary key is NULL.
    let is_there = first.split(',').next().unwrap_or_default();
    let body = format!(
        "
DECLARE{firsts}{lasts}
BEGIN
  SELECT {key} INTO {first} FROM {table} ORDER BY {key} LIMIT 1;
  WHILE {is_there} IS NOT NULL LOOP
    SELECT {key} INTO {last}
      FROM (SELECT {key} FROM {table} WHERE {own} >= {from} ORDER BY {key} LIMIT {rows}) AS batch
      ORDER BY {backwards} LIMIT 1;
    UPDATE {table} SET {column} = {value}
      WHERE {own} >= {from} AND {own} <= {to} AND {column} IS NULL;
    COMMIT;
    SELECT {key} INTO {first} FROM {table} WHERE {own} > {to} ORDER BY {key} LIMIT 1;
  END LOOP;
END
"
    );
    format!("DO {}", quote::dollar_quoted(&body))
}
