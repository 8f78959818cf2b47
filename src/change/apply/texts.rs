//! Texts that follow when what they name gets another name: both engines rewrite them themselves.

mod triggers;
mod views;

use std::ops::Range;

pub(super) use triggers::{
    new_name, trigger_calls, trigger_names, with_column, with_function, with_table,
};
pub(super) use views::{view_with_column, view_with_own_column, view_with_table};

use super::is_same_name;
use super::uses::{is_table, may_mention};
use crate::catalog::SqlExpression;
use crate::change::words::{Token, placed};
use crate::dialect::Dialect;
use crate::expressions::{self, ColumnReference};
use crate::name::{Name, ObjectName};

/// A part of a text and what comes in its place.
type Edit = (Range<usize>, String);

/// Makes edits that do not overlap.
fn edited(text: &str, edits: &[Edit]) -> String {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|(range, _)| range.start);
    let mut result = String::with_capacity(text.len());
    let mut copied = 0;
    for (range, new) in sorted {
        result.push_str(text.get(copied..range.start).unwrap_or_default());
        result.push_str(new);
        copied = range.end;
    }
    result.push_str(text.get(copied..).unwrap_or_default());
    result
}

/// Writes a name so that the engine reads it as this one: bare where it then still is a column and nothing else.
fn written(dialect: Dialect, name: &Name) -> String {
    let name = name.as_str();
    let is_plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    let is_read = || {
        expressions::expression(dialect, name)
            .is_ok_and(|read| matches!(read.columns.as_slice(), [one] if one.name == name))
    };
    if is_plain && is_read() {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// As [`written`], with the schema.
fn written_object(dialect: Dialect, name: &ObjectName) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", written(dialect, schema), written(dialect, &name.name)),
        None => written(dialect, &name.name),
    }
}

/// Writes the name of a type as the catalog has it.
pub(super) fn type_name(name: &ObjectName) -> String {
    written_object(Dialect::Postgres, name)
}

/// Returns where the names of `a.b.c` stand in the text, quotes and brackets included.
fn parts(text: &str, offset: usize, len: usize) -> Vec<Range<usize>> {
    let Some(inside) = text.get(offset..offset + len) else { return Vec::new() };
    let words = placed(inside).into_iter().filter_map(|(range, token)| match token {
        Token::Word(_) => Some(range),
        Token::Number(_) | Token::Text(_) | Token::Sign(_) => None,
    });
    let bytes = inside.as_bytes();
    words
        .map(|range| {
            let before = range.start.checked_sub(1).and_then(|at| bytes.get(at));
            let in_brackets = before == Some(&b'[') && bytes.get(range.end) == Some(&b']');
            let widened = usize::from(in_brackets);
            offset + range.start - widened..offset + range.end + widened
        })
        .collect()
}

/// Returns the place of the column's own name in a reference.
fn own_name(text: &str, reference: &ColumnReference) -> Option<Range<usize>> {
    parts(text, reference.offset, reference.len).pop()
}

/// Returns the place of what stands before the column's own name and its point.
fn qualifier(text: &str, reference: &ColumnReference) -> Option<Range<usize>> {
    reference.qualifier.as_ref()?;
    let parts = parts(text, reference.offset, reference.len);
    let (first, last) = (parts.first()?, parts.get(parts.len().checked_sub(2)?)?);
    Some(first.start..last.end)
}

/// Renames a column in an expression over one row of its table.
pub(super) fn expression_with_column(
    dialect: Dialect,
    text: &SqlExpression,
    from: &Name,
    to: &Name,
) -> Option<SqlExpression> {
    if !may_mention(text, from) {
        return None;
    }
    let read = expressions::expression(dialect, text.as_str()).ok()?;
    let named = read.columns.iter();
    let named = named.filter(|column| is_same_name(dialect, &column.name, from.as_str()));
    let new = written(dialect, to);
    let edits: Vec<Edit> =
        named.filter_map(|column| Some((own_name(text.as_str(), column)?, new.clone()))).collect();
    (!edits.is_empty()).then(|| SqlExpression::new(edited(text.as_str(), &edits)))
}

/// Renames a table in an expression over one of its own rows.
pub(super) fn expression_with_table(
    dialect: Dialect,
    text: &SqlExpression,
    from: &ObjectName,
    to: &ObjectName,
) -> Option<SqlExpression> {
    if !may_mention(text, &from.name) {
        return None;
    }
    let read = expressions::expression(dialect, text.as_str()).ok()?;
    let new = written(dialect, &to.name);
    let edits: Vec<Edit> = read
        .columns
        .iter()
        .filter(|column| {
            let of = column.qualifier.as_deref();
            of.is_some_and(|of| {
                is_table(dialect, of, from) || is_same_name(dialect, of, from.name.as_str())
            })
        })
        .filter_map(|column| Some((qualifier(text.as_str(), column)?, new.clone())))
        .collect();
    (!edits.is_empty()).then(|| SqlExpression::new(edited(text.as_str(), &edits)))
}

/// Writes another string for every string that is the old one.
pub(super) fn with_string(text: &SqlExpression, from: &str, to: &str) -> Option<SqlExpression> {
    let old = from.replace('\'', "''");
    let new = format!("'{}'", to.replace('\'', "''"));
    let edits: Vec<Edit> = placed(text.as_str())
        .into_iter()
        .filter(|(_, token)| *token == Token::Text(&old))
        .map(|(range, _)| (range, new.clone()))
        .collect();
    (!edits.is_empty()).then(|| SqlExpression::new(edited(text.as_str(), &edits)))
}

