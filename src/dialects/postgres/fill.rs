//! Filling a column from inside the server, batch by batch: for a migration that people run with Diesel.

use super::quote;
use crate::catalog::SqlExpression;
use crate::name::{Name, ObjectName};

/// See [`crate::dialects::fill_in_batches`].
pub(in crate::dialects) fn fill_in_batches(
    table: &ObjectName,
    key: &Name,
    column: &Name,
    value: &SqlExpression,
    rows: u32,
) -> String {
    let (table, key, column) = (quote::object(table), quote::quote(key), quote::quote(column));
    let body = format!(
        "
DECLARE
  planner_first {table}.{key}%TYPE;
  planner_last {table}.{key}%TYPE;
BEGIN
  SELECT {key} INTO planner_first FROM {table} ORDER BY {key} LIMIT 1;
  WHILE planner_first IS NOT NULL LOOP
    SELECT {key} INTO planner_last
      FROM (SELECT {key} FROM {table} WHERE {key} >= planner_first ORDER BY {key} LIMIT {rows}) AS batch
      ORDER BY {key} DESC LIMIT 1;
    UPDATE {table} SET {column} = {value}
      WHERE {key} >= planner_first AND {key} <= planner_last AND {column} IS NULL;
    COMMIT;
    SELECT {key} INTO planner_first FROM {table} WHERE {key} > planner_last ORDER BY {key} LIMIT 1;
  END LOOP;
END
"
    );
    format!("DO {}", quote::dollar_quoted(&body))
}
