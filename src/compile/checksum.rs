//! Checksums over lowered changes.

use std::fmt;

use crate::change::Change;

/// 64 lower-case hex digits of a SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Checksum(String);

impl Checksum {
    /// Sums up a step's changes by their canonical text.
    #[must_use]
    pub fn of_changes(changes: &[Change]) -> Self {
        let _ = changes;
        todo!()
    }

    /// Sums up a text.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        let _ = text;
        todo!()
    }

    /// Wraps a checksum read from a ledger or a lock file.
    pub fn recorded(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the hex digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
