//! A whole catalog as one SQL script.

use std::collections::BTreeSet;

use super::{Refusal, RenderContext, quote, render};
use crate::catalog::Catalog;
use crate::change::Change;
use crate::change::apply::apply;
use crate::change::making::making;
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};

/// The statements that make a catalog, each with what it makes.
#[derive(Clone, Debug, Default)]
pub struct Whole {
    /// The statements in order, each without its final `;`.
    pub statements: Vec<String>,
    /// What could not be written, and why.
    pub left_out: Vec<String>,
}

/// Writes the statements that make a catalog in an empty database. Functions that triggers call are none of it, so that a script
/// that is to run has none `with_triggers`.
#[must_use]
pub fn whole(catalog: &Catalog, with_triggers: bool) -> Whole {
    let mut whole = Whole { statements: schemas(catalog), left_out: Vec::new() };
    let mut before = Catalog::empty(catalog.dialect);
    for change in making(catalog) {
        if !with_triggers && matches!(change, Change::CreateTrigger { .. }) {
            continue;
        }
        match plainly(&change, &before) {
            Ok(statements) => whole.statements.extend(statements),
            Err(refusal) => whole.left_out.push(refusal.message),
        }
        if let Err(error) = apply(&change, &mut before) {
            whole.left_out.push(error.to_string());
        }
    }
    whole
}

/// Writes a change as people write it by hand: without what a migration of planner's has around it. The last statements of a change
/// that takes several migrations come last.
///
/// # Errors
///
/// Refuses what the dialect cannot do, or not in one go.
pub fn plainly(change: &Change, before: &Catalog) -> Result<Vec<String>, Refusal> {
    let context = RenderContext { before, fresh_table: true, lock_timeout_ms: 0 };
    let script = render(change, &context)?;
    let statements = script.groups.into_iter().flat_map(|group| group.statements);
    Ok(statements.filter(|sql| !sql.starts_with("SET LOCAL ")).collect())
}

/// Returns the statement that drops a function without arguments (PostgreSQL).
#[must_use]
pub fn drop_function(name: &ObjectName) -> String {
    let own = quote(Dialect::Postgres, &name.name);
    let schema = name.schema.as_ref();
    let schema = schema.map(|schema| format!("{}.", quote(Dialect::Postgres, schema)));
    format!("DROP FUNCTION {}{own}()", schema.unwrap_or_default())
}

/// Writes the schemas that a catalog's objects are in.
fn schemas(catalog: &Catalog) -> Vec<String> {
    let tables = catalog.tables.keys().chain(catalog.views.keys());
    let types = catalog.enums.keys().chain(&catalog.sequences);
    let names: BTreeSet<&Name> =
        tables.chain(types).filter_map(|name| name.schema.as_ref()).collect();
    match catalog.dialect {
        Dialect::Postgres => {
            let create = |name| format!("CREATE SCHEMA {}", quote(Dialect::Postgres, name));
            names.into_iter().map(create).collect()
        }
        Dialect::Sqlite => Vec::new(),
    }
}
