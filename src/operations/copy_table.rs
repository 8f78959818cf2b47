//! `copy_table`.

use super::fields::{CopiedColumns, required_columns};
use super::lowering::Role;
use super::lowering::expression::Scope;
use super::sync_tables::two_tables;
use super::update::primary_key;
use super::{Lowering, Operation, Word, id};
use crate::change::{Batch, Change, DataChange, Write};
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};
use crate::phase::Phase;
use crate::source::{Span, Spanned};
use crate::yaml::decode::authored;
use crate::yaml::text::SqlText;

authored! {
    /// Copies rows of one table into another, in batches. Rows whose unique key exists there are left alone, so that it
    /// may stop anywhere and go on later.
    ///
    /// - `from`, `to`: the tables.
    /// - `columns`: a list of columns that have the same name in both, or a mapping from the target's columns to
    ///   expressions of the source row.
    /// - `where`: which rows of the source; all if left out.
    ///
    /// What releases write meanwhile is carried over by `sync_tables`. If the target numbers its rows by itself, it goes on behind the greatest
    /// number that was copied.
    ///
    /// ```yaml
    /// title: Keep addresses apart from users
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: integer, primary_key: true }
    ///         - { name: street, type: text }
    ///   - create_table:
    ///       table: addresses
    ///       columns:
    ///         - { name: user_id, type: integer, primary_key: true }
    ///         - { name: street, type: text, nullable: false }
    ///   - sync_tables:
    ///       from: users
    ///       to: addresses
    ///       columns: { user_id: id, street: "coalesce(street, '')" }
    ///       key: user_id
    /// backfill:
    ///   - copy_table:
    ///       from: users
    ///       to: addresses
    ///       columns: { user_id: id, street: "coalesce(street, '')" }
    /// ```
    "copy" => pub struct CopyTable {
        /// Where the rows come from.
        from: Spanned<ObjectName>,
        /// Where they go.
        to: Spanned<ObjectName>,
        /// Target columns and their values.
        columns: CopiedColumns,
        /// Which rows of the source.
        r#where: Option<SqlText>,
    }
}

impl Operation for CopyTable {
    const KEY: &'static str = "copy_table";
    const PHASES: &'static [Phase] = &[Phase::Backfill];

    fn derived_id(&self) -> String {
        id(Self::KEY, &[&self.from, &self.to])
    }

    fn objects(&self) -> Vec<ObjectName> {
        vec![self.from.value.clone(), self.to.value.clone()]
    }

    fn place(&self, word: Word<'_>, _: Dialect) -> Option<Span> {
        word.filled(self.columns.0.iter().map(|(column, _)| column))
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        let source = lowering.table(&self.from);
        let target = lowering.table(&self.to);
        let (source, target) = (source?, target?);
        two_tables(&self.from, &self.to, lowering)?;
        let (from, to) = (&self.from.value, &self.to.value);
        let columns = self.columns.lower(lowering, Role::Value, (from, source), (to, target));
        let condition = match &self.r#where {
            Some(text) => {
                let scope = Scope::of(from, source);
                lowering.expression_as(Role::Condition, text, &scope).map(Some)
            }
            None => Some(None),
        };
        let columns = columns?;
        let given: Vec<&Name> = columns.iter().map(|(name, _)| name).collect();
        required_columns(lowering, self.to.span, to, target, &given)?;
        Some(vec![Change::Write(DataChange {
            table: from.clone(),
            key: primary_key(source),
            write: Write::Copy { to: to.clone(), columns, overwrite: false },
            condition: condition?,
            batch: Batch::default(),
        })])
    }
}
