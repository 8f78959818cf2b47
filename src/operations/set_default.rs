//! `set_default`.

use super::lowering::Role;
use super::lowering::expression::Scope;
use super::{Lowering, Operation, Word, id};
use crate::catalog::{Column, SqlExpression};
use crate::change::Change;
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};
use crate::phase::Phase;
use crate::source::{Span, Spanned};
use crate::yaml::decode::authored;
use crate::yaml::text::SqlText;

authored! {
    /// Gives a column a default, or another one. Rows that are there keep their values.
    ///
    /// - `table`, `column`: which.
    /// - `default`: an expression that names no column; a text stands in single quotes, as `"'new'"`.
    ///
    /// ```yaml
    /// title: Orders start as new
    /// expand:
    ///   - create_table:
    ///       table: orders
    ///       columns:
    ///         - { name: id, type: integer, primary_key: true }
    ///         - { name: status, type: text }
    ///   - set_default: { table: orders, column: status, default: "'new'" }
    /// ```
    "default to set" => pub struct SetDefault {
        /// The table.
        table: Spanned<ObjectName>,
        /// The column.
        column: Spanned<Name>,
        /// The value of rows that name none.
        default: SqlText,
    }
}

impl Operation for SetDefault {
    const KEY: &'static str = "set_default";
    const PHASES: &'static [Phase] = &[Phase::Expand, Phase::Contract];

    fn derived_id(&self) -> String {
        id(Self::KEY, &[&self.table, &self.column])
    }

    fn objects(&self) -> Vec<ObjectName> {
        vec![self.table.value.clone()]
    }

    fn place(&self, word: Word<'_>, dialect: Dialect) -> Option<Span> {
        let default = self.default.of(dialect).filter(|_| word == Word::Default);
        default.map(|text| text.span)
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        let table = lowering.table(&self.table)?;
        let found = lowering.column_of(&self.table.value, table, &self.column);
        let scope = Scope::of(&self.table.value, table);
        let default = Some(lowering.expression_as(Role::Default, &self.default, &scope)?);
        may_have_default(found?, &self.table, &self.column, default.as_ref(), lowering)?;
        let (table, column) = (self.table.value.clone(), self.column.value.clone());
        Some(vec![Change::SetDefault { table, column, default }])
    }
}

/// Reports a default for a column whose value the database makes itself.
pub(super) fn may_have_default(
    column: &Column,
    table: &Spanned<ObjectName>,
    name: &Spanned<Name>,
    default: Option<&SqlExpression>,
    lowering: &mut Lowering<'_>,
) -> Option<()> {
    if column.generated.is_none() || default.is_none() {
        return Some(());
    }
    let message = format!("column `{table}.{name}` is generated and has no default");
    lowering.invalid(name.span, message, "remove the default");
    None
}
