//! Columns and tables kept in step by trigger: the functions' frame, and what both kinds share.

mod column_body;
mod table_body;

use super::{group, numbers, quote};
use crate::catalog::{SqlExpression, Sync};
use crate::dialect::Dialect;
use crate::dialects::{Refusal, RenderContext, Script};
use crate::name::{Name, ObjectName};

/// Starts to keep something in step.
pub(super) fn create(context: &RenderContext<'_>, sync: &Sync) -> Result<Script, Refusal> {
    let up = create_statements(context, sync)?;
    let groups = vec![group::shared(context, up, Ok(drop_statements(context, sync)))];
    Ok(Script { groups })
}

/// Ends it.
pub(super) fn drop(context: &RenderContext<'_>, sync: &Sync) -> Script {
    let back = create_statements(context, sync).map_err(|refusal| refusal.message);
    Script { groups: vec![group::shared(context, drop_statements(context, sync), back)] }
}

/// Writes the trigger of a sync.
pub(super) fn trigger(sync: &Sync) -> String {
    let events = match sync {
        Sync::Columns { .. } => "BEFORE INSERT OR UPDATE",
        Sync::Tables(_) => "AFTER INSERT OR UPDATE OR DELETE",
    };
    let name = quote::quote(sync.name());
    let table = quote::object(sync.table());
    format!(
        "CREATE TRIGGER {name} {events} ON {table}\nFOR EACH ROW EXECUTE FUNCTION {}()",
        function_name(sync)
    )
}

/// Writes function and trigger.
///
/// The function remembers the search path it was made under, so that it finds the same tables for a writer
/// with another one.
fn create_statements(context: &RenderContext<'_>, sync: &Sync) -> Result<Vec<String>, Refusal> {
    let body = match sync {
        Sync::Columns { table, forward, backward, .. } => {
            column_body::write(context.before, table, forward, backward)
        }
        Sync::Tables(tables) => table_body::write(context.before, tables)?,
    };
    let function = format!(
        "CREATE FUNCTION {}() RETURNS trigger\nLANGUAGE plpgsql SET search_path FROM CURRENT AS {}",
        function_name(sync),
        quote::dollar_quoted(&body)
    );
    let mut statements = vec![function, trigger(sync)];
    statements.extend(numbers::apart(context.before, sync));
    Ok(statements)
}

/// Writes the statements that end a sync.
fn drop_statements(context: &RenderContext<'_>, sync: &Sync) -> Vec<String> {
    let (name, table) = (quote::quote(sync.name()), quote::object(sync.table()));
    let mut statements = vec![
        format!("DROP TRIGGER {name} ON {table}"),
        format!("DROP FUNCTION {}()", function_name(sync)),
    ];
    statements.extend(numbers::by_themselves(context.before, sync));
    statements
}

/// Writes the name of a sync's function.
fn function_name(sync: &Sync) -> String {
    let default = || ObjectName::bare(sync.name().clone());
    quote::object(&sync.function(Dialect::Postgres).unwrap_or_else(default))
}

/// Writes the value of an author's expression over one row (`NEW` or `OLD`): the row stands in the query as
/// the table itself, so that the expression means what it means in an UPDATE.
fn value(expression: &SqlExpression, row: &str, table: &ObjectName) -> String {
    let alias = quote::quote(&table.name);
    format!("(SELECT {} FROM (SELECT {row}.*) AS {alias})", quote::parenthesized(expression))
}

/// Writes a column of a row of the trigger.
fn field(row: &str, column: &Name) -> String {
    format!("{row}.{}", quote::quote(column))
}

/// Writes whether two lists of values differ. The comparison is of the stored bytes: every type has it, json
/// too, and it sees what equality overlooks, as a change of case in a citext.
fn differ(
    left: impl IntoIterator<Item = String>,
    right: impl IntoIterator<Item = String>,
) -> String {
    format!("ROW({})::record *<> ROW({})::record", quote::join(left), quote::join(right))
}
