//! `insert`.

use super::fields::{ColumnList, NonEmpty, required_columns};
use super::lowering::Role;
use super::lowering::expression::Scope;
use super::{Lowering, Operation, Word, id};
use crate::catalog::{Generated, Identity, SqlExpression, Table};
use crate::change::{Batch, Change, DataChange, Write};
use crate::diagnostic::{Diagnostic, code};
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};
use crate::phase::Phase;
use crate::source::{Span, Spanned};
use crate::yaml::decode::authored;
use crate::yaml::text::SqlText;

authored! {
    /// Inserts rows. Rows whose unique key exists are left alone, so that it may run twice.
    ///
    /// - `table`: the table.
    /// - `columns`: the columns that get values.
    /// - `values`: a list of rows, each a list with one expression per column; a text stands in single quotes, as
    ///   `"'eu'"`. Or
    /// - `select`: a query with one result column per column.
    ///
    /// ```yaml
    /// title: Know the regions
    /// expand:
    ///   - create_table:
    ///       table: regions
    ///       columns:
    ///         - { name: code, type: text, primary_key: true }
    ///         - { name: rank, type: integer }
    ///   - create_table:
    ///       table: depots
    ///       columns: [{ name: region, type: text, primary_key: true }]
    /// backfill:
    ///   - insert: { table: regions, columns: [code, rank], values: [["'eu'", 1], ["'us'", 2]] }
    ///   - insert: { table: depots, columns: [region], select: SELECT code FROM regions WHERE rank = 1 }
    /// ```
    "insert" => pub struct Insert {
        /// The table.
        table: Spanned<ObjectName>,
        /// The columns that get values.
        columns: ColumnList,
        /// A query for the rows.
        select: Option<SqlText>,
        /// The rows.
        values: Option<NonEmpty<Spanned<NonEmpty<SqlText>>>>,
    }
}

impl Operation for Insert {
    const KEY: &'static str = "insert";
    const PHASES: &'static [Phase] = &[Phase::Backfill];

    fn derived_id(&self) -> String {
        id(Self::KEY, &[&self.table])
    }

    fn objects(&self) -> Vec<ObjectName> {
        vec![self.table.value.clone()]
    }

    fn place(&self, word: Word<'_>, _: Dialect) -> Option<Span> {
        word.filled(&self.columns.0)
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        let name = &self.table.value;
        let table = lowering.table(&self.table)?;
        let writable = self.writable(table, lowering);
        let columns = self.columns.names();
        let given: Vec<&Name> = columns.iter().collect();
        let complete = required_columns(lowering, self.table.span, name, table, &given);
        let write = match (&self.select, &self.values) {
            (Some(select), None) => self.selected(select, columns, lowering),
            (None, Some(values)) => self.literal(&values.0, columns, lowering),
            (None, None) => {
                let message = "the insert has neither `select` nor `values`";
                lowering.report(
                    Diagnostic::new(code::MISSING_KEY, message)
                        .at(self.table.span)
                        .help("add `values: [[…]]` or `select: …`"),
                );
                None
            }
            (Some(select), Some(_)) => {
                let span = select.of(lowering.dialect).map_or(self.table.span, |text| text.span);
                lowering.invalid(
                    span,
                    "the insert has both `select` and `values`",
                    "keep one of them, and write a second insert for the other",
                );
                None
            }
        };
        writable?;
        complete?;
        Some(vec![Change::Write(DataChange {
            table: name.clone(),
            key: Vec::new(),
            write: write?,
            condition: None,
            batch: Batch::default(),
        })])
    }
}

impl Insert {
    /// Checks that every column exists and may be written.
    fn writable(&self, table: &Table, lowering: &mut Lowering<'_>) -> Option<()> {
        let mut all = Some(());
        for column in &self.columns.0 {
            let Some(found) = lowering.column_of(&self.table.value, table, column) else {
                all = None;
                continue;
            };
            let is_fixed = matches!(
                found.generated,
                Some(
                    Generated::Stored(_)
                        | Generated::Virtual(_)
                        | Generated::Identity(Identity::Always)
                )
            );
            if is_fixed {
                all = None;
                let message = format!("column `{}.{column}` is generated", self.table);
                lowering.invalid(column.span, message, "leave it out");
            }
        }
        all
    }

    fn selected(
        &self,
        select: &SqlText,
        columns: Vec<Name>,
        lowering: &mut Lowering<'_>,
    ) -> Option<Write> {
        let query = lowering.query(select)?;
        let n_results = query.columns.as_ref().map_or(columns.len(), Vec::len);
        if n_results != columns.len() {
            let span = select.of(lowering.dialect).map_or(self.table.span, |text| text.span);
            let message = format!("the query gives {n_results} columns for {}", columns.len());
            lowering.invalid(span, message, "select one result column per column");
            return None;
        }
        Some(Write::InsertSelect { columns, query: query.sql })
    }

    fn literal(
        &self,
        values: &[Spanned<NonEmpty<SqlText>>],
        columns: Vec<Name>,
        lowering: &mut Lowering<'_>,
    ) -> Option<Write> {
        let mut rows = Vec::with_capacity(values.len());
        // A value of a new row has no row to name columns of.
        let scope = Scope { table: &self.table.value, columns: Vec::new() };
        for row in values {
            let n_values = row.value.0.len();
            if n_values != columns.len() {
                let message = format!("a row has {n_values} values for {} columns", columns.len());
                lowering.invalid(row.span, message, "write one value per column");
                continue;
            }
            let read: Vec<Option<SqlExpression>> = row
                .value
                .0
                .iter()
                .map(|text| lowering.expression_as(Role::NewValue, text, &scope))
                .collect();
            rows.extend(read.into_iter().collect::<Option<Vec<_>>>());
        }
        (rows.len() == values.len()).then_some(Write::InsertValues { columns, rows })
    }
}
