//! Statements that fail with a message of planner's own unless a condition holds.

use super::quote::always_quoted;
use crate::dialects::literal;
use crate::name::Name;

/// Returns statements that pass if the condition (SQL, one number or NULL) is true, and else fail with the message.
///
/// The message is the name of a check constraint, because that is what the engine and Diesel print. The table
/// with it lives in the connection's own temporary schema, and is gone afterwards.
pub(super) fn require(condition: &str, message: &str) -> Vec<String> {
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    vec![
        "DROP TABLE IF EXISTS temp.planner_guard".to_owned(),
        format!(
            "CREATE TEMP TABLE planner_guard (holds CONSTRAINT {} CHECK (holds IS 1))",
            always_quoted(&message)
        ),
        format!("INSERT INTO temp.planner_guard SELECT {condition}"),
        "DROP TABLE temp.planner_guard".to_owned(),
    ]
}

/// See [`crate::dialects::guard`].
pub(in crate::dialects) fn guard(open_marker: &Name, message: &str) -> Vec<String> {
    let condition = format!(
        "NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_entries')\n    \
         OR EXISTS (SELECT 1 FROM sqlite_master WHERE name = {})",
        literal(open_marker.as_str())
    );
    require(&condition, message)
}

/// See [`crate::dialects::refuse_rows`].
pub(in crate::dialects) fn refuse_rows(count: &str, message: &str) -> Vec<String> {
    require(&format!("({count}) = 0"), message)
}

/// See [`crate::dialects::fail`].
pub(in crate::dialects) fn fail(message: &str) -> Vec<String> {
    require("0", message)
}
