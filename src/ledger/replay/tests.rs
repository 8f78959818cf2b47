//! Tests of replaying.

use proptest::prelude::*;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn step(plan: &str, phase: Phase, version: &str) -> StepEvent {
    StepEvent {
        plan: plan.into(),
        phase,
        step: format!("step_{version}").into(),
        version: MigrationVersion::recorded(version),
        checksum: Checksum::recorded("aa"),
        attempt: 1,
        duration_ms: None,
    }
}

fn fill() -> StepEvent {
    step("p", Phase::Backfill, "2")
}

fn entries(events: impl IntoIterator<Item = Event>) -> Vec<Entry> {
    let numbered = (1_i64..).zip(events);
    numbered
        .map(|(id, event)| Entry { id, at: at(id * 10), actor: "ada".to_owned(), event })
        .collect()
}

fn snapshot(events: impl IntoIterator<Item = Event>) -> LedgerSnapshot {
    replay(&entries(events))
}

fn version(text: &str) -> MigrationVersion {
    MigrationVersion::recorded(text)
}

fn void() -> Event {
    Event::BackfillVoided { plan: "p".into(), app: "web".to_owned(), version: "1.0.0".to_owned() }
}

#[test]
fn a_migration_that_was_started_is_in_doubt_until_it_ends() {
    let left = snapshot([Event::Started(fill())]);
    assert_eq!(left.migrations[&version("2")], MigrationState::InDoubt(fill(), at(10)));
    let left = snapshot([Event::Started(fill()), Event::Finished(fill())]);
    assert!(left.is_done(&version("2")));
    assert_eq!(left.last_id, 2);
    let left = snapshot([Event::Started(fill()), Event::Failed(fill(), "no lock".to_owned())]);
    assert_eq!(left.migrations[&version("2")], MigrationState::Failed(fill(), at(20)));
}

#[test]
fn an_attempt_to_undo_that_failed_leaves_it_done() {
    let failed = Event::Failed(fill(), "no lock".to_owned());
    let left = snapshot([Event::Finished(fill()), Event::Started(fill()), failed]);
    assert_eq!(left.migrations[&version("2")], MigrationState::Done(fill(), at(10)));
}

#[test]
fn a_backfill_that_failed_after_some_batches_is_made_void_too() {
    let failed = Event::Failed(fill(), "no lock".to_owned());
    let left = snapshot([Event::Started(fill()), failed, void()]);
    assert_eq!(left.migrations[&version("2")], MigrationState::Voided(fill(), at(30)));
}

#[test]
fn a_phase_ended_when_its_last_migration_did() {
    let (one, two) = (step("p", Phase::Expand, "11"), step("p", Phase::Expand, "12"));
    let left = snapshot([Event::Finished(one), Event::Finished(two.clone())]);
    assert_eq!(left.phase_finished_at(&"p".into(), Phase::Expand), Some(at(20)));
    assert_eq!(left.phase_finished_at(&"p".into(), Phase::Contract), None);
    let left = snapshot([Event::Finished(two.clone()), Event::Reverted(two)]);
    assert_eq!(left.phase_finished_at(&"p".into(), Phase::Expand), None);
}

#[test]
fn a_revert_closes_the_phase_and_uses_up_its_approval() {
    let drop = step("p", Phase::Contract, "3");
    let (plan, phase, checksum): (PlanName, _, _) =
        ("p".into(), Phase::Contract, Checksum::recorded("cc"));
    let opened = Event::Opened {
        plan: plan.clone(),
        phase,
        checksum: checksum.clone(),
        because: Vec::new(),
    };
    let approved = Event::Approved {
        plan: plan.clone(),
        phase,
        checksum,
        by: "Ada".to_owned(),
        reason: "ok".to_owned(),
    };
    let mut events = vec![approved, opened, Event::Finished(drop.clone())];
    let key = PhaseKey { plan, phase };
    let open = snapshot(events.clone());
    assert_eq!(open.opened[&key].at, at(20));
    assert_eq!(open.approvals[&key].by, "Ada");
    events.push(Event::Reverted(drop));
    let closed = snapshot(events);
    assert!(closed.opened.is_empty() && closed.approvals.is_empty());
}

#[test]
fn a_void_backfill_is_to_be_done_again() {
    let left = snapshot([Event::Finished(fill()), void()]);
    assert!(!left.is_done(&version("2")));
    assert_eq!(left.migrations[&version("2")], MigrationState::Voided(fill(), at(20)));
    assert_eq!(left.voided[&PlanName::from("p")], "web 1.0.0");
}

#[test]
fn a_backfill_under_way_is_made_void_too() {
    let left = snapshot([Event::Started(fill()), void()]);
    assert_eq!(left.migrations[&version("2")], MigrationState::Voided(fill(), at(20)));
}

