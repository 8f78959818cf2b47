//! `sync_columns`.

use std::sync::Arc;

use super::lowering::Role;
use super::lowering::expression::{Scope, same_name};
use super::lowering::naming::shortened;
use super::{Lowering, Operation, Word, id};
use crate::catalog::{Generated, SqlExpression, Sync, Table};
use crate::change::Change;
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};
use crate::phase::Phase;
use crate::source::{Span, Spanned};
use crate::yaml::decode::{Named, authored};
use crate::yaml::text::SqlText;

/// The longest name of a sync in bytes: suffixes are added to it.
const NAME_BYTES_MAX: usize = 50;

authored! {
    /// Keeps old and new columns of a table in step by trigger, whichever of them a release writes.
    ///
    /// - `table`: the table.
    /// - `forward`: each new column with its value from the old ones.
    /// - `backward`: each old column with its value from the new ones.
    ///
    /// Nothing is copied when the sides already agree; else the side that did not change is computed from the one that
    /// did; if both changed, both are kept; on insert the NULL side is computed from the other. Columns in sync have no
    /// default. The expressions are of the row alone: no subqueries, no random values.
    ///
    /// On PostgreSQL the trigger also fills a NOT NULL column that a release does not write; on SQLite it comes too late
    /// for that.
    ///
    /// ```yaml
    /// title: Store given and family names separately
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: integer, primary_key: true }
    ///         - { name: name, type: text }
    ///   - add_column: { table: users, column: given_name, type: text }
    ///   - add_column: { table: users, column: family_name, type: text }
    ///   - id: keep_in_step
    ///     sync_columns:
    ///       table: users
    ///       forward:
    ///         given_name: { postgres: "split_part(name, ' ', 1)", sqlite: "substr(name, 1, instr(name || ' ', ' ') - 1)" }
    ///         family_name: { postgres: "split_part(name, ' ', 2)", sqlite: "substr(name, instr(name || ' ', ' ') + 1)" }
    ///       backward: { name: "given_name || ' ' || family_name" }
    /// contract:
    ///   - drop_sync: { step: keep_in_step }
    ///   - drop_column: { table: users, column: name, replaced_by: [given_name, family_name] }
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
    /// ```
    "sync of columns" => pub struct SyncColumns {
        /// The table.
        table: Spanned<ObjectName>,
        /// New columns from the old ones.
        forward: Named<SqlText>,
        /// Old columns from the new ones.
        backward: Named<SqlText>,
    }
}

impl Operation for SyncColumns {
    const KEY: &'static str = "sync_columns";
    const PHASES: &'static [Phase] = &[Phase::Expand];

    fn derived_id(&self) -> String {
        let columns: Vec<&str> =
            self.forward.0.iter().map(|(name, _)| name.value.as_str()).collect();
        id(Self::KEY, &[&self.table, &columns.join("_")])
    }

    fn objects(&self) -> Vec<ObjectName> {
        vec![self.table.value.clone()]
    }

    fn place(&self, word: Word<'_>, _: Dialect) -> Option<Span> {
        word.filled(self.forward.0.iter().chain(&self.backward.0).map(|(column, _)| column))
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        let table = lowering.table(&self.table)?;
        let sides = self.two_sides(lowering);
        let free = self.free(lowering);
        let forward = self.side("forward", &self.forward, table, lowering);
        let backward = self.side("backward", &self.backward, table, lowering);
        sides?;
        free?;
        let sync = Sync::Columns {
            name: sync_name(lowering),
            table: self.table.value.clone(),
            forward: forward?,
            backward: backward?,
        };
        Some(vec![Change::CreateSync(Arc::new(sync))])
    }
}

impl SyncColumns {
    /// Reports a column that is filled from both sides.
    fn two_sides(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let is_forward = |name: &Name| self.forward.0.iter().any(|(new, _)| new.value == *name);
        let both = self.backward.0.iter().find(|(old, _)| is_forward(&old.value));
        let Some((name, _)) = both else { return Some(()) };
        lowering.invalid(
            name.span,
            format!("column `{}.{name}` is filled `forward` and `backward`", self.table),
            "put new columns under `forward` and old ones under `backward`",
        );
        None
    }

    /// Reports a column that another sync fills already.
    fn free(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let catalog = lowering.before;
        let mut all = Some(());
        let of_table = catalog.syncs.values().filter(|sync| *sync.table() == self.table.value);
        for sync in of_table {
            let filled = sync.filled();
            for (name, _) in self.forward.0.iter().chain(&self.backward.0) {
                if filled.contains(&&name.value) {
                    all = None;
                    let message = format!(
                        "column `{}.{name}` is kept in step by `{}` already",
                        self.table,
                        sync.name()
                    );
                    lowering.invalid(name.span, message, "end that sync first with `drop_sync`");
                }
            }
        }
        all
    }

    fn side(
        &self,
        key: &str,
        side: &Named<SqlText>,
        table: &Table,
        lowering: &mut Lowering<'_>,
    ) -> Option<Vec<(Name, SqlExpression)>> {
        if side.0.is_empty() {
            let message = format!("`{key}` names no column");
            lowering.invalid(self.table.span, message, format!("write `{key}: {{ column: … }}`"));
            return None;
        }
        let own: Vec<&Name> = side.0.iter().map(|(name, _)| &name.value).collect();
        let scope = Scope::of(&self.table.value, table);
        let mut lowered = Vec::with_capacity(side.0.len());
        for (name, text) in &side.0 {
            let column = lowering.column_of(&self.table.value, table, name);
            let value = lowering.parsed_expression(Role::Sync, text, &scope);
            let (Some(column), Some((value, parsed))) = (column, value) else { continue };
            let span = text.of(lowering.dialect).map_or(name.span, |text| text.span);
            let circle = parsed.columns.iter().find(|reference| {
                own.iter().any(|own| same_name(lowering.dialect, own.as_str(), &reference.name))
            });
            if let Some(reference) = circle {
                let message = format!("`{key}` computes `{name}` from `{}`", reference.name);
                let help = "compute each side from the columns of the other side";
                lowering.invalid(span, format!("{message}, which it fills too"), help);
            } else if matches!(column.generated, Some(Generated::Stored(_) | Generated::Virtual(_)))
            {
                let message = format!("column `{}.{name}` is generated", self.table);
                lowering.invalid(name.span, message, "keep plain columns in step only");
            } else {
                lowered.push((name.value.clone(), value));
            }
        }
        (lowered.len() == side.0.len()).then_some(lowered)
    }
}

/// Returns what the sync of this step is named, its triggers and functions included.
pub(super) fn sync_name(lowering: &Lowering<'_>) -> Name {
    let name = format!("planner_sync_{}_{}", lowering.plan, lowering.step.value);
    Name::new(shortened(&name, NAME_BYTES_MAX))
}
