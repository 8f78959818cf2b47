//! `drop_sync`.

use super::{Lowering, Operation, id};
use crate::catalog::Sync;
use crate::change::Change;
use crate::diagnostic::{Diagnostic, code, did_you_mean};
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};
use crate::phase::Phase;
use crate::source::Spanned;
use crate::yaml::decode::authored;

authored! {
    /// Ends a sync of columns or tables that an earlier step of the same plan began.
    ///
    /// - `step`: the id of that step.
    ///
    /// On PostgreSQL an old column that is NOT NULL without a default, and that the sync's `backward` has filled so far,
    /// becomes nullable first: releases that no longer write it go on inserting until the column is dropped.
    ///
    /// ```yaml
    /// title: Call it full_name
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: integer, primary_key: true }
    ///         - { name: name, type: text }
    ///   - add_column: { table: users, column: full_name, type: text }
    ///   - id: keep_in_step
    ///     sync_columns: { table: users, forward: { full_name: name }, backward: { name: full_name } }
    /// contract:
    ///   - drop_sync: { step: keep_in_step }
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
    /// ```
    "sync to drop" => pub struct DropSync {
        /// The step that began it.
        step: Spanned<Name>,
    }
}

impl Operation for DropSync {
    const KEY: &'static str = "drop_sync";
    const PHASES: &'static [Phase] = &[Phase::Contract];

    fn derived_id(&self) -> String {
        id(Self::KEY, &[&self.step])
    }

    fn objects(&self) -> Vec<ObjectName> {
        Vec::new()
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        let (step, span) = (&self.step.value, self.step.span);
        let syncs = lowering.syncs;
        let Some(sync) = syncs.get(step) else {
            // A left-out step is suspended by its id where it has no object of its own.
            if !lowering.is_suspended(&ObjectName::bare(step.clone())) {
                let near = did_you_mean(step.as_str(), syncs.keys().map(Name::as_str));
                let help = "name a `sync_columns` or `sync_tables` step that comes before this one";
                lowering.report(
                    Diagnostic::new(
                        code::UNKNOWN_STEP,
                        format!("no earlier step `{step}` of this plan begins a sync"),
                    )
                    .label(span, "unknown step")
                    .help(near.unwrap_or_else(|| help.into())),
                );
            }
            return None;
        };
        if !lowering.before.syncs.contains_key(sync.name()) {
            let message = format!("the sync of step `{step}` has ended already");
            lowering.report(
                Diagnostic::new(code::UNKNOWN_OBJECT, message)
                    .label(span, "a sync that is gone")
                    .help("remove one of the two steps that end it"),
            );
            return None;
        }
        let mut changes = relaxed(sync, lowering);
        changes.push(Change::DropSync(sync.clone()));
        Some(changes)
    }
}

/// Allows NULL in the old columns that only the sync's trigger fills, before it goes: between its end and
/// the drop of those columns the releases that no longer write them go on inserting.
///
/// SQLite checks NOT NULL before any trigger, so there such a column cannot have been left out before.
fn relaxed(sync: &Sync, lowering: &Lowering<'_>) -> Vec<Change> {
    let (Sync::Columns { table, backward, .. }, Dialect::Postgres) = (sync, lowering.dialect) else {
        return Vec::new();
    };
    let is_required = |name: &&Name| {
        lowering.before.column(table, name).is_some_and(|column| !column.may_be_left_out())
            && lowering
                .before
                .table(table)
                .and_then(|table| table.primary_key.as_ref())
                .is_none_or(|key| !key.columns.contains(name))
    };
    let required = backward.iter().map(|(column, _)| column).filter(is_required);
    required
        .map(|column| Change::SetNullable {
            table: table.clone(),
            column: column.clone(),
            nullable: true,
        })
        .collect()
}
