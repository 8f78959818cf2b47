//! What keys, foreign keys and indexes say beside their columns.

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::{names, shapes};
use crate::catalog::{Deferral, KeyTerms, Parameters};
use crate::name::Name;

/// Returns when a constraint is checked; nothing if no option says so.
pub(super) fn deferral(options: impl Iterator<Item = ast::ConstraintOption>) -> Option<Deferral> {
    let (mut deferrable, mut deferred) = (None, None);
    for option in options {
        match option {
            ast::ConstraintOption::DeferrableConstraintOption(_) => deferrable = Some(true),
            ast::ConstraintOption::NotDeferrableConstraintOption(_) => deferrable = Some(false),
            ast::ConstraintOption::InitiallyDeferredConstraintOption(_) => deferred = Some(true),
            ast::ConstraintOption::InitiallyImmediateConstraintOption(_) => deferred = Some(false),
            ast::ConstraintOption::Enforced(_)
            | ast::ConstraintOption::Inherit(_)
            | ast::ConstraintOption::NoInherit(_)
            | ast::ConstraintOption::NotEnforced(_)
            | ast::ConstraintOption::NotValid(_) => {}
        }
    }
    // `INITIALLY DEFERRED` alone makes it deferrable.
    let is_deferred = deferred == Some(true);
    deferrable.or(deferred)?;
    Some(Deferral::of_flags(deferrable.unwrap_or(is_deferred), is_deferred))
}

/// Returns the columns of a key, where they are written with it, and what it says beside.
pub(super) fn key(
    parameters: Option<&ast::IndexParameters>,
    options: impl Iterator<Item = ast::ConstraintOption>,
) -> KeyTerms {
    let mut terms =
        KeyTerms { deferral: deferral(options).unwrap_or_default(), ..KeyTerms::default() };
    if let Some(of) = parameters {
        terms.nulls_not_distinct = is_not_distinct(of.nulls_distinct_option().as_ref());
        terms.include = included(of.constraint_include_clause());
        terms.parameters = with(of.with_params());
    }
    terms
}

pub(super) fn is_not_distinct(option: Option<&ast::NullsDistinctOption>) -> bool {
    matches!(option, Some(ast::NullsDistinctOption::NullsNotDistinct(_)))
}

pub(super) fn included(clause: Option<ast::ConstraintIncludeClause>) -> Vec<Name> {
    let list = clause.and_then(|clause| clause.column_ref_list());
    list.as_ref().map(shapes::columns).unwrap_or_default()
}

pub(super) fn with(params: Option<ast::WithParams>) -> Parameters {
    parameters(params.and_then(|params| params.attribute_list()))
}

/// Returns parameters with their values as the server keeps them: without quotes, a word alone is `true`.
pub(super) fn parameters(list: Option<ast::AttributeList>) -> Parameters {
    let options = list.into_iter().flat_map(|list| list.attribute_options().collect::<Vec<_>>());
    options
        .filter_map(|option| {
            let name = names::fold(option.name()?.syntax().text().to_string().trim());
            let value = option.attribute_value();
            let value = value.map_or_else(|| "true".to_owned(), |value| value_of(value.syntax()));
            Some((name, value))
        })
        .collect()
}

fn value_of(node: &SyntaxNode) -> String {
    let text = shapes::without_comments(node);
    match text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        Some(inner) => inner.replace("''", "'"),
        None => names::fold(&text),
    }
}
