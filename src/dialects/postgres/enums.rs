//! Enum types.

use super::{group, quote};
use crate::catalog::EnumType;
use crate::change::EnumPlace;
use crate::dialects::{RenderContext, Script};
use crate::name::ObjectName;

/// Creates an enum type.
pub(super) fn create(context: &RenderContext<'_>, name: &ObjectName, values: &EnumType) -> Script {
    let up = vec![create_statement(name, values)];
    let groups = vec![group::shared(context, up, Ok(vec![drop_statement(name)]))];
    Script { groups }
}

/// Drops an enum type.
pub(super) fn drop(context: &RenderContext<'_>, name: &ObjectName) -> Script {
    let back = context
        .before
        .enums
        .get(name)
        .map(|values| vec![create_statement(name, values)])
        .ok_or_else(|| format!("which values the type `{name}` had is not known"));
    Script { groups: vec![group::shared(context, vec![drop_statement(name)], back)] }
}

/// Adds a value. The server takes it in a transaction, but does not let the same transaction use it.
pub(super) fn add_value(
    context: &RenderContext<'_>,
    name: &ObjectName,
    value: &str,
    place: Option<&EnumPlace>,
) -> Script {
    let place = match place {
        None => String::new(),
        Some(EnumPlace::Before(other)) => format!(" BEFORE {}", quote::literal(other)),
        Some(EnumPlace::After(other)) => format!(" AFTER {}", quote::literal(other)),
    };
    let up =
        format!("ALTER TYPE {} ADD VALUE {}{place}", quote::object(name), quote::literal(value));
    let back = Err(format!(
        "PostgreSQL cannot remove the value `{value}` from the type `{name}`, where rows may hold it"
    ));
    Script { groups: vec![group::shared(context, vec![up], back)] }
}

/// Writes `CREATE TYPE`.
fn create_statement(name: &ObjectName, values: &EnumType) -> String {
    let values = quote::join(values.values.iter().map(|value| quote::literal(value)));
    format!("CREATE TYPE {} AS ENUM ({values})", quote::object(name))
}

/// Writes `DROP TYPE`.
fn drop_statement(name: &ObjectName) -> String {
    format!("DROP TYPE {}", quote::object(name))
}
