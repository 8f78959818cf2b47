//! Numbers that the server gives rows, where rows come into a table with numbers of another one.
//!
//! A sequence does not notice a row that brings its number along, and gives the same number again later: every insert of the release that
//! writes the new table would fail, or the trigger that carries rows over would write one row over another.

use super::quote;
use crate::catalog::{Catalog, Generated, SqlExpression, Sync, SyncTables};
use crate::change::{DataChange, Write};
use crate::name::{Name, ObjectName};

/// Writes the statements after which two tables in step number their rows apart: every second number each, from the greatest on that
/// either has.
pub(super) fn apart(catalog: &Catalog, sync: &Sync) -> Vec<String> {
    let Sync::Tables(sync) = sync else { return Vec::new() };
    let apart = shared(catalog, sync).into_iter().map(|(from, to)| {
        let declare = format!(
            "  source text := {};\n{}",
            sequence(&sync.from, &from),
            declare(&sync.to, &to)
        );
        block(&declare, &format!(
            "{}  EXECUTE format('ALTER SEQUENCE %s INCREMENT BY %s', source, step);\n\
             \x20 EXECUTE format('SELECT CASE WHEN is_called THEN last_value ELSE last_value - %s END FROM %s', step, source) INTO used;\n\
             \x20 top := greatest(top, used);\n\
             \x20 EXECUTE format('ALTER SEQUENCE %s INCREMENT BY %s RESTART WITH %s', source, 2 * step, top + step);\n\
             \x20 EXECUTE format('ALTER SEQUENCE %s INCREMENT BY %s RESTART WITH %s', target, 2 * step, top + 2 * step);\n",
            top("source", &sync.to, &to)
        ))
    });
    apart.collect()
}

/// Writes the statements after which each of two tables numbers its rows by itself again.
pub(super) fn by_themselves(catalog: &Catalog, sync: &Sync) -> Vec<String> {
    let Sync::Tables(sync) = sync else { return Vec::new() };
    let shared = shared(catalog, sync).into_iter().map(|(from, to)| {
        let declare = format!(
            "  source text := {};\n{}",
            sequence(&sync.from, &from),
            declare(&sync.to, &to)
        );
        block(&declare, &format!(
            "{}  EXECUTE format('ALTER SEQUENCE %s INCREMENT BY %s', source, greatest(step / 2, 1));\n\
             \x20 EXECUTE format('ALTER SEQUENCE %s INCREMENT BY %s RESTART WITH %s', target, greatest(step / 2, 1), top + 1);\n",
            top("source", &sync.to, &to)
        ))
    });
    let alone = numbered(catalog, &sync.to, sync.columns.iter().map(|(column, _)| column));
    let alone = alone.filter(|to| !is_shared(catalog, sync, to)).map(|to| past(&sync.to, &to));
    shared.chain(alone).collect()
}

/// Writes the statements after which the numbers of a table go on behind those that a write brought along.
pub(super) fn behind(catalog: &Catalog, change: &DataChange) -> Vec<String> {
    let (table, columns): (_, Vec<&Name>) = match &change.write {
        Write::InsertValues { columns, .. } | Write::InsertSelect { columns, .. } => {
            (&change.table, columns.iter().collect())
        }
        Write::Copy { to, columns, .. } => (to, columns.iter().map(|(column, _)| column).collect()),
        Write::Update { .. } | Write::Delete => return Vec::new(),
    };
    numbered(catalog, table, columns).map(|column| past(table, &column)).collect()
}

/// Writes the statement after which the numbers of a column go on behind the greatest that a row has. They go on in the same steps,
/// so that two tables that number their rows apart still do.
fn past(table: &ObjectName, column: &Name) -> String {
    let body = format!(
        "{}  top := used + (top - used + step - 1) / step * step;\n\
         \x20 EXECUTE format('ALTER SEQUENCE %s RESTART WITH %s', target, top + step);\n",
        top("target", table, column)
    );
    block(&declare(table, column), &body)
}

/// Returns the columns whose numbers both tables give: of the source, of the target.
fn shared(catalog: &Catalog, sync: &SyncTables) -> Vec<(Name, Name)> {
    let columns = sync.columns.iter().filter_map(|(to, value)| {
        let from = source_column(catalog, sync, value)?;
        (is_numbered(catalog, &sync.from, &from) && is_numbered(catalog, &sync.to, to))
            .then(|| (from, to.clone()))
    });
    columns.collect()
}

fn is_shared(catalog: &Catalog, sync: &SyncTables, column: &Name) -> bool {
    shared(catalog, sync).iter().any(|(_, to)| to == column)
}

/// Returns the column of the source that a value is, if it is one as it stands.
fn source_column(catalog: &Catalog, sync: &SyncTables, value: &SqlExpression) -> Option<Name> {
    let source = catalog.table(&sync.from)?;
    let is_it = |column: &Name| {
        let text = value.as_str();
        text == column.as_str() || text == quote::quote(column)
    };
    source.columns.iter().map(|column| &column.name).find(|name| is_it(name)).cloned()
}

fn numbered<'a>(
    catalog: &'a Catalog,
    table: &'a ObjectName,
    columns: impl IntoIterator<Item = &'a Name>,
) -> impl Iterator<Item = Name> {
    columns.into_iter().filter(|column| is_numbered(catalog, table, column)).cloned()
}

fn is_numbered(catalog: &Catalog, table: &ObjectName, column: &Name) -> bool {
    let column = catalog.column(table, column);
    column.is_some_and(|column| matches!(column.generated, Some(Generated::Identity(_))))
}

/// Writes the name of the sequence that a column has.
fn sequence(table: &ObjectName, column: &Name) -> String {
    let table = quote::literal(&quote::object(table));
    format!("pg_get_serial_sequence({table}, {})", quote::literal(column.as_str()))
}

fn declare(table: &ObjectName, column: &Name) -> String {
    format!(
        "  target text := {};\n  step bigint;\n  used bigint;\n  top bigint;\n",
        sequence(table, column)
    )
}

/// Writes what finds the step of a sequence and the greatest number that the target has given or holds. Whoever alters a sequence keeps
/// everybody else from taking a number until the transaction ends.
fn top(stepping: &str, table: &ObjectName, column: &Name) -> String {
    let (table, column) = (quote::object(table), quote::quote(column));
    format!(
        "  SELECT seqincrement INTO step FROM pg_catalog.pg_sequence WHERE seqrelid = {stepping}::regclass;\n\
         \x20 IF step IS NULL OR target IS NULL OR step < 1 THEN\n    RETURN;\n  END IF;\n\
         \x20 EXECUTE format('ALTER SEQUENCE %s INCREMENT BY %s', target, step);\n\
         \x20 EXECUTE format('SELECT CASE WHEN is_called THEN last_value ELSE last_value - %s END FROM %s', step, target) INTO used;\n\
         \x20 SELECT greatest(used, max({column})) INTO top FROM {table};\n"
    )
}

fn block(declare: &str, body: &str) -> String {
    let body = format!("\nDECLARE\n{declare}BEGIN\n{body}END\n");
    format!("DO {}", quote::dollar_quoted(&body))
}
