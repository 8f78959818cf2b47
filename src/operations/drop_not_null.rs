//! `drop_not_null`.

use super::{Lowering, Operation, id};
use crate::catalog::Generated;
use crate::change::Change;
use crate::name::{Name, ObjectName};
use crate::phase::Phase;
use crate::source::Spanned;
use crate::yaml::decode::authored;

authored! {
    /// Allows NULL in a column. Releases that read it rely on a value, so this waits for a gate.
    ///
    /// - `table`, `column`: which; not a column of the primary key.
    ///
    /// ```yaml
    /// title: Orders without a region
    /// expand:
    ///   - create_table:
    ///       table: orders
    ///       columns:
    ///         - { name: id, type: integer, primary_key: true }
    ///         - { name: region, type: text, nullable: false }
    /// contract:
    ///   - drop_not_null: { table: orders, column: region }
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
    /// ```
    "column to allow NULL in" => pub struct DropNotNull {
        /// The table.
        table: Spanned<ObjectName>,
        /// The column.
        column: Spanned<Name>,
    }
}

impl Operation for DropNotNull {
    const KEY: &'static str = "drop_not_null";
    const PHASES: &'static [Phase] = &[Phase::Contract];

    fn derived_id(&self) -> String {
        id(Self::KEY, &[&self.table, &self.column])
    }

    fn objects(&self) -> Vec<ObjectName> {
        vec![self.table.value.clone()]
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        let table = lowering.table(&self.table)?;
        let column = lowering.column_of(&self.table.value, table, &self.column)?;
        let (name, span) = (&self.column.value, self.column.span);
        let is_key = table.primary_key.as_ref().is_some_and(|key| key.columns.contains(name));
        let numbers_itself = matches!(column.generated, Some(Generated::Identity(_)));
        let refused = if is_key {
            Some(("is in the primary key, which is never NULL", "remove the step"))
        } else if numbers_itself {
            Some(("numbers itself and is never NULL", "remove the step"))
        } else if column.nullable && !lowering.is_suspended(&self.table.value) {
            Some(("may be NULL already", "remove the step"))
        } else {
            None
        };
        if let Some((why, help)) = refused {
            lowering.invalid(span, format!("column `{}.{name}` {why}", self.table), help);
            return None;
        }
        let (table, column) = (self.table.value.clone(), name.clone());
        Some(vec![Change::SetNullable { table, column, nullable: true }])
    }
}
