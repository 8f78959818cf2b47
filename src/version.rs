//! Stamps of plans and versions of migrations, both ordered as texts.

use std::fmt;

use crate::phase::Phase;

/// The moment in a plan's file name, 14 digits: `2026-11-21-090000` is `20261121090000`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(String);

impl Stamp {
    /// Reads the part of a file name before its first `_`: 14 digits, with or without `-` between them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        let well_formed = digits.len() == 14 && digits.bytes().all(|byte| byte.is_ascii_digit());
        well_formed.then_some(Self(digits))
    }

    /// Returns the 14 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A migration's version as Diesel stores it: at most 50 characters, ordered as text.
///
/// Planner's own versions are a stamp, a phase digit, an ordinal of three digits and the first four hex
/// digits of the step's checksum, so that a changed step is another version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MigrationVersion(String);

impl MigrationVersion {
    /// Composes the version of a compiled migration; `checksum_hex` has at least four digits.
    #[must_use]
    pub fn compiled(stamp: &Stamp, phase: Phase, ordinal: usize, checksum_hex: &str) -> Self {
        let hex = checksum_hex.get(..4).unwrap_or(checksum_hex);
        Self(format!("{stamp}{}{ordinal:03}{hex}", phase.digit()))
    }

    /// Reads the version of a directory named as Diesel names migrations: the text before the first `_`
    /// without its `-` (`migrations_internals::version_from_string`).
    #[must_use]
    pub fn of_directory(name: &str) -> Self {
        Self(name.split('_').next().unwrap_or_default().replace('-', ""))
    }

    /// Wraps a version read from a database.
    pub fn recorded(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the version's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether the version has the shape of a compiled one: 14 digits, a phase digit, three
    /// digits, four hex digits.
    #[must_use]
    pub fn is_compiled(&self) -> bool {
        let (digits, hex) = self.0.split_at_checked(18).unwrap_or((&self.0, ""));
        digits.bytes().all(|byte| byte.is_ascii_digit())
            && matches!(digits.as_bytes().get(14), Some(b'1'..=b'3'))
            && hex.len() == 4
            && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
    }
}

impl fmt::Display for MigrationVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_do_not_count_in_a_stamp() {
        assert_eq!(Stamp::parse("2026-11-21-090000").unwrap().as_str(), "20261121090000");
        assert_eq!(Stamp::parse("20261121090000"), Stamp::parse("2026-11-21-090000"));
        assert_eq!(Stamp::parse("2026-11-21"), None);
        assert_eq!(Stamp::parse("2026-11-21-09000x"), None);
    }

    #[test]
    fn a_compiled_version_is_told_from_a_hand_written_one() {
        let stamp = Stamp::parse("20261121090000").unwrap();
        let version = MigrationVersion::compiled(&stamp, Phase::Contract, 7, "ab12ff");
        assert_eq!(version.as_str(), "202611210900003007ab12");
        assert!(version.is_compiled());
        assert!(!MigrationVersion::of_directory("2026-11-21-090000_create_users").is_compiled());
    }
}
