//! Who is live together, as far as one release's rows depend on what others write.

use jiff::Timestamp;

use super::Situation;
use super::derived::Served;
use super::derived_gate::lets_in;
use crate::name::PlanName;
use crate::phase::{Phase, PhaseKey};
use crate::release::{App, LiveState, Release, Requirements};

/// Who is live, or is thought to be.
#[derive(Clone, Debug)]
pub struct Crowd<'a> {
    situation: Situation<'a>,
    live: Vec<(&'a App, &'a Release)>,
}

impl<'a> Crowd<'a> {
    /// Returns the releases that are live as the ledger knows them.
    #[must_use]
    pub fn live(situation: &Situation<'a>) -> Self {
        let apps = situation.ledger.apps.values();
        let live = apps.flat_map(|app| app.live().map(move |release| (app, release)));
        Self { situation: *situation, live: live.collect() }
    }

    /// Returns exactly these releases.
    #[must_use]
    pub fn of(situation: &Situation<'a>, live: Vec<(&'a App, &'a Release)>) -> Self {
        Self { situation: *situation, live }
    }

    /// Returns the releases.
    #[must_use]
    pub fn releases(&self) -> &[(&'a App, &'a Release)] {
        &self.live
    }

    /// Returns the crowd with this release too, in the place of what the ledger knows of it.
    #[must_use]
    pub fn with(&self, app: &'a App, release: &'a Release) -> Self {
        let mut crowd = self.without(&app.name, &release.version);
        crowd.live.push((app, release));
        crowd
    }

    /// Returns the crowd without this release.
    #[must_use]
    pub fn without(&self, app: &str, version: &str) -> Self {
        let mut live = self.live.clone();
        live.retain(|(of, release)| of.name != app || release.version != version);
        Self { situation: self.situation, live }
    }

    /// Returns the crowd without those whose needs are not known and whom the phase's own gate does not let in.
    pub(super) fn known_or_let_in(&self, phase: &PhaseKey) -> Self {
        let mut live = self.live.clone();
        live.retain(|(app, release)| {
            release.needs.is_some() || lets_in(&self.situation, phase, app, release)
        });
        Self { situation: self.situation, live }
    }

    /// Returns the releases whose needs are known.
    pub(super) fn served(&self) -> impl Iterator<Item = Served<'a>> + '_ {
        self.live.iter().filter_map(|(app, release)| {
            Some(Served { app, release, needs: release.needs.as_deref()? })
        })
    }

    pub(super) fn is_voided(&self, plan: &PlanName) -> bool {
        self.situation.ledger.voided.contains_key(plan)
    }

    /// Returns whether all who are live, and all who were since then, keep what a plan's backfill filled. Of a release whose
    /// needs are not known this is so if the plan's contract gate lets it in.
    pub(super) fn all_keep(
        &self,
        plan: &PlanName,
        since: Option<Timestamp>,
        keeps: impl Fn(&Requirements) -> bool,
    ) -> bool {
        let phase = PhaseKey { plan: plan.clone(), phase: Phase::Contract };
        let apps = self.situation.ledger.apps.values();
        let all = apps.flat_map(|app| app.releases.iter().map(move |release| (app, release)));
        let ended = all.filter(|(_, release)| match release.state {
            LiveState::Ended { at } => since.is_some_and(|since| at > since),
            LiveState::Registered | LiveState::Starting { .. } | LiveState::Live { .. } => false,
        });
        self.live.iter().copied().chain(ended).all(|(app, release)| {
            match release.needs.as_deref() {
                Some(needs) => keeps(needs),
                None => lets_in(&self.situation, &phase, app, release),
            }
        })
    }
}
