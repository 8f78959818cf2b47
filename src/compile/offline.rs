//! The offline script: what a person pastes into `psql` or `sqlite3` where planner may not connect.

use super::{CompiledMigration, CompiledProject};

/// Returns one SQL script that runs these migrations in order and records them in Diesel's table.
#[must_use]
pub fn script(compiled: &CompiledProject, migrations: &[&CompiledMigration]) -> String {
    let _ = (compiled, migrations);
    todo!()
}
