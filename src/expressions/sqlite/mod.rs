//! SQLite expressions and queries, by a port of SQLite's own grammar.

mod places;
mod same;
mod tokens;
mod walk;

use sqlite3_parser::ast::{Cmd, Expr, OneSelect, ResultColumn, Select, Stmt};
use sqlite3_parser::lexer::sql::{Error, Parser};
use sqlite3_parser::{Bump, FallibleIterator as _};

use super::{Expression, SyntaxError};

pub(crate) use tokens::{count, error, unquote};

/// What stands before the expression so that it is a statement.
const PREFIX: &str = "SELECT (";

pub(super) fn expression(text: &str) -> Result<Expression, SyntaxError> {
    let tokens = tokens::read(text)?;
    let bump = Bump::new();
    let wrapped = format!("{PREFIX}{text}\n)");
    let select = parse(&bump, &wrapped, PREFIX.len(), text.len())?;
    let Some(inner) = only_expression(select) else {
        return Err(SyntaxError { message: "this is not one expression".to_owned(), offset: 0 });
    };
    let mut walk = walk::Walk::new(false);
    walk.expression(inner, 0)?;
    let mut found = walk.finish(&tokens);
    found.is_constant = walk::is_constant(inner);
    Ok(found)
}

pub(super) fn query(text: &str) -> Result<(Expression, Option<Vec<String>>), SyntaxError> {
    let tokens = tokens::read(text)?;
    let bump = Bump::new();
    let select = parse(&bump, text, 0, text.len())?;
    let mut walk = walk::Walk::new(true);
    walk.select(select, 0)?;
    let columns = walk::result_columns(select);
    Ok((walk.finish(&tokens), columns))
}

pub(super) fn same_expression(one: &str, other: &str) -> bool {
    if one.trim() == other.trim() || same::same_words(one, other) {
        return true;
    }
    let (first, second) = (Bump::new(), Bump::new());
    let (one, other) = (format!("{PREFIX}{one}\n)"), format!("{PREFIX}{other}\n)"));
    let one = expression_tree(&first, &one);
    one.zip(expression_tree(&second, &other)).is_some_and(|(one, other)| same::same(one, other))
}

/// Reads a text that stands between planner's parentheses, if it may be read.
fn expression_tree<'bump>(bump: &'bump Bump, wrapped: &'bump str) -> Option<&'bump Expr<'bump>> {
    tokens::read(wrapped).ok()?;
    only_expression(parse(bump, wrapped, PREFIX.len(), wrapped.len()).ok()?)
}

/// Reads the one query that the text consists of.
fn parse<'bump>(
    bump: &'bump Bump,
    text: &'bump str,
    base: usize,
    len: usize,
) -> Result<&'bump Select<'bump>, SyntaxError> {
    let place = |error: Error| tokens::error(text, &error, base, len);
    let mut parser = Parser::new(bump, text.as_bytes());
    let first = parser.next().map_err(place)?;
    let second = parser.next().map_err(place)?;
    match (first, second) {
        (Some(Cmd::Stmt(Stmt::Select(select))), None) => Ok(select),
        (Some(_), None) => {
            Err(SyntaxError { message: "this is not a query".to_owned(), offset: 0 })
        }
        (Some(_), Some(_)) => {
            Err(SyntaxError { message: "this is more than one statement".to_owned(), offset: 0 })
        }
        (None, _) => Err(SyntaxError { message: "there is nothing".to_owned(), offset: 0 }),
    }
}

/// Returns the expression inside the parentheses that planner put around the text, if they still close where they did.
fn only_expression<'bump>(select: &'bump Select<'bump>) -> Option<&'bump Expr<'bump>> {
    let OneSelect::Select {
        distinctness: None,
        columns: [ResultColumn::Expr(Expr::Parenthesized(inside), None)],
        from: None,
        where_clause: None,
        group_by: None,
        having: None,
        window_clause: None,
    } = &select.body.select
    else {
        return None;
    };
    let plain = select.with.is_none() && select.order_by.is_none() && select.limit.is_none();
    match inside.as_slice() {
        [inner] if plain && select.body.compounds.is_none() => Some(inner),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
