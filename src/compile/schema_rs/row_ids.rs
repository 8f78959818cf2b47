//! Which columns of SQLite's hold row ids, by Diesel's reading of `sqlite_integer_primary_key_is_bigint`.

use super::names::rust_name;
use crate::catalog::{Catalog, Table};

/// Returns whether a column is the row id of its table; the key is the one that Diesel sees.
pub(super) fn is_row_id(table: &Table, key: &[String], column: &str, sql_type: &str) -> bool {
    let is_key = matches!(key, [only] if only == column);
    is_key && sql_type.eq_ignore_ascii_case("integer") && !table.without_rowid
}

/// Returns whether a column refers to a table by its only key column, whatever type that is of: Diesel does not look at it.
pub(super) fn refers_to_row_id(
    catalog: &Catalog,
    table: &Table,
    table_name: &str,
    column: &str,
) -> bool {
    let on_it = table.foreign_keys.iter().filter(|key| {
        // Diesel looks for the column's own name among Rust names here, so that a column named by a keyword is none.
        key.columns.iter().any(|of| rust_name(of.as_str(), Some(table_name)) == column)
    });
    // To it a table that is written in another case is none.
    let on_it = on_it.filter(|key| !key.terms.respells_table);
    let Some(parent) = on_it.map(|key| &key.references).max() else { return false };
    let Some(parent) = catalog.tables.get(parent) else { return false };
    let n_columns = parent.primary_key.as_ref().map_or(1, |key| key.columns.len());
    n_columns == 1 && !parent.without_rowid
}
