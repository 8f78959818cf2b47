//! One connection type over the engines that this program was built with.

use diesel::Connection as _;

use super::DatabaseError;
use super::address::Address;
use super::rows;

#[cfg(not(any(feature = "postgres", feature = "sqlite")))]
compile_error!("planner needs an engine: build it with the feature `postgres`, `sqlite` or both");

/// A connection to one of the engines.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// To PostgreSQL.
    #[cfg(feature = "postgres")]
    Postgres(diesel::PgConnection),
    /// To a SQLite file.
    #[cfg(feature = "sqlite")]
    Sqlite(diesel::SqliteConnection),
}

/// Connects to an address.
pub(crate) fn connect(
    address: &Address,
    failed: &dyn Fn(String) -> DatabaseError,
) -> Result<AnyConnection, DatabaseError> {
    match address {
        #[cfg(feature = "postgres")]
        Address::Postgres(url) => {
            let connection = diesel::PgConnection::establish(url);
            connection.map(AnyConnection::Postgres).map_err(|error| failed(one_line(&error)))
        }
        #[cfg(not(feature = "postgres"))]
        Address::Postgres(_) => Err(DatabaseError::MissingEngine { engine: "postgres" }),
        #[cfg(feature = "sqlite")]
        Address::Sqlite(path) => {
            let connection = diesel::SqliteConnection::establish(path);
            connection.map(AnyConnection::Sqlite).map_err(|error| failed(one_line(&error)))
        }
        #[cfg(not(feature = "sqlite"))]
        Address::Sqlite(_) => Err(DatabaseError::MissingEngine { engine: "sqlite" }),
    }
}

/// Returns a driver's message, which may have many lines, in one.
fn one_line(error: &diesel::ConnectionError) -> String {
    let text = error.to_string();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("; ")
}

/// Sets what planner relies on for the time of the connection.
pub(crate) fn prepare(connection: &mut AnyConnection) -> Result<(), DatabaseError> {
    match connection {
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(_) => {
            // Messages tell a lock timeout from other errors; not every role may choose their language.
            let _ = rows::execute(connection, "SET lc_messages = 'C'");
            // A role's statement timeout is meant for an application; a concurrent index takes hours.
            rows::execute(
                connection,
                "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0",
            )?;
        }
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => {
            // The second is the first to read the file, so that one that is no database is found here.
            rows::execute(connection, "PRAGMA foreign_keys = ON")?;
            rows::rows(connection, "PRAGMA schema_version")?;
        }
    }
    Ok(())
}
