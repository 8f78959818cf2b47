//! Constraints that have no name of their own (SQLite): they are found by what they say.
//!
//! The engine keeps no name for them, so they are called by convention, after their table and columns; where one of these gets
//! another name, so do they. Whether a constraint was named or not no catalog remembers.

use crate::catalog::{Check, ForeignKey, Key, SqlExpression, Table};
use crate::name::Name;

/// Returns the table found with the names of the table expected, for constraints that are the same but for a name by convention.
#[must_use]
pub fn named_alike(
    expected: &Table,
    found: &Table,
    called: &str,
    same: &dyn Fn(&SqlExpression, &SqlExpression) -> bool,
) -> Table {
    let mut found = found.clone();
    let theirs: Vec<Name> = expected.constraint_names().cloned().collect();
    let ours: Vec<Name> = found.constraint_names().cloned().collect();
    let free = |name: &Name| !ours.contains(name);
    let loose = |name: &Name, suffix: &str| {
        !theirs.contains(name) && is_conventional(name.as_str(), called, suffix)
    };
    let mut open: Vec<&Key> = expected.uniques.iter().filter(|key| free(&key.name)).collect();
    for key in found.uniques.iter_mut().filter(|key| loose(&key.name, "key")) {
        let at = open.iter().position(|there| there.columns == key.columns);
        if let Some(at) = at {
            key.name = open.remove(at).name.clone();
        }
    }
    let mut open: Vec<&Check> = expected.checks.iter().filter(|check| free(&check.name)).collect();
    for check in found.checks.iter_mut().filter(|check| loose(&check.name, "check")) {
        let at = open.iter().position(|there| same(&there.expression, &check.expression));
        if let Some(at) = at {
            check.name = open.remove(at).name.clone();
        }
    }
    let mut open: Vec<&ForeignKey> =
        expected.foreign_keys.iter().filter(|key| free(&key.name)).collect();
    for key in found.foreign_keys.iter_mut().filter(|key| loose(&key.name, "fkey")) {
        let at = open
            .iter()
            .position(|there| ForeignKey { name: key.name.clone(), ..(*there).clone() } == *key);
        if let Some(at) = at {
            key.name = open.remove(at).name.clone();
        }
    }
    found
}

/// Returns whether a name may be one that a constraint without a name is called by.
fn is_conventional(name: &str, table: &str, suffix: &str) -> bool {
    let Some(rest) = name.strip_prefix(table) else { return false };
    let rest = rest.trim_end_matches(|c: char| c.is_ascii_digit());
    rest.starts_with('_') && rest.ends_with(&format!("_{suffix}"))
}
