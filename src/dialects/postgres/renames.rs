//! Renames: one short lock each, and what names the old name on the server follows by itself.

use super::{group, quote};
use crate::dialects::{RenderContext, Script};
use crate::name::{Name, ObjectName};

/// Writes the statements that give something another schema and another name, where they differ.
fn moved(kind: &str, from: &ObjectName, to: &ObjectName) -> Vec<String> {
    let mut statements = Vec::new();
    let mut now = from.clone();
    if from.schema != to.schema {
        let schema = to.schema.as_ref().map_or_else(|| "public".to_owned(), quote::quote);
        statements.push(format!("ALTER {kind} {} SET SCHEMA {schema}", quote::object(from)));
        now.schema.clone_from(&to.schema);
    }
    if from.name != to.name {
        let name = quote::quote(&to.name);
        statements.push(format!("ALTER {kind} {} RENAME TO {name}", quote::object(&now)));
    }
    statements
}

fn there_and_back(
    context: &RenderContext<'_>,
    write: impl Fn(&ObjectName, &ObjectName) -> Vec<String>,
    from: &ObjectName,
    to: &ObjectName,
) -> Script {
    let groups = vec![group::shared(context, write(from, to), Ok(write(to, from)))];
    Script { groups }
}

/// Renames a table or a view.
pub(super) fn table(context: &RenderContext<'_>, from: &ObjectName, to: &ObjectName) -> Script {
    let kind = match context.before.views.get(from) {
        Some(view) if view.materialized => "MATERIALIZED VIEW",
        Some(_) => "VIEW",
        None => "TABLE",
    };
    there_and_back(context, |from, to| moved(kind, from, to), from, to)
}

/// Renames an enum type.
pub(super) fn enum_type(context: &RenderContext<'_>, from: &ObjectName, to: &ObjectName) -> Script {
    there_and_back(context, |from, to| moved("TYPE", from, to), from, to)
}

/// Renames a sequence.
pub(super) fn sequence(context: &RenderContext<'_>, from: &ObjectName, to: &ObjectName) -> Script {
    there_and_back(context, |from, to| moved("SEQUENCE", from, to), from, to)
}

/// Renames a part of a table: `COLUMN`, `CONSTRAINT`.
fn part(
    context: &RenderContext<'_>,
    kind: &str,
    table: &ObjectName,
    from: &Name,
    to: &Name,
) -> Script {
    let on = quote::object(table);
    let write = |from: &Name, to: &Name| {
        let (from, to) = (quote::quote(from), quote::quote(to));
        vec![format!("ALTER TABLE {on} RENAME {kind} {from} TO {to}")]
    };
    Script { groups: vec![group::shared(context, write(from, to), Ok(write(to, from)))] }
}

/// Renames a column of a table or a view.
pub(super) fn column(
    context: &RenderContext<'_>,
    table: &ObjectName,
    from: &Name,
    to: &Name,
) -> Script {
    part(context, "COLUMN", table, from, to)
}

/// Renames a constraint.
pub(super) fn constraint(
    context: &RenderContext<'_>,
    table: &ObjectName,
    from: &Name,
    to: &Name,
) -> Script {
    part(context, "CONSTRAINT", table, from, to)
}

/// Renames an index.
pub(super) fn index(
    context: &RenderContext<'_>,
    table: &ObjectName,
    from: &Name,
    to: &Name,
) -> Script {
    let write = |from: &Name, to: &Name| {
        let index = quote::object(&table.sibling(from.clone()));
        vec![format!("ALTER INDEX {index} RENAME TO {}", quote::quote(to))]
    };
    Script { groups: vec![group::shared(context, write(from, to), Ok(write(to, from)))] }
}

/// Renames a value of an enum type.
pub(super) fn enum_value(
    context: &RenderContext<'_>,
    name: &ObjectName,
    from: &str,
    to: &str,
) -> Script {
    let of = quote::object(name);
    let write = |from: &str, to: &str| {
        let (from, to) = (quote::literal(from), quote::literal(to));
        vec![format!("ALTER TYPE {of} RENAME VALUE {from} TO {to}")]
    };
    Script { groups: vec![group::shared(context, write(from, to), Ok(write(to, from)))] }
}