#[test]
fn a_backfill_is_void_until_all_of_it_is_done_again() {
    let second = step("p", Phase::Backfill, "22");
    let mut events = vec![
        Event::Finished(fill()),
        Event::Finished(second.clone()),
        void(),
        Event::Started(fill()),
        Event::Failed(fill(), "killed".to_owned()),
    ];
    let failed = snapshot(events.clone());
    assert!(matches!(failed.migrations[&version("2")], MigrationState::Voided(..)));
    events.push(Event::Finished(fill()));
    let half = snapshot(events.clone());
    assert!(half.is_done(&version("2")) && !half.is_done(&version("22")));
    assert_eq!(half.voided.len(), 1);
    events.push(Event::Finished(second));
    let whole = snapshot(events);
    assert!(whole.voided.is_empty() && whole.is_done(&version("22")));
}

#[test]
fn a_backfill_that_has_not_begun_cannot_be_made_void() {
    assert_eq!(snapshot([void()]).voided, BTreeMap::new());
    let reverted = [Event::Finished(fill()), Event::Reverted(fill()), void()];
    assert_eq!(snapshot(reverted).voided, BTreeMap::new());
    let other = [Event::Finished(step("q", Phase::Backfill, "5")), void()];
    assert!(snapshot(other).is_done(&version("5")));
}

#[derive(Clone, Copy, Debug)]
enum Deploy {
    Start,
    Finish,
    Keep,
    Abort,
    Retire,
}

fn deploy(kind: Deploy, version: u8) -> Event {
    let (app, version) = ("web".to_owned(), version.to_string());
    match kind {
        Deploy::Start => Event::DeployStarted { app, version, marks: Vec::new(), forced: None },
        Deploy::Finish => Event::DeployFinished { app, version, keep: Vec::new() },
        Deploy::Keep => Event::DeployFinished { app, version, keep: vec!["0".to_owned()] },
        Deploy::Abort => Event::DeployAborted { app, version },
        Deploy::Retire => Event::Retired { app, version },
    }
}

/// Answers from the entries alone: a release is live iff it started and no entry since ended it.
fn is_live(deploys: &[(Deploy, u8)], version: u8) -> bool {
    // Its rollout is over if it finished since it was last not live.
    let mut settled = false;
    let mut live = false;
    for (place, (kind, of)) in deploys.iter().enumerate() {
        let started = |of: u8| {
            let is_start = |(k, o): &(Deploy, u8)| matches!(k, Deploy::Start) && *o == of;
            deploys[..place].iter().rposition(is_start)
        };
        match (kind, *of == version) {
            (Deploy::Start, true) => live = true,
            (Deploy::Finish | Deploy::Keep, true) => (live, settled) = (true, true),
            (Deploy::Abort, true) => live = live && settled,
            (Deploy::Retire, true) => live = false,
            (Deploy::Keep, false) if version == 0 => {}
            (Deploy::Finish | Deploy::Keep, false) => {
                live = live && !settled && started(version) > started(*of);
            }
            (Deploy::Start | Deploy::Abort | Deploy::Retire, false) => {}
        }
        settled = settled && live;
    }
    live
}

fn any_deploy() -> impl Strategy<Value = (Deploy, u8)> {
    let kinds = [Deploy::Start, Deploy::Finish, Deploy::Keep, Deploy::Abort, Deploy::Retire];
    (prop::sample::select(kinds.to_vec()), 0_u8..4)
}

proptest! {
    #[test]
    fn a_release_is_live_iff_it_started_and_nothing_ended_it_since(
        deploys in prop::collection::vec(any_deploy(), 0..24),
    ) {
        let left = snapshot(deploys.iter().map(|(kind, version)| deploy(*kind, *version)));
        for version in 0..4 {
            let app = left.apps.get("web");
            let release = app.and_then(|app| app.release(&version.to_string()));
            prop_assert_eq!(
                release.is_some_and(crate::release::Release::is_live),
                is_live(&deploys, version),
                "{}", version
            );
        }
    }

    #[test]
    fn a_migration_has_the_state_of_its_last_event(kinds in prop::collection::vec(0_u8..5, 0..20)) {
        let events = kinds.iter().map(|kind| match kind {
            0 => Event::Started(fill()),
            1 => Event::Finished(fill()),
            2 => Event::Reverted(fill()),
            3 => Event::Failed(fill(), String::new()),
            _ => void(),
        });
        let left = snapshot(events);
        // Nothing but an end, an undoing, an attempt under way or a voiding changes that it is done.
        let last = |kind: u8| kinds.iter().rposition(|of| *of == kind);
        let under_way = last(0) > last(3).max(last(1)).max(last(2));
        let done = last(1).is_some() && last(1) > last(2).max(last(4)) && !under_way;
        prop_assert_eq!(left.is_done(&version("2")), done);
        let any_void = left.migrations.values().any(|s| matches!(s, MigrationState::Voided(..)));
        prop_assert!(!any_void || !left.voided.is_empty());
    }
}