/// Writes another type for every cast to the old one (`'x'::mood`, `CAST(x AS mood)`).
pub(super) fn with_type(
    dialect: Dialect,
    text: &SqlExpression,
    from: &ObjectName,
    to: &ObjectName,
) -> Option<SqlExpression> {
    if !may_mention(text, &from.name) {
        return None;
    }
    let tokens = placed(text.as_str());
    let new = written_object(dialect, to);
    let mut edits = Vec::new();
    for (at, (range, token)) in tokens.iter().enumerate() {
        let Token::Word(first) = token else { continue };
        let before = at.checked_sub(1).and_then(|at| tokens.get(at)).map(|(_, token)| *token);
        let is_cast = match before {
            Some(Token::Sign(':')) => true,
            Some(Token::Word(word)) => word.eq_ignore_ascii_case("as"),
            Some(Token::Number(_) | Token::Text(_) | Token::Sign(_)) | None => false,
        };
        let name = named_at(&tokens, at).filter(|_| is_cast);
        if let Some((name, end)) = name
            && (name == *from || from.schema.is_none() && *first == from.name.as_str())
        {
            edits.push((range.start..end, new.clone()));
        }
    }
    (!edits.is_empty()).then(|| SqlExpression::new(edited(text.as_str(), &edits)))
}

/// Reads `name` or `schema.name` at a token; with the byte where it ends.
fn named_at(tokens: &[(Range<usize>, Token<'_>)], at: usize) -> Option<(ObjectName, usize)> {
    let word = |at: usize| match tokens.get(at) {
        Some((range, Token::Word(word))) => Some((*word, range.end)),
        Some((_, Token::Number(_) | Token::Text(_) | Token::Sign(_))) | None => None,
    };
    let (first, end) = word(at)?;
    let is_pair = matches!(tokens.get(at + 1), Some((_, Token::Sign('.'))));
    match word(at + 2).filter(|_| is_pair) {
        Some((second, end)) => Some((ObjectName::parse(&format!("{first}.{second}")), end)),
        None => Some((ObjectName::bare(first), end)),
    }
}

/// Returns whether a default takes its values from this sequence.
pub(super) fn takes_from(text: &SqlExpression, sequence: &ObjectName) -> bool {
    sequence_in(text, sequence).is_some()
}

/// Renames a sequence in a default that takes its values from it.
pub(super) fn with_sequence(
    text: &SqlExpression,
    from: &ObjectName,
    to: &ObjectName,
) -> Option<SqlExpression> {
    let range = sequence_in(text, from)?;
    let name = written_object(Dialect::Postgres, to).replace('\'', "''");
    Some(SqlExpression::new(edited(text.as_str(), &[(range, format!("'{name}'"))])))
}

fn sequence_in(text: &SqlExpression, sequence: &ObjectName) -> Option<Range<usize>> {
    let tokens = placed(text.as_str());
    let calls = |token: &Token<'_>| matches!(token, Token::Word(word) if word.eq_ignore_ascii_case("nextval"));
    if !tokens.iter().any(|(_, token)| calls(token)) {
        return None;
    }
    let (range, _) = tokens.into_iter().find(|(_, token)| {
        matches!(token, Token::Text(name) if ObjectName::parse(&name.replace('"', "")) == *sequence)
    })?;
    Some(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(dialect: Dialect, text: &str, from: &str, to: &str) -> Option<String> {
        let text = SqlExpression::new(text);
        expression_with_column(dialect, &text, &from.into(), &to.into()).map(|t| t.to_string())
    }

    #[test]
    fn a_column_is_renamed_where_it_is_named_and_nowhere_else() {
        let check = "name <> 'name' AND lower(users.name) <> \"name\" /* name */";
        for dialect in [Dialect::Postgres, Dialect::Sqlite] {
            assert_eq!(
                column(dialect, check, "name", "full_name").as_deref(),
                Some("full_name <> 'name' AND lower(users.full_name) <> full_name /* name */"),
            );
            assert_eq!(column(dialect, "title <> 'name'", "name", "x"), None);
            assert_eq!(column(dialect, "a > 0", "a", "select").as_deref(), Some("\"select\" > 0"));
            assert_eq!(
                column(dialect, "a > 0", "a", "A b\"c").as_deref(),
                Some("\"A b\"\"c\" > 0")
            );
        }
        let brackets = column(Dialect::Sqlite, "[name] > 0", "name", "n");
        assert_eq!(brackets.as_deref(), Some("n > 0"));
    }

    #[test]
    fn a_tables_own_name_in_its_check_follows() {
        let text = SqlExpression::new("users.name <> '' AND public.users.id > 0 AND id < 9");
        let renamed =
            expression_with_table(Dialect::Postgres, &text, &"users".into(), &"people".into());
        assert_eq!(renamed.unwrap().as_str(), "people.name <> '' AND people.id > 0 AND id < 9");
    }

    #[test]
    fn the_texts_that_name_a_type_a_value_or_a_sequence_follow() {
        let text = |text: &str| SqlExpression::new(text);
        let (mood, feeling) = (ObjectName::from("mood"), ObjectName::from("feeling"));
        assert_eq!(
            with_type(Dialect::Postgres, &text("mood = 'a'::mood"), &mood, &feeling),
            Some(text("mood = 'a'::feeling"))
        );
        assert_eq!(
            with_string(&text("f('a', b, 'a''')"), "a", "it's"),
            Some(text("f('it''s', b, 'a''')"))
        );
        let (one, two) = (ObjectName::from("one"), ObjectName::from("app.Two"));
        assert!(takes_from(&text("nextval('public.one'::regclass)"), &one));
        assert_eq!(
            with_sequence(&text("nextval('one')"), &one, &two),
            Some(text("nextval('app.\"Two\"')"))
        );
        assert!(!takes_from(&text("'one'"), &one));
    }
}
