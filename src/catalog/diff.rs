//! What differs between two catalogs, told so that a person can act on it.

use super::Catalog;

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it is about: "table `users`", "column `users.name`".
    pub object: String,
    /// What was expected, in words; `None` if it should not be there.
    pub expected: Option<String>,
    /// What was found; `None` if it is missing.
    pub found: Option<String>,
}

/// Compares two catalogs of one dialect. Expressions are compared loosely (by `same`), names of
/// triggers and functions exactly, and trigger texts only where both are known.
#[must_use]
pub fn diff(
    expected: &Catalog,
    found: &Catalog,
    same: &dyn Fn(&super::SqlExpression, &super::SqlExpression) -> bool,
) -> Vec<Difference> {
    let _ = (expected, found, same);
    todo!()
}
