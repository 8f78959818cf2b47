//! What is there before the first plan, made on the scratch database.

use crate::database::connection::LiveDatabase;
use crate::database::{Database as _, DatabaseError};
use crate::execute::HandWritten;

/// Runs a hand-written migration as Diesel does.
pub(super) fn run(
    database: &mut LiveDatabase,
    migration: &HandWritten,
) -> Result<(), DatabaseError> {
    let ran = if migration.run_in_transaction {
        in_transaction(database, &migration.up)
    } else {
        let ran = database.execute(&migration.up);
        // What it left open or switched off must not reach what comes after.
        let closed = database.roll_back().and_then(|()| database.enforce_foreign_keys(true));
        ran.and(closed)
    };
    ran.map_err(|error| match error {
        DatabaseError::Statement { reason, sql, retry } => {
            let reason = format!("the migration `{}` failed: {reason}", migration.directory);
            DatabaseError::Statement { reason, sql, retry }
        }
        other @ (DatabaseError::Connect { .. }
        | DatabaseError::Install { .. }
        | DatabaseError::NewerLedger { .. }
        | DatabaseError::CorruptEntry { .. }
        | DatabaseError::LostLease { .. }
        | DatabaseError::MissingEngine { .. }) => other,
    })
}

fn in_transaction(database: &mut LiveDatabase, sql: &str) -> Result<(), DatabaseError> {
    database.begin()?;
    match database.execute(sql).and_then(|()| database.commit()) {
        Ok(()) => Ok(()),
        Err(error) => {
            // What went wrong first is what matters.
            let _ = database.roll_back();
            Err(error)
        }
    }
}
