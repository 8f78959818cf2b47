//! What SQLite's tree of an expression or a query names.

use sqlite3_parser::ast::{
    As, Expr, FromClause, FunctionCallOrder, FunctionTail, JoinConstraint, Literal, OneSelect,
    Over, QualifiedName, ResultColumn, Select, SelectTable, SortedColumn, UnaryOperator, Window,
};

use super::places::Places;
use super::tokens::{Token, unquote};
use crate::expressions::{ColumnReference, Expression, SyntaxError, TableReference, volatile};

/// Collects what the tree names.
#[derive(Default)]
pub(super) struct Walk<'b> {
    whole_query: bool,
    found: Expression,
    /// Columns as written, part by part.
    columns: Vec<Vec<&'b str>>,
    /// Tables as written, with their aliases.
    tables: Vec<(Vec<&'b str>, Option<String>)>,
    common_tables: Vec<String>,
    /// Subqueries and functions in `FROM`; their columns belong to no table.
    other_sources: u32,
    /// Names of result columns, which `ORDER BY` and `GROUP BY` may name.
    result_names: Vec<String>,
}

impl<'b> Walk<'b> {
    pub(super) fn new(whole_query: bool) -> Self {
        Self { whole_query, ..Self::default() }
    }

    /// Finds where the names stand and returns all that was found.
    pub(super) fn finish(self, tokens: &[Token<'_>]) -> Expression {
        let Self { mut found, columns, tables, other_sources, result_names, whole_query, .. } =
            self;
        let mut places = Places::new(tokens);
        for (parts, alias) in tables {
            let (offset, len) = places.take(&parts);
            let name = joined(&parts);
            let name = name.strip_prefix("main.").map(str::to_owned).unwrap_or(name);
            found.tables.push(TableReference { name, alias, offset, len, is_whole: false });
        }
        for parts in columns {
            let (offset, len) = places.take(&parts);
            let (last, qualifier) = match parts.split_last() {
                Some((last, qualifier)) => (unquote(last), qualifier),
                None => continue,
            };
            let qualifier = if qualifier.is_empty() { None } else { Some(joined(qualifier)) };
            found.columns.push(ColumnReference { qualifier, name: last, offset, len });
        }
        if whole_query {
            let one_table = found.tables.len() == 1 && other_sources == 0;
            let tables = &found.tables;
            found.columns.retain(|column| match &column.qualifier {
                Some(qualifier) => tables.iter().any(|table| {
                    let name = table.alias.as_ref().unwrap_or(&table.name);
                    name.eq_ignore_ascii_case(qualifier)
                }),
                None => one_table && !result_names.contains(&column.name),
            });
            found.columns.sort_by_key(|column| column.offset);
        }
        found
    }

    pub(super) fn expression(
        &mut self,
        expr: &'b Expr<'b>,
        queries: u32,
    ) -> Result<(), SyntaxError> {
        match expr {
            Expr::Between { lhs, start, end, .. } => self.all([*lhs, *start, *end], queries),
            Expr::Binary(left, _, right) => self.all([*left, *right], queries),
            Expr::Case { base, when_then_pairs, else_expr } => {
                self.all(*base, queries)?;
                for (when, then) in *when_then_pairs {
                    self.all([when, then], queries)?;
                }
                self.all(*else_expr, queries)
            }
            Expr::Cast { expr, .. }
            | Expr::Collate(expr, _)
            | Expr::IsNull(expr)
            | Expr::NotNull(expr)
            | Expr::Unary(_, expr) => self.expression(expr, queries),
            Expr::DoublyQualified(schema, table, column) => {
                self.column(vec![schema.0, table.0, column.0], queries);
                Ok(())
            }
            Expr::Qualified(table, column) => {
                self.column(vec![table.0, column.0], queries);
                Ok(())
            }
            Expr::Id(id) => {
                self.lone(id.0, queries);
                Ok(())
            }
            Expr::Name(name) => {
                self.lone(name.0, queries);
                Ok(())
            }
            Expr::Exists(select) | Expr::Subquery(select) => self.subquery(select, queries),
            Expr::FunctionCall { name, args, order_by, filter_over, .. } => {
                self.function(name.0);
                self.all(args.unwrap_or_default(), queries)?;
                if let Some(FunctionCallOrder::SortList(list)) = order_by {
                    self.sorted(list, queries)?;
                }
                self.tail(filter_over.as_ref(), queries)
            }
            Expr::FunctionCallStar { name, filter_over } => {
                self.function(name.0);
                self.tail(filter_over.as_ref(), queries)
            }
            Expr::InList { lhs, rhs, .. } => {
                self.expression(lhs, queries)?;
                self.all(rhs.unwrap_or_default(), queries)
            }
            Expr::InSelect { lhs, rhs, .. } => {
                self.expression(lhs, queries)?;
                self.subquery(rhs, queries)
            }
            Expr::InTable { lhs, rhs, args, .. } => {
                self.expression(lhs, queries)?;
                self.found.has_subquery = true;
                self.table(rhs, None);
                self.all(args.unwrap_or_default(), queries)
            }
            Expr::Like { lhs, rhs, escape, .. } => {
                self.all([*lhs, *rhs], queries)?;
                self.all(*escape, queries)
            }
            Expr::Literal(_) => Ok(()),
            Expr::Parenthesized(inside) => self.all(inside.iter(), queries),
            Expr::Raise(_, message) => self.all(*message, queries),
            Expr::Variable(_) => {
                Err(SyntaxError { message: "a parameter has no value here".to_owned(), offset: 0 })
            }
        }
    }

    fn all(
        &mut self,
        expressions: impl IntoIterator<Item = &'b Expr<'b>>,
        queries: u32,
    ) -> Result<(), SyntaxError> {
        expressions.into_iter().try_for_each(|expr| self.expression(expr, queries))
    }

    fn lone(&mut self, raw: &'b str, queries: u32) {
        const NO_COLUMNS: [&str; 5] = ["true", "false", "rowid", "oid", "_rowid_"];
        if !NO_COLUMNS.iter().any(|word| word.eq_ignore_ascii_case(raw)) {
            self.column(vec![raw], queries);
        }
    }

    fn column(&mut self, parts: Vec<&'b str>, queries: u32) {
        if queries == 0 || self.whole_query {
            self.columns.push(parts);
        }
    }

    fn function(&mut self, raw: &str) {
        let name = unquote(raw).to_ascii_lowercase();
        self.found.is_volatile |= volatile::sqlite(&name);
        self.found.functions.push(name);
    }

    fn tail(
        &mut self,
        tail: Option<&'b FunctionTail<'b>>,
        queries: u32,
    ) -> Result<(), SyntaxError> {
        let Some(tail) = tail else { return Ok(()) };
        self.all(tail.filter_clause, queries)?;
        match tail.over_clause {
            Some(Over::Window(window)) => self.window(window, queries),
            Some(Over::Name(_)) | None => Ok(()),
        }
    }

    fn window(&mut self, window: &'b Window<'b>, queries: u32) -> Result<(), SyntaxError> {
        self.all(window.partition_by.unwrap_or_default(), queries)?;
        self.sorted(window.order_by.unwrap_or_default(), queries)
    }

    fn sorted(&mut self, columns: &'b [SortedColumn<'b>], queries: u32) -> Result<(), SyntaxError> {
        self.all(columns.iter().map(|column| &column.expr), queries)
    }

