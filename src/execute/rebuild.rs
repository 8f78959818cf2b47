//! On SQLite a change is rendered again from the live catalog when planner runs it: plans may have run in
//! another order than they were written, and a rebuild from the predicted catalog would lose what came between.

use std::sync::Arc;

use super::session::{Flow, Session};
use super::{RunError, step};
use crate::catalog::Catalog;
use crate::change::Change;
use crate::change::apply::apply;
use crate::change::invert::invert;
use crate::compile::{CompiledMigration, CompiledStep, Work};
use crate::dialect::Dialect;
use crate::dialects::{Group, RenderContext, Transaction, render};
use crate::ledger::StepEvent;
use crate::name::Name;

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

/// Renders the way back of the migration's change from the live catalog, which may hold what came after it in another
/// plan; `None` if that cannot be told, and then the compiled way guards itself against such a table.
pub(super) fn back(
    session: &mut Session<'_>,
    step: &CompiledStep,
    migration: &CompiledMigration,
) -> Result<Option<Vec<String>>, RunError> {
    if migration.work == Work::Written {
        return Ok(None);
    }
    let Some(change) = step.changes.get(migration.part.change) else { return Ok(None) };
    let Some(predicted) = predicted(session, step, migration) else { return Ok(None) };
    let Ok(undone) = invert(change, &predicted) else { return Ok(None) };
    let mut before = session.live_catalog()?;
    if undone.iter().any(|undo| apply(undo, &mut before).is_err()) {
        return Ok(None);
    }
    in_order_of(&predicted, &mut before);
    let group = group(session, step, change, &before, migration.part.group)?;
    Ok(group.and_then(|group| group.undo.ok()))
}

/// Returns the catalog just before a migration's change, as the plans have it.
fn predicted(
    session: &Session<'_>,
    step: &CompiledStep,
    migration: &CompiledMigration,
) -> Option<Catalog> {
    let mut found = None;
    session.prepared.project.walk(|_, checked, catalog| {
        if checked.key == step.key {
            found = Some(catalog.clone());
        }
    });
    let mut catalog = found?;
    for change in step.changes.iter().take(migration.part.change) {
        apply(change, &mut catalog).ok()?;
    }
    Some(catalog)
}

/// Puts the columns that both catalogs have into the order of the first; others stay behind them.
fn in_order_of(predicted: &Catalog, live: &mut Catalog) {
    for (name, table) in &mut live.tables {
        let Some(known) = predicted.table(name) else { continue };
        let place = |column: &Name| known.columns.iter().position(|of| of.name == *column);
        let columns = &mut Arc::make_mut(table).columns;
        columns.sort_by_key(|column| place(&column.name).unwrap_or(usize::MAX));
    }
}
