//! A catalog as Diesel's `schema.rs`.

use crate::catalog::Catalog;

/// Returns what `diesel print-schema` prints for a database with this catalog, formatted as it formats it.
#[must_use]
pub fn schema_rs(catalog: &Catalog) -> String {
    let _ = catalog;
    todo!()
}
