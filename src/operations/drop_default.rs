//! `drop_default`.

use super::{Lowering, Operation, id};
use crate::change::Change;
use crate::name::{Name, ObjectName};
use crate::phase::Phase;
use crate::source::Spanned;
use crate::yaml::decode::authored;

authored! {
    /// Takes a column's default away. Releases that do not write the column rely on it, so this waits for a gate.
    ///
    /// - `table`, `column`: which.
    ///
    /// ```yaml
    /// title: Orders say their region
    /// expand:
    ///   - create_table:
    ///       table: orders
    ///       columns:
    ///         - { name: id, type: integer, primary_key: true }
    ///         - { name: region, type: text, default: "'eu'" }
    /// contract:
    ///   - drop_default: { table: orders, column: region }
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
    /// ```
    "default to drop" => pub struct DropDefault {
        /// The table.
        table: Spanned<ObjectName>,
        /// The column.
        column: Spanned<Name>,
    }
}

impl Operation for DropDefault {
    const KEY: &'static str = "drop_default";
    const PHASES: &'static [Phase] = &[Phase::Contract];

    fn derived_id(&self) -> String {
        id(Self::KEY, &[&self.table, &self.column])
    }

    fn objects(&self) -> Vec<ObjectName> {
        vec![self.table.value.clone()]
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        let column = lowering.column(&self.table, &self.column)?;
        let name = &self.column;
        if column.default.is_none() && !lowering.is_suspended(&self.table.value) {
            let message = format!("column `{}.{name}` has no default", self.table);
            lowering.invalid(name.span, message, "remove the step");
            return None;
        }
        let (table, column) = (self.table.value.clone(), name.value.clone());
        Some(vec![Change::SetDefault { table, column, default: None }])
    }
}
