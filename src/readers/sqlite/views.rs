//! Views.

use sqlite3_parser::ast::{self, OneSelect, ResultColumn, Select, SelectTable};
use sqlite3_parser::dialect::TokenType;

use super::reading::{self, Reading};
use super::table::is_there;
use crate::catalog::{Catalog, SqlExpression, View};
use crate::change::Change;
use crate::dialect::Dialect;
use crate::expressions;
use crate::expressions::unquote_sqlite as unquote;
use crate::name::{Name, ObjectName};

/// `CREATE VIEW`.
pub(super) fn create(
    reading: &mut Reading<'_>,
    if_not_exists: bool,
    name: &ast::QualifiedName<'_>,
    listed: Option<&[ast::IndexedColumn<'_>]>,
    select: &Select<'_>,
) {
    reading.how.if_not_exists = if_not_exists;
    let there = reading.relation(name);
    if if_not_exists && is_there(reading, &there) {
        return;
    }
    let mut cursor = reading.cursor();
    cursor.behind(TokenType::TK_AS);
    let query = SqlExpression::new(cursor.rest());
    let columns = match listed {
        Some(listed) => listed.iter().map(|column| Name::new(unquote(column.col_name.0))).collect(),
        None => columns(reading, select, query.as_str()).unwrap_or_default(),
    };
    let view = View { query, columns, materialized: false };
    reading.change(Change::CreateView { name: reading::written(name), view });
}

/// Returns the names of a query's columns as the engine makes them up, if they can be told.
fn columns(reading: &Reading<'_>, select: &Select<'_>, query: &str) -> Option<Vec<Name>> {
    let of_source = only_source(reading, select).and_then(|of| columns_of(reading.catalog, &of));
    let OneSelect::Select { columns, .. } = &select.body.select else { return None };
    let names = if matches!(columns, [ResultColumn::Star]) {
        of_source?
    } else {
        let (_, names) = expressions::query(Dialect::Sqlite, query).ok()?;
        // The engine takes the column's own way of writing it, unless there is an alias.
        let own = |written: &String| {
            let mut columns = of_source.iter().flatten();
            columns.find(|column| column.as_str().eq_ignore_ascii_case(written)).cloned()
        };
        let is_bare = |at: usize| matches!(columns.get(at), Some(ResultColumn::Expr(_, None)));
        let listed = names?.into_iter().enumerate();
        listed
            .map(|(at, name)| own(&name).filter(|_| is_bare(at)).unwrap_or_else(|| Name::new(name)))
            .collect::<Vec<Name>>()
    };
    let folded = |name: &Name| name.as_str().to_ascii_lowercase();
    let is_twice =
        |at: usize, name: &Name| names.iter().take(at).any(|n| folded(n) == folded(name));
    let any_twice = names.iter().enumerate().any(|(at, name)| is_twice(at, name));
    (!any_twice).then_some(names)
}

/// Returns the one table or view that a query reads.
pub(super) fn only_source(reading: &Reading<'_>, select: &Select<'_>) -> Option<ObjectName> {
    let OneSelect::Select { from: Some(from), .. } = &select.body.select else { return None };
    match (&from.select, &from.joins) {
        (Some(SelectTable::Table(name, _, _)), None) if select.with.is_none() => {
            Some(reading.relation(name))
        }
        _ => None,
    }
}

/// Returns the columns of a table or view.
pub(super) fn columns_of(catalog: &Catalog, name: &ObjectName) -> Option<Vec<Name>> {
    if let Some(table) = catalog.table(name) {
        return Some(table.columns.iter().map(|column| column.name.clone()).collect());
    }
    let view = catalog.views.get(name)?;
    (!view.columns.is_empty()).then(|| view.columns.clone())
}

/// `DROP VIEW`.
pub(super) fn drop(reading: &mut Reading<'_>, if_exists: bool, name: &ast::QualifiedName<'_>) {
    reading.how.if_exists = if_exists;
    if reading.is_temporary(name) {
        return reading.temporary(&name.name);
    }
    let name = reading.relation(name);
    if if_exists && !reading.catalog.views.contains_key(&name) {
        return;
    }
    reading.change(Change::DropView { name });
}
