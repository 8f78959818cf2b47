//! Whether an expression can be NULL, and which rows a condition leaves out: told from the words, on the careful side.

use super::words::{Token, tokens};

/// Functions that return NULL only for a NULL argument, on both engines.
const STRICT: [&str; 31] = [
    "abs",
    "btrim",
    "cast",
    "ceil",
    "ceiling",
    "char_length",
    "character_length",
    "floor",
    "initcap",
    "left",
    "length",
    "lower",
    "lpad",
    "ltrim",
    "md5",
    "octet_length",
    "printf",
    "quote",
    "repeat",
    "replace",
    "reverse",
    "right",
    "round",
    "rpad",
    "rtrim",
    "split_part",
    "strpos",
    "substr",
    "substring",
    "trim",
    "upper",
];

/// Functions that never return NULL.
const NEVER_NULL: [&str; 8] = [
    "concat",
    "count",
    "current_timestamp",
    "gen_random_uuid",
    "now",
    "random",
    "clock_timestamp",
    "total",
];

/// Functions that return the first of their arguments that is not NULL.
const FIRST_GIVEN: [&str; 2] = ["coalesce", "ifnull"];

/// Words of the grammar that stand for no value.
const GRAMMAR: [&str; 33] = [
    "and",
    "or",
    "not",
    "as",
    "in",
    "is",
    "like",
    "ilike",
    "between",
    "case",
    "when",
    "then",
    "else",
    "end",
    "for",
    "from",
    "collate",
    "true",
    "false",
    "varying",
    "precision",
    "double",
    "character",
    "text",
    "integer",
    "int",
    "bigint",
    "smallint",
    "numeric",
    "varchar",
    "real",
    "boolean",
    "current_timestamp",
];

/// Returns whether the expression is certainly not NULL, given which columns are not. `false` where that cannot be told:
/// a function that is not known, a subquery, a division (SQLite divides by 0 to NULL), a `CASE` without `ELSE`.
pub fn is_never_null(text: &str, not_null: &dyn Fn(&str) -> bool) -> bool {
    let tokens = tokens(text);
    !tokens.is_empty() && balanced(&tokens) && never_null(&tokens, not_null)
}

/// Parentheses nest no deeper than this in what is judged; deeper is not judged.
const DEPTH_MAX: usize = 64;

fn balanced(tokens: &[Token<'_>]) -> bool {
    let mut depth = 0_usize;
    for token in tokens {
        match token {
            Token::Sign('(') => depth += 1,
            Token::Sign(')') => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return false,
            },
            Token::Word(_) | Token::Number(_) | Token::Text(_) | Token::Sign(_) => {}
        }
        if depth > DEPTH_MAX {
            return false;
        }
    }
    depth == 0
}

fn never_null(tokens: &[Token<'_>], not_null: &dyn Fn(&str) -> bool) -> bool {
    let is_word = |token: &Token<'_>, word: &str| matches!(token, Token::Word(of) if of.eq_ignore_ascii_case(word));
    let n_case = tokens.iter().filter(|token| is_word(token, "case")).count();
    let n_else = tokens.iter().filter(|token| is_word(token, "else")).count();
    if n_case > n_else {
        return false;
    }
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token {
            // `/` and `%` by zero, `->` and `#>` of a missing key, `[…]` past the end are NULL.
            Token::Sign('/' | '%' | '>' | '#' | '[' | '?' | '@' | '$') => return false,
            Token::Sign(_) | Token::Number(_) | Token::Text(_) => {}
            Token::Word(word) => {
                let lower = word.to_ascii_lowercase();
                if let Some(Token::Sign('(')) = tokens.get(at) {
                    let end = closing(tokens, at);
                    let inside = tokens.get(at + 1..end).unwrap_or_default();
                    if GRAMMAR.contains(&lower.as_str()) {
                        continue;
                    }
                    if !call_never_null(&lower, inside, not_null) {
                        return false;
                    }
                    at = end + 1;
                } else if let Some(Token::Sign('.')) = tokens.get(at) {
                    // The qualifier of a column.
                    at += 1;
                } else if !GRAMMAR.contains(&lower.as_str())
                    && !NEVER_NULL.contains(&lower.as_str())
                    && (lower == "null" || lower == "select" || !not_null(word))
                {
                    return false;
                }
            }
        }
    }
    true
}

/// Returns the place of the parenthesis that closes the one at `open`.
fn closing(tokens: &[Token<'_>], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token {
            Token::Sign('(') => depth += 1,
            Token::Sign(')') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at;
                }
            }
            Token::Word(_) | Token::Number(_) | Token::Text(_) | Token::Sign(_) => {}
        }
    }
    tokens.len()
}

fn call_never_null(function: &str, inside: &[Token<'_>], not_null: &dyn Fn(&str) -> bool) -> bool {
    if NEVER_NULL.contains(&function) {
        return true;
    }
    let arguments = arguments(inside);
    if FIRST_GIVEN.contains(&function) {
        return arguments.iter().any(|of| !of.is_empty() && never_null(of, not_null));
    }
    if function == "concat_ws" {
        return arguments.first().is_some_and(|of| never_null(of, not_null));
    }
    STRICT.contains(&function) && arguments.iter().all(|of| never_null(of, not_null))
}

/// Splits what stands between a call's parentheses at its own commas.
fn arguments<'t, 'a>(inside: &'t [Token<'a>]) -> Vec<&'t [Token<'a>]> {
    let mut found = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (at, token) in inside.iter().enumerate() {
        match token {
            Token::Sign('(') => depth += 1,
            Token::Sign(')') => depth = depth.saturating_sub(1),
            Token::Sign(',') if depth == 0 => {
                found.extend(inside.get(start..at));
                start = at + 1;
            }
            Token::Word(_) | Token::Number(_) | Token::Text(_) | Token::Sign(_) => {}
        }
    }
    found.extend(inside.get(start..));
    found
}

