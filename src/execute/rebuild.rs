//! On SQLite a change is rendered again from the live catalog when planner runs it: plans may have run in
//! another order than they were written, and a rebuild from the predicted catalog would lose what came between.

use std::collections::BTreeSet;

use super::session::{Flow, Session};
use super::{RunError, step};
use crate::catalog::Catalog;
use crate::change::Change;
use crate::change::apply::apply;
use crate::change::invert::invert;
use crate::compile::{CompiledMigration, CompiledStep};
use crate::dialect::Dialect;
use crate::dialects::{Group, RenderContext, Transaction, render};
use crate::ledger::StepEvent;
use crate::name::{Name, ObjectName};

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

/// Renders the way back of a rebuild from the live catalog, where newer plans have changed the table since:
/// the way back that was compiled knows nothing of that and refuses. `None` where it fits.
pub(super) fn back(
    session: &mut Session<'_>,
    step: &CompiledStep,
    migration: &CompiledMigration,
) -> Result<Option<Vec<String>>, RunError> {
    let is_rebuild = migration.down_transaction == Transaction::ForeignKeysOff;
    let Some(change) = step.changes.get(migration.part.change) else { return Ok(None) };
    if session.database.dialect() != Dialect::Sqlite || !is_rebuild {
        return Ok(None);
    }
    let before = predicted_before(session, step, migration.part.change);
    let mut after = before.clone();
    let mut live = session.live_catalog()?;
    let is_as_predicted = apply(change, &mut after).is_ok()
        && touched(change).is_none_or(|table| shape(&after, table) == shape(&live, table));
    if is_as_predicted {
        return Ok(None);
    }
    let irreversible =
        |why: String| RunError::Irreversible { version: migration.version.clone(), why };
    let inverse = invert(change, &before).map_err(irreversible)?;
    let mut statements = Vec::new();
    for change in &inverse {
        for place in 0.. {
            let Some(group) = group(session, step, change, &live, place)? else { break };
            statements.extend(group.statements);
        }
        apply(change, &mut live).map_err(|error| irreversible(error.to_string()))?;
    }
    Ok(Some(statements))
}

/// Returns the catalog that the plans predict just before one of a step's changes.
fn predicted_before(session: &Session<'_>, step: &CompiledStep, place: usize) -> Catalog {
    let project = session.prepared.project;
    let mut catalog = Catalog::clone(&project.start);
    for other in project.plans.iter().flat_map(|plan| &plan.steps) {
        let is_it = other.key == step.key;
        let count = if is_it { place } else { other.changes.len() };
        for change in other.changes.iter().take(count) {
            // INVARIANT: `check` applied the same changes in the same order.
            let applied = apply(change, &mut catalog);
            debug_assert!(applied.is_ok(), "{applied:?}");
        }
        if is_it {
            break;
        }
    }
    catalog
}

/// Returns the table that a change rebuilds.
const fn touched(change: &Change) -> Option<&ObjectName> {
    match change {
        Change::AddColumn { table, .. }
        | Change::DropColumn { table, .. }
        | Change::SetDefault { table, .. }
        | Change::SetNullable { table, .. }
        | Change::AddConstraint { table, .. }
        | Change::DropConstraint { table, .. } => Some(table),
        Change::CreateTable { .. }
        | Change::DropTable { .. }
        | Change::CreateIndex { .. }
        | Change::DropIndex { .. }
        | Change::CreateEnum { .. }
        | Change::AddEnumValue { .. }
        | Change::DropEnum { .. }
        | Change::CreateView { .. }
        | Change::ReplaceView { .. }
        | Change::DropView { .. }
        | Change::CreateSync(_)
        | Change::DropSync(_)
        | Change::Deprecate { .. }
        | Change::Write(_)
        | Change::Opaque(_) => None,
    }
}

/// Returns what a rebuild must know of a table: its columns, keys, indexes and triggers by name.
fn shape(catalog: &Catalog, table: &ObjectName) -> Option<BTreeSet<Name>> {
    let table = catalog.table(table)?;
    let columns = table.columns.iter().map(|column| column.name.clone());
    let keys = table.constraint_names().cloned();
    let others = table.indexes.keys().chain(table.triggers.keys()).cloned();
    Some(columns.chain(keys).chain(others).collect())
}
