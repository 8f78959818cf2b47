//! On SQLite a change is rendered again from the live catalog when planner runs it: plans may have run in
//! another order than they were written, and a rebuild from the predicted catalog would lose what came between.

use super::session::{Flow, Session};
use super::{RunError, step};
use crate::catalog::Catalog;
use crate::change::Change;
use crate::compile::{CompiledMigration, CompiledStep};
use crate::dialect::Dialect;
use crate::dialects::{Group, RenderContext, Transaction, render};
use crate::ledger::StepEvent;

/// Returns whether a migration's statements depend on what the table looks like now.
pub(super) fn is_rendered_again(
    session: &Session<'_>,
    step: &CompiledStep,
    migration: &CompiledMigration,
) -> bool {
    // A rebuild copies what the table is; a native drop must give way to one if something new uses the column.
    let is_rebuild = migration.transaction == Transaction::ForeignKeysOff;
    let is_drop = matches!(
        step.changes.get(migration.part.change),
        Some(Change::DropColumn { .. } | Change::DropTable { .. })
    );
    session.database.dialect() == Dialect::Sqlite && (is_rebuild || is_drop)
}

/// Renders the migration's change from the live catalog and runs it.
pub(super) fn run(
    session: &mut Session<'_>,
    step: &CompiledStep,
    migration: &CompiledMigration,
    event: &StepEvent,
) -> Result<Flow, RunError> {
    let before = session.live_catalog()?;
    let Some(change) = step.changes.get(migration.part.change) else { return Ok(Flow::Done) };
    let group = group(session, step, change, &before, migration.part.group)?;
    match group {
        Some(Group { statements, transaction: Transaction::ForeignKeysOff, .. }) => {
            step::foreign_keys_off(session, step, migration, &statements, event)
        }
        Some(Group { statements, .. }) => {
            step::shared(session, step, migration, &statements, event)
        }
        // The live catalog needs fewer groups than the predicted one: the earlier ones did it all.
        None => step::shared(session, step, migration, &[], event),
    }
}

/// Renders a change and takes one of its groups.
pub(super) fn group(
    session: &Session<'_>,
    step: &CompiledStep,
    change: &Change,
    before: &Catalog,
    place: usize,
) -> Result<Option<Group>, RunError> {
    let context = RenderContext {
        before,
        fresh_table: false,
        lock_timeout_ms: session.prepared.limits.lock_timeout_ms,
    };
    let script = render(change, &context).map_err(|refusal| RunError::Refused {
        step: step.key.clone(),
        message: refusal.message,
        alternative: refusal.alternative,
    })?;
    Ok(script.groups.into_iter().nth(place))
}
