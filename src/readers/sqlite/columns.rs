//! Columns as they are defined in `CREATE TABLE` and `ADD COLUMN`.

use sqlite3_parser::ast::{self, ColumnConstraint, ColumnDefinition, Expr, Literal};
use sqlite3_parser::dialect::TokenType;

use super::table::foreign_key;
use super::terms;
use super::tokens::Cursor;
use crate::catalog::{Column, ForeignKey, Generated, KeyTerms, SqlExpression};
use crate::dialect::Dialect;
use crate::dialects::normalize_type;
use crate::expressions::unquote_sqlite as unquote;
use crate::name::Name;

/// The constraints of a table as they are written, each with its name if it has one.
#[derive(Default)]
pub(super) struct Written {
    pub primary_key: Option<PrimaryKey>,
    pub uniques: Vec<Unique>,
    pub checks: Vec<WrittenCheck>,
    pub foreign_keys: Vec<(Option<Name>, ForeignKey)>,
}

/// A unique constraint as it is written.
pub(super) struct Unique {
    pub name: Option<Name>,
    pub columns: Vec<Name>,
    pub terms: KeyTerms,
}

/// A primary key as it is written.
pub(super) struct PrimaryKey {
    pub name: Option<Name>,
    pub columns: Vec<Name>,
    /// Whether its column is another name of the row id, if the table has row ids.
    pub is_row_id: bool,
    pub auto_increment: bool,
    pub terms: KeyTerms,
}

/// A check as it is written.
pub(super) struct WrittenCheck {
    pub name: Option<Name>,
    /// The column that it is written at.
    pub column: Option<Name>,
    pub expression: SqlExpression,
}

/// What ends the type of a column.
const AFTER_TYPE: [TokenType; 11] = [
    TokenType::TK_COMMA,
    TokenType::TK_CONSTRAINT,
    TokenType::TK_PRIMARY,
    TokenType::TK_NOT,
    TokenType::TK_NULL,
    TokenType::TK_UNIQUE,
    TokenType::TK_CHECK,
    TokenType::TK_DEFAULT,
    TokenType::TK_COLLATE,
    TokenType::TK_REFERENCES,
    TokenType::TK_AS,
];

/// Returns whether a primary key of this column alone is the row id.
pub(super) fn is_integer(column: &Column) -> bool {
    column.sql_type.0.eq_ignore_ascii_case("integer")
}

/// Reads a column, at whose name the cursor is.
pub(super) fn read(
    definition: &ColumnDefinition<'_>,
    cursor: &mut Cursor<'_>,
    written: &mut Written,
) -> Column {
    let name = Name::new(unquote(definition.col_name.0));
    cursor.skip(1);
    let mut column = Column::new(name.clone(), "");
    column.sql_type = normalize_type(Dialect::Sqlite, &type_text(definition, cursor));
    for constraint in definition.constraints {
        let given = constraint.name.as_ref().map(|name| Name::new(unquote(name.0)));
        match &constraint.constraint {
            ColumnConstraint::PrimaryKey { order, conflict_clause, auto_increment } => {
                written.primary_key = Some(PrimaryKey {
                    name: given,
                    columns: vec![name.clone()],
                    is_row_id: is_integer(&column) && *order != Some(ast::SortOrder::Desc),
                    auto_increment: *auto_increment,
                    terms: conflict_terms(conflict_clause.as_ref()),
                });
            }
            ColumnConstraint::NotNull { nullable, conflict_clause } => {
                column.nullable = *nullable;
                if !nullable {
                    column.on_null = terms::on_conflict(conflict_clause.as_ref());
                }
            }
            ColumnConstraint::Unique(conflict) => written.uniques.push(Unique {
                name: given,
                columns: vec![name.clone()],
                terms: conflict_terms(conflict.as_ref()),
            }),
            ColumnConstraint::Check(_) => {
                cursor.behind(TokenType::TK_CHECK);
                let text = cursor.in_brackets().unwrap_or_default();
                let expression = SqlExpression::new(text);
                let column = Some(name.clone());
                written.checks.push(WrittenCheck { name: given, column, expression });
            }
            ColumnConstraint::Default(_) => {
                cursor.behind(TokenType::TK_DEFAULT);
                column.default = Some(SqlExpression::new(default_text(cursor)));
            }
            ColumnConstraint::Defer(clause) => {
                if let Some((_, key)) = written.foreign_keys.last_mut() {
                    key.terms.deferral = terms::deferral(Some(clause));
                }
            }
            ColumnConstraint::Collate { collation_name } => {
                let name = Name::new(unquote(collation_name.0));
                column.collation.get_or_insert(name);
            }
            ColumnConstraint::ForeignKey { clause, defer_clause } => {
                cursor.behind(TokenType::TK_REFERENCES);
                let key = foreign_key(vec![name.clone()], clause, defer_clause.as_ref());
                written.foreign_keys.push((given, key));
            }
            ColumnConstraint::Generated { expr: _, typ } => {
                cursor.behind(TokenType::TK_AS);
                let text = SqlExpression::new(cursor.in_brackets().unwrap_or_default());
                let is_stored =
                    typ.as_ref().is_some_and(|typ| typ.0.eq_ignore_ascii_case("stored"));
                column.generated = Some(if is_stored {
                    Generated::Stored(text)
                } else {
                    Generated::Virtual(text)
                });
            }
        }
    }
    column
}

fn conflict_terms(clause: Option<&ast::ResolveType>) -> KeyTerms {
    KeyTerms { on_conflict: terms::on_conflict(clause), ..KeyTerms::default() }
}

/// Cuts out the type after a column's name.
fn type_text(definition: &ColumnDefinition<'_>, cursor: &mut Cursor<'_>) -> String {
    let first = cursor.peek();
    let raw = cursor.until(&AFTER_TYPE);
    let is_generated = definition
        .constraints
        .iter()
        .any(|c| matches!(c.constraint, ColumnConstraint::Generated { .. }));
    let mut words: Vec<&str> = raw.split_ascii_whitespace().collect();
    if is_generated
        && let [rest @ .., generated, always] = words.as_slice()
        && generated.eq_ignore_ascii_case("generated")
        && always.eq_ignore_ascii_case("always")
    {
        words = rest.to_vec();
        return words.join(" ");
    }
    // The engine looks no further than to the end of the quote.
    let quoted = raw.starts_with(['"', '\'', '`', '[']);
    if quoted { first.map_or_else(String::new, |first| unquote(first.raw)) } else { raw.to_owned() }
}

/// Cuts out a default as the engine keeps it: an expression without its brackets.
fn default_text<'t>(cursor: &mut Cursor<'t>) -> &'t str {
    if let Some(text) = cursor.in_brackets() {
        return text;
    }
    let is_sign = cursor.peek().is_some_and(|token| matches!(token.raw, "+" | "-"));
    let last = usize::from(is_sign);
    let text = match (cursor.peek(), cursor.peek_after(last)) {
        (Some(first), Some(last)) => cursor.slice(first.start, last.end),
        _ => "",
    };
    cursor.skip(last + 1);
    text
}

/// Returns the column that an expression of a key or an index consists of, as it is written.
pub(super) fn named(expr: &Expr<'_>) -> Option<String> {
    match expr {
        Expr::Id(id) => Some(unquote(id.0)),
        Expr::Name(name) => Some(unquote(name.0)),
        Expr::Literal(Literal::String(text)) => Some(unquote(text)),
        Expr::Collate(inner, _) => named(inner),
        Expr::Parenthesized(inside) => match inside.as_slice() {
            [only] => named(only),
            _ => None,
        },
        _ => None,
    }
}
