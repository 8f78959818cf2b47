//! Changes of rows: read where they are one write to one table, else known by what they touch.

#![expect(
    clippy::unnecessary_wraps,
    reason = "what reads a statement always says whether it could"
)]

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::reading::{Reading, Thing};
use super::{names, shapes, touches};
use crate::catalog::{ObjectKind, SqlExpression};
use crate::change::{Batch, Change, DataChange, Touched, Verb, Write};
use crate::name::{Name, ObjectName};

/// More rows than these are not read one by one.
const ROWS_MAX: usize = 200;

/// A write that is more than planner can hold.
pub(super) fn query(
    reading: &mut Reading<'_>,
    node: &SyntaxNode,
    on: Option<ObjectName>,
) -> Option<()> {
    reading.catch_up();
    if super::diesel::manage_updated_at(reading, node).is_some() {
        return Some(());
    }
    writes_before(reading, node);
    let touches = touches::of(reading, node);
    reading.other(node, Thing::new(Verb::Run, ObjectKind::Query).on(on).touching(touches));
    Some(())
}

/// Reads the writes of a `WITH`, each by itself.
fn writes_before(reading: &mut Reading<'_>, node: &SyntaxNode) {
    let clauses = node.children().filter_map(ast::WithClause::cast);
    for table in clauses.flat_map(|with| with.with_tables().collect::<Vec<_>>()) {
        let _ = match table.query() {
            Some(ast::WithQuery::Update(of)) => update(reading, &of),
            Some(ast::WithQuery::Delete(of)) => delete(reading, &of),
            Some(ast::WithQuery::Merge(of)) => merge(reading, &of),
            // What is inserted keeps nobody waiting, and what is selected writes nothing.
            Some(_) | None => None,
        };
    }
}

/// `MERGE`.
pub(super) fn merge(reading: &mut Reading<'_>, node: &ast::Merge) -> Option<()> {
    let written = node.table_relation_name()?.table_name_ref()?;
    if reading.is_temporary(&written) {
        return reading.temporary(node.syntax(), &written);
    }
    let table = reading.relation(&written);
    query(reading, node.syntax(), table)
}

fn write(
    reading: &mut Reading<'_>,
    node: &SyntaxNode,
    table: ObjectName,
    write: Write,
    condition: Option<SqlExpression>,
) {
    let walks = matches!(write, Write::Update { .. } | Write::Delete);
    let key = reading.now().table(&table).filter(|_| walks);
    let key = key.and_then(|table| table.primary_key.as_ref());
    let key = key.map(|key| key.columns.clone()).unwrap_or_default();
    let data = DataChange { table, key, write, condition, batch: Batch::default() };
    reading.change(node, Change::Write(data));
}

/// `INSERT`.
pub(super) fn insert(reading: &mut Reading<'_>, node: &ast::Insert) -> Option<()> {
    let written = node.relation_name_ref()?;
    if reading.is_temporary(&written) {
        return reading.temporary(node.syntax(), &written);
    }
    let table = reading.relation(&written)?;
    let plain = node.with_clause().is_none()
        && node.returning_clause().is_none()
        && node.overriding_clause().is_none()
        && node.alias().is_none()
        && is_skipped(node.on_conflict_clause());
    let source = match node.insert_source() {
        Some(ast::InsertSource::SelectVariant(source)) if plain => source,
        _ => return query(reading, node.syntax(), Some(table)),
    };
    let columns = match node.column_target_list() {
        Some(list) => targets(&list),
        None => super::views::columns_of(reading.now(), &table),
    };
    let Some(columns) = columns else {
        return query(reading, node.syntax(), Some(table));
    };
    let of = match &source {
        ast::SelectVariant::Values(values) => rows(reading, values, columns),
        ast::SelectVariant::Select(_)
        | ast::SelectVariant::CompoundSelect(_)
        | ast::SelectVariant::Table(_) => {
            let query = SqlExpression::new(reading.text(source.syntax()));
            Some(Write::InsertSelect { columns, query })
        }
        ast::SelectVariant::ParenSelect(_) | ast::SelectVariant::SelectInto(_) => None,
    };
    match of {
        Some(of) => write(reading, node.syntax(), table, of, None),
        None => return query(reading, node.syntax(), Some(table)),
    }
    Some(())
}

