//! `set_not_null`.

use super::{Lowering, Operation, id};
use crate::change::Change;
use crate::name::{Name, ObjectName};
use crate::phase::Phase;
use crate::source::Spanned;
use crate::yaml::decode::authored;

authored! {
    /// Forbids NULL in a column. Releases that still write NULL would fail, so this waits for a gate; rows that are NULL
    /// must be filled before.
    ///
    /// - `table`, `column`: which.
    ///
    /// On PostgreSQL the rows are checked without blocking writes; on SQLite the table is rebuilt.
    ///
    /// ```yaml
    /// title: Every order has a region
    /// expand:
    ///   - create_table:
    ///       table: orders
    ///       columns:
    ///         - { name: id, type: integer, primary_key: true }
    ///         - { name: region, type: text, default: "'eu'" }
    /// backfill:
    ///   - update: { table: orders, set: { region: "'eu'" }, where: region IS NULL }
    /// contract:
    ///   - set_not_null: { table: orders, column: region }
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
    /// ```
    "column to make NOT NULL" => pub struct SetNotNull {
        /// The table.
        table: Spanned<ObjectName>,
        /// The column.
        column: Spanned<Name>,
    }
}

impl Operation for SetNotNull {
    const KEY: &'static str = "set_not_null";
    // In expand only on what the same plan adds, which the rules decide.
    const PHASES: &'static [Phase] = &[Phase::Expand, Phase::Contract];

    fn derived_id(&self) -> String {
        id(Self::KEY, &[&self.table, &self.column])
    }

    fn objects(&self) -> Vec<ObjectName> {
        vec![self.table.value.clone()]
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        let column = lowering.column(&self.table, &self.column)?;
        if !column.nullable && !lowering.is_suspended(&self.table.value) {
            let message = format!("column `{}.{}` is NOT NULL already", self.table, self.column);
            lowering.invalid(self.column.span, message, "remove the step");
            return None;
        }
        let (table, column) = (self.table.value.clone(), self.column.value.clone());
        Some(vec![Change::SetNullable { table, column, nullable: false }])
    }
}
