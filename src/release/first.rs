//! In which release a plan or a hand-written migration comes first.

use std::collections::BTreeSet;

use super::order::in_order;
use super::range;
use super::{App, Introduced};
use crate::config::ReleaseNaming;
use crate::name::PlanName;
use crate::version::MigrationVersion;

/// What one release contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// The release.
    pub version: String,
    /// When its commit was made, in seconds.
    pub committed: i64,
    /// The plans in it.
    pub plans: Vec<PlanName>,
    /// The hand-written migrations in it.
    pub migrations: Vec<MigrationVersion>,
}

/// Puts releases in their order: by version number, and those that have none after them by the time of their commit; all
/// by that time where `planner.yaml` says that their names mean nothing.
pub fn sort(releases: &mut [Contents], naming: Option<ReleaseNaming>) {
    releases.sort_by_cached_key(|release| {
        let number = match naming {
            Some(ReleaseNaming::Registered) => None,
            Some(ReleaseNaming::Semver) | None => range::version(&release.version),
        };
        (number.is_none(), number, release.committed, release.version.clone())
    });
}

/// Returns what each of these releases, which are in their order, is the first of the app to contain. Releases that are
/// known already and come before one of these by their number had theirs first.
#[must_use]
pub fn introduced(
    app: Option<&App>,
    releases: &[Contents],
    naming: Option<ReleaseNaming>,
) -> Vec<Introduced> {
    let known = app.map(|app| in_order(app, naming)).unwrap_or_default();
    let known = known.into_iter().filter(|known| {
        // What these releases contain is said anew.
        !releases.iter().any(|release| release.version == known.version)
    });
    let mut known = known.peekable();
    let (mut plans, mut migrations) = (BTreeSet::new(), BTreeSet::new());
    let mut found = Vec::with_capacity(releases.len());
    for release in releases {
        while let Some(before) =
            known.next_if(|known| comes_before(&known.version, release, naming))
        {
            plans.extend(before.introduces.plans.iter().cloned());
            migrations.extend(before.introduces.migrations.iter().cloned());
        }
        found.push(Introduced {
            plans: release
                .plans
                .iter()
                .filter(|plan| plans.insert((*plan).clone()))
                .cloned()
                .collect(),
            migrations: release
                .migrations
                .iter()
                .filter(|migration| migrations.insert((*migration).clone()))
                .cloned()
                .collect(),
        });
    }
    found
}

/// A known release without a number to compare by was there before.
fn comes_before(known: &str, release: &Contents, naming: Option<ReleaseNaming>) -> bool {
    match naming {
        Some(ReleaseNaming::Registered) => true,
        Some(ReleaseNaming::Semver) | None => {
            match (range::version(known), range::version(&release.version)) {
                (Some(known), Some(own)) => known < own,
                (Some(_) | None, None) | (None, Some(_)) => true,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::{LiveState, Release};

    fn contents(version: &str, committed: i64, plans: &[&str]) -> Contents {
        let plans = plans.iter().map(|name| PlanName::from(*name)).collect();
        let migrations = vec![MigrationVersion::recorded(format!("m{version}"))];
        Contents { version: version.to_owned(), committed, plans, migrations }
    }

    fn order(releases: &[(&str, i64)], naming: Option<ReleaseNaming>) -> Vec<String> {
        let mut releases: Vec<Contents> =
            releases.iter().map(|(version, at)| contents(version, *at, &[])).collect();
        sort(&mut releases, naming);
        releases.into_iter().map(|release| release.version).collect()
    }

    fn plans(of: &[Introduced]) -> Vec<Vec<&str>> {
        of.iter().map(|of| of.plans.iter().map(PlanName::as_str).collect()).collect()
    }

    #[test]
    fn numbers_come_in_their_order_and_other_names_by_their_commits() {
        let all = [("2.0.0", 1), ("nightly", 9), ("1.10.0", 7), ("1.9.0", 8), ("beta", 3)];
        assert_eq!(order(&all, None), ["1.9.0", "1.10.0", "2.0.0", "beta", "nightly"]);
        let registered = Some(ReleaseNaming::Registered);
        assert_eq!(order(&all, registered), ["2.0.0", "beta", "1.10.0", "1.9.0", "nightly"]);
    }

    #[test]
    fn a_plan_comes_first_in_the_oldest_release_that_has_it() {
        let releases = [
            contents("1.0.0", 1, &["a"]),
            contents("1.1.0", 2, &["a", "b"]),
            contents("2.0.0", 3, &["b", "c"]),
        ];
        assert_eq!(plans(&introduced(None, &releases, None)), [vec!["a"], vec!["b"], vec!["c"]]);
    }

    #[test]
    fn what_an_older_known_release_has_is_not_new() {
        let known = |version: &str, plan: &str| {
            let mut release = Release::new(version, LiveState::Registered);
            release.introduces.plans = vec![plan.into()];
            release
        };
        let releases = vec![known("2.0.0", "c"), known("0.9.0", "a"), known("1.0.0", "b")];
        let app = App { name: "web".to_owned(), releases };
        let imported = [contents("1.0.0", 1, &["a", "b", "c"])];
        assert_eq!(plans(&introduced(Some(&app), &imported, None)), [vec!["b", "c"]]);
    }
}
