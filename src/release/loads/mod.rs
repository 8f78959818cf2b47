//! Which SQL types load into which Diesel types, and which take what a Diesel type writes.
//!
//! This is the table behind Diesel 2.3's `FromSql` and `ToSql` and the engines' casts. A type loads if every value of the
//! column arrives as the value that it is; Diesel itself would often take the bytes for something else without a word (`Integer` from
//! `date` on PostgreSQL, `Integer` from `TEXT` on SQLite). `tests/loads` asks both engines about every pair.
//!
//! What is not judged here: whether the column may be NULL, how long a text or how precise a number may be, and which values of an
//! enum the release knows. Where nothing is certain nothing is refused: a type that neither Diesel nor planner knows (a domain, an
//! extension's type), a custom SQL type whose name in the database is unknown.

mod builtin;
mod postgres;
mod sqlite;

use super::requirement::DeclaredType;
use crate::catalog::{Catalog, SqlType};
use crate::dialect::Dialect;

/// Returns whether a column of this type can be read where `table!` declares this type.
///
/// The elements of arrays are judged like columns. `Array<T>` and `Array<Nullable<T>>` are one here: PostgreSQL's arrays may
/// always hold NULLs, and whether they do is not in the catalog. `Timestamp` and `Timestamptz` load into one another, since
/// Diesel's sessions run in UTC.
///
/// # Errors
///
/// Says why not, in words that follow the column: "is `bigint`, which does not load into `Integer`".
pub fn loads(catalog: &Catalog, declared: &DeclaredType, sql_type: &SqlType) -> Result<(), String> {
    match catalog.dialect {
        Dialect::Postgres => postgres::loads(catalog, declared, sql_type),
        Dialect::Sqlite => sqlite::loads(declared, sql_type),
    }
}

/// Returns whether values of the declared type can be written to a column of this type, each one kept as it is, and
/// compared with it.
///
/// Comparing is not asked for where the engine cannot compare what Diesel itself declares for the column (`json`, arrays of `varchar`).
///
/// # Errors
///
/// Says why not, in words that follow the column: "is `uuid`, which takes no `Text`".
pub fn stores(
    catalog: &Catalog,
    declared: &DeclaredType,
    sql_type: &SqlType,
) -> Result<(), String> {
    match catalog.dialect {
        Dialect::Postgres => postgres::stores(catalog, declared, sql_type),
        Dialect::Sqlite => sqlite::stores(declared, sql_type),
    }
}

/// How a declared type's values fit into a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    /// The column is of the kind that Diesel declares so.
    Natural,
    /// The engine converts each value without loss, and compares it.
    Converted,
    /// The engine may change or refuse some values.
    Lossy,
    /// The engine refuses them all, or cannot compare them.
    Refused,
}

impl Fit {
    /// Turns it into an answer about this column and this declared type.
    fn answer(self, declared: &DeclaredType, sql_type: &SqlType) -> Result<(), String> {
        let shown = shown(declared);
        match self {
            Self::Natural | Self::Converted => Ok(()),
            Self::Lossy => Err(format!("is `{sql_type}`, which does not keep every `{shown}`")),
            Self::Refused => Err(format!("is `{sql_type}`, which takes no `{shown}`")),
        }
    }
}

/// The answer that a column does not load.
fn does_not_load(declared: &DeclaredType, sql_type: &SqlType) -> Result<(), String> {
    Err(format!("is `{sql_type}`, which does not load into `{}`", shown(declared)))
}

/// A declared type without the `Nullable` around it, which is not what is wrong.
fn shown(declared: &DeclaredType) -> String {
    DeclaredType { nullable: false, ..declared.clone() }.to_string()
}
