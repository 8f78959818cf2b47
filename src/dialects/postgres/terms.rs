//! What keys, foreign keys and indexes say beside their columns, as SQL.

use super::quote;
use crate::catalog::{Deferral, IndexTerms, KeyTerms, Parameters};
use crate::name::Name;

/// Writes when a constraint is checked, with a space before it.
pub(super) fn deferral(deferral: Deferral) -> String {
    match deferral {
        Deferral::Never => String::new(),
        Deferral::Possible | Deferral::Initially => {
            format!(" {}", deferral.words().to_ascii_uppercase())
        }
    }
}

/// Writes whether two NULLs are equal, with a space before it.
const fn nulls(not_distinct: bool) -> &'static str {
    if not_distinct { " NULLS NOT DISTINCT" } else { "" }
}

/// Writes parameters in parentheses.
pub(super) fn parameters(parameters: &Parameters) -> String {
    let texts: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{name} = {}", parameter(value))).collect();
    format!("({})", texts.join(", "))
}

/// Writes a parameter's value: a word or number as it is, anything else as a text.
fn parameter(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let is_number = value.starts_with(|c: char| c.is_ascii_digit());
    let is_word = ["on", "off", "true", "false", "auto"].contains(&value);
    if is_word || is_number && value.chars().all(is_plain) && value.parse::<f64>().is_ok() {
        value.to_owned()
    } else {
        quote::literal(value)
    }
}

fn with(of: &Parameters) -> String {
    if of.is_empty() { String::new() } else { format!(" WITH {}", parameters(of)) }
}

fn include(columns: &[Name]) -> String {
    if columns.is_empty() { String::new() } else { format!(" INCLUDE ({})", quote::list(columns)) }
}

/// Writes an operator of an exclusion constraint: with its schema only in brackets.
pub(super) fn operator(operator: &str) -> String {
    match operator.rsplit_once('.') {
        Some((schema, sign)) => {
            format!("OPERATOR({}.{sign})", quote::quote(&Name::new(schema)))
        }
        None => operator.to_owned(),
    }
}

/// Writes the columns of a key with all that stands around them in a constraint.
pub(super) fn key(columns: &[Name], terms: &KeyTerms) -> String {
    format!(
        "{} ({}){}{}{}",
        nulls(terms.nulls_not_distinct),
        quote::list(columns),
        include(&terms.include),
        with(&terms.parameters),
        deferral(terms.deferral)
    )
}

/// Writes what stands after the columns of a key's index that is built beside the constraint.
pub(super) fn key_index(terms: &KeyTerms) -> String {
    let nulls = nulls(terms.nulls_not_distinct);
    format!("{}{nulls}{}", include(&terms.include), with(&terms.parameters))
}

/// Writes what stands after the parts of an index, up to its condition.
pub(super) fn index(columns: &[Name], terms: &IndexTerms) -> String {
    let nulls = nulls(terms.nulls_not_distinct);
    format!("{}{nulls}{}", include(columns), with(&terms.parameters))
}
