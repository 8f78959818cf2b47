//! How PostgreSQL reads names.

use squawk_syntax::{SyntaxKind, SyntaxToken};

/// Returns the name as stored: quoted ones letter by letter, others in lower case.
pub(super) fn fold(text: &str) -> String {
    match text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => text.to_ascii_lowercase(),
    }
}

/// Returns whether the word is a function that is called without parentheses.
pub(super) fn is_niladic(token: &SyntaxToken) -> bool {
    matches!(
        token.kind(),
        SyntaxKind::CURRENT_CATALOG_KW
            | SyntaxKind::CURRENT_DATE_KW
            | SyntaxKind::CURRENT_ROLE_KW
            | SyntaxKind::CURRENT_SCHEMA_KW
            | SyntaxKind::CURRENT_TIME_KW
            | SyntaxKind::CURRENT_TIMESTAMP_KW
            | SyntaxKind::CURRENT_USER_KW
            | SyntaxKind::LOCALTIME_KW
            | SyntaxKind::LOCALTIMESTAMP_KW
            | SyntaxKind::SESSION_USER_KW
            | SyntaxKind::SYSTEM_USER_KW
            | SyntaxKind::USER_KW
    )
}

/// Returns whether the name stands for a whole row: of a trigger, or of a row that could not be inserted.
pub(super) fn is_row(name: &str) -> bool {
    matches!(name, "new" | "old" | "excluded")
}

/// Returns whether the string is another date whenever it is read.
pub(super) fn is_moving_date(literal: &str) -> bool {
    let word = literal.trim_matches('\'').trim().to_ascii_lowercase();
    matches!(word.as_str(), "now" | "today" | "tomorrow" | "yesterday")
}

/// Writes what the parser says in planner's manner.
pub(crate) fn plain_message(message: &str) -> String {
    let message = message.trim_end_matches('.');
    let mut letters = message.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect::<String>().replace("_KW", ""),
        None => "this is not SQL".to_owned(),
    }
}

/// Returns the one spelling of a type's name, as `format_type` has it.
pub(super) fn type_name(text: &str) -> String {
    const SPELLINGS: [(&str, &str); 15] = [
        ("int2", "smallint"),
        ("int4", "integer"),
        ("int", "integer"),
        ("int8", "bigint"),
        ("bool", "boolean"),
        ("varchar", "character varying"),
        ("char varying", "character varying"),
        ("char", "character"),
        ("decimal", "numeric"),
        ("dec", "numeric"),
        ("float4", "real"),
        ("float8", "double precision"),
        ("float", "double precision"),
        ("timestamptz", "timestamp with time zone"),
        ("timetz", "time with time zone"),
    ];
    let spaced =
        text.replace('(', " ( ").replace(')', " ) ").replace('[', " [ ").replace(',', " , ");
    let words = spaced.split_whitespace().map(fold).collect::<Vec<_>>().join(" ");
    let words = words.replace(" ]", "]").replace(" [ ", "[").replace(" [", "[");
    let words = words.replace(" ( ", "(").replace(" , ", ",").replace(" )", ")");
    let words = words.replace(" without time zone", "");
    let words = words.trim_start_matches("pg_catalog.").trim_start_matches("public.");
    let end = words.find(['(', '[']).unwrap_or(words.len());
    let (name, rest) = words.split_at(end);
    let spelling = SPELLINGS.iter().find(|(other, _)| *other == name);
    format!("{}{rest}", spelling.map_or(name, |(_, spelling)| spelling))
}
