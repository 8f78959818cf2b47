//! Whole queries in plans: of a view, of an insert, of a probe.

use super::Lowering;
use super::expression::same_name;
use crate::catalog::SqlExpression;
use crate::diagnostic::{Diagnostic, code, did_you_mean};
use crate::dialect::Dialect;
use crate::expressions::{self, Expression, TableReference};
use crate::name::{Name, ObjectName};
use crate::source::Spanned;
use crate::yaml::text::SqlText;

/// A query that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Its text.
    pub sql: SqlExpression,
    /// The names of its result columns, where they can be told.
    pub columns: Option<Vec<Name>>,
}

impl Lowering<'_> {
    /// Takes a query for this dialect, parses it, and checks the tables and columns it names.
    pub fn query(&mut self, text: &SqlText) -> Option<Query> {
        let written = self.text(text)?;
        let (parsed, columns) = self.parse_query(written)?;
        let n_found = self.sink.len();
        let is_known = self.relations(written, &parsed.tables);
        if is_known {
            self.query_columns(written, &parsed);
        }
        (is_known && self.sink.len() == n_found).then(|| Query {
            sql: without_end(&written.value),
            columns: columns.map(|names| names.into_iter().map(Name::from).collect()),
        })
    }

    /// Reports the names that a query has and nobody knows. Whether it is one, the statement around it has told.
    pub fn names_in_query(&mut self, written: &Spanned<String>) {
        let Ok((parsed, _)) = expressions::query(self.dialect, &written.value) else { return };
        if self.relations(written, &parsed.tables) {
            self.query_columns(written, &parsed);
        }
    }

    /// Takes a query for this dialect and parses it; what it names may be made by the step itself.
    pub fn unchecked_query(&mut self, text: &SqlText) -> Option<SqlExpression> {
        let written = self.text(text)?;
        self.parse_query(written)?;
        Some(without_end(&written.value))
    }

    fn parse_query(
        &mut self,
        written: &Spanned<String>,
    ) -> Option<(Expression, Option<Vec<String>>)> {
        match expressions::query(self.dialect, &written.value) {
            Ok(read) => Some(read),
            Err(error) => {
                self.not_sql("a query", "one SQL query", written, &error);
                None
            }
        }
    }

    /// Reports columns that none of the query's tables has, where their table can be told.
    fn query_columns(&mut self, written: &Spanned<String>, parsed: &Expression) {
        let dialect = self.dialect;
        let mut unknown: Vec<(ObjectName, usize, Vec<String>)> = Vec::new();
        for (at, column) in parsed.columns.iter().enumerate() {
            let mut named = parsed.tables.iter().filter(|table| {
                column
                    .qualifier
                    .as_ref()
                    .is_none_or(|qualifier| is_called(dialect, table, qualifier))
            });
            // Only a reference to one table is certain: subqueries see the tables around them too.
            let (Some(table), None) = (named.next(), named.next()) else { continue };
            if column.qualifier.is_none() && parsed.has_subquery {
                continue;
            }
            let name = ObjectName::parse(&table.name);
            let Some(known) = self.relation(&name).filter(|known| !known.is_empty()) else {
                continue;
            };
            if !known.iter().any(|own| same_name(dialect, own.as_str(), &column.name)) {
                unknown.push((name, at, known.iter().map(ToString::to_string).collect()));
            }
        }
        for (table, at, known) in unknown {
            let Some(column) = parsed.columns.get(at) else { continue };
            let message = format!("column `{table}.{}` does not exist", column.name);
            let near = did_you_mean(&column.name, known.iter().map(String::as_str));
            self.report(
                Diagnostic::new(code::UNKNOWN_OBJECT, message)
                    .label(self.place(written, column.offset, column.len), "unknown column")
                    .help(near.unwrap_or_else(|| "add it in an earlier step or plan".into())),
            );
        }
    }
}

/// Returns whether a query calls a table by this name: its alias, or its own name if it has none.
fn is_called(dialect: Dialect, table: &TableReference, qualifier: &str) -> bool {
    let name = ObjectName::parse(&table.name);
    same_name(dialect, table.alias.as_deref().unwrap_or(name.name.as_str()), qualifier)
}

/// Returns a query's text without the `;` after it.
fn without_end(text: &str) -> SqlExpression {
    SqlExpression::new(text.trim().trim_end_matches(';').trim_end())
}
