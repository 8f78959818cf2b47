//! What the value of an expression or the result of a query is, as far as its text tells.

use squawk_syntax::ast::AstNode as _;
use squawk_syntax::column_name::ColumnName;
use squawk_syntax::{SyntaxKind, SyntaxNode, ast};

use super::names;
use super::tree::{dotted, is_query};

/// Returns whether it is a literal, perhaps signed, cast or in an array.
pub(super) fn is_constant(node: &SyntaxNode) -> bool {
    match node.kind() {
        SyntaxKind::LITERAL => {
            let default =
                node.first_token().is_some_and(|token| token.kind() == SyntaxKind::DEFAULT_KW);
            !default
        }
        SyntaxKind::PAREN_EXPR | SyntaxKind::PREFIX_EXPR => {
            let not = node.first_token().is_some_and(|token| token.kind() == SyntaxKind::NOT_KW);
            !not && node
                .children()
                .filter(|child| !is_operator(child.kind()))
                .all(|child| is_constant(&child))
        }
        SyntaxKind::CAST_EXPR => {
            let clock = node
                .descendants()
                .filter(|node| node.kind() == SyntaxKind::LITERAL)
                .any(|literal| names::is_moving_date(&literal.text().to_string()));
            let value = node.children().find(|child| is_value(child.kind()));
            !clock && value.is_some_and(|value| is_constant(&value))
        }
        SyntaxKind::ARRAY_EXPR => node.children().all(|child| is_constant(&child)),
        _ => false,
    }
}

const fn is_operator(kind: SyntaxKind) -> bool {
    matches!(kind, SyntaxKind::CUSTOM_OP | SyntaxKind::OPERATOR_CALL)
}

pub(super) const fn is_value(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        SyntaxKind::LITERAL
            | SyntaxKind::PAREN_EXPR
            | SyntaxKind::PREFIX_EXPR
            | SyntaxKind::CAST_EXPR
            | SyntaxKind::ARRAY_EXPR
            | SyntaxKind::NAME_REF
            | SyntaxKind::FIELD_EXPR
            | SyntaxKind::CALL_EXPR
            | SyntaxKind::BIN_EXPR
    )
}

/// Returns whether it is `*` or `of.*`.
fn is_star(target: &SyntaxNode) -> bool {
    target.last_token().is_some_and(|token| token.text() == "*")
}

/// Returns whether the query that reads a table, which it calls so, takes all columns of it: by `*`, or `TABLE`.
pub(super) fn is_whole(table: &SyntaxNode, called: &str) -> bool {
    if table.kind() == SyntaxKind::TABLE {
        return true;
    }
    let Some(query) = table.ancestors().skip(1).find(|node| is_query(node.kind())) else {
        return false;
    };
    let child = |node: &SyntaxNode, kind| node.children().find(|child| child.kind() == kind);
    let list = child(&query, SyntaxKind::SELECT_CLAUSE)
        .and_then(|clause| child(&clause, SyntaxKind::TARGET_LIST));
    list.into_iter().flat_map(|list| list.children()).filter(is_star).any(|target| {
        let qualifier = target.children().find_map(|child| dotted(&child));
        let of = qualifier.and_then(|parts| parts.into_iter().rev().nth(1));
        of.is_none_or(|of| of == called)
    })
}

/// Returns the names of the query's columns as PostgreSQL gives them, `None` if a `*` hides them.
pub(super) fn result_columns(statement: &SyntaxNode) -> Option<Vec<String>> {
    match statement.kind() {
        SyntaxKind::SELECT => {
            let clause =
                statement.children().find(|child| child.kind() == SyntaxKind::SELECT_CLAUSE)?;
            let list = clause.children().find(|child| child.kind() == SyntaxKind::TARGET_LIST)?;
            list.children()
                .filter_map(ast::Target::cast)
                .map(|target| {
                    match (is_star(target.syntax()), ColumnName::from_target(target)?.0) {
                        (true, _) | (false, ColumnName::Star) => None,
                        (false, name) => {
                            name.to_string().map(|name| name.trim_matches('"').to_owned())
                        }
                    }
                })
                .collect()
        }
        SyntaxKind::PAREN_SELECT | SyntaxKind::COMPOUND_SELECT => {
            result_columns(&statement.children().find(|child| is_query(child.kind()))?)
        }
        _ => None,
    }
}
