//! Indexes.

use sqlite3_parser::ast::{self, Expr, SortOrder, SortedColumn};
use sqlite3_parser::dialect::TokenType;

use super::columns;
use super::reading::{self, Reading};
use super::terms;
use crate::catalog::{
    Catalog, Index, IndexColumn, IndexKey, IndexTerms, Order, PartTerms, SqlExpression, Table,
};
use crate::change::Change;
use crate::expressions::unquote_sqlite as unquote;
use crate::name::{Name, ObjectName};

/// What of `CREATE INDEX` is not in its text.
pub(super) struct Written<'s, 'b> {
    pub unique: bool,
    pub if_not_exists: bool,
    pub name: &'s ast::QualifiedName<'b>,
    pub table: &'s ast::Name<'b>,
    pub columns: &'b [SortedColumn<'b>],
}

/// `CREATE INDEX`.
pub(super) fn create(reading: &mut Reading<'_>, written: &Written<'_, '_>) {
    reading.how.if_not_exists = written.if_not_exists;
    if reading.is_temporary(written.name) || reading.is_temporary_name(written.table) {
        return reading.temporary(&written.name.name);
    }
    let name = reading::written(written.name).name;
    if written.if_not_exists && find(reading.catalog, name.as_str()).is_some() {
        return;
    }
    let table = reading.relation_name(written.table);
    let index = index(reading, reading.catalog.table(&table), written);
    reading.change(Change::CreateIndex { table, name, index });
}

/// Reads the index that a `CREATE INDEX` makes on this table.
pub(super) fn index(
    reading: &Reading<'_>,
    table: Option<&Table>,
    written: &Written<'_, '_>,
) -> Index {
    let mut cursor = reading.cursor();
    cursor.to(TokenType::TK_LP);
    cursor.enter();
    let mut parts = Vec::new();
    for (nth, part) in written.columns.iter().enumerate() {
        if nth > 0 {
            cursor.behind(TokenType::TK_COMMA);
        }
        let text = cursor.until(&[TokenType::TK_COMMA, TokenType::TK_ASC, TokenType::TK_DESC]);
        let order = match part.order {
            Some(SortOrder::Desc) => Order::Descending,
            Some(SortOrder::Asc) | None => Order::Ascending,
        };
        let key = key(table, part, text);
        let own = key.column().and_then(|name| table?.column(name)?.collation.as_ref());
        // In an expression the collation is part of its text.
        let collation = terms::collation(&part.expr)
            .filter(|collation| key.column().is_some() && !terms::is_own(own, collation));
        let terms = PartTerms { collation, ..PartTerms::default() };
        parts.push(IndexColumn { key, order, nulls: None, opclass: None, terms });
    }
    let mut cursor = reading.cursor();
    cursor.to(TokenType::TK_LP);
    let has_condition = cursor.behind(TokenType::TK_WHERE);
    Index {
        columns: parts,
        unique: written.unique,
        predicate: has_condition.then(|| SqlExpression::new(cursor.rest())),
        method: None,
        include: Vec::new(),
        valid: true,
        terms: IndexTerms::default(),
    }
}

/// Reads a part: a column, or an expression as it is written.
fn key(table: Option<&Table>, part: &SortedColumn<'_>, text: &str) -> IndexKey {
    let Some(written) = columns::named(&part.expr) else {
        return IndexKey::Expression(SqlExpression::new(text));
    };
    let name = reading::column(table, &written);
    let is_column = table.is_none_or(|table| table.column(&name).is_some());
    // What is in double quotes and names no column is a string to the engine.
    if is_column || !is_quoted(&part.expr) {
        IndexKey::Column(name)
    } else {
        IndexKey::Expression(SqlExpression::new(text))
    }
}

fn is_quoted(expr: &Expr<'_>) -> bool {
    match expr {
        Expr::Id(id) => id.0.starts_with('"'),
        Expr::Name(name) => name.0.starts_with('"'),
        _ => false,
    }
}

/// Returns the table that has the index, and the index's name as the catalog writes it.
pub(super) fn find<'c>(catalog: &'c Catalog, written: &str) -> Option<(&'c ObjectName, &'c Name)> {
    catalog.tables.iter().find_map(|(name, table)| {
        let index = table.indexes.keys().find(|index| index.as_str().eq_ignore_ascii_case(written));
        Some((name, index?))
    })
}

/// `DROP INDEX`.
pub(super) fn drop(reading: &mut Reading<'_>, if_exists: bool, name: &ast::QualifiedName<'_>) {
    reading.how.if_exists = if_exists;
    if reading.is_temporary(name) {
        return reading.temporary(&name.name);
    }
    let written = unquote(name.name.0);
    match find(reading.catalog, &written) {
        Some((table, index)) => {
            let (table, name) = (table.clone(), index.clone());
            reading.change(Change::DropIndex { table, name });
        }
        None if if_exists => {}
        None => reading.opaque(format!("the table of the index `{written}` is not known")),
    }
}