    fn subquery(&mut self, select: &'b Select<'b>, queries: u32) -> Result<(), SyntaxError> {
        self.found.has_subquery = true;
        self.select(select, queries + 1)
    }

    pub(super) fn select(
        &mut self,
        select: &'b Select<'b>,
        queries: u32,
    ) -> Result<(), SyntaxError> {
        if let Some(with) = &select.with {
            self.common_tables.extend(with.ctes.iter().map(|table| unquote(table.tbl_name.0)));
            for table in with.ctes {
                self.subquery(table.select, queries)?;
            }
        }
        self.one_select(&select.body.select, queries)?;
        for compound in select.body.compounds.iter().flatten() {
            self.one_select(&compound.select, queries)?;
        }
        self.sorted(select.order_by.unwrap_or_default(), queries)?;
        match select.limit {
            Some(limit) => {
                self.expression(&limit.expr, queries)?;
                self.all(limit.offset.as_ref(), queries)
            }
            None => Ok(()),
        }
    }

    fn one_select(&mut self, select: &'b OneSelect<'b>, queries: u32) -> Result<(), SyntaxError> {
        match select {
            OneSelect::Select {
                columns,
                from,
                where_clause,
                group_by,
                having,
                window_clause,
                ..
            } => {
                for column in *columns {
                    if let ResultColumn::Expr(expr, name) = column {
                        self.expression(expr, queries)?;
                        self.result_names.extend(name.as_ref().map(alias));
                    }
                }
                if let Some(from) = from {
                    self.from(from, queries)?;
                }
                self.all(*where_clause, queries)?;
                self.all(group_by.unwrap_or_default(), queries)?;
                self.all(*having, queries)?;
                window_clause
                    .unwrap_or_default()
                    .iter()
                    .try_for_each(|definition| self.window(&definition.window, queries))
            }
            OneSelect::Values(rows) => {
                rows.iter().try_for_each(|row| self.all(row.iter(), queries))
            }
        }
    }

