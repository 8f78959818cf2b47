//! `deprecate_table`.

use super::{Lowering, Operation, id};
use crate::change::Change;
use crate::name::ObjectName;
use crate::phase::Phase;
use crate::source::Spanned;
use crate::yaml::decode::authored;

authored! {
    /// Records that a table is going to be dropped and its data given up. Nothing changes in the database.
    ///
    /// - `table`: the table; or a view, which is dropped by `drop_view`.
    ///
    /// ```yaml
    /// title: Give up carts
    /// expand:
    ///   - create_table:
    ///       table: carts
    ///       columns: [{ name: id, type: integer, primary_key: true }]
    ///   - deprecate_table: { table: carts }
    /// contract:
    ///   - drop_table: { table: carts }
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
    /// ```
    "table to deprecate" => pub struct DeprecateTable {
        /// The table.
        table: Spanned<ObjectName>,
    }
}

impl Operation for DeprecateTable {
    const KEY: &'static str = "deprecate_table";
    const PHASES: &'static [Phase] = &[Phase::Expand];

    fn derived_id(&self) -> String {
        id(Self::KEY, &[&self.table])
    }

    fn objects(&self) -> Vec<ObjectName> {
        vec![self.table.value.clone()]
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        if !lowering.before.views.contains_key(&self.table.value) {
            lowering.table(&self.table)?;
        }
        Some(vec![Change::Deprecate { table: self.table.value.clone(), column: None }])
    }
}
