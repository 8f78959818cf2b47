//! SQL expressions into what they name, by each dialect's own parser.
//!
//! To add a dialect: its file, one arm in each function here.

mod depth;
mod postgres;
mod sqlite;
mod volatile;

pub(crate) use depth::Levels;
pub(crate) use postgres::{
    count as count_postgres, plain_message as plain_message_postgres,
    query_of as query_node_postgres, unclosed as unclosed_postgres,
};

use crate::catalog::SqlExpression;
use crate::dialect::Dialect;

pub(crate) use sqlite::{count as count_sqlite, error as error_sqlite, unquote as unquote_sqlite};

/// What an expression or a query consists of, as far as names and safety go.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Expression {
    /// The columns it names, in order, outside of subqueries; for a query all columns that can be told to belong to a table.
    pub columns: Vec<ColumnReference>,
    /// Tables and views that its subqueries, or the query itself, read.
    pub tables: Vec<TableReference>,
    /// Functions it calls, lower-cased.
    pub functions: Vec<String>,
    /// Whether it contains a subquery.
    pub has_subquery: bool,
    /// Whether it is a literal, perhaps signed or cast: the same for every row, for ever.
    pub is_constant: bool,
    /// Whether two evaluations may differ (`random()`, `clock_timestamp()`, `gen_random_uuid()`, `nextval()`; not `now()`,
    /// which is the same within one statement).
    pub is_volatile: bool,
}

/// A column in an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnReference {
    /// `t` in `t.c`, as the dialect reads it (folded to lower case on PostgreSQL unless quoted).
    pub qualifier: Option<String>,
    /// The column's name as the dialect reads it.
    pub name: String,
    /// Where it starts in the expression's text, in bytes.
    pub offset: usize,
    /// How long it is there, in bytes.
    pub len: usize,
}

/// A table in a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableReference {
    /// The table, `schema.name` or `name`.
    pub name: String,
    /// Its alias in the query.
    pub alias: Option<String>,
    /// Where it starts in the text, in bytes.
    pub offset: usize,
    /// How long it is there, in bytes.
    pub len: usize,
    /// Whether a `*` stands for its columns (PostgreSQL).
    pub is_whole: bool,
}

/// A text that the dialect's parser does not accept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// What the parser says, in lower case.
    pub message: String,
    /// Where in the text, in bytes.
    pub offset: usize,
}

/// Reads one expression, as after `CHECK` or `SET c =`.
///
/// # Errors
///
/// Returns the first place where the text is no expression of this dialect; more than one expression, a
/// statement, a comment that swallows the rest, unbalanced parentheses are errors.
pub fn expression(dialect: Dialect, text: &str) -> Result<Expression, SyntaxError> {
    match dialect {
        Dialect::Postgres => postgres::expression(text),
        Dialect::Sqlite => sqlite::expression(text),
    }
}

/// Reads one query, as after `CREATE VIEW … AS`; the names of its result columns are returned too, where they can be told.
///
/// # Errors
///
/// As for [`expression`]; anything but exactly one query is an error.
pub fn query(
    dialect: Dialect,
    text: &str,
) -> Result<(Expression, Option<Vec<String>>), SyntaxError> {
    match dialect {
        Dialect::Postgres => postgres::query(text),
        Dialect::Sqlite => sqlite::query(text),
    }
}

/// Returns the query that returns one value.
#[must_use]
pub fn as_query(value: &SqlExpression) -> SqlExpression {
    SqlExpression::new(format!("SELECT {}", value.as_str()))
}

/// Returns whether two expressions are the same but for what a server rewrites when it stores one:
/// white space, case, parentheses, casts of literals, `!=` against `<>`.
#[must_use]
pub fn same_expression(dialect: Dialect, one: &SqlExpression, other: &SqlExpression) -> bool {
    match dialect {
        Dialect::Postgres => postgres::same_expression(one.as_str(), other.as_str()),
        Dialect::Sqlite => sqlite::same_expression(one.as_str(), other.as_str()),
    }
}