    fn from(&mut self, from: &'b FromClause<'b>, queries: u32) -> Result<(), SyntaxError> {
        if let Some(first) = from.select {
            self.source(first, queries)?;
        }
        for join in from.joins.iter().flatten() {
            self.source(&join.table, queries)?;
            if let Some(JoinConstraint::On(condition)) = &join.constraint {
                self.expression(condition, queries)?;
            }
        }
        Ok(())
    }

    fn source(&mut self, source: &'b SelectTable<'b>, queries: u32) -> Result<(), SyntaxError> {
        match source {
            SelectTable::Table(name, name_here, _) => {
                self.table(name, name_here.as_ref().map(alias));
                Ok(())
            }
            SelectTable::TableCall(name, args, _) => {
                self.other_sources += 1;
                self.function(name.name.0);
                self.all(args.unwrap_or_default(), queries)
            }
            SelectTable::Select(select, _) => {
                self.other_sources += 1;
                self.subquery(select, queries)
            }
            SelectTable::Sub(from, _) => self.from(from, queries),
        }
    }

    fn table(&mut self, name: &'b QualifiedName<'b>, alias: Option<String>) {
        let bare = unquote(name.name.0);
        let common = name.db_name.is_none()
            && self.common_tables.iter().any(|known| known.eq_ignore_ascii_case(&bare));
        if common {
            self.other_sources += 1;
            return;
        }
        let parts = name.db_name.iter().map(|schema| schema.0).chain([name.name.0]).collect();
        self.tables.push((parts, alias));
    }
}

fn alias(name: &As<'_>) -> String {
    match name {
        As::As(name) | As::Elided(name) => unquote(name.0),
    }
}

fn joined(parts: &[&str]) -> String {
    let parts: Vec<String> = parts.iter().map(|part| unquote(part)).collect();
    parts.join(".")
}

/// Returns whether it is a literal, perhaps signed or cast.
pub(super) fn is_constant(expr: &Expr<'_>) -> bool {
    match expr {
        Expr::Literal(literal) => match literal {
            Literal::CurrentDate | Literal::CurrentTime | Literal::CurrentTimestamp => false,
            Literal::Numeric(_)
            | Literal::String(_)
            | Literal::Blob(_)
            | Literal::Keyword(_)
            | Literal::Null => true,
        },
        Expr::Id(id) => is_truth(id.0),
        Expr::Name(name) => is_truth(name.0),
        Expr::Cast { expr, .. } => is_constant(expr),
        Expr::Unary(operator, expr) => match operator {
            UnaryOperator::Negative | UnaryOperator::Positive => is_constant(expr),
            UnaryOperator::BitwiseNot | UnaryOperator::Not => false,
        },
        Expr::Parenthesized(inside) => matches!(inside.as_slice(), [inner] if is_constant(inner)),
        _ => false,
    }
}

fn is_truth(raw: &str) -> bool {
    raw.eq_ignore_ascii_case("true") || raw.eq_ignore_ascii_case("false")
}

/// Returns the names of the query's columns, `None` if a `*` or an expression without alias hides one.
pub(super) fn result_columns(select: &Select<'_>) -> Option<Vec<String>> {
    let OneSelect::Select { columns, .. } = &select.body.select else { return None };
    columns
        .iter()
        .map(|column| match column {
            ResultColumn::Expr(_, Some(name)) => Some(alias(name)),
            ResultColumn::Expr(Expr::Id(id), None) => Some(unquote(id.0)),
            ResultColumn::Expr(
                Expr::Name(name) | Expr::Qualified(_, name) | Expr::DoublyQualified(_, _, name),
                None,
            ) => Some(unquote(name.0)),
            ResultColumn::Expr(_, None) | ResultColumn::Star | ResultColumn::TableStar(_) => None,
        })
        .collect()
}
