//! The markers of open migrations: an empty view `planner_open_<version>`, which the guard at the head of a gated
//! migration looks for, so that the stock `diesel migration run` passes it only while planner has opened it.

use super::{Database, DatabaseError};
use crate::compile::migration::open_marker;
use crate::dialect::Dialect;
use crate::dialects::quote;
use crate::version::MigrationVersion;

const PREFIX: &str = "planner_open_";

/// Creates the marker of a version; nothing if it is there.
///
/// # Errors
///
/// Returns what the database says.
pub fn create(
    database: &mut dyn Database,
    version: &MigrationVersion,
) -> Result<(), DatabaseError> {
    let dialect = database.dialect();
    let name = quote(dialect, &open_marker(version));
    let sql = match dialect {
        Dialect::Postgres => format!("CREATE OR REPLACE VIEW {name} AS SELECT 1 AS open"),
        Dialect::Sqlite => format!("CREATE VIEW IF NOT EXISTS {name} AS SELECT 1 AS open"),
    };
    database.execute(&sql)
}

/// Drops the marker of a version; nothing if there is none.
///
/// # Errors
///
/// Returns what the database says.
pub fn remove(
    database: &mut dyn Database,
    version: &MigrationVersion,
) -> Result<(), DatabaseError> {
    let name = quote(database.dialect(), &open_marker(version));
    database.execute(&format!("DROP VIEW IF EXISTS {name}"))
}

/// Returns the versions that have a marker.
///
/// # Errors
///
/// Returns what the database says.
pub fn existing(database: &mut dyn Database) -> Result<Vec<MigrationVersion>, DatabaseError> {
    let rows = database.query_texts(query(database.dialect()))?;
    Ok(versions(rows))
}

/// The query for the names of all markers.
pub(crate) const fn query(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres => {
            "SELECT viewname::text FROM pg_views
             WHERE schemaname = ANY (current_schemas(false)) AND starts_with(viewname, 'planner_open_')
             ORDER BY 1"
        }
        Dialect::Sqlite => {
            "SELECT name FROM sqlite_master
             WHERE type = 'view' AND substr(name, 1, 13) = 'planner_open_' ORDER BY 1"
        }
    }
}

/// Returns the versions of the rows of [`query`].
pub(crate) fn versions(rows: super::rows::Rows) -> Vec<MigrationVersion> {
    let names = rows.into_iter().flatten().flatten();
    names.filter_map(|name| name.strip_prefix(PREFIX).map(MigrationVersion::recorded)).collect()
}
