//! May this release be deployed.

use super::*;
use crate::ledger::LedgerSnapshot;
use crate::rollout::deploy::{DeployAnswer, Refused, may_finish, may_start, refuse_record};

const GATES: &str = "{ backfill: { releases: { web: \">=2.4.0\" } }, contract: { releases: { web: \">=2.5.0\" } } }";

fn split() -> World {
    World::new(&["split: add | fill | drop"]).gate("split", GATES)
}

/// The phases whose gates refuse the release, with what they ask for.
fn refused(world: &World, app: &str, version: &str) -> Vec<String> {
    match may_start(&world.situation(), app, version, &[]) {
        DeployAnswer::Allowed => Vec::new(),
        DeployAnswer::Refused(refusals) => {
            let told = refusals.iter().map(|of| match (&of.phase, &of.because) {
                (Some(phase), Refused::Gate { requires }) => format!("{phase}: {requires}"),
                (_, because) => panic!("{because:?}"),
            });
            told.collect()
        }
    }
}

#[test]
fn any_release_may_start_before_the_backfill_begins() {
    let mut world = split();
    world.run(&["split/expand"]);
    assert_eq!(refused(&world, "web", "2.3.0"), Vec::<String>::new());
}

#[test]
fn from_the_start_of_the_backfill_its_gate_stands() {
    let mut world = split();
    world.run(&["split/expand"]).begin_step("split/fill");
    assert_eq!(refused(&world, "web", "2.3.0"), ["split/backfill: >=2.4.0"]);
    assert_eq!(refused(&world, "web", "2.4.0"), Vec::<String>::new());
    world.run(&["split/backfill"]);
    assert_eq!(refused(&world, "web", "2.3.0"), ["split/backfill: >=2.4.0"]);
}

#[test]
fn an_opened_backfill_stands_before_its_first_row() {
    let mut world = split();
    world.run(&["split/expand"]).open("split/backfill");
    assert_eq!(refused(&world, "web", "2.3.0"), ["split/backfill: >=2.4.0"]);
}

#[test]
fn a_rollback_outside_the_gate_is_refused_too() {
    let mut world = split();
    world.deploy("web", "2.3.0").deploy("web", "2.4.0").run(&["split/expand", "split/backfill"]);
    assert_eq!(refused(&world, "web", "2.3.0"), ["split/backfill: >=2.4.0"]);
}

#[test]
fn an_opened_contract_refuses_what_its_gate_does_not_let_pass() {
    let mut world = split();
    world.run(&["split/expand", "split/backfill"]);
    assert_eq!(refused(&world, "web", "2.4.0"), Vec::<String>::new());
    world.open("split/contract");
    assert_eq!(refused(&world, "web", "2.4.0"), ["split/contract: >=2.5.0"]);
}

#[test]
fn a_complete_contract_is_the_point_of_no_return() {
    let mut world = split();
    world.run(&["split/expand", "split/backfill", "split/contract"]);
    assert_eq!(refused(&world, "web", "2.3.0"), ["split/contract: >=2.5.0"]);
    assert_eq!(refused(&world, "web", "2.6.0"), Vec::<String>::new());
    world.revert_step("split/drop");
    assert_eq!(refused(&world, "web", "2.4.0"), Vec::<String>::new());
}

#[test]
fn an_app_that_a_standing_gate_does_not_name_is_refused_until_contract_is_complete() {
    let mut world = split();
    world.run(&["split/expand", "split/backfill"]);
    assert_eq!(refused(&world, "cron", "1"), ["split/backfill: that the gate names `cron`"]);
    world.run(&["split/contract"]);
    assert_eq!(refused(&world, "cron", "1"), Vec::<String>::new());
}

#[test]
fn a_plan_without_contract_keeps_its_backfill_gate_standing() {
    let mut world = World::new(&["copy: add | fill |"])
        .gate("copy", "backfill: { releases: { web: { marks: writes-both } } }");
    world.run(&["copy/expand", "copy/backfill"]);
    assert_eq!(refused(&world, "web", "9"), ["copy/backfill: marks writes-both"]);
}

#[test]
fn marks_count_as_they_would_be_recorded() {
    let mut world = World::new(&["copy: | fill |"])
        .gate("copy", "backfill: { releases: { web: { marks: writes-both } } }");
    world.run(&["copy/backfill"]);
    let with = ["writes-both".to_owned()];
    let answer = may_start(&world.situation(), "web", "9", &with);
    assert_eq!(answer, DeployAnswer::Allowed);
    world.start_with("web", "9", &["writes-both"]).retire("web", "9");
    assert_eq!(refused(&world, "web", "9"), Vec::<String>::new());
}

