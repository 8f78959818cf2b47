//! One step as SQL, and what must be known of it to wrap it into migrations.

use std::collections::BTreeSet;

use super::migration::{CompileOptions, Part};
use crate::catalog::Catalog;
use crate::change::apply::apply;
use crate::change::{Change, DataChange, Write};
use crate::dialects::{self, Group, Refusal, RenderContext};
use crate::name::ObjectName;
use crate::plan::checked::CheckedStep;

/// A step and its groups of statements.
#[derive(Debug)]
pub(super) struct RenderedStep<'a> {
    /// The step.
    pub(super) step: &'a CheckedStep,
    /// Its groups in order.
    pub(super) groups: Vec<RenderedGroup>,
    /// Whether no release can notice it: it only drops indexes that are not unique.
    pub(super) is_invisible: bool,
}

/// Statements that become one migration.
#[derive(Debug)]
pub(super) struct RenderedGroup {
    /// The statements.
    pub(super) group: Group,
    /// The backfill that they do at once, and that planner does in batches.
    pub(super) backfill: Option<DataChange>,
    /// Whether undoing it destroys what somebody may have written since.
    pub(super) undo_destroys: bool,
    /// The places of its change in the step and of itself among that change's groups.
    pub(super) part: Part,
}

/// Renders a step and applies it to the catalog. `fresh` are the tables that its phase has created so far.
///
/// # Errors
///
/// Returns the first thing that the dialect cannot do; the catalog then is as after the whole step.
pub(super) fn step<'a>(
    step: &'a CheckedStep,
    catalog: &mut Catalog,
    fresh: &mut BTreeSet<ObjectName>,
    options: CompileOptions,
) -> Result<RenderedStep<'a>, Refusal> {
    let mut rendered = RenderedStep { step, groups: Vec::new(), is_invisible: true };
    let mut refused = None;
    for (at, change) in step.changes.iter().enumerate() {
        if refused.is_none() {
            let context = RenderContext {
                before: catalog,
                fresh_table: table_of(change).is_some_and(|table| fresh.contains(table)),
                lock_timeout_ms: options.lock_timeout_ms,
            };
            match dialects::render(change, &context) {
                Ok(script) => rendered.add((at, change), script.groups, catalog),
                Err(refusal) => refused = Some(refusal),
            }
        }
        if let Change::CreateTable { name, .. } = change {
            fresh.insert(name.clone());
        }
        // INVARIANT: `check` applied the same changes in the same order.
        let applied = apply(change, catalog);
        debug_assert!(applied.is_ok(), "{applied:?}");
    }
    refused.map_or(Ok(rendered), Err)
}

impl RenderedStep<'_> {
    fn add(&mut self, (at, change): (usize, &Change), groups: Vec<Group>, before: &Catalog) {
        self.is_invisible &= is_invisible(change, before);
        let alone = groups.len() == 1;
        let undo_destroys = undo_destroys(change);
        self.groups.extend(groups.into_iter().enumerate().map(|(place, group)| RenderedGroup {
            part: Part { change: at, group: place },
            group,
            backfill: backfill(change).filter(|_| alone).cloned(),
            undo_destroys,
        }));
    }
}

/// Returns the table whose statements may block, where nobody uses it yet.
fn table_of(change: &Change) -> Option<&ObjectName> {
    match change {
        Change::CreateTable { name: table, .. }
        | Change::DropTable { name: table }
        | Change::AddColumn { table, .. }
        | Change::DropColumn { table, .. }
        | Change::SetDefault { table, .. }
        | Change::SetNullable { table, .. }
        | Change::AddConstraint { table, .. }
        | Change::DropConstraint { table, .. }
        | Change::CreateIndex { table, .. }
        | Change::DropIndex { table, .. }
        | Change::Deprecate { table, .. } => Some(table),
        Change::CreateSync(sync) | Change::DropSync(sync) => Some(sync.table()),
        Change::Write(data) => Some(&data.table),
        Change::CreateEnum { .. }
        | Change::AddEnumValue { .. }
        | Change::DropEnum { .. }
        | Change::CreateView { .. }
        | Change::ReplaceView { .. }
        | Change::DropView { .. }
        | Change::Opaque(_) => None,
    }
}

fn is_invisible(change: &Change, before: &Catalog) -> bool {
    let Change::DropIndex { table, name } = change else { return false };
    let index = before.table(table).and_then(|table| table.indexes.get(name));
    index.is_some_and(|index| !index.unique)
}

/// Returns the data change, if it walks rows, so that it can be done in batches.
fn backfill(change: &Change) -> Option<&DataChange> {
    let Change::Write(data) = change else { return None };
    match &data.write {
        Write::Update { .. } | Write::Delete | Write::Copy { .. } => Some(data),
        Write::InsertSelect { .. } | Write::InsertValues { .. } => None,
    }
}

/// Returns whether undoing drops a table or a column, or may do so.
fn undo_destroys(change: &Change) -> bool {
    match change {
        Change::CreateTable { .. } | Change::AddColumn { .. } => true,
        Change::Opaque(opaque) => opaque.down.is_ok(),
        Change::DropTable { .. }
        | Change::DropColumn { .. }
        | Change::SetDefault { .. }
        | Change::SetNullable { .. }
        | Change::AddConstraint { .. }
        | Change::DropConstraint { .. }
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
        | Change::Write(_) => false,
    }
}
