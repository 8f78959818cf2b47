//! What brings the record of an app in line with what a platform says of it.

use std::collections::BTreeSet;

use crate::ledger::{Entry, Event};
use crate::release::platforms::{Seen, Standing};
use crate::release::{App, LiveState, Release};

/// What is to be recorded of one app, and what is only to be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InLine {
    /// Releases that are live and not recorded as live, oldest first; whether they may be is another question.
    pub start: Vec<Seen>,
    /// The one release that serves, whose rollout is over, and those that stay live beside it.
    pub finish: Option<Finish>,
    /// Releases that are recorded as live and not there any more.
    pub retire: Vec<String>,
    /// Where the platform and the record disagree, and what is made of it: sentences without their period.
    pub told: Vec<String>,
}

/// The end of a rollout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finish {
    /// The release.
    pub version: String,
    /// The other live releases, none of which it ends.
    pub keep: Vec<String>,
}

/// What to make of what is seen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading {
    /// Whether what the platform only remembers counts as live.
    pub keep_history: bool,
    /// How many of the releases that serve nothing and can be switched back to count, the newest; all if nothing is said. The
    /// others end.
    pub keep_idle: Option<usize>,
    /// Whether what the platform does not know any more has ended.
    pub retire_unseen: bool,
}

/// Returns the releases of an app whose last record is that somebody retired them by name.
#[must_use]
pub fn retired_by_name(entries: &[Entry], app: &str) -> BTreeSet<String> {
    let mut retired = BTreeSet::new();
    for entry in entries {
        match &entry.event {
            Event::Retired { app: of, version } if of == app => {
                retired.insert(version.clone());
            }
            Event::DeployStarted { app: of, version, .. } if of == app => {
                retired.remove(version);
            }
            Event::Retired { .. }
            | Event::DeployStarted { .. }
            | Event::DeployFinished { .. }
            | Event::DeployAborted { .. }
            | Event::Registered { .. }
            | Event::Started(_)
            | Event::Finished(_)
            | Event::Failed(..)
            | Event::Reverted(_)
            | Event::Opened { .. }
            | Event::Closed { .. }
            | Event::Approved { .. }
            | Event::Baselined { .. }
            | Event::BackfillVoided { .. } => {}
        }
    }
    retired
}

/// Compares what deploys recorded of an app with what a platform says of it. Done a second time, after what comes back was
/// recorded, it finds nothing more to record.
///
/// The careful reading wins: what is there is live, and so is what could be given traffic again without a new rollout, until
/// somebody retires it by name; what is recorded and not there stays live unless it is said that it has ended.
#[must_use]
pub fn bring_in_line(
    app: &str,
    recorded: Option<&App>,
    seen: &[Seen],
    retired: &BTreeSet<String>,
    reading: Reading,
) -> InLine {
    let mut in_line = InLine::default();
    let is_live =
        |version: &str| recorded.and_then(|app| app.release(version)).is_some_and(Release::is_live);
    let is_held = |of: &Seen| is_live(&of.release) || !retired.contains(&of.release);
    let idle = seen.iter().filter(|of| of.standing == Standing::Idle && is_held(of));
    let idle: Vec<&str> = idle.map(|of| of.release.as_str()).collect();
    let n_given_up = reading.keep_idle.map_or(0, |n| idle.len().saturating_sub(n));
    let given_up: BTreeSet<&str> = idle.into_iter().take(n_given_up).collect();
    let counts = |of: &Seen| match of.standing {
        Standing::History if !reading.keep_history => false,
        Standing::Idle if given_up.contains(of.release.as_str()) => false,
        Standing::History | Standing::Idle => is_held(of),
        Standing::Reachable | Standing::Serving => true,
    };
    for of in seen {
        if counts(of) {
            if !is_live(&of.release) {
                in_line.start.push(of.clone());
            }
        } else if of.standing == Standing::Idle && !given_up.contains(of.release.as_str()) {
            in_line.told.push(format!(
                "{app} {} was retired and can still be switched back to: it stays retired until it is given traffic",
                of.release
            ));
        }
    }
    let live: BTreeSet<&str> =
        seen.iter().filter(|of| counts(of)).map(|of| of.release.as_str()).collect();
    for release in recorded.into_iter().flat_map(App::live) {
        if !live.contains(release.version.as_str()) {
            let is_given_up = given_up.contains(release.version.as_str());
            unseen(app, release, is_given_up || reading.retire_unseen, &mut in_line);
        }
    }
    in_line.finish = finish(recorded, seen, &in_line);
    in_line
}

