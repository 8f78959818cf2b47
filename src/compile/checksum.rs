//! Checksums over lowered changes.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::change::Change;
use crate::change::canonical::{canonical, canonical_written};
use crate::plan::checked::CheckedStep;

/// 64 lower-case hex digits of a SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Checksum(String);

impl Checksum {
    /// Sums up a step's changes by their canonical text.
    #[must_use]
    pub fn of_changes(changes: &[Change]) -> Self {
        let mut hash = Sha256::new();
        for change in changes {
            hash.update(canonical(change));
            hash.update("\n");
        }
        Self(hex(&hash.finalize()))
    }

    /// Sums up a step: what it changes, or what runs if that is as written.
    #[must_use]
    pub fn of_step(step: &CheckedStep) -> Self {
        match &step.written {
            Some(written) => Self::of_text(&format!("{}\n", canonical_written(&written.sql))),
            None => Self::of_changes(&step.changes),
        }
    }

    /// Sums up a text.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        Self(hex(&Sha256::digest(text)))
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

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    let mut text = String::with_capacity(bytes.len() * 2);
    text.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_is_the_sha_256_of_the_text() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Checksum::of_text("abc").as_str(), expected);
    }

    #[test]
    fn changes_are_summed_up_line_by_line() {
        let drop = |name: &str| Change::DropTable { name: name.into() };
        let both = Checksum::of_changes(&[drop("a"), drop("b")]);
        assert_eq!(both, Checksum::of_text("drop_table \"a\"\ndrop_table \"b\"\n"));
        assert_ne!(both, Checksum::of_changes(&[drop("b"), drop("a")]));
    }
}
