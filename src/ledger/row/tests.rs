//! Tests of events as rows.

use super::*;
use crate::release::Requirements;

fn step() -> StepEvent {
    StepEvent {
        plan: "split_name".into(),
        phase: Phase::Backfill,
        step: "fill".into(),
        version: MigrationVersion::recorded("202611210900002001ab12"),
        checksum: Checksum::recorded("ab12"),
        attempt: 2,
        duration_ms: Some(40),
    }
}

fn every_event() -> Vec<Event> {
    let (app, version) = ("web".to_owned(), "2.5.0".to_owned());
    let (plan, phase) = (step().plan, Phase::Contract);
    let checksum = Checksum::recorded("cd34");
    vec![
        Event::Started(StepEvent { duration_ms: None, ..step() }),
        Event::Finished(step()),
        Event::Failed(step(), "lock timeout: \"users\"\n".to_owned()),
        Event::Reverted(step()),
        Event::Opened {
            plan: plan.clone(),
            phase,
            checksum: checksum.clone(),
            because: vec!["web 2.5.0 is live".to_owned(), "ä".to_owned()],
        },
        Event::Closed { plan: plan.clone(), phase, because: "web 1.0.0".to_owned() },
        Event::Approved {
            plan: plan.clone(),
            phase,
            checksum: checksum.clone(),
            by: "Ada".to_owned(),
            reason: "seen".to_owned(),
        },
        Event::Registered {
            app: app.clone(),
            version: version.clone(),
            registration: Box::new(Registration {
                needs: Some(Arc::new(Requirements {
                    files: vec!["src/schema.rs".to_owned()],
                    ..Requirements::default()
                })),
                plans: vec![plan.clone()],
                migrations: vec![MigrationVersion::recorded("20261121090000")],
            }),
        },
        Event::Registered {
            app: app.clone(),
            version: version.clone(),
            registration: Box::default(),
        },
        Event::Baselined {
            origin: Origin::Database,
            migrations: vec![MigrationVersion::recorded("20210104101500")],
            checksum,
        },
        Event::DeployStarted {
            app: app.clone(),
            version: version.clone(),
            marks: vec!["writes-both-names".to_owned()],
            forced: Some("incident 12".to_owned()),
        },
        Event::DeployStarted {
            app: app.clone(),
            version: version.clone(),
            marks: Vec::new(),
            forced: None,
        },
        Event::DeployFinished {
            app: app.clone(),
            version: version.clone(),
            keep: vec!["2.4.0".to_owned()],
        },
        Event::DeployAborted { app: app.clone(), version: version.clone() },
        Event::Retired { app: app.clone(), version: version.clone() },
        Event::BackfillVoided { plan, app, version },
    ]
}

#[test]
fn every_event_comes_back_from_its_columns() {
    for event in every_event() {
        assert_eq!(from_row(&to_row(&event)).as_ref(), Ok(&event));
    }
}

#[test]
fn a_key_of_a_newer_planner_is_passed_over() {
    let event = Event::Failed(step(), "disk full".to_owned());
    let mut row = to_row(&event);
    row.detail = r#"{"error":"disk full","sqlstate":"53100"}"#.to_owned();
    assert_eq!(from_row(&row), Ok(event));
}

#[test]
fn a_kind_of_a_newer_planner_is_an_error() {
    let row = EventRow { kind: "healed".to_owned(), ..to_row(&Event::Started(step())) };
    assert_eq!(from_row(&row).unwrap_err(), "`healed` is an event of a newer planner");
}

#[test]
fn a_damaged_row_says_what_is_wrong_with_it() {
    let good = to_row(&Event::Failed(step(), "x".to_owned()));
    let error = |row: EventRow| from_row(&row).unwrap_err();
    assert_eq!(error(EventRow { plan: None, ..good.clone() }), "column `plan` is empty");
    let phase = Some("explode".to_owned());
    assert_eq!(error(EventRow { phase, ..good.clone() }), "`explode` is no phase");
    let detail = |text: &str| error(EventRow { detail: text.to_owned(), ..good.clone() });
    assert_eq!(detail("[]"), "the detail is no JSON object");
    assert!(detail("{").starts_with("the detail is no JSON: "));
    assert_eq!(detail("{}"), "the detail has no `error`");
    assert_eq!(detail(r#"{"error":1}"#), "`error` of the detail is no text");
    let events = every_event();
    let is_start = |event: &&Event| matches!(event, Event::DeployStarted { .. });
    let app = to_row(events.iter().find(is_start).unwrap());
    let marks = EventRow { detail: r#"{"marks":[1]}"#.to_owned(), ..app };
    assert_eq!(error(marks), "`marks` of the detail is no list of texts");
    let is_registered = |event: &&Event| matches!(event, Event::Registered { .. });
    let registered = to_row(events.iter().find(is_registered).unwrap());
    let needs = EventRow { detail: r#"{"needs":{"tables":1}}"#.to_owned(), ..registered };
    assert!(error(needs).starts_with("`needs` of the detail cannot be read"));
}
