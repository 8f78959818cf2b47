//! Catalogs read from live databases, one file a dialect.

pub mod beside;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "postgres")]
mod postgres_domains;
#[cfg(feature = "postgres")]
mod postgres_heirs;
#[cfg(feature = "postgres")]
mod postgres_rows;
#[cfg(feature = "sqlite")]
pub mod sqlite;
#[cfg(feature = "sqlite")]
mod sqlite_rows;
#[cfg(feature = "sqlite")]
mod sqlite_slices;
#[cfg(feature = "sqlite")]
mod sqlite_text;

use diesel::result::{DatabaseErrorKind, Error};

use super::error::{DatabaseError, Retry};

/// Diesel's own table.
const DIESEL_TABLE: &str = "__diesel_schema_migrations";

/// Returns whether the table is planner's own or Diesel's.
fn is_own_table(name: &str) -> bool {
    name == DIESEL_TABLE || name.starts_with("planner_")
}

/// Returns whether the view is one of planner's marks for an open migration.
fn is_own_view(name: &str) -> bool {
    name.starts_with("planner_open_")
}

/// Says which statement failed and why.
fn failed(sql: &str, error: &Error) -> DatabaseError {
    let retry = match error {
        Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Retry::Later,
        _ => Retry::Never,
    };
    DatabaseError::Statement { reason: error.to_string(), sql: sql.to_owned(), retry }
}
