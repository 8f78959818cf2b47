//! Views as SQL.

use super::guard::require;
use super::quote::{list, object};
use super::words::words;
use super::{missing, refuse, shared};
use crate::catalog::{Catalog, View};
use crate::dialects::{Group, Refusal, literal};
use crate::name::ObjectName;

/// Returns the statement that creates a view. Its columns are named where that cannot contradict its query: not where the
/// query has a `*`, whose columns come and go with the table's.
pub(super) fn create(name: &ObjectName, view: &View) -> Result<String, Refusal> {
    if view.materialized {
        return Err(refuse("SQLite has no materialized views", "use a plain view, or a table"));
    }
    let query = view.query.as_str().trim().trim_end_matches(';');
    let has_star = words(query).iter().any(|word| word.text == "*");
    let columns = if view.columns.is_empty() || has_star {
        String::new()
    } else {
        format!(" ({})", list(&view.columns))
    };
    Ok(format!("CREATE VIEW {}{columns} AS {query}", object(name)))
}

pub(super) fn drop(name: &ObjectName) -> String {
    format!("DROP VIEW {}", object(name))
}

/// Replaces a view's query. The engine can only drop the view, and its `INSTEAD OF` triggers with it, which no
/// catalog knows: so it must have none.
pub(super) fn replace(name: &ObjectName, view: &View, before: &Catalog) -> Result<Group, Refusal> {
    let old = before.views.get(name).ok_or_else(|| missing("view", &name.name))?;
    let guard = require(
        &format!(
            "NOT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = {} COLLATE NOCASE)",
            literal(name.name.as_str())
        ),
        &format!(
            "planner: view {name} has triggers that replacing it would drop, write an sql step"
        ),
    );
    let swap = |view: &View| -> Result<Vec<String>, Refusal> {
        let mut statements = guard.clone();
        statements.extend([drop(name), create(name, view)?]);
        Ok(statements)
    };
    Ok(shared(swap(view)?, Ok(swap(old)?)))
}
