//! The order of an app's releases, oldest first.

use super::range;
use super::{App, Release};
use crate::config::ReleaseNaming;

/// Returns an app's releases, oldest first: by version number where each name is one, else as they were registered, as
/// `planner.yaml` may say (`naming`).
#[must_use]
pub fn in_order(app: &App, naming: Option<ReleaseNaming>) -> Vec<&Release> {
    let registered: Vec<&Release> = app.releases.iter().collect();
    let by_number = match naming {
        Some(ReleaseNaming::Registered) => return registered,
        Some(ReleaseNaming::Semver) | None => {
            registered.iter().map(|of| Some((range::version(&of.version)?, *of)))
        }
    };
    let Some(mut by_number) = by_number.collect::<Option<Vec<_>>>() else { return registered };
    by_number.sort_by(|(a, _), (b, _)| a.cmp(b));
    by_number.into_iter().map(|(_, release)| release).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::LiveState;

    fn order(versions: &[&str], naming: Option<ReleaseNaming>) -> Vec<String> {
        let releases = versions.iter().map(|of| Release::new(of, LiveState::Registered)).collect();
        let app = App { name: "web".to_owned(), releases };
        in_order(&app, naming).into_iter().map(|of| of.version.clone()).collect()
    }

    #[test]
    fn version_numbers_are_in_their_order_and_other_names_in_that_of_registration() {
        assert_eq!(order(&["2.10", "2.9.0", "v1"], None), ["v1", "2.9.0", "2.10"]);
        assert_eq!(order(&["fa1c0de", "1.0.0"], None), ["fa1c0de", "1.0.0"]);
        let registered = Some(ReleaseNaming::Registered);
        assert_eq!(order(&["2", "1"], registered), ["2", "1"]);
    }
}
