//! Tests of what heartbeats say of who is live.

use super::*;
use crate::yaml::duration::Duration;

const STALE_S: i64 = 600;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn beat(release: &str, name: &str, first: i64, last: i64) -> Beat {
    let instance = Instance { name: name.to_owned(), first_seen: at(first), last_seen: at(last) };
    Beat { app: "web".to_owned(), release: release.to_owned(), instance }
}

fn rules(sole: bool) -> HeartbeatRules {
    HeartbeatRules {
        stale_after: Duration { milliseconds: 600_000 },
        sole_evidence: sole.then(|| "web".to_owned()).into_iter().collect(),
    }
}

fn recorded(state: Option<LiveState>) -> BTreeMap<String, App> {
    let releases = state.map(|state| Release::new("1", state)).into_iter().collect();
    [("web".to_owned(), App { name: "web".to_owned(), releases })].into()
}

/// The state of release 1 at a time, when its instance beat from second 100 to second 200.
fn state(state: Option<LiveState>, sole: bool, now: i64) -> LiveState {
    let beats = [beat("1", "i-1", 100, 200)];
    let apps = with_heartbeats(recorded(state), &beats, &rules(sole), at(now));
    apps["web"].release("1").unwrap().state.clone()
}

const FRESH: i64 = 200 + STALE_S - 1;
const STALE: i64 = 200 + STALE_S;

#[test]
fn a_fresh_heartbeat_makes_live_what_was_ended_or_never_started() {
    for sole in [false, true] {
        let ended = LiveState::Ended { at: at(150) };
        let live = LiveState::Live { since: at(100) };
        for before in [None, Some(LiveState::Registered), Some(ended)] {
            assert_eq!(state(before.clone(), sole, FRESH), live, "{before:?}");
        }
    }
}

#[test]
fn a_release_that_was_ended_counts_as_ended_once_its_last_heartbeat_is_stale() {
    let early = LiveState::Ended { at: at(150) };
    let late = LiveState::Ended { at: at(9_000) };
    assert_eq!(state(Some(early), false, STALE), LiveState::Ended { at: at(STALE) });
    assert_eq!(state(Some(late.clone()), false, 9_001), late);
}

#[test]
fn silence_ends_nothing_by_itself() {
    let live = LiveState::Live { since: at(90) };
    let starting = LiveState::Starting { since: at(90) };
    assert_eq!(state(Some(live.clone()), false, STALE), live);
    assert_eq!(state(Some(starting.clone()), false, STALE), starting);
    assert_eq!(state(None, false, STALE), LiveState::Registered);
}

#[test]
fn silence_ends_a_release_whose_heartbeats_are_all_the_evidence() {
    let ended = LiveState::Ended { at: at(STALE) };
    assert_eq!(state(Some(LiveState::Live { since: at(90) }), true, STALE), ended);
    assert_eq!(state(None, true, STALE), ended);
    let live = LiveState::Live { since: at(90) };
    assert_eq!(state(Some(live.clone()), true, FRESH), live);
}

#[test]
fn silence_never_ends_a_rollout_or_a_release_not_heard_of_since_it_started() {
    for kept in [LiveState::Starting { since: at(90) }, LiveState::Live { since: at(201) }] {
        assert_eq!(state(Some(kept.clone()), true, STALE + 100_000), kept);
    }
}

#[test]
fn one_instance_that_beats_is_enough() {
    let beats = [beat("1", "dead", 0, 10), beat("1", "alive", 500, 900)];
    let apps = with_heartbeats(recorded(None), &beats, &rules(true), at(1_000));
    let release = apps["web"].release("1").unwrap();
    assert_eq!(release.state, LiveState::Live { since: at(500) });
    let pulse = release.pulse.as_ref().unwrap();
    assert_eq!(pulse.last_seen(), at(900));
    let beating: Vec<&str> = pulse.beating(at(1_000)).map(|of| of.name.as_str()).collect();
    assert_eq!(beating, ["alive"]);
}

#[test]
fn heartbeats_alone_do_not_make_an_app_known_unless_they_are_all_the_evidence() {
    let beats = [beat("1", "i", 100, 200)];
    for (sole, now) in [(false, FRESH), (false, STALE), (true, FRESH), (true, STALE)] {
        let apps = with_heartbeats(BTreeMap::new(), &beats, &rules(sole), at(now));
        assert_eq!(apps["web"].has_started(), sole, "at {now}");
        assert_eq!(apps["web"].live().count(), usize::from(now == FRESH));
    }
}

#[test]
fn the_end_of_a_rollout_does_not_end_an_instance_that_beats() {
    let ended = LiveState::Ended { at: at(150) };
    let mut apps = recorded(Some(ended));
    let new =
        Release { started_by: 7, ..Release::new("2", LiveState::Starting { since: at(150) }) };
    apps.get_mut("web").unwrap().releases.push(new);
    let apps = with_heartbeats(apps, &[beat("1", "i", 100, 200)], &rules(false), at(FRESH));
    assert_eq!(apps["web"].live().count(), 2);
    assert_eq!(apps["web"].ended_by_finish("2", &[]).count(), 0);
}

#[test]
fn contradictions_name_both_sides_and_what_counts() {
    let told = |state: Option<LiveState>, sole: bool, now: i64| -> Vec<(String, bool)> {
        let beats = [beat("1", "i-3", 100, 200)];
        let apps = with_heartbeats(recorded(state), &beats, &rules(sole), at(now));
        let found = contradictions(&apps, at(now)).into_iter();
        found.map(|of| (of.message, of.live)).collect()
    };
    let ended = || Some(LiveState::Ended { at: at(150) });
    let live = || Some(LiveState::Live { since: at(90) });
    assert_eq!(
        told(ended(), false, 220),
        [(
            "web 1 ended at 1970-01-01T00:02:30Z, but its instance `i-3` beat 20 s ago: counted as live".to_owned(),
            true
        )]
    );
    assert_eq!(
        told(None, false, 500),
        [(
            "web 1 was never started, but its instance `i-3` beat 5 min ago: counted as live"
                .to_owned(),
            true
        )]
    );
    let silent = "web 1 was not ended, but its one instance has not beaten for 10 min: counted as";
    assert_eq!(told(live(), false, STALE), [(format!("{silent} live"), true)]);
    assert_eq!(told(live(), true, STALE), [(format!("{silent} ended"), false)]);
    assert_eq!(told(live(), false, 220), []);
    assert_eq!(told(ended(), false, STALE), []);
    assert_eq!(told(None, false, STALE), []);
}

#[test]
fn times_at_the_end_of_the_calendar_are_no_trouble() {
    let far =
        Instance { name: "i".to_owned(), first_seen: Timestamp::MIN, last_seen: Timestamp::MAX };
    let beats = [Beat { app: "web".to_owned(), release: "1".to_owned(), instance: far }];
    let apps = with_heartbeats(BTreeMap::new(), &beats, &rules(false), Timestamp::MIN);
    assert_eq!(contradictions(&apps, Timestamp::MIN).len(), 1);
}
