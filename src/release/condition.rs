//! Whether a release passes a gate's condition.

use super::range;
use super::{App, Release};
use crate::config::ReleaseNaming;
use crate::plan::gate::ReleaseCondition;

/// The fewest hex digits of a commit that stand for the whole.
const COMMIT_DIGITS_MIN: usize = 7;

/// Returns whether the release passes: `Err` says why the question cannot be answered, which shuts the gate.
///
/// A range of version numbers is compared by number: `2.6.0-rc.1` passes `>=2.5.0`, `2.5.0-rc.1` does not, and
/// `3.0.0-rc.1` does not pass `<3.0.0`. `>=NAME` with a name that is no version number asks for that release or one registered
/// after it; the release itself need not be registered yet, then it comes last. Which of the two it is,
/// `naming` says, as `planner.yaml` has it for the app; otherwise the range itself decides, and a lone number of seven digits
/// or more is a name, since it may be a commit. A commit may be shortened to seven digits.
///
/// # Errors
///
/// Says what is wrong with the condition for this app: a range that names no registered release of an app
/// that names releases by commit, a release whose name is no version under a range of versions.
pub fn passes(
    condition: &ReleaseCondition,
    app: &App,
    release: &Release,
    naming: Option<ReleaseNaming>,
) -> Result<bool, String> {
    match condition {
        ReleaseCondition::Any(_) => Ok(true),
        ReleaseCondition::Marks(marks) => Ok(marks.iter().all(|mark| release.marks.contains(mark))),
        ReleaseCondition::Range(text) => match (naming, range::range(text)) {
            (Some(ReleaseNaming::Registered), _) | (None, None) => registered(text, app, release),
            (_, Some(range)) => {
                let Some(version) = range::version(&release.version) else {
                    return Err(format!(
                        "`{}` is no version number, so that it cannot be compared with `{text}`",
                        release.version
                    ));
                };
                range::contains(&range, &version)
            }
            (Some(ReleaseNaming::Semver), None) => {
                Err(format!("`{text}` is no range of version numbers"))
            }
        },
    }
}

/// Answers `>=NAME` by the order of registration.
fn registered(text: &str, app: &App, release: &Release) -> Result<bool, String> {
    let Some(name) = text.trim().strip_prefix(">=").map(str::trim) else {
        return Err(format!(
            "`{text}` is no range of version numbers, and releases that are named otherwise are only compared by `>=NAME`"
        ));
    };
    let first = position(name, app)?;
    let own = app.releases.iter().position(|of| of.version == release.version);
    Ok(own.is_none_or(|own| own >= first))
}

/// Returns the place of the release with this name or this short commit.
fn position(name: &str, app: &App) -> Result<usize, String> {
    if let Some(exact) = app.releases.iter().position(|release| release.version == name) {
        return Ok(exact);
    }
    let is_commit =
        name.len() >= COMMIT_DIGITS_MIN && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut found = app
        .releases
        .iter()
        .enumerate()
        .filter(|(_, release)| is_commit && release.version.starts_with(name));
    match (found.next(), found.next()) {
        (Some((at, _)), None) => Ok(at),
        (Some(_), Some(_)) => {
            Err(format!("several releases of `{}` begin with `{name}`", app.name))
        }
        (None, _) => Err(format!("`{}` has no release `{name}`", app.name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::LiveState;
    use jiff::Timestamp;

    fn release(version: &str, marks: &[&str]) -> Release {
        let marks = marks.iter().map(|mark| (*mark).to_owned()).collect();
        let live = LiveState::Live { since: Timestamp::UNIX_EPOCH };
        Release { marks, started_by: 1, ..Release::new(version, live) }
    }

    fn app(versions: &[&str]) -> App {
        let releases = versions.iter().map(|version| release(version, &[])).collect();
        App { name: "web".to_owned(), releases }
    }

    fn named(
        range: &str,
        app: &App,
        version: &str,
        naming: Option<ReleaseNaming>,
    ) -> Result<bool, String> {
        passes(&ReleaseCondition::Range(range.to_owned()), app, &release(version, &[]), naming)
    }

    fn in_range(range: &str, app: &App, version: &str) -> Result<bool, String> {
        named(range, app, version, None)
    }

    #[test]
    fn versions_are_compared_by_number() {
        let app = app(&["2.10.0", "2.9.0"]);
        assert_eq!(in_range(">=2.10.0", &app, "2.9.0"), Ok(false));
        assert_eq!(in_range(">=2.9.0", &app, "2.10.0"), Ok(true));
    }

    #[test]
    fn commits_are_compared_by_the_order_of_registration() {
        let app = app(&["fff0000", "abc1234def", "0000001"]);
        assert_eq!(in_range(">=abc1234def", &app, "fff0000"), Ok(false));
        assert_eq!(in_range(">=abc1234def", &app, "abc1234def"), Ok(true));
        assert_eq!(in_range(">=abc1234", &app, "0000001"), Ok(true));
        assert_eq!(in_range(">=abc1234", &app, "not-yet"), Ok(true));
    }

    #[test]
    fn an_unknown_commit_cannot_be_answered() {
        let app = app(&["abc1234d", "abc1234e"]);
        assert_eq!(
            in_range(">=1234567", &app, "abc1234d").unwrap_err(),
            "`web` has no release `1234567`"
        );
        let several = in_range(">=abc1234", &app, "abc1234d").unwrap_err();
        assert_eq!(several, "several releases of `web` begin with `abc1234`");
        assert!(
            in_range("<abc1234d", &app, "abc1234d")
                .unwrap_err()
                .contains("only compared by `>=NAME`")
        );
        let semver = Some(ReleaseNaming::Semver);
        let no_range = named(">=abc1234d", &app, "abc1234d", semver).unwrap_err();
        assert_eq!(no_range, "`>=abc1234d` is no range of version numbers");
    }

    #[test]
    fn a_release_that_is_no_version_cannot_be_compared_with_a_version() {
        let app = app(&["2.4.0", "hotfix-3"]);
        let error = in_range(">=2.5.0", &app, "hotfix-3").unwrap_err();
        assert!(error.starts_with("`hotfix-3` is no version number"), "{error}");
    }

    #[test]
    fn planner_yaml_may_say_that_registration_decides() {
        let app = app(&["2", "1"]);
        assert_eq!(in_range(">=2", &app, "1"), Ok(false));
        assert_eq!(named(">=2", &app, "1", Some(ReleaseNaming::Registered)), Ok(true));
    }

    #[test]
    fn all_marks_are_asked_for_and_any_is_always_passed() {
        let app = app(&["1"]);
        let marks = ReleaseCondition::Marks(vec!["a".to_owned(), "b".to_owned()]);
        assert_eq!(passes(&marks, &app, &release("1", &["b", "c", "a"]), None), Ok(true));
        assert_eq!(passes(&marks, &app, &release("1", &["a"]), None), Ok(false));
        let any = ReleaseCondition::Any("reads nothing".to_owned());
        assert_eq!(passes(&any, &app, &release("x", &[]), None), Ok(true));
    }
}