fn unseen(app: &str, release: &Release, has_ended: bool, in_line: &mut InLine) {
    let version = &release.version;
    if release.is_starting() {
        // A pipeline that records before it rolls out is just about to.
        in_line.told.push(format!(
            "{app} {version} is recorded as rolling out and not there: it counts as live until it is finished or aborted"
        ));
    } else if has_ended {
        in_line.retire.push(version.clone());
    } else {
        in_line.told.push(format!(
            "{app} {version} is recorded as live and not there: it counts as live until it is retired, by name or with `--retire-unseen`"
        ));
    }
}

/// Returns the end of the rollout of the only release that serves, if it is not recorded.
fn finish(recorded: Option<&App>, seen: &[Seen], in_line: &InLine) -> Option<Finish> {
    let mut serving = seen.iter().filter(|of| of.standing == Standing::Serving);
    let (only, None) = (serving.next()?, serving.next()) else { return None };
    let before = recorded.and_then(|app| app.release(&only.release));
    let is_finished = before.is_some_and(|release| match release.state {
        LiveState::Live { .. } => true,
        LiveState::Starting { .. } | LiveState::Registered | LiveState::Ended { .. } => false,
    });
    if is_finished {
        return None;
    }
    let recorded = recorded.into_iter().flat_map(App::live).map(|release| &release.version);
    let started = in_line.start.iter().map(|of| &of.release);
    let others: BTreeSet<&String> = recorded.chain(started).collect();
    let stays = |version: &&String| **version != only.release && !in_line.retire.contains(version);
    let keep = others.into_iter().filter(stays).cloned().collect();
    Some(Finish { version: only.release.clone(), keep })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn seen(release: &str, standing: Standing) -> Seen {
        let (app, release) = ("web".to_owned(), release.to_owned());
        Seen { app, release, standing, percent: None, sources: Vec::new() }
    }

    fn recorded(releases: &[(&str, LiveState)]) -> App {
        let releases = releases.iter().map(|(version, state)| Release::new(version, state.clone()));
        App { name: "web".to_owned(), releases: releases.collect() }
    }

    const THEN: Timestamp = Timestamp::UNIX_EPOCH;
    const LIVE: LiveState = LiveState::Live { since: THEN };
    const ENDED: LiveState = LiveState::Ended { at: THEN };
    const STARTING: LiveState = LiveState::Starting { since: THEN };

    /// What is started, finished with what is kept, retired, and how many things are told.
    type Short = (Vec<String>, Option<(String, Vec<String>)>, Vec<String>, usize);

    fn short(app: Option<&App>, all: &[Seen], retired: &[&str], reading: Reading) -> Short {
        let retired = retired.iter().map(|version| (*version).to_owned()).collect();
        let line = bring_in_line("web", app, all, &retired, reading);
        let start = line.start.into_iter().map(|of| of.release).collect();
        let finish = line.finish.map(|of| (of.version, of.keep));
        (start, finish, line.retire, line.told.len())
    }

    fn texts(all: &[&str]) -> Vec<String> {
        all.iter().map(|text| (*text).to_owned()).collect()
    }

    const PLAIN: Reading = Reading { keep_history: false, keep_idle: None, retire_unseen: false };

    #[test]
    fn the_only_release_that_serves_is_started_and_finished() {
        let all = [seen("2", Standing::Serving)];
        let done = Some(("2".to_owned(), texts(&[])));
        assert_eq!(short(None, &all, &[], PLAIN), (texts(&["2"]), done.clone(), texts(&[]), 0));
        let starting = recorded(&[("2", STARTING)]);
        assert_eq!(short(Some(&starting), &all, &[], PLAIN), (texts(&[]), done, texts(&[]), 0));
        let live = recorded(&[("2", LIVE)]);
        assert_eq!(short(Some(&live), &all, &[], PLAIN), (texts(&[]), None, texts(&[]), 0));
    }

    #[test]
    fn nothing_is_finished_while_two_serve() {
        let all = [seen("1", Standing::Serving), seen("2", Standing::Serving)];
        let live = recorded(&[("1", LIVE)]);
        assert_eq!(short(Some(&live), &all, &[], PLAIN), (texts(&["2"]), None, texts(&[]), 0));
    }

    #[test]
    fn what_can_be_switched_back_to_is_live_until_it_is_retired_by_name() {
        let all = [seen("1", Standing::Idle), seen("2", Standing::Serving)];
        let done = Some(("2".to_owned(), texts(&["1"])));
        assert_eq!(short(None, &all, &[], PLAIN), (texts(&["1", "2"]), done, texts(&[]), 0));
        // A pipeline that ends it by finishing another is corrected; a person who retires it is not.
        let ended = recorded(&[("1", ENDED), ("2", LIVE)]);
        assert_eq!(short(Some(&ended), &all, &[], PLAIN).0, texts(&["1"]));
        assert_eq!(short(Some(&ended), &all, &["1"], PLAIN), (texts(&[]), None, texts(&[]), 1));
        let back = [seen("1", Standing::Serving)];
        assert_eq!(short(Some(&ended), &back, &["1"], PLAIN).0, texts(&["1"]));
    }

    #[test]
    fn of_what_can_be_switched_back_to_only_so_many_are_kept_if_it_is_said_so() {
        let idle = |release| seen(release, Standing::Idle);
        let all = [idle("1"), idle("2"), idle("3"), seen("4", Standing::Serving)];
        let one = Reading { keep_idle: Some(1), ..PLAIN };
        let done = Some(("4".to_owned(), texts(&["3"])));
        assert_eq!(short(None, &all, &[], one), (texts(&["3", "4"]), done, texts(&[]), 0));
        // What is recorded and not kept ends; what is just being rolled out does not.
        let app = recorded(&[("1", LIVE), ("2", STARTING), ("3", LIVE), ("4", LIVE)]);
        assert_eq!(short(Some(&app), &all, &[], one), (texts(&[]), None, texts(&["1"]), 1));
        // What was retired by name takes nobody's place.
        let app = recorded(&[("2", LIVE), ("3", ENDED), ("4", LIVE)]);
        assert_eq!(short(Some(&app), &all, &["3"], one), (texts(&[]), None, texts(&[]), 1));
        let none = Reading { keep_idle: Some(0), ..PLAIN };
        let app = recorded(&[("1", LIVE), ("4", LIVE)]);
        assert_eq!(short(Some(&app), &all, &[], none), (texts(&[]), None, texts(&["1"]), 0));
        // Given traffic again, it is live again.
        let back = [seen("1", Standing::Serving), seen("4", Standing::Serving)];
        let app = recorded(&[("1", ENDED), ("4", LIVE)]);
        assert_eq!(short(Some(&app), &back, &["1"], none).0, texts(&["1"]));
    }

    #[test]
    fn history_counts_only_if_it_is_said_so() {
        let all = [seen("1", Standing::History), seen("2", Standing::Serving)];
        assert_eq!(short(None, &all, &[], PLAIN).0, texts(&["2"]));
        let kept = Reading { keep_history: true, ..PLAIN };
        assert_eq!(short(None, &all, &[], kept).0, texts(&["1", "2"]));
    }

    #[test]
    fn what_is_recorded_and_not_there_stays_live_unless_it_is_said_that_it_ended() {
        let all = [seen("2", Standing::Serving)];
        let app = recorded(&[("1", LIVE), ("2", LIVE), ("3", STARTING)]);
        assert_eq!(short(Some(&app), &all, &[], PLAIN), (texts(&[]), None, texts(&[]), 2));
        let retire = Reading { retire_unseen: true, ..PLAIN };
        assert_eq!(short(Some(&app), &all, &[], retire), (texts(&[]), None, texts(&["1"]), 1));
        let app = recorded(&[("1", LIVE), ("2", STARTING)]);
        let done = Some(("2".to_owned(), texts(&[])));
        assert_eq!(short(Some(&app), &all, &[], retire), (texts(&[]), done, texts(&["1"]), 0));
        let kept = Some(("2".to_owned(), texts(&["1"])));
        assert_eq!(short(Some(&app), &all, &[], PLAIN), (texts(&[]), kept, texts(&[]), 1));
    }

    #[test]
    fn a_start_after_a_retirement_is_the_last_word() {
        let entry = |event| Entry { id: 1, at: THEN, actor: "a".to_owned(), event };
        let (app, version) = ("web".to_owned(), "1".to_owned());
        let retired = entry(Event::Retired { app: app.clone(), version: version.clone() });
        let started = entry(Event::DeployStarted { app, version, marks: Vec::new(), forced: None });
        let entries = [retired, started];
        assert_eq!(retired_by_name(&entries[..1], "web"), ["1".to_owned()].into());
        assert_eq!(retired_by_name(&entries[..1], "worker"), BTreeSet::new());
        assert_eq!(retired_by_name(&entries, "web"), BTreeSet::new());
    }
}
