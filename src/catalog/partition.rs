//! Partitions of a table (PostgreSQL): they have its columns, keys and indexes, so that the table holds them.

use super::SqlExpression;
use crate::name::ObjectName;

/// A partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// What it is a partition of: the table, or another partition of it.
    pub of: ObjectName,
    /// Which rows it takes, and how it is cut into partitions itself: `FOR VALUES IN (1)`, `DEFAULT PARTITION BY LIST (b)`.
    pub bound: SqlExpression,
}

impl Partition {
    /// Returns the bound that stands in the text of a statement that makes a partition or attaches one.
    #[must_use]
    pub fn bound_in(statement: &str) -> Option<SqlExpression> {
        let (mut depth, mut quote, mut at_word) = (0_u32, None, true);
        for (at, letter) in statement.char_indices() {
            let is_outside = depth == 0 && quote.is_none();
            let rest = statement.get(at..).unwrap_or_default();
            if is_outside && at_word && (begins(rest, "for values") || begins(rest, "default")) {
                let words: Vec<&str> = rest.trim_end_matches(';').split_whitespace().collect();
                return Some(SqlExpression::new(words.join(" ")));
            }
            match (quote, letter) {
                (None, '\'' | '"') => quote = Some(letter),
                (Some(open), _) if open == letter => quote = None,
                (None, '(') => depth += 1,
                (None, ')') => depth = depth.saturating_sub(1),
                _ => {}
            }
            at_word = letter.is_whitespace() || letter == ')';
        }
        None
    }

    /// Returns whether two bounds are the same, whatever the server adds to a value when it writes it.
    #[must_use]
    pub fn is_same_bound(&self, other: &Self) -> bool {
        plain(self.bound.as_str()) == plain(other.bound.as_str())
    }
}

fn begins(text: &str, words: &str) -> bool {
    let mut text = text.split_whitespace();
    let is = |of: &str, word: &str| of.trim_end_matches(';').eq_ignore_ascii_case(word);
    words.split(' ').all(|word| text.next().is_some_and(|of| is(of, word)))
}

/// Writes a bound without quotes, white space, seconds that are none and the midnight that a day begins with.
fn plain(bound: &str) -> String {
    let mut text = String::with_capacity(bound.len());
    for (at, piece) in bound.split('\'').enumerate() {
        if at % 2 == 1 {
            let mut piece = piece.strip_suffix("+00").unwrap_or(piece);
            while let Some(rest) = piece.strip_suffix(":00") {
                piece = rest;
            }
            text.push_str(piece.strip_suffix(" 00").unwrap_or(piece));
        } else {
            text.extend(piece.to_lowercase().chars().filter(|c| !c.is_whitespace() && *c != '"'));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(statement: &str) -> String {
        Partition::bound_in(statement).unwrap().to_string()
    }

    #[test]
    fn the_bound_is_what_stands_behind_names_and_columns() {
        let text =
            "CREATE TABLE \"for values\" PARTITION OF t (a DEFAULT 1)  FOR\n VALUES IN (1, 2)";
        assert_eq!(bound(text), "FOR VALUES IN (1, 2)");
        assert_eq!(bound("ALTER TABLE t ATTACH PARTITION p default;"), "default");
        let text = "CREATE TABLE p PARTITION OF t FOR VALUES IN ('a') PARTITION BY LIST (b)";
        assert_eq!(bound(text), "FOR VALUES IN ('a') PARTITION BY LIST (b)");
        assert_eq!(Partition::bound_in("ALTER TABLE t DETACH PARTITION p"), None);
    }

    #[test]
    fn a_bound_is_the_same_however_the_server_writes_its_values() {
        let of = |bound: &str| Partition { of: "t".into(), bound: SqlExpression::new(bound) };
        let one = of("for values from ('2024-01-01') to (MAXVALUE)");
        assert!(one.is_same_bound(&of("FOR VALUES FROM ('2024-01-01 00:00:00+00') TO (MAXVALUE)")));
        let noon = of("FOR VALUES FROM ('2024-01-01 12:00+00') TO (MAXVALUE)");
        assert!(
            noon.is_same_bound(&of("FOR VALUES FROM ('2024-01-01 12:00:00+00') TO (MAXVALUE)"))
        );
        assert!(!one.is_same_bound(&of("FOR VALUES FROM ('2024-01-02') TO (MAXVALUE)")));
        assert!(!one.is_same_bound(&of("FOR VALUES FROM ('2024-01-01 01:00:00') TO (MAXVALUE)")));
    }
}