/// Returns whether rows that are there already are left alone, or fail: anything but an update of them.
fn is_skipped(clause: Option<ast::OnConflictClause>) -> bool {
    clause.is_none_or(|clause| {
        clause.conflict_target().is_none()
            && matches!(clause.conflict_action(), Some(ast::ConflictAction::ConflictDoNothing(_)))
    })
}

fn targets(list: &ast::ColumnTargetList) -> Option<Vec<Name>> {
    list.column_targets().map(|target| plain_target(&target)).collect()
}

fn plain_target(target: &ast::ColumnTarget) -> Option<Name> {
    if target.accessors().next().is_some() {
        return None;
    }
    names::of(&target.name()?)
}

/// Reads the rows after `VALUES`; nothing if there are many, or one is not of plain values for these columns.
fn rows(reading: &Reading<'_>, values: &ast::Values, mut columns: Vec<Name>) -> Option<Write> {
    if values.with_clause().is_some() || values.tail_clauses().next().is_some() {
        return None;
    }
    let mut rows = Vec::new();
    for row in values.row_list()?.rows() {
        let cells: Vec<SqlExpression> = row
            .exprs()
            .map(|expr| {
                let is_default = reading.text(expr.syntax()).eq_ignore_ascii_case("default");
                (!is_default).then(|| shapes::expression(reading, &expr))
            })
            .collect::<Option<_>>()?;
        rows.push(cells);
        if rows.len() > ROWS_MAX {
            return None;
        }
    }
    // Columns at the end may be left out.
    columns.truncate(rows.first()?.len());
    let fits = rows.iter().all(|row| row.len() == columns.len());
    fits.then_some(Write::InsertValues { columns, rows })
}

/// `INSERT` with so many rows that only its head was parsed.
pub(super) fn many_rows(reading: &mut Reading<'_>, node: &ast::Insert, text: String) -> Option<()> {
    let written = node.relation_name_ref()?;
    if reading.is_temporary(&written) {
        return reading.temporary(node.syntax(), &written);
    }
    let table = reading.relation(&written)?;
    let columns = match node.column_target_list() {
        Some(list) => targets(&list),
        None => super::views::columns_of(reading.now(), &table),
    };
    let whole = Touched { object: table.clone(), column: None };
    let named = columns.into_iter().flatten();
    let named = named.map(|column| Touched { object: table.clone(), column: Some(column) });
    let touches = std::iter::once(whole).chain(named).collect();
    let thing = Thing::new(Verb::Run, ObjectKind::Query).on(table.clone()).touching(touches);
    reading.other_text(node.syntax(), thing, text);
    Some(())
}

/// `UPDATE`.
pub(super) fn update(reading: &mut Reading<'_>, node: &ast::Update) -> Option<()> {
    let relation = node.relation_name()?;
    let written = relation.relation_name_ref()?;
    if reading.is_temporary(&written) {
        return reading.temporary(node.syntax(), &written);
    }
    let table = reading.relation(&written)?;
    let plain = node.with_clause().is_none()
        && node.returning_clause().is_none()
        && node.from_clause().is_none()
        && node.alias().is_none()
        && node.for_portion_of().is_none();
    let rows = Rows::of(reading, node.where_clause_or_current_of());
    let plain = plain && !rows.is_of_cursor();
    let set = node.set_clause().and_then(|clause| assignments(reading, &clause));
    match set {
        Some(set) if plain => {
            write(reading, node.syntax(), table, Write::Update { set }, rows.condition());
            Some(())
        }
        _ => query(reading, node.syntax(), Some(table)),
    }
}

/// `DELETE`.
pub(super) fn delete(reading: &mut Reading<'_>, node: &ast::Delete) -> Option<()> {
    let relation = node.relation_name()?;
    let written = relation.relation_name_ref()?;
    if reading.is_temporary(&written) {
        return reading.temporary(node.syntax(), &written);
    }
    let table = reading.relation(&written)?;
    let plain = node.with_clause().is_none()
        && node.returning_clause().is_none()
        && node.using_clause().is_none()
        && node.alias().is_none()
        && node.for_portion_of().is_none();
    let rows = Rows::of(reading, node.where_clause_or_current_of());
    if !plain || rows.is_of_cursor() {
        return query(reading, node.syntax(), Some(table));
    }
    write(reading, node.syntax(), table, Write::Delete, rows.condition());
    Some(())
}

