//! Who plays in a proof: every release that is live, may come back, or is to come.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::model::AppModel;
use crate::config::ReleaseNaming;
use crate::ledger::LedgerSnapshot;
use crate::plan::gate::{ReleaseCondition, ReleaseGate};
use crate::release::{App, LiveState, Release, Requirements, in_order};
use crate::rollout::Facts;
use crate::rollout::Situation;

/// How the release that is not named yet is called.
pub const WORKING_COPY: &str = "working copy";

/// What is known besides the ledger, and what is allowed.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// By app what its sources need that are to become its next release.
    pub working_copies: BTreeMap<String, Requirements>,
    /// How many releases before the newest that was ever settled may come back.
    pub n_rollback: u16,
    /// Gates hold only as they are written.
    pub written_only: bool,
}

/// What a proof starts from: the ledger and the facts with everybody who plays.
#[derive(Clone, Debug)]
pub struct Cast {
    /// The ledger.
    pub ledger: LedgerSnapshot,
    /// The facts; gates are on.
    pub facts: Facts,
}

impl Cast {
    /// Adds to what is known those who are not in the ledger: working copies, and apps that only plans name.
    #[must_use]
    pub fn of(situation: &Situation<'_>, given: &Given) -> Self {
        let mut ledger = situation.ledger.clone();
        let mut facts = situation.facts.clone();
        facts.gates = true;
        // What is void is to be done again, as what is pending.
        ledger.voided.clear();
        let written = situation.project.plans.iter().flat_map(|plan| {
            let phases = [&plan.gates.backfill, &plan.gates.contract];
            phases.into_iter().flatten().filter_map(|gates| gates.releases.as_ref())
        });
        let named = written.flat_map(|gate| match &gate.value {
            ReleaseGate::NoneAffected(_) => Vec::new(),
            ReleaseGate::Apps(conditions) => {
                conditions.iter().map(|(app, _)| app.value.as_str().to_owned()).collect()
            }
        });
        let known = facts.apps.iter().cloned().chain(given.working_copies.keys().cloned());
        for name in named.chain(known) {
            let app = ledger.apps.entry(name.clone()).or_default();
            app.name = name;
        }
        for app in ledger.apps.values_mut() {
            if let Some(needs) = given.working_copies.get(&app.name) {
                let new = Release::new(WORKING_COPY, LiveState::Registered);
                app.releases.push(Release { needs: Some(Arc::new(needs.clone())), ..new });
            }
        }
        Self { ledger, facts }
    }
}

/// An app and those of its releases that play, in the order they are rolled out.
#[derive(Clone, Debug)]
pub struct Players<'a> {
    /// The app.
    pub app: &'a App,
    /// The releases.
    pub releases: Vec<&'a Release>,
}

impl<'a> Players<'a> {
    /// Returns an app's players: those from the oldest that is live or may come back.
    #[must_use]
    pub fn of(app: &'a App, naming: Option<ReleaseNaming>, n_rollback: u16) -> Self {
        let (unnamed, named): (Vec<&Release>, Vec<&Release>) =
            app.releases.iter().partition(|release| release.version == WORKING_COPY);
        let named = App { name: app.name.clone(), releases: named.into_iter().cloned().collect() };
        let order: Vec<String> =
            in_order(&named, naming).into_iter().map(|of| of.version.clone()).collect();
        let releases = order.iter().filter_map(|version| app.release(version)).chain(unnamed);
        let releases: Vec<&Release> = releases.collect();
        let is_live = |release: &&Release| release.is_live();
        let is_settled = |release: &&Release| release.is_live() && !release.is_starting();
        let oldest = releases.iter().position(is_live);
        let newest = releases.iter().rposition(is_settled);
        let back = newest.map(|newest| newest.saturating_sub(usize::from(n_rollback)));
        let first = match (oldest, back) {
            (Some(oldest), Some(back)) => oldest.min(back),
            (Some(first), None) | (None, Some(first)) => first,
            // All have ended: what is newer than they is to come.
            (None, None) => {
                let ended = releases.iter().rposition(|of| of.state != LiveState::Registered);
                ended.map_or(0, |ended| ended + 1)
            }
        };
        Self { app, releases: releases.into_iter().skip(first).collect() }
    }

    /// Returns what the explorer needs to know of them.
    #[must_use]
    pub fn model(&self, n_rollback: u16) -> AppModel {
        let places = |is: &dyn Fn(&Release) -> bool| -> Vec<u16> {
            let found = self.releases.iter().enumerate().filter(|(_, of)| is(of));
            found.filter_map(|(at, _)| u16::try_from(at).ok()).collect()
        };
        let began = |of: &u16| self.releases.get(usize::from(*of)).map(|of| of.started_by);
        let mut starting = places(&Release::is_starting);
        starting.sort_by_key(began);
        AppModel {
            n_releases: u16::try_from(self.releases.len()).unwrap_or(u16::MAX),
            live: places(&Release::is_live).into_iter().collect(),
            starting,
            has_started: self.app.has_started(),
            n_rollback,
        }
    }
}

/// Returns whether a release passes a condition, as far as that is known; else it is taken to do.
#[must_use]
pub fn may_pass(
    situation: &Situation<'_>,
    condition: &ReleaseCondition,
    app: &App,
    release: &Release,
) -> bool {
    is_assumed(condition, release) || situation.passes(condition, app, release).unwrap_or(false)
}

/// Returns whether it is not known if a release passes a condition: how one that was never started will be named, or what it
/// will declare.
#[must_use]
pub fn is_assumed(condition: &ReleaseCondition, release: &Release) -> bool {
    let is_to_come = release.state == LiveState::Registered;
    match condition {
        ReleaseCondition::Any(_) => false,
        ReleaseCondition::Marks(_) => is_to_come && release.marks.is_empty(),
        ReleaseCondition::Range(_) => release.version == WORKING_COPY,
    }
}
