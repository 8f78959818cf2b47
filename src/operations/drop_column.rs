//! `drop_column`.

use super::fields::ColumnPaths;
use super::{Lowering, Operation, Word, id};
use crate::catalog::{SqlExpression, Sync};
use crate::change::Change;
use crate::change::effect::Object;
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};
use crate::phase::Phase;
use crate::source::{Span, Spanned};
use crate::yaml::decode::authored;

authored! {
    /// Drops a column, with the indexes and constraints that are on it alone.
    ///
    /// - `table`, `column`: which.
    /// - `replaced_by`: the columns that have its data, `column` of the same table or `table.column`; added and filled in
    ///   earlier phases. Without it the column must have been retired by `deprecate_column`.
    ///
    /// If a `sync_columns` of the same plan computes the column `backward`, undoing the drop fills it again.
    ///
    /// ```yaml
    /// title: Store the full name
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: integer, primary_key: true }
    ///         - { name: name, type: text }
    ///         - { name: nick, type: text }
    ///   - add_column: { table: users, column: full_name, type: text }
    ///   - deprecate_column: { table: users, column: nick }
    ///   - id: keep_in_step
    ///     sync_columns: { table: users, forward: { full_name: name }, backward: { name: full_name } }
    /// backfill:
    ///   - update: { table: users, set: { full_name: name }, where: full_name IS NULL AND name IS NOT NULL }
    /// contract:
    ///   - drop_sync: { step: keep_in_step }
    ///   - drop_column: { table: users, column: name, replaced_by: [full_name] }
    ///   - drop_column: { table: users, column: nick }
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
    /// ```
    "column to drop" => pub struct DropColumn {
        /// The table.
        table: Spanned<ObjectName>,
        /// The column.
        column: Spanned<Name>,
        /// The columns that took its place.
        replaced_by: ColumnPaths,
    }
}

impl Operation for DropColumn {
    const KEY: &'static str = "drop_column";
    const PHASES: &'static [Phase] = &[Phase::Contract];

    fn derived_id(&self) -> String {
        id(Self::KEY, &[&self.table, &self.column])
    }

    fn objects(&self) -> Vec<ObjectName> {
        vec![self.table.value.clone()]
    }

    fn place(&self, word: Word<'_>, _: Dialect) -> Option<Span> {
        word.replacement(&self.replaced_by.0, &self.replaced_by())
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        let found = lowering.column(&self.table, &self.column);
        let replacing = self.replaced_by.check(&self.table.value, lowering);
        found?;
        replacing?;
        let own = Object::Column(self.table.value.clone(), self.column.value.clone());
        let objects = self.replaced_by.objects(&self.table.value);
        let itself = objects.iter().position(|object| *object == own);
        if let Some(path) = itself.and_then(|at| self.replaced_by.0.get(at)) {
            let message = format!("column `{own}` cannot replace itself");
            lowering.invalid(path.span, message, "name the columns that have its data");
            return None;
        }
        Some(vec![Change::DropColumn {
            table: self.table.value.clone(),
            column: self.column.value.clone(),
            refill: self.refill(lowering),
        }])
    }

    fn replaced_by(&self) -> Vec<Object> {
        self.replaced_by.objects(&self.table.value)
    }
}

impl DropColumn {
    /// Returns how a sync of this plan computes the column from those that stay.
    fn refill(&self, lowering: &Lowering<'_>) -> Option<SqlExpression> {
        lowering.syncs.values().find_map(|sync| match &**sync {
            Sync::Columns { table, backward, .. } if *table == self.table.value => backward
                .iter()
                .find(|(column, _)| *column == self.column.value)
                .map(|(_, value)| value.clone()),
            Sync::Columns { .. } | Sync::Tables(_) => None,
        })
    }
}
