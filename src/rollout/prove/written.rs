//! Gates as they are written, for each release.

use std::collections::{BTreeMap, BTreeSet};

use super::cast::{Players, is_assumed, may_pass};
use super::course::Course;
use crate::change::Change;
use crate::name::PlanName;
use crate::phase::{Phase, PhaseKey};
use crate::plan::gate::ReleaseGate;
use crate::release::Release;
use crate::rollout::Situation;
use crate::rollout::gates::written;
use crate::rollout::progress::{phase_progress, steps_of};
use crate::rollout::release_gate::condition_of;

/// What the gates of a project say as they are written.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// By phase what its gate says.
    gates: BTreeMap<PhaseKey, Gate>,
    /// By plan the phases with a gate that are over or have begun, and are not to do any more.
    past: BTreeMap<PlanName, BTreeSet<Phase>>,
    /// Gates of plans of which nothing is to do, which stand for ever.
    forever: Vec<(PhaseKey, bool)>,
}

/// What one gate says of releases.
#[derive(Clone, Debug, Default)]
struct Gate {
    /// By app, by release: whether it passes; `None` for an app that it does not name.
    passes: Vec<Option<Vec<bool>>>,
    /// By app, by release: whether that is only taken for granted of a release that is to come.
    assumed: Vec<Vec<bool>>,
}

impl Written {
    /// Reads the gates.
    #[must_use]
    pub fn of(situation: &Situation<'_>, apps: &[Players<'_>], courses: &[Course<'_>]) -> Self {
        let mut found = Self::default();
        let to_do: BTreeSet<&PhaseKey> = courses.iter().map(|course| &course.key).collect();
        for plan in &situation.project.plans {
            let mut is_open = false;
            for phase in Phase::ALL {
                let key = PhaseKey { plan: plan.name.clone(), phase };
                is_open |= to_do.contains(&key);
                if !to_do.contains(&key) && !steps_of(situation.compiled, &key).is_empty() {
                    found.past.entry(plan.name.clone()).or_default().insert(phase);
                }
                let gate = written(situation, &key).and_then(|gates| gates.releases.as_ref());
                let Some(gate) = gate.map(|gate| &gate.value) else { continue };
                let of_app = |players: &Players<'_>| {
                    let conditions = match gate {
                        ReleaseGate::NoneAffected(_) => {
                            return Some(vec![true; players.releases.len()]);
                        }
                        ReleaseGate::Apps(conditions) => conditions,
                    };
                    let condition = condition_of(conditions, &players.app.name)?;
                    let passes =
                        |release: &&Release| may_pass(situation, condition, players.app, release);
                    Some(players.releases.iter().map(passes).collect())
                };
                let assumed = |players: &Players<'_>| {
                    let condition = match gate {
                        ReleaseGate::NoneAffected(_) => None,
                        ReleaseGate::Apps(conditions) => {
                            condition_of(conditions, &players.app.name)
                        }
                    };
                    let of = |release: &&Release| {
                        condition.is_some_and(|condition| is_assumed(condition, release))
                    };
                    players.releases.iter().map(of).collect()
                };
                let assumed = apps.iter().map(assumed).collect();
                let gate = Gate { passes: apps.iter().map(of_app).collect(), assumed };
                found.gates.insert(key, gate);
            }
            if !is_open {
                found.stands_forever(situation, &plan.name);
            }
        }
        found
    }

    /// A plan of which nothing is to do: after its contract the gate stands for the apps that it names; without one that of its
    /// backfill does.
    fn stands_forever(&mut self, situation: &Situation<'_>, plan: &PlanName) {
        let key = |phase| PhaseKey { plan: plan.clone(), phase };
        let has = |phase| !steps_of(situation.compiled, &key(phase)).is_empty();
        if has(Phase::Contract) {
            self.forever.push((key(Phase::Contract), false));
        } else if has(Phase::Backfill) && phase_progress(situation, &key(Phase::Backfill)).begun {
            self.forever.push((key(Phase::Backfill), true));
        }
    }

    /// Returns whether a phase's own written gate lets a release in; `None` if no gate of releases is written.
    #[must_use]
    pub fn lets_in(
        &self,
        key: &PhaseKey,
        app: usize,
        release: usize,
        every_app: bool,
    ) -> Option<bool> {
        let gate = self.gates.get(key)?;
        let of_app = gate.passes.get(app)?;
        Some(
            of_app
                .as_ref()
                .map_or(!every_app, |passes| passes.get(release).copied().unwrap_or(false)),
        )
    }

    /// Returns whether it is only taken for granted that a phase's own gate lets a release in: it is taken to be as it should.
    #[must_use]
    pub fn is_assumed(&self, key: &PhaseKey, app: usize, release: usize) -> bool {
        let gate = self.gates.get(key).and_then(|gate| gate.assumed.get(app));
        gate.and_then(|assumed| assumed.get(release)).copied().unwrap_or(false)
    }

    /// Returns the releases of an app of which the answer of some gate is only taken for granted.
    #[must_use]
    pub fn assumed(&self, app: usize) -> BTreeSet<usize> {
        let gates = self.gates.values().filter_map(|gate| gate.assumed.get(app));
        let places = gates.flat_map(|of| of.iter().enumerate().filter(|(_, is)| **is));
        places.map(|(release, _)| release).collect()
    }

    /// Returns whether a phase may begin while a release is live, by the gates as written.
    #[must_use]
    pub fn may_begin(&self, key: &PhaseKey, app: usize, release: usize) -> bool {
        let standing = match key.phase {
            Phase::Expand | Phase::Backfill => None,
            Phase::Contract => Some(PhaseKey { plan: key.plan.clone(), phase: Phase::Backfill }),
        };
        let keys = std::iter::once(key).chain(&standing);
        keys.into_iter().all(|key| self.lets_in(key, app, release, true).unwrap_or(true))
    }

    /// Returns whether a release may start, by the gates of one plan that stand: `begun` says how far phases still to do have
    /// come, whether they have begun and whether they are complete.
    #[must_use]
    pub fn may_start(
        &self,
        plan: &PlanName,
        begun: &dyn Fn(Phase) -> Option<(bool, bool)>,
        app: usize,
        release: usize,
    ) -> bool {
        let key = |phase| PhaseKey { plan: plan.clone(), phase };
        let state = |phase: Phase| {
            let is_past = self.past.get(plan).is_some_and(|past| past.contains(&phase));
            begun(phase).or_else(|| is_past.then_some((true, true))).unwrap_or((false, false))
        };
        let (has_begun, contracted) = state(Phase::Contract);
        let lets =
            |phase, every_app| self.lets_in(&key(phase), app, release, every_app).unwrap_or(true);
        let backfill = contracted || !state(Phase::Backfill).0 || lets(Phase::Backfill, true);
        backfill && (!has_begun || lets(Phase::Contract, !contracted))
    }

    /// Returns whether a release may start, by the gates that stand for ever.
    #[must_use]
    pub fn may_ever_start(&self, app: usize, release: usize) -> bool {
        self.forever
            .iter()
            .all(|(key, every_app)| self.lets_in(key, app, release, *every_app).unwrap_or(true))
    }
}

