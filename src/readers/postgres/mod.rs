//! PostgreSQL expressions and queries, by squawk's parser.

mod canon;
mod limits;
mod names;
mod same;
mod tree;

use super::{Expression, SyntaxError};

pub(super) fn expression(text: &str) -> Result<Expression, SyntaxError> {
    limits::check(text)?;
    tree::expression(text)
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
