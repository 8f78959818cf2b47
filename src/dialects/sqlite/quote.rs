//! Names as SQLite reads them.

use crate::catalog::SqlExpression;
use crate::name::{Name, ObjectName};

/// Returns the name as an identifier.
pub(in crate::dialects) fn quote(name: &Name) -> String {
    let text = name.as_str();
    let mut characters = text.chars();
    let starts = characters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    let plain = starts && characters.all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain && !is_keyword(text) { text.to_owned() } else { always_quoted(text) }
}

/// Returns whether a text is one of [`KEYWORDS`], in any case. Asked of every name in every statement.
fn is_keyword(text: &str) -> bool {
    let upper = || text.bytes().map(|byte| byte.to_ascii_uppercase());
    KEYWORDS.binary_search_by(|keyword| keyword.bytes().cmp(upper())).is_ok()
}

/// Returns a text as a quoted identifier.
pub(super) fn always_quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// Returns a table's, view's or index's name as an identifier; this dialect has one schema.
pub(super) fn object(name: &ObjectName) -> String {
    quote(&name.name)
}

/// Returns the names as identifiers with commas between.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a Name>) -> String {
    names.into_iter().map(quote).collect::<Vec<_>>().join(", ")
}

/// Returns an expression as it may stand before a closing parenthesis: a comment at its end is ended.
pub(super) fn inside(expression: &SqlExpression) -> String {
    let text = expression.as_str().trim();
    if text.contains("--") { format!("{text}\n") } else { text.to_owned() }
}

/// Words that the engine reads otherwise, and the two literals that only names can hide.
const KEYWORDS: &[&str] = &[
    "ABORT",
    "ACTION",
    "ADD",
    "AFTER",
    "ALL",
    "ALTER",
    "ALWAYS",
    "ANALYZE",
    "AND",
    "AS",
    "ASC",
    "ATTACH",
    "AUTOINCREMENT",
    "BEFORE",
    "BEGIN",
    "BETWEEN",
    "BY",
    "CASCADE",
    "CASE",
    "CAST",
    "CHECK",
    "COLLATE",
    "COLUMN",
    "COMMIT",
    "CONFLICT",
    "CONSTRAINT",
    "CREATE",
    "CROSS",
    "CURRENT",
    "CURRENT_DATE",
    "CURRENT_TIME",
    "CURRENT_TIMESTAMP",
    "DATABASE",
    "DEFAULT",
    "DEFERRABLE",
    "DEFERRED",
    "DELETE",
    "DESC",
    "DETACH",
    "DISTINCT",
    "DO",
    "DROP",
    "EACH",
    "ELSE",
    "END",
    "ESCAPE",
    "EXCEPT",
    "EXCLUDE",
    "EXCLUSIVE",
    "EXISTS",
    "EXPLAIN",
    "FAIL",
    "FALSE",
    "FILTER",
    "FIRST",
    "FOLLOWING",
    "FOR",
    "FOREIGN",
    "FROM",
    "FULL",
    "GENERATED",
    "GLOB",
    "GROUP",
    "GROUPS",
    "HAVING",
    "IF",
    "IGNORE",
    "IMMEDIATE",
    "IN",
    "INDEX",
    "INDEXED",
    "INITIALLY",
    "INNER",
    "INSERT",
    "INSTEAD",
    "INTERSECT",
    "INTO",
    "IS",
    "ISNULL",
    "JOIN",
    "KEY",
    "LAST",
    "LEFT",
    "LIKE",
    "LIMIT",
    "MATCH",
    "MATERIALIZED",
    "NATURAL",
    "NO",
    "NOT",
    "NOTHING",
    "NOTNULL",
    "NULL",
    "NULLS",
    "OF",
    "OFFSET",
    "ON",
    "OR",
    "ORDER",
    "OTHERS",
    "OUTER",
    "OVER",
    "PARTITION",
    "PLAN",
    "PRAGMA",
    "PRECEDING",
    "PRIMARY",
    "QUERY",
    "RAISE",
    "RANGE",
    "RECURSIVE",
    "REFERENCES",
    "REGEXP",
    "REINDEX",
    "RELEASE",
    "RENAME",
    "REPLACE",
    "RESTRICT",
    "RETURNING",
    "RIGHT",
    "ROLLBACK",
    "ROW",
    "ROWS",
    "SAVEPOINT",
    "SELECT",
    "SET",
    "TABLE",
    "TEMP",
    "TEMPORARY",
    "THEN",
    "TIES",
    "TO",
    "TRANSACTION",
    "TRIGGER",
    "TRUE",
    "UNBOUNDED",
    "UNION",
    "UNIQUE",
    "UPDATE",
    "USING",
    "VACUUM",
    "VALUES",
    "VIEW",
    "VIRTUAL",
    "WHEN",
    "WHERE",
    "WINDOW",
    "WITH",
    "WITHIN",
    "WITHOUT",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_name_stays_bare_and_any_other_is_quoted() {
        for (name, expected) in [
            ("users", "users"),
            ("Users_2", "Users_2"),
            ("order", "\"order\""),
            ("2fa", "\"2fa\""),
            ("a b", "\"a b\""),
            ("a\"b", "\"a\"\"b\""),
            ("größe", "\"größe\""),
            ("", "\"\""),
            ("true", "\"true\""),
        ] {
            assert_eq!(quote(&name.into()), expected);
        }
    }

    #[test]
    fn the_keywords_are_sorted_so_that_they_are_found() {
        assert!(KEYWORDS.is_sorted());
    }
}
