//! PostgreSQL expressions and queries, by squawk's parser.

mod between;
mod canon;
mod intervals;
mod limits;
mod names;
mod plain;
mod same;
mod tree;
mod values;

use super::{Expression, SyntaxError};

pub(crate) use limits::{count, unclosed};
pub(crate) use names::plain_message;
pub(crate) use tree::query_of;

pub(super) fn expression(text: &str) -> Result<Expression, SyntaxError> {
    let words = limits::check(text)?;
    match plain::expression(text, &words) {
        Some(expression) => Ok(expression),
        None => tree::expression(text),
    }
}

pub(super) fn query(text: &str) -> Result<(Expression, Option<Vec<String>>), SyntaxError> {
    limits::check(text)?;
    tree::query(text)
}

pub(super) fn same_expression(one: &str, other: &str) -> bool {
    same::same(one, other)
}

#[cfg(test)]
mod tests;
