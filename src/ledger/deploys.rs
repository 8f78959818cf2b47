//! What the ledger's entries about deploys leave: which releases are live.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::{LedgerSnapshot, Registration};
use crate::release::{App, LiveState, Release};

/// Apps while entries are replayed.
#[derive(Debug, Default)]
pub(super) struct Deploys {
    /// Apps by name.
    pub(super) apps: BTreeMap<String, App>,
}

impl LedgerSnapshot {
    /// Takes what an entry that registers a release would say, as if it were recorded.
    pub fn know(&mut self, app: &str, version: &str, registration: &Registration) {
        let mut deploys = Deploys { apps: std::mem::take(&mut self.apps) };
        deploys.know(app, version, registration);
        self.apps = deploys.apps;
    }
}

impl Deploys {
    /// A release is known from now on; it keeps its place, and what was recorded of it and is not said anew.
    pub(super) fn know(&mut self, app: &str, version: &str, registration: &Registration) {
        let Registration { needs, plans, migrations } = registration;
        let release = self.register(app, version, LiveState::Registered);
        if let Some(needs) = needs {
            release.needs = Some(Arc::clone(needs));
        }
        if !plans.is_empty() {
            release.introduces.plans.clone_from(plans);
        }
        if !migrations.is_empty() {
            release.introduces.migrations.clone_from(migrations);
        }
    }

    /// A release is live beside the others from the moment its rollout starts. One that is live already
    /// stays so. Marks that come with the start replace those declared before; a start without marks says
    /// nothing about them.
    pub(super) fn start(
        &mut self,
        id: i64,
        app: &str,
        version: &str,
        marks: &[String],
        at: Timestamp,
    ) {
        let release = self.register(app, version, LiveState::Starting { since: at });
        release.state = match release.state {
            LiveState::Live { .. } => LiveState::Live { since: at },
            LiveState::Registered | LiveState::Starting { .. } | LiveState::Ended { .. } => {
                LiveState::Starting { since: at }
            }
        };
        release.started_by = id;
        if !marks.is_empty() {
            release.marks = marks.to_vec();
        }
    }

    /// The end of a rollout ends the other releases of the app, but for those kept and those whose own
    /// rollout is still going on and started later.
    pub(super) fn finish(&mut self, app: &str, version: &str, keep: &[String], at: Timestamp) {
        let release = self.register(app, version, LiveState::Live { since: at });
        release.state = LiveState::Live { since: release.live_since().unwrap_or(at) };
        let own = self.apps.get(app);
        let ended = own.into_iter().flat_map(|app| app.ended_by_finish(version, keep));
        let ended: Vec<String> = ended.map(|release| release.version.clone()).collect();
        for version in ended {
            self.retire(app, &version, at);
        }
    }

    /// A rollout that is taken back ends its release. A release that is past its rollout stays live.
    pub(super) fn abort(&mut self, app: &str, version: &str, at: Timestamp) {
        if let Some(release) = self.find(app, version)
            && release.is_starting()
        {
            release.state = LiveState::Ended { at };
        }
    }

    /// Ends one release. Nothing is registered by its end: an app of which only an end is known would look
    /// like one that is known to be gone.
    pub(super) fn retire(&mut self, app: &str, version: &str, at: Timestamp) {
        if let Some(release) = self.find(app, version)
            && release.is_live()
        {
            release.state = LiveState::Ended { at };
        }
    }

    fn find(&mut self, app: &str, version: &str) -> Option<&mut Release> {
        let releases = &mut self.apps.get_mut(app)?.releases;
        releases.iter_mut().find(|release| release.version == version)
    }

    /// Returns the release, which gets this state if it is new.
    fn register(&mut self, app: &str, version: &str, state: LiveState) -> &mut Release {
        let of = self
            .apps
            .entry(app.to_owned())
            .or_insert_with(|| App { name: app.to_owned(), ..App::default() });
        let at = of.releases.iter().position(|release| release.version == version);
        let at = at.unwrap_or_else(|| {
            of.releases.push(Release::new(version, state));
            of.releases.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "the place was found or made just above")]
        &mut of.releases[at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn live(deploys: &Deploys) -> Vec<&str> {
        let apps = deploys.apps.values();
        apps.flat_map(App::live).map(|release| release.version.as_str()).collect()
    }

    #[test]
    fn a_started_release_is_live_beside_the_others() {
        let mut deploys = Deploys::default();
        deploys.start(1, "web", "1", &[], at(1));
        deploys.finish("web", "1", &[], at(2));
        deploys.start(2, "web", "2", &[], at(3));
        assert_eq!(live(&deploys), ["1", "2"]);
    }

    #[test]
    fn a_finished_rollout_ends_the_others_but_those_kept() {
        let mut deploys = Deploys::default();
        for version in ["1", "2", "3"] {
            deploys.start(3, "web", version, &[], at(1));
        }
        deploys.start(4, "worker", "1", &[], at(1));
        deploys.finish("web", "3", &["1".to_owned()], at(5));
        assert_eq!(live(&deploys), ["1", "3", "1"]);
        assert_eq!(deploys.apps["web"].release("2").unwrap().state, LiveState::Ended { at: at(5) });
    }

    #[test]
    fn a_rollout_that_started_later_is_not_ended_by_an_earlier_one() {
        let mut deploys = Deploys::default();
        deploys.start(5, "web", "1", &[], at(1));
        deploys.start(6, "web", "2", &[], at(1));
        deploys.finish("web", "1", &[], at(1));
        assert_eq!(live(&deploys), ["1", "2"]);
        deploys.finish("web", "2", &[], at(1));
        assert_eq!(live(&deploys), ["2"]);
    }

    #[test]
    fn an_aborted_rollout_takes_the_started_release_back() {
        let mut deploys = Deploys::default();
        deploys.start(7, "web", "1", &[], at(1));
        deploys.finish("web", "1", &[], at(1));
        deploys.start(8, "web", "2", &[], at(2));
        deploys.abort("web", "2", at(3));
        deploys.abort("web", "1", at(3));
        deploys.abort("web", "9", at(3));
        assert_eq!(live(&deploys), ["1"]);
    }

    #[test]
    fn a_release_may_come_back_and_keeps_its_place_and_marks() {
        let mut deploys = Deploys::default();
        deploys.start(9, "web", "1", &["a".to_owned()], at(1));
        deploys.start(10, "web", "2", &[], at(2));
        deploys.finish("web", "2", &[], at(3));
        assert_eq!(live(&deploys), ["2"]);
        deploys.start(11, "web", "1", &[], at(4));
        let web = &deploys.apps["web"];
        assert_eq!(web.releases[0].version, "1");
        assert_eq!(web.releases[0].marks, ["a"]);
        assert_eq!(web.releases[0].state, LiveState::Starting { since: at(4) });
    }

    #[test]
    fn a_live_release_that_is_started_again_stays_live() {
        let mut deploys = Deploys::default();
        deploys.start(12, "web", "1", &["a".to_owned()], at(1));
        deploys.finish("web", "1", &[], at(2));
        deploys.start(13, "web", "1", &["b".to_owned()], at(5));
        let release = deploys.apps["web"].release("1").unwrap();
        assert_eq!(release.state, LiveState::Live { since: at(5) });
        assert_eq!(release.marks, ["b"]);
    }

    #[test]
    fn the_end_of_an_unknown_release_makes_nothing_known() {
        let mut deploys = Deploys::default();
        deploys.retire("web", "1", at(1));
        assert!(deploys.apps.is_empty());
    }
}
