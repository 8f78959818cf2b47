//! `add_column`.

use super::{Lowering, Operation};
use crate::change::Change;
use crate::name::{Name, ObjectName};
use crate::phase::Phase;
use crate::yaml::decode::authored;
use crate::yaml::text::SqlText;
use crate::source::Spanned;

authored! {
    /// Adds a column to an existing table.
    "column to add" => pub struct AddColumn {
        /// The table.
        table: Spanned<ObjectName>,
        /// The new column's name.
        column: Spanned<Name>,
        /// Its type.
        r#type: SqlText,
    }
}

impl Operation for AddColumn {
    const KEY: &'static str = "add_column";
    const PHASES: &'static [Phase] = &[Phase::Expand];

    fn derived_id(&self) -> String {
        format!("add_column_{}_{}", self.table.value, self.column.value)
    }

    fn objects(&self) -> Vec<ObjectName> {
        vec![self.table.value.clone()]
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        let _ = lowering;
        todo!()
    }
}
