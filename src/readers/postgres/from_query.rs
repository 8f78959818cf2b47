//! Tables that are made of a query: `CREATE TABLE … AS` and `SELECT … INTO`.

use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::reading::{Reading, Thing};
use super::{names, shapes, table, touches};
use crate::catalog::{Column, ObjectKind, SqlExpression, SqlType, Table};
use crate::change::{Batch, Change, DataChange, Verb, Write};
use crate::name::{Name, ObjectName};

/// `CREATE TABLE … AS`: the types of its columns are those of a query.
pub(super) fn create_as(reading: &mut Reading<'_>, node: &ast::CreateTableAs) -> Option<()> {
    let written = node.table_name()?;
    reading.how.if_not_exists = node.if_not_exists().is_some();
    if table::is_temporary(node.persistence().as_ref()) {
        return reading.temporary(node.syntax(), &written);
    }
    let name = reading.new_name(&written)?;
    if reading.how.if_not_exists && reading.has_relation(&name) {
        return Some(());
    }
    let listed: Vec<Name> = node
        .table_arg_list()
        .iter()
        .flat_map(ast::TableArgList::args)
        .filter_map(|argument| match argument {
            ast::TableArg::Column(column) => column.name().as_ref().and_then(names::of),
            ast::TableArg::LikeClause(_) | ast::TableArg::TableConstraint(_) => None,
        })
        .collect();
    let query = match node.query()? {
        ast::CreateTableAsQuery::SelectVariant(query) => Some(query.syntax().clone()),
        ast::CreateTableAsQuery::Execute(_) => None,
    };
    let is_empty = matches!(node.data_option(), Some(ast::DataOption::WithNoData(_)));
    let rows = query.as_ref().filter(|_| !is_empty).map(|query| reading.text(query).to_owned());
    made(reading, node.syntax(), name, query.as_ref(), &listed, rows);
    Some(())
}

/// Makes a table of a query, where it can be told what it returns.
fn made(
    reading: &mut Reading<'_>,
    node: &SyntaxNode,
    name: ObjectName,
    query: Option<&SyntaxNode>,
    listed: &[Name],
    rows: Option<String>,
) {
    reading.catch_up();
    let columns = query.and_then(|query| columns(reading, query));
    let Some(mut columns) = columns.filter(|columns| columns.len() >= listed.len()) else {
        reading.opaque(node, untold(&name));
        return;
    };
    for (column, name) in columns.iter_mut().zip(listed) {
        column.name.clone_from(name);
    }
    let filled: Vec<Name> = columns.iter().map(|column| column.name.clone()).collect();
    let table = Table { columns, ..Table::default() };
    reading.change(node, Change::CreateTable { name: name.clone(), table });
    if let Some(text) = rows {
        let query = SqlExpression::new(text);
        let write = Write::InsertSelect { columns: filled, query };
        let (key, batch) = (Vec::new(), Batch::default());
        let data = DataChange { table: name, key, write, condition: None, batch };
        reading.change(node, Change::Write(data));
    }
}

/// `SELECT … INTO`.
pub(super) fn select_into(reading: &mut Reading<'_>, node: &ast::SelectInto) -> Option<()> {
    let target = node.syntax().children().find(|child| ast::IntoClause::can_cast(child.kind()))?;
    let is_temporary = target.text().to_string().to_ascii_lowercase().contains("temp");
    if is_temporary {
        let thing = Thing::new(Verb::Create, ObjectKind::Persistence);
        let touches = touches::of(reading, node.syntax());
        reading.other(node.syntax(), thing.touching(touches));
        return Some(());
    }
    let name = reading.new_name_of(&target)?;
    let rows = reading.text(node.syntax()).replacen(reading.text(&target), "", 1);
    let rows = rows.trim().trim_end_matches(';').to_owned();
    made(reading, node.syntax(), name, Some(node.syntax()), &[], Some(rows));
    Some(())
}

fn untold(name: &ObjectName) -> String {
    format!(
        "the types of the columns of `{name}` are those of a query, which only the server knows"
    )
}

/// What a query reads, and what it is called there.
struct Source {
    called: Name,
    columns: Vec<Column>,
}

