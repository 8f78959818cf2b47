//! Views.

use super::{group, quote};
use crate::catalog::View;
use crate::dialects::{RenderContext, Script};
use crate::name::ObjectName;

/// Creates a view.
pub(super) fn create(context: &RenderContext<'_>, name: &ObjectName, view: &View) -> Script {
    let up = vec![create_statement(name, view, "CREATE")];
    Script { groups: vec![group::shared(context, up, Ok(vec![drop_statement(name, view)]))] }
}

/// Replaces a view's query.
pub(super) fn replace(context: &RenderContext<'_>, name: &ObjectName, view: &View) -> Script {
    let was = context.before.views.get(name);
    let up = match was {
        Some(was) => replace_statements(name, was, view),
        None => vec![create_statement(name, view, "CREATE OR REPLACE")],
    };
    let back = was
        .map(|was| replace_statements(name, view, was))
        .ok_or_else(|| format!("what the view `{name}` was is not known"));
    Script { groups: vec![group::shared(context, up, back)] }
}

/// Drops a view.
pub(super) fn drop(context: &RenderContext<'_>, name: &ObjectName) -> Script {
    let was = context.before.views.get(name);
    let down = match was {
        Some(was) => drop_statement(name, was),
        None => format!("DROP VIEW {}", quote::object(name)),
    };
    let back = was
        .map(|was| vec![create_statement(name, was, "CREATE")])
        .ok_or_else(|| format!("what the view `{name}` was is not known"));
    Script { groups: vec![group::shared(context, vec![down], back)] }
}

/// Turns one view into another. The server replaces a view in place only if the columns it had stay first
/// and in order; where they are known not to, the view is dropped and made anew in one transaction.
fn replace_statements(name: &ObjectName, was: &View, view: &View) -> Vec<String> {
    let known = !was.columns.is_empty() && !view.columns.is_empty();
    let differ = known && !view.columns.starts_with(&was.columns);
    if differ || was.materialized || view.materialized {
        vec![drop_statement(name, was), create_statement(name, view, "CREATE")]
    } else {
        vec![create_statement(name, view, "CREATE OR REPLACE")]
    }
}

/// Writes `CREATE VIEW`.
fn create_statement(name: &ObjectName, view: &View, create: &str) -> String {
    let kind = if view.materialized { "MATERIALIZED VIEW" } else { "VIEW" };
    let query = quote::statement(view.query.as_str());
    format!("{create} {kind} {} AS\n{query}", quote::object(name))
}

/// Writes `DROP VIEW`.
fn drop_statement(name: &ObjectName, view: &View) -> String {
    let kind = if view.materialized { "MATERIALIZED VIEW" } else { "VIEW" };
    format!("DROP {kind} {}", quote::object(name))
}
