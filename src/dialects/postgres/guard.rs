//! Statements that fail with a message: guards of gated migrations, and ways back that there are not.

use super::quote;
use crate::name::Name;

/// Passes on a database without planner's ledger, or while the marker exists; else fails with the message.
pub(in crate::dialects) fn guard(open_marker: &Name, message: &str) -> Vec<String> {
    let marker = quote::literal(&quote::quote(open_marker));
    let raise = raise(message, Some("run `planner next-phase` to see what it waits for"));
    block(&format!(
        "  IF to_regclass('planner_entries') IS NOT NULL AND to_regclass({marker}) IS NULL THEN\n  {raise}\n  \
         END IF;\n"
    ))
}

/// Always fails with the message.
pub(in crate::dialects) fn fail(message: &str) -> Vec<String> {
    block(&format!("{}\n", raise(message, None)))
}

/// See [`crate::dialects::refuse_rows`].
pub(in crate::dialects) fn refuse_rows(count: &str, message: &str) -> Vec<String> {
    let raise = raise(message, None);
    block(&format!("  IF ({count})::bigint > 0 THEN\n  {raise}\n  END IF;\n"))
}

/// Writes the statement that raises. The message is given as an option, so that a `%` in it is no placeholder.
fn raise(message: &str, hint: Option<&str>) -> String {
    let hint = hint.map(|hint| format!(", HINT = {}", quote::literal(hint))).unwrap_or_default();
    format!("  RAISE EXCEPTION USING MESSAGE = {}{hint};", quote::literal(message))
}

/// Wraps statements of the procedural language.
fn block(body: &str) -> Vec<String> {
    vec![format!("DO {}", quote::dollar_quoted(&format!("\nBEGIN\n{body}END\n")))]
}
