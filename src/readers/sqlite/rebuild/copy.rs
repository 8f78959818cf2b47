//! What becomes of each column when the rows of a table are copied.

use sqlite3_parser::ast::{
    As, Cmd, Expr, InsertBody, OneSelect, ResolveType, ResultColumn, Select, SelectTable, Stmt,
};
use sqlite3_parser::dialect::TokenType;

use super::found::Rebuild;
use crate::catalog::{Catalog, Generated, Table};
use crate::expressions::unquote_sqlite as unquote;
use crate::name::Name;
use crate::name::ObjectName;
use crate::readers::sqlite::cut::Cut;
use crate::readers::sqlite::reading;
use crate::readers::sqlite::tokens::Cursor;
use crate::readers::sqlite::{columns, table, with_command};

/// Where the value of a column comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// This column of the old table.
    Column(Name),
    /// An expression over a row of the old table.
    Expression(String),
}

/// A column of the new table and where its value comes from.
pub(super) type Copied = Vec<(Name, Source)>;

/// Returns what is copied; nothing if rows are left out on the way, or it cannot be told.
pub(super) fn copied(
    rebuild: &Rebuild,
    cuts: &[Cut],
    text: &str,
    before: &Catalog,
    old: &Table,
    new: &Table,
) -> Option<Copied> {
    let last = cuts.get(rebuild.copy)?;
    let Some(backup) = rebuild.backup else { return insert(last, text, before, new, old) };
    let create = cuts.get(backup.create)?;
    let first: Copied = match backup.copy {
        None => with_command(create, text, before, |reading, command| match command {
            Cmd::Stmt(Stmt::CreateTable { body, .. }) => match body {
                sqlite3_parser::ast::CreateTableBody::AsSelect(select) => {
                    results(reading.cursor(), select, old)
                }
                sqlite3_parser::ast::CreateTableBody::ColumnsAndConstraints { .. } => None,
            },
            _ => None,
        })??,
        Some(copy) => {
            let made = with_command(create, text, before, |reading, command| match command {
                Cmd::Stmt(Stmt::CreateTable { body, tbl_name, .. }) => {
                    let name = ObjectName::bare(unquote(tbl_name.name.0));
                    table::table(reading, &name, body)
                }
                _ => None,
            })??;
            insert(cuts.get(copy)?, text, before, &made, old)?
        }
    };
    let columns = first.iter().map(|(name, _)| crate::catalog::Column::new(name.clone(), ""));
    let between = Table { columns: columns.collect(), ..Table::default() };
    let same_names = first.iter().all(|(name, source)| *source == Source::Column(name.clone()));
    let second = insert(last, text, before, new, &between)?;
    let composed = second.into_iter().map(|(name, source)| match source {
        Source::Column(from) => {
            let (_, source) = first.iter().find(|(there, _)| *there == from)?;
            Some((name, source.clone()))
        }
        Source::Expression(text) => same_names.then_some((name, Source::Expression(text))),
    });
    composed.collect()
}

/// Reads `INSERT INTO new (…) SELECT … FROM old`.
fn insert(cut: &Cut, text: &str, before: &Catalog, new: &Table, old: &Table) -> Option<Copied> {
    with_command(cut, text, before, |reading, command| {
        let Cmd::Stmt(Stmt::Insert {
            with: None, or_conflict, columns, body, returning: None, ..
        }) = command
        else {
            return None;
        };
        let skips = matches!(or_conflict, Some(ResolveType::Ignore | ResolveType::Replace));
        let InsertBody::Select(select, None) = body else { return None };
        let targets: Vec<Name> = match columns {
            Some(listed) => {
                listed.iter().map(|name| reading::column_or_row_id(new, &unquote(name.0))).collect()
            }
            None => written(new),
        };
        let values = results(reading.cursor(), select, old)?;
        if skips || targets.len() != values.len() {
            return None;
        }
        let pairs = targets.into_iter().zip(values.into_iter().map(|(_, source)| source));
        // Row ids may be copied too, by one of their own names.
        Some(pairs.filter(|(name, _)| new.column(name).is_some()).collect())
    })?
}

/// Returns the columns that can be written.
fn written(table: &Table) -> Vec<Name> {
    let is_written = |generated: Option<&Generated>| {
        !matches!(generated, Some(Generated::Stored(_) | Generated::Virtual(_)))
    };
    let columns = table.columns.iter().filter(|column| is_written(column.generated.as_ref()));
    columns.map(|column| column.name.clone()).collect()
}