/// Returns whether every row in which the column is NULL satisfies the condition, given which columns are never NULL: `c IS
/// NULL`, alone or with `OR`, or with `AND x IS NOT NULL` for such columns. A backfill that has brought such a condition to
/// be false everywhere has left no NULL in the column.
pub fn covers_null(condition: &str, column: &str, not_null: &dyn Fn(&str) -> bool) -> bool {
    let tokens = tokens(condition);
    if !balanced(&tokens) {
        return false;
    }
    let alternatives = split(&tokens, "or");
    alternatives.iter().any(|of| {
        let parts = split(of, "and");
        let is_null = |part: &&[Token<'_>]| {
            matches!(null_test(part), Some((name, true)) if name.eq_ignore_ascii_case(column))
        };
        let is_implied = |part: &&[Token<'_>]| {
            matches!(null_test(part), Some((name, false)) if not_null(name))
        };
        parts.iter().any(is_null) && parts.iter().all(|part| is_null(part) || is_implied(part))
    })
}

/// Splits at a word that stands outside of parentheses, and takes off parentheses around each part.
fn split<'t, 'a>(tokens: &'t [Token<'a>], word: &str) -> Vec<&'t [Token<'a>]> {
    let tokens = bare(tokens);
    let mut found = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Sign('(') => depth += 1,
            Token::Sign(')') => depth = depth.saturating_sub(1),
            Token::Word(of) if depth == 0 && of.eq_ignore_ascii_case(word) => {
                found.extend(tokens.get(start..at).map(bare));
                start = at + 1;
            }
            Token::Word(_) | Token::Number(_) | Token::Text(_) | Token::Sign(_) => {}
        }
    }
    found.extend(tokens.get(start..).map(bare));
    found
}

fn bare<'t, 'a>(mut tokens: &'t [Token<'a>]) -> &'t [Token<'a>] {
    while let [Token::Sign('('), inside @ .., Token::Sign(')')] = tokens
        && closing(tokens, 0) + 1 == tokens.len()
    {
        tokens = inside;
    }
    tokens
}

/// Reads `c IS NULL` (true) and `c IS NOT NULL` (false), with or without a qualifier.
fn null_test<'a>(tokens: &[Token<'a>]) -> Option<(&'a str, bool)> {
    let tokens = match bare(tokens) {
        [Token::Word(_), Token::Sign('.'), rest @ ..] => rest,
        all => all,
    };
    let is = |word: &str, of: &str| word.eq_ignore_ascii_case(of);
    match tokens {
        [Token::Word(name), Token::Word(a), Token::Word(b)] if is(a, "is") && is(b, "null") => {
            Some((name, true))
        }
        [Token::Word(name), Token::Word(a), Token::Word(b), Token::Word(c)]
            if is(a, "is") && is(b, "not") && is(c, "null") =>
        {
            Some((name, false))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a` and `b` are never NULL.
    fn given(name: &str) -> bool {
        ["a", "b"].contains(&name)
    }

    fn never(text: &str) -> bool {
        is_never_null(text, &given)
    }

    #[test]
    fn what_is_made_of_what_is_not_null_is_not_null() {
        for text in [
            "a",
            "'x'",
            "1",
            "a || ' ' || b",
            "split_part(a, ' ', 1)",
            "coalesce(c, '')",
            "upper(coalesce(c, b))",
            "concat_ws(' ', c, d)",
            "lower(trim(a))",
            "CAST(a AS text)",
            "a::varchar(20)",
            "users.a",
            "(a)",
            "CASE WHEN a = '' THEN b ELSE 'x' END",
            "coalesce(c / 2, 0)",
            "concat(c, d)",
            "NEW.a || 'x'",
        ] {
            assert!(never(text), "{text}");
        }
    }

    #[test]
    fn what_may_be_null_is_told() {
        for text in [
            "c",
            "NULL",
            "a || c",
            "nullif(a, '')",
            "upper(c)",
            "a / b",
            "a % 2",
            "(SELECT a FROM t)",
            "coalesce(c, d)",
            "CASE WHEN a = '' THEN b END",
            "my_function(a)",
            "",
            "(a",
            "a)",
            "data -> 'x'",
            "concat_ws(c, a)",
            "users.c",
        ] {
            assert!(!never(text), "{text}");
        }
        assert!(!never(&format!("{}a{}", "(".repeat(10_000), ")".repeat(10_000))));
    }

    #[test]
    fn a_condition_covers_the_rows_that_it_does_not_leave_out() {
        let covers = |text: &str| covers_null(text, "n", &given);
        for text in [
            "n IS NULL",
            "(n is null)",
            "n IS NULL AND a IS NOT NULL",
            "a IS NOT NULL AND n IS NULL AND b IS NOT NULL",
            "n IS NULL OR m IS NULL",
            "(n IS NULL) OR (m IS NULL AND c = 1)",
            "users.n IS NULL",
        ] {
            assert!(covers(text), "{text}");
        }
        for text in [
            "n IS NULL AND c IS NOT NULL",
            "m IS NULL",
            "n IS NOT NULL",
            "n IS NULL AND a > 1",
            "NOT n IS NULL",
            "n = ''",
            "",
            "n IS NULL AND m IS NULL",
            "(n IS NULL OR m IS NULL) AND a > 1",
        ] {
            assert!(!covers(text), "{text}");
        }
    }
}
