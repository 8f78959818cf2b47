//! `update`.

use super::fields::ColumnList;
use super::lowering::Role;
use super::lowering::expression::Scope;
use super::{Lowering, Operation, Word, id};
use crate::catalog::{Generated, Identity, SqlExpression, Table};
use crate::change::{Batch, Change, DataChange, Write};
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};
use crate::phase::Phase;
use crate::source::{Span, Spanned};
use crate::yaml::decode::{Named, authored};
use crate::yaml::text::SqlText;

authored! {
    /// Sets columns of rows, in batches.
    ///
    /// - `table`: the table.
    /// - `set`: each column with its value, computed from the row as it was.
    /// - `where`: the rows still to do; it must become false once a row is done, so that the work can stop anywhere and go
    ///   on later.
    /// - `batch`: `{ rows: 5000, pause: 10ms }`; fitted to the load if left out.
    /// - `key`: the columns to walk the rows by; the primary key if left out.
    ///
    /// ```yaml
    /// title: Every user has a shown name
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: integer, primary_key: true }
    ///         - { name: name, type: text }
    ///         - { name: shown_as, type: text }
    /// backfill:
    ///   - update:
    ///       table: users
    ///       set: { shown_as: upper(name) }
    ///       where: shown_as IS NULL AND name IS NOT NULL
    ///       batch: { rows: 5000, pause: 10ms }
    /// ```
    "update" => pub struct Update {
        /// The table.
        table: Spanned<ObjectName>,
        /// Columns and their values.
        set: Named<SqlText>,
        /// The rows still to do.
        r#where: SqlText,
        /// How it is cut up.
        batch: Option<Batch>,
        /// The columns to walk the rows by.
        key: Option<ColumnList>,
    }
}

impl Operation for Update {
    const KEY: &'static str = "update";
    const PHASES: &'static [Phase] = &[Phase::Backfill];

    fn derived_id(&self) -> String {
        let columns: Vec<&str> = self.set.0.iter().map(|(name, _)| name.value.as_str()).collect();
        id(Self::KEY, &[&self.table, &columns.join("_")])
    }

    fn objects(&self) -> Vec<ObjectName> {
        vec![self.table.value.clone()]
    }

    fn place(&self, word: Word<'_>, dialect: Dialect) -> Option<Span> {
        if word == Word::Condition {
            return self.r#where.of(dialect).map(|text| text.span);
        }
        let set = self.set.0.iter().map(|(column, _)| column);
        word.filled(set).or_else(|| word.key(self.key.as_ref()))
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        let name = &self.table.value;
        let table = lowering.table(&self.table)?;
        let scope = Scope::of(name, table);
        let set = self.set(table, &scope, lowering);
        let condition = lowering.expression_as(Role::Condition, &self.r#where, &scope);
        let key = match &self.key {
            Some(key) => {
                lowering.has_columns(name, table, &key.0)?;
                key.names()
            }
            None => primary_key(table),
        };
        Some(vec![Change::Write(DataChange {
            table: name.clone(),
            key,
            write: Write::Update { set: set? },
            condition: Some(condition?),
            batch: self.batch.unwrap_or_default(),
        })])
    }
}

impl Update {
    fn set(
        &self,
        table: &Table,
        scope: &Scope<'_>,
        lowering: &mut Lowering<'_>,
    ) -> Option<Vec<(Name, SqlExpression)>> {
        if self.set.0.is_empty() {
            let help = "write `set: { column: … }`";
            lowering.invalid(self.table.span, "`set` names no column", help);
            return None;
        }
        let mut set = Vec::with_capacity(self.set.0.len());
        for (column, text) in &self.set.0 {
            let found = lowering.column_of(scope.table, table, column);
            let value = lowering.expression_as(Role::Value, text, scope);
            let (Some(found), Some(value)) = (found, value) else { continue };
            let is_fixed = matches!(
                found.generated,
                Some(
                    Generated::Stored(_)
                        | Generated::Virtual(_)
                        | Generated::Identity(Identity::Always)
                )
            );
            if is_fixed {
                let message = format!("column `{}.{column}` is generated", self.table);
                lowering.invalid(column.span, message, "set the columns it is computed from");
            } else {
                set.push((column.value.clone(), value));
            }
        }
        (set.len() == self.set.0.len()).then_some(set)
    }
}

/// Returns the columns of a table's primary key; none if it has no primary key.
pub(super) fn primary_key(table: &Table) -> Vec<Name> {
    table.primary_key.as_ref().map(|key| key.columns.clone()).unwrap_or_default()
}
