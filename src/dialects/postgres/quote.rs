//! Identifiers, literals and dollar quotes as PostgreSQL reads them.

use sha2::{Digest as _, Sha256};

use crate::catalog::{SqlExpression, SqlType};
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};

/// Every keyword of PostgreSQL 12 to 18 that is not free to be any name, as `quote_ident` has it.
const KEYWORDS: &str = " all analyse analyze and any array as asc asymmetric authorization between bigint binary bit \
boolean both case cast char character check coalesce collate collation column concurrently constraint create cross \
current_catalog current_date current_role current_schema current_time current_timestamp current_user dec decimal \
default deferrable desc distinct do else end except exists extract false fetch float for foreign freeze from full \
grant greatest group grouping having ilike in initially inner inout int integer intersect interval into is isnull \
join json json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize \
json_table json_value lateral leading least left like limit localtime localtimestamp merge_action national natural \
nchar none normalize not notnull null nullif numeric offset on only or order out outer overlaps overlay placing \
position precision primary real references returning right row select session_user setof similar smallint some \
substring symmetric system_user table tablesample then time timestamp to trailing treat trim true union unique user \
using values varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest \
xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable ";

/// Writes a name as an identifier, quoted only where the server would read it otherwise.
pub(in crate::dialects) fn quote(name: &Name) -> String {
    identifier(name.as_str())
}

/// As [`quote`], for a text.
pub(super) fn identifier(text: &str) -> String {
    let starts = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    let plain = text.bytes().next().is_some_and(starts)
        && text.bytes().all(|byte| starts(byte) || byte.is_ascii_digit());
    if plain && !KEYWORDS.contains(&format!(" {text} ")) { text.to_owned() } else { quoted(text) }
}

/// Writes a text as an identifier in double quotes.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// Writes a table's, view's, index's or type's name, with its schema where it has one.
pub(super) fn object(name: &ObjectName) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", quote(schema), quote(&name.name)),
        None => quote(&name.name),
    }
}

/// Writes names as a list of identifiers, without parentheses.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a Name>) -> String {
    join(names.into_iter().map(quote))
}

/// Joins texts with commas.
pub(super) fn join(texts: impl IntoIterator<Item = String>) -> String {
    texts.into_iter().collect::<Vec<_>>().join(", ")
}

/// Writes an expression in parentheses.
pub(super) fn parenthesized(expression: &SqlExpression) -> String {
    format!("({})", expression.as_str().trim())
}

/// Writes a text as a string literal that means the same whatever `standard_conforming_strings` says.
pub(super) fn literal(text: &str) -> String {
    if text.contains('\\') {
        format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
    } else {
        crate::dialects::literal(text)
    }
}

/// Writes a text as a dollar-quoted string whose tag does not occur in it.
pub(super) fn dollar_quoted(body: &str) -> String {
    let tags = std::iter::once("$planner$".to_owned())
        .chain((1_u32..).map(|number| format!("$planner_{number}$")));
    // A body of finite length cannot hold all of infinitely many tags, so one is always found.
    let tag = tags.into_iter().find(|tag| !body.contains(tag.as_str())).unwrap_or_default();
    format!("{tag}{body}{tag}")
}

/// Brings an author's statement into the form that may be followed by `;`: without a final one, and with
/// a line break after a comment on the last line, which would swallow it.
pub(in crate::dialects) fn statement(text: &str) -> String {
    let text = text.trim_end_matches(|c: char| c.is_whitespace() || c == ';').trim_start();
    let comment_is_last = text.lines().last().is_some_and(|line| line.contains("--"));
    if comment_is_last { format!("{text}\n") } else { text.to_owned() }
}

/// Cuts an identifier that is too long for the server, keeping it different from others cut at the same
/// place: its end is replaced by eight digits of its hash.
pub(super) fn cut(text: &str) -> Name {
    let bytes_max = Dialect::Postgres.identifier_bytes_max();
    if text.len() <= bytes_max {
        return Name::new(text);
    }
    let digest = Sha256::digest(text.as_bytes());
    let number = digest.iter().take(4).fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    let hash = format!("{number:08x}");
    let mut head = String::new();
    for letter in text.chars() {
        if head.len() + letter.len_utf8() + 1 + hash.len() > bytes_max {
            break;
        }
        head.push(letter);
    }
    Name::new(format!("{head}_{hash}"))
}

/// Writes an expression that gives the value of a key column as the text of a literal of its type.
///
/// Moments go through JSON, which writes them alike whatever `DateStyle` a session has, so that a key saved
/// by one session is read as the same by another.
pub(super) fn key_literal(column: &Name, sql_type: Option<&SqlType>) -> String {
    let name = quote(column);
    let Some(SqlType(sql_type)) = sql_type else {
        return format!("quote_literal({name}::text)");
    };
    let is_moment = sql_type.starts_with("timestamp") || sql_type == "date";
    let text = if is_moment && !sql_type.ends_with(']') {
        format!("to_json({name}) #>> '{{}}'")
    } else {
        format!("{name}::text")
    };
    format!("quote_literal({text}) || {}", literal(&format!("::{sql_type}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_the_server_would_read_otherwise_are_quoted() {
        for (name, expected) in [
            ("users", "users"),
            ("_x1", "_x1"),
            ("order", "\"order\""),
            ("name", "name"),
            ("Users", "\"Users\""),
            ("we ird", "\"we ird\""),
            ("1st", "\"1st\""),
            ("a\"b", "\"a\"\"b\""),
            ("größe", "\"größe\""),
            ("", "\"\""),
        ] {
            assert_eq!(identifier(name), expected);
        }
    }

    #[test]
    fn a_tag_never_occurs_in_what_it_quotes() {
        assert_eq!(dollar_quoted("x"), "$planner$x$planner$");
        assert_eq!(dollar_quoted("a $planner$ b"), "$planner_1$a $planner$ b$planner_1$");
    }

    #[test]
    fn a_long_identifier_is_cut_to_what_fits_and_stays_different() {
        let one = cut(&format!("planner_{}_not_null", "a".repeat(60)));
        let other = cut(&format!("planner_{}b_not_null", "a".repeat(60)));
        assert_eq!(one.as_str().len(), 63);
        assert_ne!(one, other);
        assert!(cut(&"ü".repeat(40)).as_str().len() <= 63);
        assert_eq!(cut("short").as_str(), "short");
    }

    #[test]
    fn a_comment_at_the_end_of_a_statement_does_not_swallow_what_follows() {
        assert_eq!(statement(" SELECT 1 ;\n"), "SELECT 1");
        assert_eq!(statement("SELECT 1 -- one"), "SELECT 1 -- one\n");
    }

    #[test]
    fn a_literal_with_a_backslash_says_so() {
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(literal("a\\b'"), "E'a\\\\b'''");
    }
}