/// Returns the columns of a query's result; nothing where only the server can tell.
///
/// Known are columns of tables that are known, all of them (`*`), casts, literals and a few functions.
pub(super) fn columns(reading: &Reading<'_>, query: &SyntaxNode) -> Option<Vec<Column>> {
    if query.kind() == SyntaxKind::TABLE {
        let name = ast::Table::cast(query.clone())?.relation_name()?;
        return Some(of_relation(reading, &name)?.columns);
    }
    // The types of a set operation are those of both sides.
    if !matches!(query.kind(), SyntaxKind::SELECT | SyntaxKind::SELECT_INTO) {
        return None;
    }
    if query.children().any(|child| ast::WithClause::can_cast(child.kind())) {
        return None;
    }
    let from = query.children().find_map(ast::FromClause::cast);
    let sources = match &from {
        Some(from) => sources(reading, from)?,
        None => Vec::new(),
    };
    let clause = query.children().find_map(ast::SelectClause::cast)?;
    let mut columns = Vec::new();
    for target in clause.target_list()?.targets() {
        of_target(reading, &target, &sources, &mut columns)?;
    }
    let is_twice = |(at, column): (usize, &Column)| {
        columns.iter().take(at).any(|other| other.name == column.name)
    };
    (!columns.is_empty() && !columns.iter().enumerate().any(is_twice)).then_some(columns)
}

fn sources(reading: &Reading<'_>, from: &ast::FromClause) -> Option<Vec<Source>> {
    let mut sources = Vec::new();
    for node in from.syntax().descendants() {
        match node.kind() {
            SyntaxKind::RELATION_FROM_ITEM => {
                let item = ast::RelationFromItem::cast(node)?;
                let mut source = of_relation(reading, &item.relation_name_ref()?)?;
                if let Some(alias) = item.alias() {
                    let text = shapes::without_comments(alias.syntax());
                    // A list renames the columns.
                    if text.contains('(') {
                        return None;
                    }
                    source.called = names::of_node(alias.syntax())?;
                }
                sources.push(source);
            }
            // Two columns become one.
            SyntaxKind::JOIN_USING_CLAUSE
            | SyntaxKind::SELECT
            | SyntaxKind::FUNCTION_FROM_ITEM
            | SyntaxKind::EXPR_FROM_ITEM
            | SyntaxKind::PAREN_FROM_ITEM
            | SyntaxKind::ROWS_FROM_ITEM
            | SyntaxKind::JSON_TABLE_FROM_ITEM
            | SyntaxKind::XML_TABLE_FROM_ITEM => return None,
            SyntaxKind::JOIN if ast::Join::cast(node.clone())?.natural_token().is_some() => {
                return None;
            }
            _ => {}
        }
    }
    Some(sources)
}

fn of_relation(reading: &Reading<'_>, written: &impl AstNode) -> Option<Source> {
    let name = reading.relation(written)?;
    let table = reading.catalog().table(&name)?;
    let columns = table.columns.iter().map(|column| Column {
        collation: column.collation.clone(),
        ..Column::new(column.name.clone(), column.sql_type.0.clone())
    });
    Some(Source { called: name.name.clone(), columns: columns.collect() })
}

fn of_target(
    reading: &Reading<'_>,
    target: &ast::Target,
    sources: &[Source],
    columns: &mut Vec<Column>,
) -> Option<()> {
    let written = shapes::without_comments(target.syntax());
    if written == "*" {
        columns.extend(sources.iter().flat_map(|source| source.columns.iter().cloned()));
        return (!sources.is_empty()).then_some(());
    }
    let expr = target.expr()?;
    if let ast::Expr::FieldExpr(field) = &expr
        && field.star_token().is_some()
    {
        let parts = words(field.syntax());
        let [called] = parts.as_slice() else { return None };
        let source = sources.iter().find(|source| source.called == *called)?;
        columns.extend(source.columns.iter().cloned());
        return Some(());
    }
    let mut column = of_expression(reading, &expr, sources)?;
    if let Some(name) = target.as_name() {
        column.name = names::of_node(name.syntax())?;
    }
    columns.push(column);
    Some(())
}

/// Returns the names that a dotted name consists of.
fn words(node: &SyntaxNode) -> Vec<Name> {
    let names = node.descendants().filter(|node| node.kind() == SyntaxKind::NAME_REF);
    names.filter_map(|name| names::of_node(&name)).collect()
}

