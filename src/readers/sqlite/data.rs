//! Changes of rows: read where they are one write to one table, else known by what they touch.

use sqlite3_parser::ast::{
    DistinctNames, InsertBody, OneSelect, QualifiedName, ResolveType, Select, Set, Upsert, UpsertDo,
};
use sqlite3_parser::dialect::TokenType;

use super::reading::{self, Reading, Thing};
use super::touches;
use crate::catalog::{Generated, ObjectKind, SqlExpression};
use crate::change::{Batch, Change, DataChange, Verb, Write};
use crate::expressions::unquote_sqlite as unquote;
use crate::name::{Name, ObjectName};

/// More rows than these are not read one by one.
pub(super) const ROWS_MAX: usize = 200;

/// A write that is more than planner can hold.
pub(super) fn query(reading: &mut Reading<'_>, on: Option<ObjectName>) {
    let touches = touches::of(reading);
    reading.other(Thing::new(Verb::Run, ObjectKind::Query).on(on).touching(touches));
}

fn write(
    reading: &mut Reading<'_>,
    table: ObjectName,
    write: Write,
    condition: Option<SqlExpression>,
) {
    let walks = matches!(write, Write::Update { .. } | Write::Delete);
    let key = reading.catalog.table(&table).filter(|_| walks);
    let key = key.and_then(|table| table.primary_key.as_ref());
    let key = key.map(|key| key.columns.clone()).unwrap_or_default();
    let data = DataChange { table, key, write, condition, batch: Batch::default() };
    reading.change(Change::Write(data));
}

/// Says what is written, unless it is a table of the users'; returns it otherwise.
pub(super) fn target(reading: &mut Reading<'_>, written: &QualifiedName<'_>) -> Option<ObjectName> {
    if reading.is_temporary(written) {
        reading.temporary(&written.name);
        return None;
    }
    let table = reading.relation(written);
    let name = table.name.as_str().to_ascii_lowercase();
    if matches!(name.as_str(), "sqlite_master" | "sqlite_schema") {
        reading.unread("it writes the schema itself", touches::of(reading));
        return None;
    }
    if name.starts_with("sqlite_") {
        // Counters of row ids, and statistics.
        reading.other(Thing::new(Verb::Run, ObjectKind::Maintenance));
        return None;
    }
    let is_virtual = reading.catalog.others.contains_key(&(ObjectKind::Virtual, table.clone()));
    if is_virtual || reading.catalog.views.contains_key(&table) || table.schema.is_some() {
        query(reading, Some(table));
        return None;
    }
    Some(table)
}

/// What of an `INSERT` is beside its rows.
pub(super) struct Insert<'s, 'b> {
    pub table: &'s QualifiedName<'b>,
    pub columns: Option<&'s DistinctNames<'b>>,
    pub body: &'s InsertBody<'b>,
    pub conflict: Option<ResolveType>,
    /// Neither `WITH` nor `RETURNING`.
    pub is_plain: bool,
}

/// `INSERT`.
pub(super) fn insert(reading: &mut Reading<'_>, insert: &Insert<'_, '_>) {
    let Some(table) = target(reading, insert.table) else { return };
    let columns = columns(reading, &table, insert.columns);
    let plain = insert.is_plain
        && insert.table.alias.is_none()
        && insert.conflict != Some(ResolveType::Replace);
    let of = match (insert.body, columns) {
        (InsertBody::Select(select, upsert), Some(columns))
            if plain && is_skipped(upsert.as_deref()) =>
        {
            rows(reading, select, columns)
        }
        _ => None,
    };
    match of {
        Some(of) => write(reading, table, of, None),
        None => query(reading, Some(table)),
    }
}

/// Returns the columns that are written: those that are listed, or all that can be.
pub(super) fn columns(
    reading: &Reading<'_>,
    table: &ObjectName,
    listed: Option<&DistinctNames<'_>>,
) -> Option<Vec<Name>> {
    let own = reading.catalog.table(table);
    if let Some(listed) = listed {
        let names = listed.iter().map(|name| reading::column(own, &unquote(name.0)));
        return Some(names.collect());
    }
    let columns = own?.columns.iter().filter(|column| {
        !matches!(column.generated, Some(Generated::Stored(_) | Generated::Virtual(_)))
    });
    Some(columns.map(|column| column.name.clone()).collect())
}

/// Returns whether rows that are there already are left alone, or fail: anything but an update of them.
fn is_skipped(upsert: Option<&Upsert<'_>>) -> bool {
    upsert.is_none_or(|upsert| {
        upsert.index.is_none()
            && upsert.next.is_none()
            && matches!(upsert.do_clause, UpsertDo::Nothing)
    })
}

/// Reads what is inserted; nothing if there are many rows, or one does not fit the columns.
fn rows(reading: &Reading<'_>, select: &Select<'_>, columns: Vec<Name>) -> Option<Write> {
    let is_values = matches!(select.body.select, OneSelect::Values(_))
        && select.body.compounds.is_none()
        && select.with.is_none()
        && select.order_by.is_none()
        && select.limit.is_none();
    if is_values { values(reading, columns) } else { Some(selected(reading, columns)) }
}

