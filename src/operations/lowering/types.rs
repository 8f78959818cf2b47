//! Types of columns: taken for the dialect, checked as far as a text can be, and normalised.

use super::Lowering;
use crate::catalog::SqlType;
use crate::diagnostic::{Diagnostic, code};
use crate::dialect::Dialect;
use crate::dialects::normalize_type;
use crate::name::Name;
use crate::yaml::text::SqlText;

/// What a text under `type` says of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnType {
    /// The type, normalised.
    pub sql_type: SqlType,
    /// The collation written after it.
    pub collation: Option<Name>,
    /// Whether it numbers itself, as `serial` does.
    pub is_serial: bool,
    /// Whether it is written so that SQLite makes a primary key of it the row id.
    pub is_plain_integer: bool,
}

const SERIALS: [(&str, &str); 6] = [
    ("smallserial", "smallint"),
    ("serial2", "smallint"),
    ("serial", "integer"),
    ("serial4", "integer"),
    ("bigserial", "bigint"),
    ("serial8", "bigint"),
];

impl Lowering<'_> {
    /// Takes a type for this dialect, normalised; reports if there is none for it. A type that is more
    /// than a type (`serial`, a collation) is refused here.
    pub fn sql_type(&mut self, text: &SqlText) -> Option<SqlType> {
        let span = text.of(self.dialect).map(|text| text.span);
        let column = self.column_type(text)?;
        if let Some(span) = span.filter(|_| column.is_serial || column.collation.is_some()) {
            self.invalid(span, "this is more than a type", "write the type alone");
            return None;
        }
        Some(column.sql_type)
    }

    /// Takes the type of a column: a type, `serial` and its kin, or a type and a collation.
    pub fn column_type(&mut self, text: &SqlText) -> Option<ColumnType> {
        let written = self.text(text)?;
        let (base, collation) = split_collation(written.value.trim());
        if !is_type(base) {
            let message = format!("`{}` is not a type", written.value.trim());
            self.report(
                Diagnostic::new(code::INVALID_EXPRESSION, message)
                    .at(written.span)
                    .help("write a type such as `text`, `varchar(20)` or `numeric(10, 2)`"),
            );
            return None;
        }
        let serial = SERIALS.into_iter().find(|(word, _)| base.eq_ignore_ascii_case(word));
        let is_plain_integer = base.eq_ignore_ascii_case("integer");
        let dialect = self.dialect;
        let collation = collation.map(Name::from);
        match (dialect, serial) {
            (Dialect::Sqlite, Some((word, _))) => {
                self.unsupported(
                    written.span,
                    format!("{dialect} has no type `{word}`"),
                    format!(
                        "write `{{ postgres: {word}, sqlite: integer }}`: an integer primary key numbers itself"
                    ),
                );
                None
            }
            (Dialect::Postgres, Some((_, base))) => Some(ColumnType {
                sql_type: normalize_type(dialect, base),
                collation,
                is_serial: true,
                is_plain_integer,
            }),
            (Dialect::Postgres | Dialect::Sqlite, None) => Some(ColumnType {
                sql_type: normalize_type(dialect, base),
                collation,
                is_serial: false,
                is_plain_integer,
            }),
        }
    }
}

/// Splits `text collate "C"` into the type and the collation.
fn split_collation(text: &str) -> (&str, Option<&str>) {
    let lower = text.to_ascii_lowercase();
    let Some(at) = lower.find(" collate ") else { return (text, None) };
    let (base, rest) = text.split_at(at);
    let name = rest.get(" collate ".len()..).unwrap_or_default().trim();
    let unquoted = name.strip_prefix('"').and_then(|name| name.strip_suffix('"'));
    let collation = unquoted.unwrap_or(name);
    let legal = |c: char| c.is_alphanumeric() || "_-. ".contains(c);
    if collation.is_empty() || !collation.chars().all(legal) {
        return (text, None);
    }
    (base.trim(), Some(collation))
}

/// Returns whether a text has the form of a type: words, perhaps with numbers or words in parentheses,
/// and brackets. Whether the type exists only the database knows.
fn is_type(text: &str) -> bool {
    let mut depth = 0_u32;
    let mut is_quoted = false;
    for c in text.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            '\0' => return false,
            _ if is_quoted => {}
            '(' if depth == 0 => depth = 1,
            ')' if depth == 1 => depth = 0,
            ',' | '-' if depth == 1 => {}
            '[' | ']' | '.' | '_' | ' ' => {}
            c if c.is_alphanumeric() => {}
            _ => return false,
        }
    }
    let starts = |c: char| c.is_alphabetic() || c == '_' || c == '"';
    depth == 0
        && !is_quoted
        && text.starts_with(starts)
        && !text.contains("--")
        && !text.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("collate"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_told_from_other_texts() {
        for text in [
            "text",
            "varchar(20)",
            "numeric(10, 2)",
            "timestamp(3) with time zone",
            "int[][]",
            "billing.mood",
            "\"my type\"",
            "double precision",
            "numeric(3,-2)",
        ] {
            assert!(is_type(text), "{text}");
        }
        for text in [
            "",
            "text)",
            "text; drop",
            "text -- x",
            "text default 'x'",
            "int(",
            "((1))",
            "1int",
            "\"open",
            "a(--)",
        ] {
            assert!(!is_type(text), "{text}");
        }
    }

    #[test]
    fn a_collation_is_split_off() {
        assert_eq!(split_collation("text collate \"C\""), ("text", Some("C")));
        assert_eq!(split_collation("TEXT COLLATE nocase"), ("TEXT", Some("nocase")));
        assert_eq!(split_collation("text"), ("text", None));
    }
}