/// Which rows a write selects.
enum Rows {
    All,
    Where(SqlExpression),
    /// The one that a cursor is at.
    OfCursor,
}

impl Rows {
    fn of(reading: &Reading<'_>, clause: Option<ast::WhereClauseOrCurrentOf>) -> Self {
        match clause {
            None => Self::All,
            Some(ast::WhereClauseOrCurrentOf::WhereClause(of)) => {
                of.expr().map_or(Self::All, |expr| Self::Where(shapes::expression(reading, &expr)))
            }
            Some(ast::WhereClauseOrCurrentOf::WhereCurrentOf(_)) => Self::OfCursor,
        }
    }

    const fn is_of_cursor(&self) -> bool {
        matches!(self, Self::OfCursor)
    }

    fn condition(self) -> Option<SqlExpression> {
        match self {
            Self::Where(condition) => Some(condition),
            Self::All | Self::OfCursor => None,
        }
    }
}

fn assignments(
    reading: &Reading<'_>,
    clause: &ast::SetClause,
) -> Option<Vec<(Name, SqlExpression)>> {
    let mut set = Vec::new();
    for column in clause.set_column_list()?.set_columns() {
        match column {
            ast::SetColumn::SetSingleColumn(single) => {
                let name = plain_target(&single.column_target()?)?;
                set.push((name, value(reading, &single.set_expr()?)?));
            }
            ast::SetColumn::SetMultipleColumns(several) => {
                let names = targets(&several.column_target_list()?)?;
                let list = several.set_expr_list()?;
                let values: Vec<SqlExpression> =
                    list.set_exprs().map(|expr| value(reading, &expr)).collect::<Option<_>>()?;
                if names.len() != values.len() {
                    return None;
                }
                set.extend(names.into_iter().zip(values));
            }
        }
    }
    Some(set)
}

fn value(reading: &Reading<'_>, expr: &ast::SetExpr) -> Option<SqlExpression> {
    let expr = expr.expr()?;
    let is_default = reading.text(expr.syntax()).eq_ignore_ascii_case("default");
    (!is_default).then(|| shapes::expression(reading, &expr))
}

/// `TRUNCATE`.
pub(super) fn truncate(reading: &mut Reading<'_>, node: &ast::Truncate) -> Option<()> {
    reading.how.cascade = super::cascades(node.drop_behavior());
    let list = node.table_list()?;
    let mut tables = Vec::new();
    for of in list.table_relation_names() {
        let name = of.table_name_ref()?;
        if !reading.is_temporary(&name) {
            tables.push(reading.relation(&name)?);
        }
    }
    if reading.how.cascade {
        let mut at = 0;
        while let Some(table) = tables.get(at).cloned() {
            let referring = reading.now().references_to(&table).map(|(from, _)| from.clone());
            let new: Vec<ObjectName> = referring.filter(|from| !tables.contains(from)).collect();
            tables.extend(new);
            at += 1;
        }
    }
    if !tables.is_empty() {
        reading.change(node.syntax(), Change::Truncate { tables });
    }
    Some(())
}

/// `COPY`: rows in from elsewhere, or out.
pub(super) fn copy(reading: &mut Reading<'_>, node: &ast::Copy) -> Option<()> {
    // A file is such a node too, without the word.
    let is_program = match node.copy_direction() {
        Some(ast::CopyDirection::CopyFrom(of)) => match of.copy_source() {
            Some(ast::CopySource::CopyProgram(of)) => of.program_token().is_some(),
            Some(ast::CopySource::CopyStdin(_) | ast::CopySource::CopyStdout(_)) | None => false,
        },
        Some(ast::CopyDirection::CopyTo(of)) => match of.copy_target() {
            Some(ast::CopyTarget::CopyProgram(of)) if of.program_token().is_some() => true,
            // What goes out may be what a write returns.
            _ if touches::writes(node.syntax()) => true,
            _ => return Some(()),
        },
        None => return Some(()),
    };
    if is_program {
        return query(reading, node.syntax(), None);
    }
    let on = touches::of(reading, node.syntax()).into_iter().map(|touched| touched.object).next();
    query(reading, node.syntax(), on)
}
