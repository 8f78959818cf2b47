//! Ranges of version numbers, and which numbers lie in them.

use std::cmp::Ordering;

use semver::{BuildMetadata, Comparator, Op, Prerelease, Version, VersionReq};

/// The most digits of a number that stands alone and is taken for a version: seven may be a commit.
const LONE_DIGITS_MAX: usize = 6;

/// Reads a version as people write them: `2.5.0`, `v2.5`, `2026.01.07`, `2.5.0-rc.1+build7`. Parts left out
/// are 0; build metadata says nothing about the order and is left out.
pub(super) fn version(text: &str) -> Option<Version> {
    let text = text.trim();
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let core_end = text.find(['-', '+']).unwrap_or(text.len());
    let (core, rest) = text.split_at_checked(core_end)?;
    let parts: Vec<&str> = core.split('.').collect();
    if parts.len() > 3 || (parts.len() == 1 && core.len() > LONE_DIGITS_MAX) {
        return None;
    }
    let mut numbers = [0; 3];
    for (number, part) in numbers.iter_mut().zip(&parts) {
        *number = digits(part)?;
    }
    let [major, minor, patch] = numbers;
    let tagged = Version::parse(&format!("{major}.{minor}.{patch}{rest}")).ok()?;
    Some(Version { build: BuildMetadata::EMPTY, ..tagged })
}

fn digits(part: &str) -> Option<u64> {
    let all_digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| part.parse().ok()).flatten()
}

/// Reads a range of version numbers as in Cargo (`>=2.5.0`, `>=2.5, <4`, `^2`, `2.*`), with versions as
/// [`version`] reads them. `None` if it is no such range.
pub(super) fn range(text: &str) -> Option<VersionReq> {
    let comparators: Vec<String> = text.split(',').map(comparator).collect::<Option<_>>()?;
    VersionReq::parse(&comparators.join(", ")).ok()
}

/// Writes one comparator as Cargo wants it: no `v`, no leading zeros.
fn comparator(text: &str) -> Option<String> {
    let text = text.trim();
    let operator_end = text.find(|c: char| !"<>=~^".contains(c)).unwrap_or(text.len());
    let (operator, number) = text.split_at_checked(operator_end)?;
    let number = number.trim_start();
    let number = number.strip_prefix(['v', 'V']).unwrap_or(number);
    let core_end = number.find(['-', '+']).unwrap_or(number.len());
    let (core, rest) = number.split_at_checked(core_end)?;
    let lone = core.bytes().all(|byte| byte.is_ascii_digit());
    if core.is_empty() || (lone && core.len() > LONE_DIGITS_MAX) {
        return None;
    }
    let parts = core.split('.').map(|part| match digits(part) {
        Some(number) => number.to_string(),
        None => part.to_owned(),
    });
    Some(format!("{operator}{}{rest}", parts.collect::<Vec<_>>().join(".")))
}