/// Returns the apps of which a release must have been started before a phase may begin, and whether it may never, by gates
/// that ask something that no release has to do with.
#[must_use]
pub fn asks(
    situation: &Situation<'_>,
    apps: &[Players<'_>],
    course: &Course<'_>,
    written_only: bool,
) -> (BTreeSet<usize>, bool) {
    let key = &course.key;
    let mut asked = BTreeSet::new();
    let mut shut = false;
    let is_known = |name: &str| situation.facts.apps.iter().any(|app| app == name);
    let own = written(situation, key);
    if let Some(gates) = own {
        shut |= gates.backup.as_ref().is_some_and(|backup| backup.value);
        let query = gates.query.as_ref();
        shut |= query.is_some_and(|query| query.of(situation.project.dialect).is_none());
    }
    let standing = PhaseKey { plan: key.plan.clone(), phase: Phase::Backfill };
    let standing = match key.phase {
        Phase::Expand | Phase::Backfill => None,
        Phase::Contract => written(situation, &standing),
    };
    for gate in own.into_iter().chain(standing).filter_map(|gates| gates.releases.as_ref()) {
        let ReleaseGate::Apps(conditions) = &gate.value else { continue };
        for (at, players) in apps.iter().enumerate() {
            let name = players.app.name.as_str();
            let condition = condition_of(conditions, name);
            let is_any = condition.is_some_and(|condition| {
                matches!(condition, crate::plan::gate::ReleaseCondition::Any(_))
            });
            if condition.is_some() && !is_any {
                asked.insert(at);
            }
            shut |= condition.is_none() && is_known(name);
        }
    }
    if course.stands_alone {
        shut |= written_only;
        let steps = steps_of(situation.compiled, key);
        let mut changes = steps.iter().flat_map(|step| step.changes.iter());
        shut |= changes.any(Change::is_unknown) || apps.is_empty();
        let known = apps.iter().enumerate().filter(|(_, of)| is_known(&of.app.name));
        asked.extend(known.map(|(at, _)| at));
    }
    (asked, shut)
}
