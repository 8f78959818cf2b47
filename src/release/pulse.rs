//! Heartbeats: what the instances of releases say themselves, and what follows from it for which releases are live.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{App, LiveState, Release};
use crate::config::HeartbeatRules;

/// What one instance of a release said of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beat {
    /// The app.
    pub app: String,
    /// The release.
    pub release: String,
    /// The instance: a pod, a task, a process.
    pub instance: Instance,
}

/// An instance that has said at least once that it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Its name.
    pub name: String,
    /// When it first said that it runs, by the database's clock.
    pub first_seen: Timestamp,
    /// When it last said so.
    pub last_seen: Timestamp,
}

/// What the heartbeats of a release say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pulse {
    /// Its instances, the one heard of last first; never empty.
    pub instances: Vec<Instance>,
    /// The moment up to which it counts as live for its last heartbeat.
    pub until: Timestamp,
    /// What deploys recorded, before the heartbeats were looked at.
    pub recorded: LiveState,
    /// Whether the app says that its heartbeats are all the evidence there is.
    pub sole_evidence: bool,
}

impl Pulse {
    /// Returns when it was last heard of.
    #[must_use]
    pub fn last_seen(&self) -> Timestamp {
        self.instances.iter().map(|instance| instance.last_seen).max().unwrap_or(Timestamp::MIN)
    }

    /// Returns whether it counts as live for its last heartbeat.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now < self.until
    }

    /// Returns the names of the instances that were heard of less than the stale time ago.
    pub fn beating(&self, now: Timestamp) -> impl Iterator<Item = &Instance> {
        let allowed = self.until.duration_since(self.last_seen());
        self.instances.iter().filter(move |instance| after(instance.last_seen, allowed) > now)
    }

    /// Returns the state of the release when its heartbeats and what was recorded are taken together. The careful reading
    /// wins: a fresh heartbeat makes live whatever was recorded, and silence ends nothing, unless the app says that its
    /// heartbeats are all the evidence there is. Even then it ends no release that is being rolled out, and none that was
    /// not heard of since its rollout started.
    fn state(&self, now: Timestamp) -> LiveState {
        let fresh = self.is_fresh(now);
        match &self.recorded {
            LiveState::Starting { .. } => self.recorded.clone(),
            LiveState::Live { since } => {
                if self.sole_evidence && !fresh && self.last_seen() >= *since {
                    LiveState::Ended { at: self.until }
                } else {
                    self.recorded.clone()
                }
            }
            LiveState::Ended { .. } | LiveState::Registered if fresh => {
                let newest = self.instances.iter().map(|instance| instance.first_seen).max();
                LiveState::Live { since: newest.unwrap_or(now) }
            }
            // It counted as live up to that moment; a soak counts from there.
            LiveState::Ended { at } => LiveState::Ended { at: self.until.max(*at) },
            LiveState::Registered if self.sole_evidence => LiveState::Ended { at: self.until },
            LiveState::Registered => LiveState::Registered,
        }
    }
}

fn after(time: Timestamp, distance: SignedDuration) -> Timestamp {
    time.checked_add(distance).unwrap_or(Timestamp::MAX)
}

/// Adds what heartbeats say to the apps as they were recorded. Releases, and apps, of which nothing was recorded appear.
#[must_use]
pub fn with_heartbeats(
    mut apps: BTreeMap<String, App>,
    beats: &[Beat],
    rules: &HeartbeatRules,
    now: Timestamp,
) -> BTreeMap<String, App> {
    let stale_after = i64::try_from(rules.stale_after.milliseconds).unwrap_or(i64::MAX);
    let stale_after = SignedDuration::from_millis(stale_after);
    let mut by_release: BTreeMap<(&str, &str), Vec<Instance>> = BTreeMap::new();
    for beat in beats {
        let instances = by_release.entry((&beat.app, &beat.release)).or_default();
        instances.push(beat.instance.clone());
    }
    for ((app, version), mut instances) in by_release {
        instances.sort_by(|a, b| b.last_seen.cmp(&a.last_seen).then_with(|| a.name.cmp(&b.name)));
        let last_seen = instances.first().map_or(Timestamp::MIN, |instance| instance.last_seen);
        let of = apps
            .entry(app.to_owned())
            .or_insert_with(|| App { name: app.to_owned(), ..App::default() });
        let known = of.release(version).map(|release| release.state.clone());
        let pulse = Pulse {
            instances,
            until: after(last_seen, stale_after),
            recorded: known.clone().unwrap_or(LiveState::Registered),
            sole_evidence: rules.sole_evidence.contains(app),
        };
        if known.is_none() {
            of.releases.push(Release::new(version, LiveState::Registered));
        }
        let release = of.releases.iter_mut().find(|release| release.version == version);
        if let Some(release) = release {
            release.state = pulse.state(now);
            release.pulse = Some(pulse);
        }
    }
    apps
}

/// What was recorded of a release and what its instances say, where the two disagree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The app.
    pub app: String,
    /// The release.
    pub release: String,
    /// Both sides, and what it is counted as: a sentence without its period.
    pub message: String,
    /// What it is counted as.
    pub live: bool,
}

/// Returns every contradiction, by app.
#[must_use]
pub fn contradictions(apps: &BTreeMap<String, App>, now: Timestamp) -> Vec<Contradiction> {
    let releases = apps.values().flat_map(|app| app.releases.iter().map(move |of| (app, of)));
    let found = releases.filter_map(|(app, release)| {
        let said = contradiction(release, release.pulse.as_ref()?, now)?;
        let counted = if release.is_live() { "counted as live" } else { "counted as ended" };
        Some(Contradiction {
            app: app.name.clone(),
            release: release.version.clone(),
            message: format!("{} {} {said}: {counted}", app.name, release.version),
            live: release.is_live(),
        })
    });
    found.collect()
}

fn contradiction(release: &Release, pulse: &Pulse, now: Timestamp) -> Option<String> {
    let heard = || {
        let last = pulse.instances.first();
        let name = last.map_or("", |instance| instance.name.as_str());
        format!("its instance `{name}` beat {} ago", ago(pulse.last_seen(), now))
    };
    let silence = || match pulse.instances.len() {
        1 => format!("its one instance has not beaten for {}", ago(pulse.last_seen(), now)),
        n => format!("none of its {n} instances has beaten for {}", ago(pulse.last_seen(), now)),
    };
    match &pulse.recorded {
        LiveState::Ended { at } if release.is_live() => {
            Some(format!("ended at {at:.0}, but {}", heard()))
        }
        LiveState::Registered if release.is_live() => {
            Some(format!("was never started, but {}", heard()))
        }
        LiveState::Starting { since } | LiveState::Live { since }
            if !pulse.is_fresh(now) && pulse.last_seen() >= *since =>
        {
            Some(format!("was not ended, but {}", silence()))
        }
        LiveState::Starting { .. }
        | LiveState::Live { .. }
        | LiveState::Ended { .. }
        | LiveState::Registered => None,
    }
}

/// Returns the time that has passed, in the largest unit that fits: `20 s`, `3 min`.
#[must_use]
pub fn ago(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(then).as_secs().max(0);
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        7_200..=172_799 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests;
