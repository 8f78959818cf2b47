//! `CREATE TABLE … AS`: columns of the types that SQLite gives to those of a query.

use sqlite3_parser::ast::{As, Expr, OneSelect, ResultColumn, Select};

use super::reading::Reading;
use super::{columns, data, touches, views};
use crate::catalog::{Column, SqlExpression, Table};
use crate::change::{Batch, Change, DataChange, Touched, Write};
use crate::expressions::unquote_sqlite as unquote;
use crate::name::{Name, ObjectName};

/// Makes the table, where the query takes columns of one table that is known.
pub(super) fn create_as(reading: &mut Reading<'_>, name: ObjectName, select: &Select<'_>) {
    let Some(columns) = results(reading, select) else {
        let mut touches = touches::of(reading);
        touches.insert(0, Touched { object: name, column: None });
        return reading.unread("the columns that `CREATE TABLE … AS` makes are not known", touches);
    };
    let query = SqlExpression::new(data::select_text(reading));
    let filled: Vec<Name> = columns.iter().map(|column| column.name.clone()).collect();
    let table = Table { columns, ..Table::default() };
    reading.change(Change::CreateTable { name: name.clone(), table });
    let write = Write::InsertSelect { columns: filled, query };
    let (key, batch) = (Vec::new(), Batch::default());
    reading.change(Change::Write(DataChange { table: name, key, write, condition: None, batch }));
}

fn results(reading: &Reading<'_>, select: &Select<'_>) -> Option<Vec<Column>> {
    let source = views::only_source(reading, select)?;
    let source = reading.catalog.table(&source)?;
    if select.body.compounds.is_some() || source.strict {
        return None;
    }
    let OneSelect::Select { columns: listed, .. } = &select.body.select else { return None };
    let mut results: Vec<Column> = Vec::new();
    for result in *listed {
        match result {
            ResultColumn::Star | ResultColumn::TableStar(_) => {
                results.extend(source.columns.iter().map(copied));
            }
            ResultColumn::Expr(expr, alias) => {
                let written = match expr {
                    Expr::Qualified(_, column) => unquote(column.0),
                    Expr::Id(_) | Expr::Name(_) => columns::named(expr)?,
                    _ => return None,
                };
                let is_it = |of: &&Column| of.name.as_str().eq_ignore_ascii_case(&written);
                let mut column = copied(source.columns.iter().find(is_it)?);
                if let Some(As::As(name) | As::Elided(name)) = alias {
                    column.name = Name::new(unquote(name.0));
                }
                results.push(column);
            }
        }
    }
    let folded = |column: &Column| column.name.as_str().to_ascii_lowercase();
    let is_twice = |(at, column): (usize, &Column)| {
        results.iter().take(at).any(|other| folded(other) == folded(column))
    };
    (!results.iter().enumerate().any(is_twice)).then_some(results)
}

/// Returns what becomes of a column: its affinity is all that is left of its type.
fn copied(column: &Column) -> Column {
    let declared = column.sql_type.0.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| declared.contains(word));
    let sql_type = if has(&["INT"]) {
        "INT"
    } else if has(&["CHAR", "CLOB", "TEXT"]) {
        "TEXT"
    } else if declared.is_empty() || has(&["BLOB"]) {
        ""
    } else if has(&["REAL", "FLOA", "DOUB"]) {
        "REAL"
    } else {
        "NUM"
    };
    Column::new(column.name.clone(), sql_type)
}
