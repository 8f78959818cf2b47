//! Whether what a sync computes fits into the column that it fills (PostgreSQL): if not, the writes that fire it fail.

use crate::catalog::{SqlType, Table};
use crate::change::words::{Token, tokens};
use crate::name::Name;

/// Integer types, narrowest first.
const INTEGERS: [&str; 3] = ["smallint", "integer", "bigint"];

/// Functions whose result is no longer than their first argument.
const SHORTENING: [&str; 9] =
    ["btrim", "left", "ltrim", "right", "rtrim", "split_part", "substr", "substring", "trim"];

/// Returns whether every value of the expression over this table's rows can be assigned to a column of the type.
///
/// # Errors
///
/// Says why that is not certain, in words that follow the target column.
pub(super) fn fits(table: &Table, value: &str, target: &SqlType) -> Result<(), String> {
    let tokens = tokens(value);
    if let Some(most) = character_limit(&target.0) {
        return match longest(table, &tokens) {
            Some(length) if length <= most => Ok(()),
            Some(_) | None => Err(format!(
                "takes {most} characters at most, and `{value}` may be longer for what the release writes"
            )),
        };
    }
    let is_text = |of: &str| {
        of == "text" || of == "citext" || character_limit(of).is_some() || of == "character varying"
    };
    if is_text(&target.0) {
        return Ok(());
    }
    let columns: Vec<&SqlType> =
        tokens.iter().filter_map(|token| column_type(table, token)).collect();
    if let ([Token::Word(_)], [source]) = (tokens.as_slice(), columns.as_slice())
        && let (Some(from), Some(to)) = (integer(&source.0), integer(&target.0))
        && from > to
    {
        return Err(format!(
            "is `{target}`, and `{value}` is `{source}`, which may be too large for it"
        ));
    }
    if columns.iter().any(|of| is_text(&of.0)) && is_cast(&tokens) {
        return Err(format!(
            "is `{target}`, and `{value}` may fail for a text that the release writes"
        ));
    }
    Ok(())
}

fn integer(sql_type: &str) -> Option<usize> {
    INTEGERS.iter().position(|of| *of == sql_type)
}

fn is_cast(tokens: &[Token<'_>]) -> bool {
    let cast = tokens
        .iter()
        .any(|token| matches!(token, Token::Word(word) if word.eq_ignore_ascii_case("cast")));
    cast || tokens.windows(2).any(|pair| matches!(pair, [Token::Sign(':'), Token::Sign(':')]))
}

/// Returns n of `character varying(n)` and `character(n)`.
fn character_limit(sql_type: &str) -> Option<u64> {
    let rest = sql_type
        .strip_prefix("character varying(")
        .or_else(|| sql_type.strip_prefix("character("))?;
    rest.strip_suffix(')')?.parse().ok()
}

fn column_type<'a>(table: &'a Table, token: &Token<'_>) -> Option<&'a SqlType> {
    let Token::Word(word) = token else { return None };
    table.column(&Name::from(*word)).map(|column| &column.sql_type)
}

/// Returns the most characters that the expression's value may have, where that can be told.
fn longest(table: &Table, tokens: &[Token<'_>]) -> Option<u64> {
    match tokens {
        [Token::Text(text)] => u64::try_from(text.chars().count()).ok(),
        [column @ Token::Word(_)] => character_limit(&column_type(table, column)?.0),
        // An explicit cast cuts off what is too long.
        [
            ..,
            Token::Sign(':'),
            Token::Sign(':'),
            Token::Word(name),
            Token::Sign('('),
            Token::Number(n),
            Token::Sign(')'),
        ] if name.eq_ignore_ascii_case("varchar") || name.eq_ignore_ascii_case("char") => {
            n.parse().ok()
        }
        [Token::Word(function), Token::Sign('('), inside @ .., Token::Sign(')')] => {
            let function = function.to_ascii_lowercase();
            let arguments: Vec<&[Token<'_>]> =
                inside.split(|token| *token == Token::Sign(',')).collect();
            // A nested call would have been cut at its own commas: it is not judged.
            if inside.contains(&Token::Sign('(')) {
                return None;
            }
            match (function.as_str(), arguments.as_slice()) {
                ("left" | "right", [_, [Token::Number(n)]])
                | ("substr" | "substring", [_, _, [Token::Number(n)]]) => {
                    let most: u64 = n.parse().ok()?;
                    Some(longest(table, arguments.first()?).map_or(most, |of| of.min(most)))
                }
                ("coalesce", all) => all
                    .iter()
                    .map(|of| longest(table, of))
                    .try_fold(0, |most, of| Some(most.max(of?))),
                (name, [first, ..]) if SHORTENING.contains(&name) => longest(table, first),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Column;

    fn judge(value: &str, target: &str) -> bool {
        let columns = vec![
            Column::new("name", "text"),
            Column::new("code", "character varying(10)"),
            Column::new("n", "bigint"),
            Column::new("small", "smallint"),
        ];
        let table = Table { columns, ..Table::default() };
        fits(&table, value, &SqlType(target.to_owned())).is_ok()
    }

    #[test]
    fn a_text_that_may_be_too_long_does_not_fit() {
        let short = "character varying(10)";
        for value in [
            "code",
            "'abc'",
            "left(name, 10)",
            "substr(name, 1, 5)",
            "split_part(code, ' ', 1)",
            "trim(code)",
            "name::varchar(10)",
            "coalesce(code, '')",
        ] {
            assert!(judge(value, short), "{value}");
        }
        for value in [
            "name",
            "code || 'x'",
            "upper(name)",
            "left(name, 11)",
            "'12345678901'",
            "coalesce(code, name)",
            "lower(trim(code))",
        ] {
            assert!(!judge(value, short), "{value}");
        }
        assert!(judge("name", "text") && judge("code || name", "character varying"));
    }

    #[test]
    fn a_number_that_may_be_too_large_does_not_fit() {
        assert!(!judge("n", "integer") && !judge("n", "smallint"));
        assert!(judge("n", "bigint") && judge("small", "integer"));
    }

    #[test]
    fn a_text_that_may_be_no_number_does_not_fit() {
        assert!(!judge("name::integer", "integer") && !judge("CAST(code AS bigint)", "bigint"));
        assert!(judge("n + 1", "bigint"));
    }
}
