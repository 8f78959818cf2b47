//! `deprecate_column`.

use super::lowering::Role;
use super::lowering::expression::Scope;
use super::{Lowering, Operation, Word, id};
use crate::change::Change;
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};
use crate::phase::Phase;
use crate::source::{Span, Spanned};
use crate::yaml::decode::authored;
use crate::yaml::text::SqlText;

authored! {
    /// Records that a column is going to be dropped and its data given up.
    ///
    /// - `table`, `column`: which.
    /// - `default`: a default to give it, so that releases which no longer write the column can insert while it is still
    ///   there. A NOT NULL column without a default needs one.
    ///
    /// Nothing else changes in the database.
    ///
    /// ```yaml
    /// title: Give up fax numbers
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: integer, primary_key: true }
    ///         - { name: fax, type: text, nullable: false }
    ///   - deprecate_column: { table: users, column: fax, default: "''" }
    /// contract:
    ///   - drop_column: { table: users, column: fax }
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
    /// ```
    "column to deprecate" => pub struct DeprecateColumn {
        /// The table.
        table: Spanned<ObjectName>,
        /// The column.
        column: Spanned<Name>,
        /// Its default from now on.
        default: Option<SqlText>,
    }
}

impl Operation for DeprecateColumn {
    const KEY: &'static str = "deprecate_column";
    const PHASES: &'static [Phase] = &[Phase::Expand];

    fn derived_id(&self) -> String {
        id(Self::KEY, &[&self.table, &self.column])
    }

    fn objects(&self) -> Vec<ObjectName> {
        vec![self.table.value.clone()]
    }

    fn place(&self, word: Word<'_>, dialect: Dialect) -> Option<Span> {
        let default = self.default.as_ref().filter(|_| word == Word::Default);
        default.and_then(|default| default.of(dialect)).map(|text| text.span)
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        let table = lowering.table(&self.table)?;
        let found = lowering.column_of(&self.table.value, table, &self.column);
        let scope = Scope::of(&self.table.value, table);
        let default = match &self.default {
            Some(text) => Some(lowering.expression_as(Role::Default, text, &scope)?),
            None => None,
        };
        super::set_default::may_have_default(
            found?,
            &self.table,
            &self.column,
            default.as_ref(),
            lowering,
        )?;
        let (table, column) = (self.table.value.clone(), self.column.value.clone());
        let set = default.map(|default| Change::SetDefault {
            table: table.clone(),
            column: column.clone(),
            default: Some(default),
        });
        let deprecate = Change::Deprecate { table, column: Some(column) };
        Some(set.into_iter().chain([deprecate]).collect())
    }
}