#[test]
fn a_commit_may_start_itself_as_the_first_of_its_gate() {
    let mut world = World::new(&["copy: | fill |"])
        .gate("copy", "backfill: { releases: { web: \">=abc1234\" } }");
    world.run(&["copy/backfill"]);
    assert_eq!(refused(&world, "web", "abc1234"), Vec::<String>::new());
    let unknown = "copy/backfill: >=abc1234, but `web` has no release `abc1234`";
    assert_eq!(refused(&world, "web", "def5678"), [unknown]);
}

#[test]
fn a_forced_start_makes_the_begun_backfills_void() {
    let mut world = split();
    world.run(&["split/expand", "split/backfill"]).open("split/contract");
    let answer = may_start(&world.situation(), "web", "2.3.0", &[]);
    assert_eq!(answer.voids(), ["split".into()]);
    assert_eq!(DeployAnswer::Allowed.voids(), []);
}

#[test]
fn every_refusal_says_what_to_do() {
    let mut world = split();
    world.run(&["split/expand", "split/backfill", "split/contract"]);
    let DeployAnswer::Refused(refusals) = may_start(&world.situation(), "web", "2.3.0", &[]) else {
        panic!("allowed");
    };
    let help = "start a release of `web` that passes `>=2.5.0`, or go back with `planner revert split/contract` first";
    assert_eq!(refusals[0].help, help);
}

#[test]
fn where_gates_are_off_any_release_may_start() {
    let mut world = split();
    world.run(&["split/expand", "split/backfill", "split/contract"]);
    world.facts.gates = false;
    assert_eq!(refused(&world, "web", "1"), Vec::<String>::new());
}

fn finish(ledger: &LedgerSnapshot, version: &str, keep: &[&str]) -> Result<Vec<String>, String> {
    let keep: Vec<String> = keep.iter().map(|of| (*of).to_owned()).collect();
    may_finish(ledger, "web", version, &keep)
}

#[test]
fn a_rollout_that_is_finished_says_what_it_ends() {
    let mut world = World::new(&[]);
    world.deploy("web", "1").start("web", "2").start("web", "3");
    assert_eq!(finish(&world.ledger, "2", &[]), Ok(vec!["1".to_owned()]));
    assert_eq!(finish(&world.ledger, "2", &["1"]), Ok(Vec::new()));
    assert_eq!(finish(&world.ledger, "3", &[]).unwrap(), ["1", "2"]);
}

#[test]
fn only_a_live_release_can_be_finished() {
    let mut world = World::new(&[]);
    let unknown = finish(&world.ledger, "2", &[]).unwrap_err();
    assert_eq!(
        unknown,
        "no release of `web` is recorded; start it first: `planner deploy start --app web --version 2`"
    );
    world.deploy("web", "1").deploy("web", "2");
    assert_eq!(
        finish(&world.ledger, "3", &[]).unwrap_err(),
        "`web` has no release `3`; live are `2`"
    );
    assert!(finish(&world.ledger, "1", &[]).unwrap_err().contains("is not live"));
    let keep = finish(&world.ledger, "2", &["1"]).unwrap_err();
    assert_eq!(keep, "release `1` of `web` cannot be kept: it is not live; live are `2`");
}

#[test]
fn what_does_not_fit_what_is_recorded_is_refused() {
    let mut world = World::new(&[]);
    world.deploy("web", "1").start("web", "2");
    let (app, of) = ("web".to_owned(), |version: &str| version.to_owned());
    let refuse = |event| refuse_record(&world.ledger, &event);
    let abort = |version| Event::DeployAborted { app: app.clone(), version: of(version) };
    assert_eq!(refuse(abort("2")), None);
    assert!(refuse(abort("1")).unwrap().contains("is finished"));
    assert!(refuse(abort("3")).unwrap().contains("has no release `3`"));
    let retire = |version| Event::Retired { app: app.clone(), version: of(version) };
    assert_eq!(refuse(retire("1")), None);
    let finish = Event::DeployFinished { app: app.clone(), version: of("9"), keep: Vec::new() };
    assert!(refuse(finish).is_some());
    world.retire("web", "1");
    let again = Event::Retired { app, version: of("1") };
    assert!(refuse_record(&world.ledger, &again).unwrap().contains("ended already"));
}
