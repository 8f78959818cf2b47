//! Exclusion constraints.

use squawk_syntax::SyntaxKind;
use squawk_syntax::ast::{self, AstNode};

use super::columns::Excluded;
use super::index::part_name;
use super::reading::Reading;
use super::{names, shapes, terms};
use crate::catalog::{Index, IndexColumn, IndexKey, IndexTerms, Order, PartTerms};
use crate::name::Name;

/// Reads an exclusion constraint.
pub(super) fn read(reading: &Reading<'_>, node: &ast::ExcludeConstraint) -> Option<Excluded> {
    let list = node.constraint_exclusion_list()?;
    let (mut labels, mut columns, mut operators) = (Vec::new(), Vec::new(), Vec::new());
    for element in list.constraint_exclusions() {
        let mut expr = element.expr()?;
        labels.push(part_name(&expr));
        let mut collation = None;
        if let Some(of) = ast::Collate::cast(expr.syntax().clone()) {
            collation = shapes::collation(&of);
            expr = of.expr()?;
        }
        let key = if expr.syntax().kind() == SyntaxKind::NAME_REF {
            IndexKey::Column(names::of(&expr)?)
        } else {
            IndexKey::Expression(shapes::expression(reading, &expr))
        };
        let terms = PartTerms { collation, ..PartTerms::default() };
        let order = Order::Ascending;
        columns.push(IndexColumn { key, order, nulls: None, opclass: None, terms });
        operators.push(operator(&element)?);
    }
    let method = node.constraint_index_method().and_then(|of| names::of(&of.access_method_ref()?));
    let condition = node.where_condition_clause().and_then(|clause| clause.expr());
    let index = Index {
        columns,
        unique: false,
        predicate: condition.map(|condition| shapes::expression(reading, &condition)),
        method: method.filter(|method| method.as_str() != "btree"),
        include: terms::included(node.constraint_include_clause()),
        valid: true,
        terms: IndexTerms {
            nulls_not_distinct: false,
            parameters: terms::with(node.with_params()),
            part_of: None,
        },
    };
    let deferral = terms::deferral(node.constraint_options()).unwrap_or_default();
    Some(Excluded { labels, index, operators, deferral })
}

/// Returns the operator, with its schema where that is neither the server's own nor the default.
fn operator(element: &ast::ConstraintExclusion) -> Option<String> {
    let node = element.syntax();
    let expr = element.expr()?.syntax().text_range().end();
    let mut after = String::new();
    for token in node.descendants_with_tokens().filter_map(squawk_syntax::SyntaxElement::into_token)
    {
        let is_space = matches!(token.kind(), SyntaxKind::WHITESPACE | SyntaxKind::COMMENT);
        if token.text_range().start() >= expr && !is_space {
            after.push_str(token.text());
        }
    }
    let after = after.get(4..)?.to_owned();
    let inner = after.to_ascii_lowercase();
    if !inner.starts_with("operator(") {
        return Some(after);
    }
    let inner = after.get("operator(".len()..after.len().checked_sub(1)?)?;
    Some(match inner.rsplit_once('.') {
        Some((schema, sign)) => match names::fold(schema).as_str() {
            "pg_catalog" | "public" => sign.to_owned(),
            schema => format!("{}.{sign}", Name::new(schema)),
        },
        None => inner.to_owned(),
    })
}
