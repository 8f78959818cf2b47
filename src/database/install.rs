//! Creating the ledger's tables and bringing them up to date.

use diesel::migration::{Migration, MigrationSource};
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

use super::DatabaseError;
use super::any::AnyConnection;
use super::error::{Retry, explain};
use super::ledger_store::{format, refuse_newer};
#[cfg(feature = "postgres")]
use super::rows::rows;
use super::schema::planner_ledger;
use crate::ledger::FORMAT;

#[cfg(feature = "postgres")]
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
#[cfg(feature = "sqlite")]
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// The digits of a version that name its plan; the n-th plan makes format n.
const STAMP_DIGITS: usize = 14;

/// The advisory lock that two installing processes meet at (PostgreSQL); the letters `plni`.
#[cfg(feature = "postgres")]
const INSTALL_KEY: i64 = 0x706c_6e69;

/// Brings the ledger to this program's format, in the open transaction; two processes at once do it one after
/// the other.
pub(crate) fn install(connection: &mut AnyConnection) -> Result<(), DatabaseError> {
    #[cfg(feature = "postgres")]
    if matches!(connection, AnyConnection::Postgres(_)) {
        rows(connection, &format!("SELECT pg_advisory_xact_lock({INSTALL_KEY})::text"))?;
    }
    let found = format(connection)?;
    if let Some(found) = found {
        refuse_newer(found)?;
        if found == FORMAT {
            return Ok(());
        }
    }
    match connection {
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(connection) => run(&POSTGRES, connection, found.unwrap_or(0))?,
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(connection) => run(&SQLITE, connection, found.unwrap_or(0))?,
    }
    let written = if found.is_some() {
        diesel::update(planner_ledger::table.find(1))
            .set(planner_ledger::format.eq(FORMAT))
            .execute(connection)
    } else {
        diesel::insert_into(planner_ledger::table)
            .values((
                planner_ledger::id.eq(1),
                planner_ledger::format.eq(FORMAT),
                planner_ledger::next_id.eq(1),
            ))
            .execute(connection)
    };
    written.map(|_| ()).map_err(|error| failed(&error))
}

fn failed(error: &diesel::result::Error) -> DatabaseError {
    let (reason, retry) = explain(error);
    DatabaseError::Install { reason, retry }
}

/// Runs the migrations of the formats after `found`. They are run directly, not through Diesel's harness, so
/// that its table knows nothing of them and its command never trips over them.
fn run<C>(source: &EmbeddedMigrations, connection: &mut C, found: i64) -> Result<(), DatabaseError>
where
    C: diesel::connection::BoxableConnection<C::Backend> + Connection + 'static,
{
    let broken = |error: Box<dyn std::error::Error + Send + Sync>| DatabaseError::Install {
        reason: reason(&*error),
        retry: Retry::Never,
    };
    for (format, migration) in by_format(source).map_err(broken)? {
        if format > found {
            migration.run(connection).map_err(broken)?;
        }
    }
    Ok(())
}

/// Returns what an error and its causes say: the last cause is the engine's.
fn reason(error: &(dyn std::error::Error + 'static)) -> String {
    let mut last = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    let text = last.to_string();
    // Diesel's words around the engine's name a migration that no user has ever seen.
    text.split_once(" with: ").map_or_else(|| text.clone(), |(_, engine)| engine.to_owned())
}

type Formatted<DB> = Vec<(i64, Box<dyn Migration<DB>>)>;

/// Returns the migrations in version order, each with the format that it leads to.
fn by_format<DB: diesel::backend::Backend>(
    source: &EmbeddedMigrations,
) -> diesel::migration::Result<Formatted<DB>> {
    let mut migrations = source.migrations()?;
    migrations.sort_by(|a, b| a.name().version().cmp(&b.name().version()));
    let mut formatted: Formatted<DB> = Vec::with_capacity(migrations.len());
    let mut last = (String::new(), 0);
    for migration in migrations {
        let stamp: String =
            migration.name().version().to_string().chars().take(STAMP_DIGITS).collect();
        if stamp != last.0 {
            last = (stamp, last.1 + 1);
        }
        formatted.push((last.1, migration));
    }
    Ok(formatted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_embedded_plan_makes_the_newest_format() {
        let postgres = by_format::<diesel::pg::Pg>(&POSTGRES).unwrap();
        let sqlite = by_format::<diesel::sqlite::Sqlite>(&SQLITE).unwrap();
        assert_eq!(postgres.last().unwrap().0, FORMAT);
        assert_eq!(sqlite.last().unwrap().0, FORMAT);
    }
}
