//! `drop_table`.

use super::fields::ColumnList;
use super::{Lowering, Operation, Word, id};
use crate::change::Change;
use crate::change::effect::Object;
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};
use crate::phase::Phase;
use crate::source::{Span, Spanned};
use crate::yaml::decode::authored;

authored! {
    /// Drops a table with its columns, indexes and constraints.
    ///
    /// - `table`: the table.
    /// - `replaced_by`: the tables that its rows were copied to in an earlier phase. Without it the table must have been
    ///   retired by `deprecate_table`.
    /// - `discard`: columns whose data is given up on purpose, though the table is replaced.
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
    /// gates: { contract: { releases: { none: "no release knows carts" } } }
    /// ```
    "table to drop" => pub struct DropTable {
        /// The table.
        table: Spanned<ObjectName>,
        /// The tables that took its place.
        replaced_by: Vec<Spanned<ObjectName>>,
        /// Columns whose data is given up.
        discard: Option<ColumnList>,
    }
}

impl Operation for DropTable {
    const KEY: &'static str = "drop_table";
    const PHASES: &'static [Phase] = &[Phase::Contract];

    fn derived_id(&self) -> String {
        id(Self::KEY, &[&self.table])
    }

    fn objects(&self) -> Vec<ObjectName> {
        vec![self.table.value.clone()]
    }

    fn place(&self, word: Word<'_>, _: Dialect) -> Option<Span> {
        word.replacement(&self.replaced_by, &self.replaced_by())
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        let replacing: Vec<bool> =
            self.replaced_by.iter().map(|table| lowering.table(table).is_some()).collect();
        let table = lowering.table(&self.table)?;
        let discarded = self.discard.iter().flat_map(|list| &list.0);
        lowering.has_columns(&self.table.value, table, discarded)?;
        let itself = self.replaced_by.iter().find(|table| table.value == self.table.value);
        if let Some(itself) = itself {
            let message = format!("table `{itself}` cannot replace itself");
            lowering.invalid(itself.span, message, "name the table that has the rows");
            return None;
        }
        let name = self.table.value.clone();
        replacing.iter().all(|known| *known).then(|| vec![Change::DropTable { name }])
    }

    fn replaced_by(&self) -> Vec<Object> {
        self.replaced_by.iter().map(|table| Object::Table(table.value.clone())).collect()
    }

    fn discarded(&self) -> Vec<Name> {
        self.discard.as_ref().map(ColumnList::names).unwrap_or_default()
    }
}
