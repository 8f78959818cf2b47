//! `DO` blocks: the statements inside, where they surely run.

use squawk_syntax::ast::{self, AstNode};

use super::reading::Reading;

/// `DO`.
pub(super) fn read(reading: &mut Reading<'_>, node: &ast::Do) -> Option<()> {
    reading.opaque(node.syntax(), "what a `DO` block does is not read");
    Some(())
}
