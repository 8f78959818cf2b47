//! Pieces of a SQLite statement exactly as written.

use sqlite3_parser::lexer::Scanner;
use sqlite3_parser::lexer::sql::Tokenizer;

/// A word or sign with its place and the brackets that are open before it.
struct Token<'t> {
    raw: &'t str,
    start: usize,
    end: usize,
    depth: u32,
}

fn tokens(sql: &str) -> Vec<Token<'_>> {
    let mut scanner = Scanner::new(Tokenizer::new());
    let mut tokens = Vec::new();
    let mut depth = 0_u32;
    while let Ok((start, Some(_), end)) = scanner.scan(sql.as_bytes()) {
        let raw = sql.get(start..end).unwrap_or_default();
        if raw == ")" {
            depth = depth.saturating_sub(1);
        }
        tokens.push(Token { raw, start, end, depth });
        if raw == "(" {
            depth += 1;
        }
    }
    tokens
}

/// Returns what stands in the parentheses after each of these words, among the parts of a table.
pub(super) fn in_parentheses<'t>(sql: &'t str, word: &str) -> Vec<&'t str> {
    let tokens = tokens(sql);
    let mut found = Vec::new();
    for pair in tokens.windows(2) {
        let [keyword, open] = pair else { continue };
        if keyword.depth == 1 && keyword.raw.eq_ignore_ascii_case(word) && open.raw == "(" {
            let close = tokens
                .iter()
                .find(|token| token.start > open.start && token.raw == ")" && token.depth == 1);
            found.extend(close.and_then(|close| sql.get(open.end..close.start)).map(str::trim));
        }
    }
    found
}

/// Returns the parts of an index, without their order, and its condition.
pub(super) fn index_parts(sql: &str) -> (Vec<&str>, Option<&str>) {
    let tokens = tokens(sql);
    let mut parts = Vec::new();
    let mut part: Option<(usize, usize)> = None;
    for token in &tokens {
        let separator =
            token.depth == 1 && token.raw == "," || token.depth == 0 && token.raw == ")";
        let order = ["asc", "desc"].iter().any(|word| word.eq_ignore_ascii_case(token.raw));
        if separator {
            parts.extend(part.take().and_then(|(start, end)| sql.get(start..end)));
        } else if token.depth == 0 && token.raw.eq_ignore_ascii_case("where") {
            return (parts, sql.get(token.end..).map(trimmed));
        } else if token.depth > 0 && !(order && token.depth == 1) {
            let start = part.map_or(token.start, |(start, _)| start);
            part = Some((start, token.end));
        }
    }
    (parts, None)
}

/// Returns what stands after the first `AS` outside of parentheses.
pub(super) fn after_as(sql: &str) -> Option<&str> {
    let tokens = tokens(sql);
    let keyword = tokens.iter().find(|t| t.depth == 0 && t.raw.eq_ignore_ascii_case("as"))?;
    sql.get(keyword.end..).map(trimmed)
}

fn trimmed(text: &str) -> &str {
    text.trim().trim_end_matches(';').trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_of_a_view_follows_its_first_as() {
        let sql = "CREATE VIEW \"as\" (\"as\", b) AS SELECT 1 AS x, (2) AS y;";
        assert_eq!(after_as(sql), Some("SELECT 1 AS x, (2) AS y"));
        assert_eq!(after_as("CREATE VIEW x"), None);
    }

    #[test]
    fn checks_are_cut_out_as_they_are_written() {
        let sql = "CREATE TABLE t (a INT CHECK(a  > (0)) DEFAULT (1), CHECK ( f(a, ')') ))";
        assert_eq!(in_parentheses(sql, "check"), ["a  > (0)", "f(a, ')')"]);
    }

    #[test]
    fn the_parts_of_an_index_are_cut_out_without_their_order() {
        let sql = "CREATE INDEX i ON t (lower(a, b) DESC, \"b c\" asc, c) WHERE a > 0;";
        assert_eq!(index_parts(sql), (vec!["lower(a, b)", "\"b c\"", "c"], Some("a > 0")));
        assert_eq!(index_parts("CREATE INDEX i ON t (a)"), (vec!["a"], None));
    }
}
