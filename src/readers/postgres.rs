//! Reads expressions.

use super::{Expression, SyntaxError};

pub(super) fn expression(text: &str) -> Result<Expression, SyntaxError> {
    let _ = text;
    todo!()
}
pub(super) fn query(text: &str) -> Result<(Expression, Option<Vec<String>>), SyntaxError> {
    let _ = text;
    todo!()
}
pub(super) fn same_expression(one: &str, other: &str) -> bool {
    let _ = (one, other);
    todo!()
}
