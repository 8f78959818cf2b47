//! What makes a table a partition of another (PostgreSQL).

use super::{Catalog, SqlExpression};
use crate::name::ObjectName;

/// Of which table a table is a partition, and which rows it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// The table; it may be a partition itself.
    pub of: ObjectName,
    /// Which rows it takes: `FOR VALUES IN (1)`, `DEFAULT`.
    pub bound: SqlExpression,
}

impl Partition {
    /// Returns the bound that stands in the text of a statement that makes a partition or attaches one, without how the partition
    /// is cut itself.
    #[must_use]
    pub fn bound_in(statement: &str) -> Option<SqlExpression> {
        let (mut depth, mut quote, mut at_word) = (0_u32, None, true);
        for (at, letter) in statement.char_indices() {
            let is_outside = depth == 0 && quote.is_none();
            let rest = statement.get(at..).unwrap_or_default();
            if is_outside && at_word && (begins(rest, "for values") || begins(rest, "default")) {
                return Some(SqlExpression::new(first_of(rest)));
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

impl Catalog {
    /// Returns the partitions of a table, without theirs.
    #[must_use]
    pub fn partitions_of(&self, name: &ObjectName) -> Vec<ObjectName> {
        if self.table(name).is_none_or(|table| table.partition_by.is_none()) {
            return Vec::new();
        }
        let parts = self.tables.iter().filter(|(_, table)| {
            table.partition_of.as_ref().is_some_and(|partition| partition.of == *name)
        });
        parts.map(|(name, _)| name.clone()).collect()
    }

    /// Returns whether a table is another one, or a partition of it, or of a partition of it.
    #[must_use]
    pub fn is_within(&self, name: &ObjectName, whole: &ObjectName) -> bool {
        let mut above = Some(name);
        // No table is within itself, but it costs nothing to end all the same.
        for _ in 0..=self.tables.len() {
            let Some(name) = above else { return false };
            if name == whole {
                return true;
            }
            let table = self.table(name);
            above = table.and_then(|table| table.partition_of.as_ref()).map(|of| &of.of);
        }
        false
    }

    /// Returns the partitions of a table and theirs, by name.
    #[must_use]
    pub fn all_partitions_of<'a>(&'a self, name: &ObjectName) -> Vec<&'a ObjectName> {
        let (mut all, mut open) = (Vec::new(), vec![name.clone()]);
        while let Some(parent) = open.pop() {
            for part in self.partitions_of(&parent) {
                all.extend(self.tables.get_key_value(&part).map(|(name, _)| name));
                open.push(part);
            }
        }
        all.sort_unstable();
        all
    }
}

/// Cuts off what stands behind a bound: its last list, or its one word.
fn first_of(text: &str) -> String {
    if begins(text, "default") {
        return "DEFAULT".to_owned();
    }
    let n_lists = if begins(text, "for values from") { 2 } else { 1 };
    let (mut depth, mut quote, mut closed) = (0_u32, None, 0);
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (None, '\'' | '"') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            (None, '(') => depth += 1,
            (None, ')') => {
                depth = depth.saturating_sub(1);
                closed += u32::from(depth == 0);
                if closed == n_lists {
                    let bound = text.get(..=at).unwrap_or(text);
                    return bound.split_whitespace().collect::<Vec<_>>().join(" ");
                }
            }
            _ => {}
        }
    }
    text.trim_end_matches(';').split_whitespace().collect::<Vec<_>>().join(" ")
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
        assert_eq!(bound("ALTER TABLE t ATTACH PARTITION p default;"), "DEFAULT");
        let text = "CREATE TABLE p PARTITION OF t FOR VALUES IN ('a') PARTITION BY LIST (b)";
        assert_eq!(bound(text), "FOR VALUES IN ('a')");
        let text =
            "CREATE TABLE p PARTITION OF t FOR VALUES FROM ('a)') TO ((1)) WITH (fillfactor=9)";
        assert_eq!(bound(text), "FOR VALUES FROM ('a)') TO ((1))");
        let text = "CREATE TABLE p PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1)";
        assert_eq!(bound(text), "FOR VALUES WITH (MODULUS 2, REMAINDER 1)");
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
