//! Names as PostgreSQL folds and cuts them.

use squawk_syntax::ast::AstNode;
use squawk_syntax::{SyntaxKind, SyntaxNode, SyntaxToken};

use crate::dialect::Dialect;
use crate::name::Name;

/// Returns the name as stored: quoted ones letter by letter, others in lower case, both cut to what the server keeps.
pub(super) fn fold(text: &str) -> String {
    let folded = match text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => text.to_ascii_lowercase(),
    };
    crate::change::naming::clipped(folded, Dialect::Postgres.identifier_bytes_max())
}

/// Returns a schema as names have it: the default one is none.
pub(super) fn schema(name: String) -> Option<Name> {
    (name != "public").then(|| Name::new(name))
}

/// Returns the name that a node consists of: a column's, a constraint's, a trigger's.
pub(super) fn of(node: &impl AstNode) -> Option<Name> {
    of_node(node.syntax())
}

pub(super) fn of_node(node: &SyntaxNode) -> Option<Name> {
    node.descendants_with_tokens()
        .filter_map(squawk_syntax::SyntaxElement::into_token)
        .filter(is_word)
        .last()
        .map(|token| Name::new(fold(token.text())))
}

/// Returns the parts of a dotted name.
pub(super) fn parts(node: &SyntaxNode) -> Vec<String> {
    let segments = node.descendants().filter(|node| {
        matches!(node.kind(), SyntaxKind::PATH_SEGMENT | SyntaxKind::PATH_SEGMENT_REF)
    });
    segments.filter_map(|segment| segment.first_token()).map(|token| fold(token.text())).collect()
}

fn is_word(token: &SyntaxToken) -> bool {
    !matches!(
        token.kind(),
        SyntaxKind::WHITESPACE | SyntaxKind::COMMENT | SyntaxKind::DOT | SyntaxKind::STAR
    )
}
