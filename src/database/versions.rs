//! Diesel's own table of applied versions, read and written exactly as Diesel does.

use std::collections::BTreeSet;

use diesel::migration::MigrationConnection;
use diesel::prelude::*;

use super::DatabaseError;
use super::any::AnyConnection;
use super::connection::LiveDatabase;
use super::rows::any_row;
use crate::version::MigrationVersion;

diesel::table! {
    __diesel_schema_migrations (version) {
        version -> VarChar,
        run_on -> Timestamp,
    }
}

use __diesel_schema_migrations::dsl;

const WHAT: &str = "__diesel_schema_migrations";

/// Returns whether a table with this name is where an unqualified name finds it.
pub(crate) fn table_exists(
    connection: &mut AnyConnection,
    table: &str,
) -> Result<bool, DatabaseError> {
    let sql = match connection {
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(_) => {
            // Only a statement that locks a table hears what others created while this transaction waited.
            format!("SELECT 1 FROM pg_class WHERE oid = to_regclass('{table}')")
        }
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => {
            format!("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '{table}'")
        }
    };
    any_row(connection, &sql)
}

pub(crate) fn applied(
    connection: &mut AnyConnection,
) -> Result<BTreeSet<MigrationVersion>, DatabaseError> {
    if !table_exists(connection, WHAT)? {
        return Ok(BTreeSet::new());
    }
    let versions: Vec<String> = dsl::__diesel_schema_migrations
        .select(dsl::version)
        .load(connection)
        .map_err(|error| DatabaseError::statement(&error, WHAT))?;
    Ok(versions.into_iter().map(MigrationVersion::recorded).collect())
}

impl LiveDatabase {
    /// Makes Diesel's own table, as Diesel does before it runs the first migration.
    ///
    /// # Errors
    ///
    /// Fails if the engine does.
    pub fn set_up_versions(&mut self) -> Result<(), DatabaseError> {
        set_up(&mut self.connection)
    }
}

/// Makes the table, if it is not there.
fn set_up(connection: &mut AnyConnection) -> Result<(), DatabaseError> {
    connection.setup().map(drop).map_err(|error| DatabaseError::statement(&error, WHAT))
}

/// Adds a version. One that is there already is an error: somebody else ran the migration.
pub(crate) fn record(
    connection: &mut AnyConnection,
    version: &MigrationVersion,
) -> Result<(), DatabaseError> {
    let failed = |error| DatabaseError::statement(&error, WHAT);
    // Asked first, because creating it "if not exists" needs a permission that recording does not.
    if !table_exists(connection, WHAT)? {
        connection.setup().map_err(failed)?;
    }
    let row = dsl::version.eq(version.as_str());
    diesel::insert_into(dsl::__diesel_schema_migrations)
        .values(row)
        .execute(connection)
        .map_err(failed)?;
    Ok(())
}

pub(crate) fn forget(
    connection: &mut AnyConnection,
    version: &MigrationVersion,
) -> Result<(), DatabaseError> {
    if table_exists(connection, WHAT)? {
        diesel::delete(dsl::__diesel_schema_migrations.filter(dsl::version.eq(version.as_str())))
            .execute(connection)
            .map_err(|error| DatabaseError::statement(&error, WHAT))?;
    }
    Ok(())
}