/// Returns whether a version lies in a range; says which operator is not known otherwise.
///
/// Versions are compared by precedence. A pre-release counts as older than what it precedes where the range
/// asks for at least that, and as what it precedes where the range asks for something older: `2.6.0-rc.1`
/// lies in `>=2.5.0`, but `2.5.0-rc.1` does not, and `3.0.0-rc.1` does not lie in `<3.0.0`. (Cargo never
/// chooses a pre-release unasked; the question here is what a release that runs already can do.)
pub(super) fn contains(range: &VersionReq, version: &Version) -> Result<bool, String> {
    for comparator in &range.comparators {
        let (lower, upper) = bounds(comparator)?;
        if !lower.is_none_or(|bound| bound.admits_from_below(version))
            || !upper.is_none_or(|bound| bound.admits_from_above(version))
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// One end of a range.
struct Bound {
    version: Version,
    included: bool,
}

impl Bound {
    fn admits_from_below(&self, version: &Version) -> bool {
        match version.cmp_precedence(&self.version) {
            Ordering::Greater => true,
            Ordering::Equal => self.included,
            Ordering::Less => false,
        }
    }

    fn admits_from_above(&self, version: &Version) -> bool {
        let whole;
        let version = if self.version.pre.is_empty() {
            whole = Version { pre: Prerelease::EMPTY, ..version.clone() };
            &whole
        } else {
            version
        };
        match version.cmp_precedence(&self.version) {
            Ordering::Less => true,
            Ordering::Equal => self.included,
            Ordering::Greater => false,
        }
    }
}

/// The lower and the upper end of a comparator.
type Bounds = (Option<Bound>, Option<Bound>);

fn bounds(comparator: &Comparator) -> Result<Bounds, String> {
    let (minor, patch) = (comparator.minor.unwrap_or(0), comparator.patch.unwrap_or(0));
    let first =
        Version { pre: comparator.pre.clone(), ..Version::new(comparator.major, minor, patch) };
    let exact = comparator.patch.is_some();
    let from = |included| Some(Bound { version: first.clone(), included });
    let before = |version| Some(Bound { version, included: false });
    let ends = match comparator.op {
        // `>2.5` is past every 2.5.x, `<=2.5` includes them all.
        Op::Greater if exact => (from(false), None),
        Op::Greater => (Some(Bound { version: after_written(comparator), included: true }), None),
        Op::GreaterEq => (from(true), None),
        Op::Less => (None, from(false)),
        Op::LessEq if exact => (None, from(true)),
        Op::LessEq => (None, before(after_written(comparator))),
        Op::Exact if exact => (from(true), from(true)),
        Op::Exact | Op::Wildcard => (from(true), before(after_written(comparator))),
        Op::Tilde => {
            let next = match comparator.minor {
                Some(minor) => Version::new(comparator.major, minor.saturating_add(1), 0),
                None => Version::new(comparator.major.saturating_add(1), 0, 0),
            };
            (from(true), before(next))
        }
        Op::Caret => (from(true), before(after_compatible(comparator))),
        unknown => return Err(format!("`{unknown:?}` ranges are not known")),
    };
    Ok(ends)
}

/// Returns the first version past all that have the parts written.
fn after_written(comparator: &Comparator) -> Version {
    match (comparator.minor, comparator.patch) {
        (Some(minor), Some(patch)) => {
            Version::new(comparator.major, minor, patch.saturating_add(1))
        }
        (Some(minor), None) => Version::new(comparator.major, minor.saturating_add(1), 0),
        (None, _) => Version::new(comparator.major.saturating_add(1), 0, 0),
    }
}

/// Returns the first version that is not compatible: the leftmost part that is not 0 differs.
fn after_compatible(comparator: &Comparator) -> Version {
    match (comparator.major, comparator.minor, comparator.patch) {
        (0, Some(0), Some(patch)) => Version::new(0, 0, patch.saturating_add(1)),
        (0, Some(minor), _) => Version::new(0, minor.saturating_add(1), 0),
        (major, ..) => Version::new(major.saturating_add(1), 0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lies(text: &str, of: &str) -> bool {
        contains(&range(of).unwrap(), &version(text).unwrap()).unwrap()
    }

    #[test]
    fn a_prerelease_is_older_than_what_it_precedes() {
        assert!(!lies("2.5.0-rc.1", ">=2.5.0"));
        assert!(lies("2.5.0-rc.2", ">=2.5.0-rc.1"));
        assert!(!lies("2.5.0-rc.2", "=2.5.0"));
    }

    #[test]
    fn a_later_prerelease_can_do_what_earlier_releases_can() {
        assert!(lies("2.6.0-rc.1", ">=2.5.0"));
        assert!(lies("2.6.0-rc.1", "^2.5.0"));
    }

    #[test]
    fn a_prerelease_counts_as_what_it_precedes_below_an_upper_end() {
        assert!(!lies("3.0.0-rc.1", "<3.0.0"));
        assert!(!lies("3.0.0-rc.1", "^2.5.0"));
        assert!(lies("3.0.0-rc.1", "<3.0.0-rc.2"));
        assert!(!lies("3.0.0-rc.1", ">=2.5, <3"));
    }

    #[test]
    fn versions_are_read_as_people_write_them() {
        for text in ["2.5.0", "v2.5.0", "2.5", "v2.5", "2.5.0+build7", " 2.5.0 "] {
            assert!(lies(text, ">=2.5.0") && lies(text, "<=2.5.0"), "{text}");
        }
        assert!(lies("2026.01.07", ">=2025.12.31"));
        assert!(lies("17", ">=16"));
        assert!(lies("2.5.0", ">= v2.05"));
    }

    #[test]
    fn a_commit_is_no_version() {
        for text in ["abc1234", "1234567", "12345678", "1.2.3.4", "", "v", "1..2", "2.x", "-1"] {
            assert_eq!(version(text), None, "{text}");
        }
        for text in [">=abc1234", ">=1234567", ">=", "", ",", ">=1.2.3.4", ">=2.5.0 <3"] {
            assert_eq!(range(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn without_tags_a_range_is_what_cargo_takes_it_for(
            operator in prop::sample::select(vec![">=", ">", "<", "<=", "=", "~", "^", ""]),
            bound in prop::collection::vec(0_u64..4, 1..4),
            of in prop::array::uniform3(0_u64..4),
        ) {
            let bound: Vec<String> = bound.iter().map(u64::to_string).collect();
            let text = format!("{operator}{}", bound.join("."));
            let [major, minor, patch] = of;
            let version = Version::new(major, minor, patch);
            let cargo = VersionReq::parse(&text).unwrap().matches(&version);
            prop_assert_eq!(contains(&range(&text).unwrap(), &version), Ok(cargo), "{}", text);
        }

        #[test]
        fn any_text_is_a_version_or_none(text in ".*") {
            let _ = (version(&text), range(&text));
        }
    }
}
