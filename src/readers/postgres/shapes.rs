//! What several families of statements are made of: types, expressions, lists of columns.

use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SyntaxElement, SyntaxKind, SyntaxNode};

use super::names;
use super::reading::{Reading, Space};
use crate::catalog::{Generated, Identity, SqlExpression, SqlType};
use crate::dialect::Dialect;
use crate::dialects::{normalize_type, quote};
use crate::name::Name;

/// Types that live in `pg_catalog` are never looked up in the path.
const SERIALS: [(&str, &str); 3] =
    [("smallserial", "smallint"), ("serial", "integer"), ("bigserial", "bigint")];

/// Returns an expression's text, without parentheses around all of it.
pub(super) fn expression(reading: &Reading<'_>, node: &impl AstNode) -> SqlExpression {
    SqlExpression::new(reading.text(&without_parentheses(node.syntax())))
}

/// Steps into parentheses that hold one expression.
pub(super) fn without_parentheses(node: &SyntaxNode) -> SyntaxNode {
    let mut node = node.clone();
    while node.kind() == SyntaxKind::PAREN_EXPR {
        let mut children = node.children();
        match (children.next(), children.next()) {
            (Some(inner), None) if ast::Expr::can_cast(inner.kind()) => node = inner,
            _ => break,
        }
    }
    node
}

/// Returns whether the server keeps a default as none: NULL, unless it has to be cut to the type's length.
pub(super) fn is_no_default(value: &ast::Expr, sql_type: &SqlType) -> bool {
    is_null(value.syntax()) && !sql_type.0.contains('(')
}

/// Returns whether an expression is NULL, perhaps cast.
fn is_null(node: &SyntaxNode) -> bool {
    let node = without_parentheses(node);
    match node.kind() {
        SyntaxKind::LITERAL => {
            node.first_token().is_some_and(|token| token.kind() == SyntaxKind::NULL_KW)
        }
        SyntaxKind::CAST_EXPR => node.first_child().is_some_and(|inner| is_null(&inner)),
        _ => false,
    }
}

/// Returns a type as the server prints it, with the schema in which the path finds it.
pub(super) fn sql_type(reading: &Reading<'_>, ty: &ast::Type) -> SqlType {
    let mut text = without_comments(ty.syntax());
    if let Some(path) = user_type(ty) {
        let parts = names::parts(path.syntax());
        if reading.settings.path.is_none() {
            lost(reading, &parts);
            return normalize_type(Dialect::Postgres, &text);
        }
        if let ([bare], Some(found)) =
            (parts.as_slice(), reading.name_of_parts(Space::Type, parts.clone()))
            && let Some(schema) = &found.schema
            && is_known_type(reading, &found)
        {
            let full = format!(
                "{}.{}",
                quote(Dialect::Postgres, schema),
                quote(Dialect::Postgres, &Name::new(bare.as_str()))
            );
            text = text.replacen(&without_comments(path.syntax()), &full, 1);
        }
    }
    normalize_type(Dialect::Postgres, &text)
}

/// Where nobody knows what the path is, a bare name may be any of the types that have it; the server's own are always
/// found.
fn lost(reading: &Reading<'_>, parts: &[String]) {
    let catalog = reading.catalog();
    let mut enums = catalog.enums.keys();
    let mut others = catalog.others.keys().map(|(_, name)| name);
    if let [bare] = parts
        && (enums.any(|name| name.name.as_str() == bare)
            || others.any(|name| name.name.as_str() == bare))
    {
        reading.lost.set(true);
    }
}

fn is_known_type(reading: &Reading<'_>, name: &crate::name::ObjectName) -> bool {
    use crate::catalog::ObjectKind::{Domain, Type};
    let catalog = reading.catalog();
    catalog.enums.contains_key(name)
        || [Domain, Type].into_iter().any(|kind| catalog.others.contains_key(&(kind, name.clone())))
}

/// Returns the name of a type that is written as a name.
fn user_type(ty: &ast::Type) -> Option<ast::PathRef> {
    match ty {
        ast::Type::PathType(path) => path.path_ref(),
        ast::Type::ArrayType(array) => user_type(&array.ty()?),
        _ => None,
    }
}

/// Returns the type beneath `serial` and its kin.
pub(super) fn serial(sql_type: &SqlType) -> Option<SqlType> {
    let (_, base) = SERIALS.into_iter().find(|(serial, _)| *serial == sql_type.0)?;
    Some(SqlType(base.to_owned()))
}

/// Returns a node's text with one space for each run of spaces and comments.
pub(super) fn without_comments(node: &SyntaxNode) -> String {
    let mut text = String::new();
    let mut space = false;
    for element in node.descendants_with_tokens() {
        let SyntaxElement::Token(token) = element else { continue };
        match token.kind() {
            SyntaxKind::WHITESPACE | SyntaxKind::COMMENT => space = true,
            _ => {
                if space && !text.is_empty() {
                    text.push(' ');
                }
                space = false;
                text.push_str(token.text());
            }
        }
    }
    text
}

/// Returns a collation's name as the catalog has it: nothing for the type's own.
pub(super) fn collation(node: &ast::Collate) -> Option<Name> {
    let name = names::parts(node.collation_ref()?.syntax()).pop()?;
    (name != "default").then(|| Name::new(name))
}

/// Returns the columns of a list.
pub(super) fn columns(node: &impl AstNode) -> Vec<Name> {
    let refs = node.syntax().children().filter(|child| {
        matches!(child.kind(), SyntaxKind::COLUMN_NAME_REF | SyntaxKind::COLUMN_NAME)
    });
    refs.filter_map(|column| names::of_node(&column)).collect()
}

/// Returns how a column's value is made.
pub(super) fn generated(
    reading: &Reading<'_>,
    node: &ast::GeneratedConstraint,
) -> Option<Generated> {
    match node.generated_as()? {
        ast::GeneratedAs::GeneratedIdentity(of) => identity(of.generated_when().as_ref()),
        ast::GeneratedAs::GeneratedStored(of) => {
            let expression = expression(reading, &of.expr()?);
            // Without a word the value is virtual, from PostgreSQL 18 on; before, it is a mistake.
            Some(match of.generated_kind() {
                Some(ast::GeneratedKind::Stored(_)) => Generated::Stored(expression),
                Some(ast::GeneratedKind::Virtual(_)) | None => Generated::Virtual(expression),
            })
        }
    }
}

pub(super) fn identity(when: Option<&ast::GeneratedWhen>) -> Option<Generated> {
    Some(Generated::Identity(match when? {
        ast::GeneratedWhen::GeneratedAlways(_) => Identity::Always,
        ast::GeneratedWhen::GeneratedByDefault(_) => Identity::ByDefault,
    }))
}
