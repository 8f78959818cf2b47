//! How large the tables of a database are, where one is at hand.

use std::collections::BTreeMap;

use crate::dialect::Dialect;
use crate::name::ObjectName;

/// The size of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableSize {
    /// About how many rows it has.
    pub rows: u64,
    /// How many bytes it takes with its indexes, where the engine tells.
    pub bytes: Option<u64>,
}

/// The sizes of a database's tables, and from where on a table is large.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Of which engine the database is.
    pub dialect: Dialect,
    /// The tables.
    pub tables: BTreeMap<ObjectName, TableSize>,
    /// With fewer rows than this a table is small: what looks at all of them takes a moment.
    pub small_rows: u64,
    /// With this many rows a table is large: what looks at all of them stops a system.
    pub large_rows: u64,
}

impl std::fmt::Display for TableSize {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rows = grouped(self.rows);
        match self.bytes {
            Some(bytes) => write!(f, "about {rows} rows, {}", in_bytes(bytes)),
            None => write!(f, "about {rows} rows"),
        }
    }
}

/// Writes a number with a comma before every three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && digits.len().saturating_sub(at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Writes a number of bytes in the largest unit of which there is one.
fn in_bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut units = UNITS.iter();
    let (mut amount, mut unit) = (bytes, units.next().copied().unwrap_or_default());
    for larger in units {
        if amount < 1_024 {
            break;
        }
        (amount, unit) = (amount / 1_024, larger);
    }
    format!("{} {unit}", grouped(amount))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_in_numbers_that_can_be_read() {
        let size = |rows, bytes| TableSize { rows, bytes }.to_string();
        assert_eq!(size(40, None), "about 40 rows");
        assert_eq!(size(1_000, Some(512)), "about 1,000 rows, 512 B");
        assert_eq!(size(40_000_000, Some(13 << 30)), "about 40,000,000 rows, 13 GB");
        assert_eq!(size(0, Some(8_192)), "about 0 rows, 8 kB");
    }
}
