//! `create_index`.

use super::fields::{ColumnList, IndexField, NonEmpty, postgres_word};
use super::lowering::expression::Scope;
use super::lowering::naming::{Suffix, TakenNames};
use super::lowering::{Reported, Role};
use super::{Lowering, Operation, id};
use crate::catalog::{IndexTerms, Index, IndexColumn, Table};
use crate::change::Change;
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};
use crate::phase::Phase;
use crate::source::Spanned;
use crate::yaml::decode::authored;
use crate::yaml::text::SqlText;

authored! {
    /// Creates an index; on PostgreSQL without blocking writes.
    ///
    /// - `table`: the table.
    /// - `columns`: at least one, each a column's name or `{ column | expression, order?, nulls?, opclass? }` with
    ///   `order: asc` or `desc` and `nulls: first` or `last`.
    /// - `name`: its name; else `orders_region_code_idx`, or `…_key` if it is unique.
    /// - `unique`: whether no two rows may be equal in it. On a table that exists this restricts what live releases
    ///   write, so it belongs into contract unless its columns are new too.
    /// - `where`: the condition of a partial index.
    /// - `method`, `include`: the access method and further columns kept in it (PostgreSQL; write
    ///   `method: { postgres: gin }` in plans for both).
    ///
    /// ```yaml
    /// title: Find orders by region
    /// expand:
    ///   - create_table:
    ///       table: orders
    ///       columns:
    ///         - { name: id, type: integer, primary_key: true }
    ///         - { name: region, type: text }
    ///         - { name: code, type: text }
    ///   - create_index: { table: orders, columns: [region, { column: code, order: desc }] }
    ///   - id: codes_in_lower_case
    ///     create_index:
    ///       table: orders
    ///       columns: [{ expression: lower(code) }]
    ///       name: orders_code_lower
    ///       where: region IS NOT NULL
    ///       method: { postgres: btree }
    /// ```
    "index to create" => pub struct CreateIndex {
        /// The table.
        table: Spanned<ObjectName>,
        /// Its parts in order.
        columns: NonEmpty<IndexField>,
        /// Its name.
        name: Option<Spanned<Name>>,
        /// Whether no two rows may be equal in it.
        unique: Option<bool>,
        /// The condition of a partial index.
        r#where: Option<SqlText>,
        /// The access method (PostgreSQL).
        method: Option<SqlText>,
        /// Further columns that are kept in it (PostgreSQL).
        include: Option<ColumnList>,
    }
}

impl Operation for CreateIndex {
    const KEY: &'static str = "create_index";
    const PHASES: &'static [Phase] = &[Phase::Expand, Phase::Contract];

    fn derived_id(&self) -> String {
        if let Some(name) = &self.name {
            return id(Self::KEY, &[name]);
        }
        let parts = self.columns.0.iter().map(|part| match &part.0.value.column {
            Some(column) => column.to_string(),
            None => "expr".to_owned(),
        });
        id(Self::KEY, &[&self.table, &parts.collect::<Vec<_>>().join("_")])
    }

    fn objects(&self) -> Vec<ObjectName> {
        let table = &self.table.value;
        let named = self.name.iter().map(|name| table.sibling(name.value.clone()));
        std::iter::once(table.clone()).chain(named).collect()
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        let name = &self.table.value;
        let table = lowering.table(&self.table)?;
        let parts: Vec<Option<(IndexColumn, Name)>> =
            self.columns.0.iter().map(|part| part.lower(name, table, lowering)).collect();
        let predicate = match &self.r#where {
            Some(text) => {
                let scope = Scope::of(name, table);
                lowering.expression_as(Role::Index, text, &scope).map(Some)
            }
            None => Some(None),
        };
        let method = self.method(lowering);
        let include = self.included(table, lowering);
        let (columns, words): (Vec<IndexColumn>, Vec<Name>) =
            parts.into_iter().collect::<Option<Vec<_>>>()?.into_iter().unzip();
        let (predicate, method, include) = (predicate?, method.ok()?, include?);
        let unique = self.unique.unwrap_or(false);
        let catalog = lowering.before;
        let mut names = TakenNames::of(catalog, name, Some(table));
        let index_name = match &self.name {
            Some(written) => names.write("index", written, lowering)?,
            None => names.make(&words, if unique { Suffix::Key } else { Suffix::Index }),
        };
        let index = Index { columns, unique, predicate, method, include, valid: true,  terms: IndexTerms::default() };
        Some(vec![Change::CreateIndex { table: name.clone(), name: index_name, index }])
    }
}

impl CreateIndex {
    /// Returns the access method, `None` inside for the one that every engine has.
    fn method(&self, lowering: &mut Lowering<'_>) -> Result<Option<Name>, Reported> {
        let Some(text) = &self.method else { return Ok(None) };
        let written = text.of(lowering.dialect).map(|text| text.value.trim());
        if written.is_some_and(|method| method.eq_ignore_ascii_case("btree")) {
            return Ok(None);
        }
        let method = postgres_word("access methods", text, lowering)?;
        Ok(method.map(|method| Name::from(method.as_str().to_ascii_lowercase())))
    }

    fn included(&self, table: &Table, lowering: &mut Lowering<'_>) -> Option<Vec<Name>> {
        let Some(include) = &self.include else { return Some(Vec::new()) };
        lowering.has_columns(&self.table.value, table, &include.0)?;
        match (lowering.dialect, include.0.first()) {
            (Dialect::Sqlite, Some(first)) => {
                lowering.unsupported(
                    first.span,
                    "sqlite keeps no further columns in an index",
                    "add them at the end of `columns` if the index is not unique, or remove `include`",
                );
                None
            }
            (Dialect::Sqlite, None) | (Dialect::Postgres, _) => Some(include.names()),
        }
    }
}
