//! `delete`.

use super::lowering::Role;
use super::lowering::expression::Scope;
use super::update::primary_key;
use super::{Lowering, Operation, Word, id};
use crate::change::{Batch, Change, DataChange, Write};
use crate::dialect::Dialect;
use crate::name::ObjectName;
use crate::phase::Phase;
use crate::source::{Span, Spanned};
use crate::yaml::decode::authored;
use crate::yaml::text::SqlText;

authored! {
    /// Deletes rows, in batches. Nothing brings them back.
    ///
    /// - `table`: the table.
    /// - `where`: which rows.
    ///
    /// ```yaml
    /// title: Forget empty carts
    /// expand:
    ///   - create_table:
    ///       table: carts
    ///       columns:
    ///         - { name: id, type: integer, primary_key: true }
    ///         - { name: n_items, type: integer }
    /// backfill:
    ///   - delete: { table: carts, where: n_items = 0 }
    /// ```
    "delete" => pub struct Delete {
        /// The table.
        table: Spanned<ObjectName>,
        /// Which rows.
        r#where: SqlText,
    }
}

impl Operation for Delete {
    const KEY: &'static str = "delete";
    const PHASES: &'static [Phase] = &[Phase::Backfill];

    fn derived_id(&self) -> String {
        id(Self::KEY, &[&self.table])
    }

    fn objects(&self) -> Vec<ObjectName> {
        vec![self.table.value.clone()]
    }

    fn place(&self, word: Word<'_>, dialect: Dialect) -> Option<Span> {
        let condition = self.r#where.of(dialect).filter(|_| word == Word::Condition);
        condition.map(|text| text.span)
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        let table = lowering.table(&self.table)?;
        let scope = Scope::of(&self.table.value, table);
        let condition = lowering.expression_as(Role::Condition, &self.r#where, &scope)?;
        Some(vec![Change::Write(DataChange {
            table: self.table.value.clone(),
            key: primary_key(table),
            write: Write::Delete,
            condition: Some(condition),
            batch: Batch::default(),
        })])
    }
}