fn of_expression(reading: &Reading<'_>, expr: &ast::Expr, sources: &[Source]) -> Option<Column> {
    match expr {
        ast::Expr::NameRef(name) => {
            let name = names::of_node(name.syntax())?;
            let all = sources.iter().flat_map(|source| &source.columns);
            let mut found = all.filter(|column| column.name == name);
            let column = found.next()?;
            found.next().is_none().then(|| column.clone())
        }
        ast::Expr::FieldExpr(field) => {
            let parts = words(field.syntax());
            let [called, name] = parts.as_slice() else { return None };
            let source = sources.iter().find(|source| source.called == *called)?;
            source.columns.iter().find(|column| column.name == *name).cloned()
        }
        ast::Expr::ParenExpr(parens) => {
            let inner = shapes::without_parentheses(parens.syntax());
            let inner = ast::Expr::cast(inner).filter(|inner| inner != expr)?;
            of_expression(reading, &inner, sources)
        }
        ast::Expr::CastExpr(cast) => {
            let sql_type = shapes::sql_type(reading, &cast.ty()?);
            let inner = cast.expr().and_then(|inner| of_expression(reading, &inner, sources));
            let named = inner.filter(|inner| inner.name.as_str() != UNNAMED);
            // A cast of what has no name is called after its type, in the server's own word for it.
            let name = match named {
                Some(inner) => inner.name,
                None => Name::new(own_word(&sql_type)?),
            };
            Some(Column::new(name, sql_type.0))
        }
        ast::Expr::Literal(literal) => {
            let text = shapes::without_comments(literal.syntax());
            let sql_type = of_literal(&text)?;
            Some(Column::new(UNNAMED, sql_type))
        }
        ast::Expr::CallExpr(call) => of_call(reading, call, sources),
        _ => None,
    }
}

/// What the server calls a column without a name.
const UNNAMED: &str = "?column?";

/// Returns the word by which the server knows a type internally, after which a cast is called.
fn own_word(sql_type: &SqlType) -> Option<&'static str> {
    Some(match sql_type.0.split('(').next().unwrap_or_default() {
        "smallint" => "int2",
        "integer" => "int4",
        "bigint" => "int8",
        "text" => "text",
        "boolean" => "bool",
        "numeric" => "numeric",
        "real" => "float4",
        "double precision" => "float8",
        "date" => "date",
        "uuid" => "uuid",
        "jsonb" => "jsonb",
        "json" => "json",
        "character varying" => "varchar",
        "timestamp with time zone" => "timestamptz",
        "timestamp without time zone" => "timestamp",
        _ => return None,
    })
}

fn of_literal(text: &str) -> Option<&'static str> {
    let lower = text.to_ascii_lowercase();
    if text.starts_with('\'') || lower == "null" {
        return Some("text");
    }
    if lower == "true" || lower == "false" {
        return Some("boolean");
    }
    if text.parse::<i32>().is_ok() {
        return Some("integer");
    }
    if text.parse::<i64>().is_ok() {
        return Some("bigint");
    }
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    (is_number && text.contains('.')).then_some("numeric")
}

fn of_call(reading: &Reading<'_>, call: &ast::CallExpr, sources: &[Source]) -> Option<Column> {
    let name = names::of_node(&call.syntax().first_child()?)?;
    let mut arguments =
        call.arg_list()?.args().filter_map(|argument| match argument.func_arg_expr() {
            Some(ast::FuncArgExpr::Expr(expr)) => Some(expr),
            Some(ast::FuncArgExpr::NamedArg(_)) | None => None,
        });
    let sql_type = match name.as_str() {
        "count" | "row_number" => "bigint".to_owned(),
        "now" => "timestamp with time zone".to_owned(),
        "lower" | "upper" | "concat" => "text".to_owned(),
        "gen_random_uuid" => "uuid".to_owned(),
        "min" | "max" => {
            let of = of_expression(reading, &arguments.next()?, sources)?;
            let is_plain = ["smallint", "integer", "bigint", "date", "numeric", "text"];
            let is_plain = is_plain.contains(&of.sql_type.0.as_str())
                || of.sql_type.0.starts_with("timestamp ");
            is_plain.then_some(of.sql_type.0)?
        }
        _ => return None,
    };
    Some(Column::new(name, sql_type))
}