fn values(reading: &Reading<'_>, columns: Vec<Name>) -> Option<Write> {
    let mut cursor = reading.cursor();
    cursor.behind(TokenType::TK_VALUES);
    let mut rows = Vec::new();
    loop {
        let row = cells(&cursor)?;
        if row.len() != columns.len() || rows.len() >= ROWS_MAX {
            return None;
        }
        rows.push(row);
        cursor.in_brackets()?;
        if cursor.peek().is_none_or(|token| token.kind != TokenType::TK_COMMA) {
            return Some(Write::InsertValues { columns, rows });
        }
        cursor.skip(1);
    }
}

/// Cuts out the values of the row that begins here.
fn cells(cursor: &super::tokens::Cursor<'_>) -> Option<Vec<SqlExpression>> {
    let mut cursor = cursor.clone();
    let mut row = Vec::new();
    if !cursor.enter() {
        return None;
    }
    loop {
        row.push(SqlExpression::new(cursor.until(&[TokenType::TK_COMMA])));
        if cursor.peek().is_none_or(|token| token.kind != TokenType::TK_COMMA) {
            return Some(row);
        }
        cursor.skip(1);
    }
}

fn selected(reading: &Reading<'_>, columns: Vec<Name>) -> Write {
    let text = wrapped(reading).unwrap_or_else(|| select_text(reading));
    Write::InsertSelect { columns, query: SqlExpression::new(text) }
}

/// Returns the query inside `SELECT * FROM (…) WHERE true`, which stands there only so that `ON CONFLICT` may follow.
fn wrapped<'a>(reading: &Reading<'a>) -> Option<&'a str> {
    let mut cursor = reading.cursor();
    cursor.to(TokenType::TK_SELECT);
    let head = [TokenType::TK_SELECT, TokenType::TK_STAR, TokenType::TK_FROM];
    for kind in head {
        cursor.peek().filter(|token| token.kind == kind)?;
        cursor.skip(1);
    }
    let inside = cursor.in_brackets()?;
    cursor.peek().filter(|token| token.kind == TokenType::TK_WHERE)?;
    cursor.skip(1);
    cursor.peek().filter(|token| token.raw.eq_ignore_ascii_case("true"))?;
    cursor.skip(1);
    cursor.peek().is_none_or(|token| token.kind == TokenType::TK_ON).then_some(inside)
}

/// Cuts out the query of an `INSERT … SELECT`.
pub(super) fn select_text<'a>(reading: &Reading<'a>) -> &'a str {
    let mut cursor = reading.cursor();
    cursor.skip_to_any(&[TokenType::TK_SELECT, TokenType::TK_VALUES, TokenType::TK_WITH]);
    let mut probe = cursor.clone();
    while probe.to(TokenType::TK_ON) {
        if probe.peek_after(1).is_some_and(|token| token.kind == TokenType::TK_CONFLICT) {
            let start = cursor.peek().map_or(0, |token| token.start);
            let end = probe.peek().map_or(0, |token| token.start);
            return cursor.slice(start, end).trim_end();
        }
        probe.skip(1);
    }
    cursor.rest()
}

/// `UPDATE`; `is_plain` if it has neither `WITH`, `OR`, `INDEXED`, `FROM`, `RETURNING`, `ORDER BY` nor `LIMIT`.
pub(super) fn update(
    reading: &mut Reading<'_>,
    is_plain: bool,
    written: &QualifiedName<'_>,
    sets: &[Set<'_>],
) {
    let Some(table) = target(reading, written) else { return };
    let plain = is_plain && written.alias.is_none();
    match assignments(reading, &table, sets).filter(|_| plain) {
        Some(set) => {
            let condition = condition(reading);
            write(reading, table, Write::Update { set }, condition);
        }
        None => query(reading, Some(table)),
    }
}

fn assignments(
    reading: &Reading<'_>,
    table: &ObjectName,
    sets: &[Set<'_>],
) -> Option<Vec<(Name, SqlExpression)>> {
    let own = reading.catalog.table(table);
    let mut cursor = reading.cursor();
    cursor.behind(TokenType::TK_SET);
    let mut found = Vec::new();
    for set in sets {
        let [name] = set.col_names.as_slice() else { return None };
        cursor.behind(TokenType::TK_EQ);
        let text = cursor.until(&[TokenType::TK_COMMA, TokenType::TK_WHERE]);
        found.push((reading::column(own, &unquote(name.0)), SqlExpression::new(text)));
        cursor.skip(usize::from(cursor.peek().is_some_and(|t| t.kind == TokenType::TK_COMMA)));
    }
    Some(found)
}

/// Cuts out what stands after `WHERE`, without brackets around all of it.
fn condition(reading: &Reading<'_>) -> Option<SqlExpression> {
    let mut cursor = reading.cursor();
    if !cursor.behind(TokenType::TK_WHERE) {
        return None;
    }
    let whole = cursor.rest();
    let inside = cursor.in_brackets().filter(|_| cursor.peek().is_none());
    Some(SqlExpression::new(inside.unwrap_or(whole)))
}

/// `DELETE`; `is_plain` if it has neither `WITH`, `INDEXED`, `RETURNING`, `ORDER BY` nor `LIMIT`.
pub(super) fn delete(reading: &mut Reading<'_>, is_plain: bool, written: &QualifiedName<'_>) {
    let Some(table) = target(reading, written) else { return };
    if is_plain && written.alias.is_none() {
        let condition = condition(reading);
        write(reading, table, Write::Delete, condition);
    } else {
        query(reading, Some(table));
    }
}
