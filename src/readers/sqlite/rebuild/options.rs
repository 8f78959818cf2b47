//! What is said of a whole table, as the text of a change that says it.

use crate::catalog::Table;
use crate::dialects::literal;

/// Returns `STRICT` and `WITHOUT ROWID`, then as strings the columns of its key that are not declared to be without NULL.
pub(super) fn options(table: &Table) -> Vec<String> {
    let options = [("STRICT", table.strict), ("WITHOUT ROWID", table.without_rowid)];
    let options = options.into_iter().filter(|(_, on)| *on);
    let undeclared = table.primary_key.iter().flat_map(|key| key.terms.undeclared.iter());
    let undeclared = undeclared.map(|name| literal(name.as_str()));
    options.map(|(option, _)| option.to_owned()).chain(undeclared).collect()
}