/// Returns the columns of a query that reads all rows of one table, as it is or through a query like itself.
fn results(mut cursor: Cursor<'_>, select: &Select<'_>, old: &Table) -> Option<Copied> {
    let OneSelect::Select {
        distinctness: None,
        columns: listed,
        from: Some(from),
        where_clause,
        group_by: None,
        having: None,
        window_clause: _,
    } = &select.body.select
    else {
        return None;
    };
    let whole = select.with.is_none()
        && select.limit.is_none()
        && select.body.compounds.is_none()
        && from.joins.is_none()
        && where_clause.is_none_or(is_true);
    if !whole {
        return None;
    }
    let inner = match from.select? {
        SelectTable::Table(_, _, _) => None,
        SelectTable::Select(inner, _) => {
            let mut cursor = cursor.clone();
            cursor.behind(TokenType::TK_FROM);
            cursor.enter();
            Some(results(cursor, inner, old)?)
        }
        SelectTable::TableCall(_, _, _) | SelectTable::Sub(_, _) => return None,
    };
    let of = Sources { old, inner };
    cursor.behind(TokenType::TK_SELECT);
    let mut found = Vec::new();
    for (nth, result) in listed.iter().enumerate() {
        if nth > 0 {
            cursor.behind(TokenType::TK_COMMA);
        }
        match result {
            ResultColumn::Star | ResultColumn::TableStar(_) => found.extend(of.all()),
            ResultColumn::Expr(expr, alias) => {
                let ends = [TokenType::TK_COMMA, TokenType::TK_AS, TokenType::TK_FROM];
                let text = cursor.until(&ends);
                let (text, alias) = match alias {
                    None => (text, None),
                    Some(As::As(name)) => (text, Some(name)),
                    Some(As::Elided(name)) => {
                        (text.strip_suffix(name.0).unwrap_or(text).trim_end(), Some(name))
                    }
                };
                let source = of.read(expr, text)?;
                let name = match (&source, alias) {
                    (_, Some(alias)) => Name::new(unquote(alias.0)),
                    (Source::Column(name), None) => name.clone(),
                    (Source::Expression(text), None) => Name::new(text.as_str()),
                };
                found.push((name, source));
            }
        }
    }
    Some(found)
}

fn is_true(expr: &Expr<'_>) -> bool {
    match expr {
        Expr::Id(id) => id.0.eq_ignore_ascii_case("true"),
        Expr::Name(name) => name.0.eq_ignore_ascii_case("true"),
        _ => expr.is_integer() == Some(1),
    }
}

/// What a query reads: the table, or a query of it.
struct Sources<'t> {
    old: &'t Table,
    inner: Option<Copied>,
}

impl Sources<'_> {
    fn all(&self) -> Copied {
        if let Some(inner) = &self.inner {
            return inner.clone();
        }
        let columns = self.old.columns.iter().map(|column| column.name.clone());
        columns.map(|name| (name.clone(), Source::Column(name))).collect()
    }

    fn column(&self, written: &str) -> Option<Source> {
        if let Some(inner) = &self.inner {
            let mut columns = inner.iter();
            let same = |(name, _): &&(Name, Source)| name.as_str().eq_ignore_ascii_case(written);
            return columns.find(same).map(|(_, source)| source.clone());
        }
        let name = reading::column_or_row_id(self.old, written);
        self.old.column(&name).map(|column| Source::Column(column.name.clone()))
    }

    fn read(&self, expr: &Expr<'_>, text: &str) -> Option<Source> {
        let written = match expr {
            Expr::Qualified(_, column) => Some(unquote(column.0)),
            Expr::Id(_) | Expr::Name(_) | Expr::Parenthesized(_) => columns::named(expr),
            Expr::Subquery(select) if self.inner.is_some() => looked_up(select),
            _ => None,
        };
        if let Some(source) = written.and_then(|written| self.column(&written)) {
            return Some(source);
        }
        // What is computed from a query that renames columns cannot be told of the table's own.
        self.inner.is_none().then(|| Source::Expression(text.to_owned()))
    }
}

/// Returns the one column that a query in the place of a value looks up, as planner's own rebuilds do.
fn looked_up(select: &Select<'_>) -> Option<String> {
    match &select.body.select {
        OneSelect::Select { columns: [ResultColumn::Expr(expr, None)], .. } => columns::named(expr),
        _ => None,
    }
}
