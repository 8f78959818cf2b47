//! The release gate.

use super::*;

const CONTRACT: &str = "split/contract";

/// `split` with its first two phases done and this release gate.
fn split(releases: &str) -> World {
    let gates = format!("contract: {{ releases: {{ {releases} }} }}");
    let mut world = World::new(&["split: add | fill | drop"]).gate("split", &gates);
    world.run(&["split/expand", "split/backfill"]);
    world
}

fn split_for_web() -> World {
    split("web: \">=2.5.0\"")
}

#[test]
fn a_contract_phase_without_a_release_gate_is_blocked() {
    let world = World::new(&["p: | | drop"]);
    assert_eq!(world.blocked("p/contract").0, [Because::MissingGate]);
    let world = world.gate("p", "contract: { approval: true }");
    assert!(world.blocked("p/contract").0.contains(&Because::MissingGate));
}

#[test]
fn dropping_an_index_that_is_not_unique_needs_no_gate() {
    assert!(World::new(&["p: | | index_old"]).is_ready("p/contract"));
    assert!(!World::new(&["p: | | index_old, drop"]).is_ready("p/contract"));
    let written = World::new(&["p: | | index_old"]).gate("p", "contract: { approval: true }");
    assert_eq!(written.told(), ["blocked p/contract: approval"]);
}

#[test]
fn none_says_that_no_release_can_be_affected() {
    let mut world = split("none: never shipped");
    world.facts.apps = vec!["web".to_owned()];
    world.deploy("worker", "1");
    assert_eq!(world.next().ready[0].because, ["no release can be affected: never shipped"]);
}

#[test]
fn a_live_release_outside_the_range_shuts_the_gate() {
    let mut world = split_for_web();
    world.deploy("web", "2.3.0");
    let (because, unblock) = world.blocked(CONTRACT);
    let (app, release, requires) = ("web".to_owned(), "2.3.0".to_owned(), ">=2.5.0".to_owned());
    assert_eq!(because, [Because::LiveRelease { app, release, requires }]);
    let roll_out = "roll out a release of `web` that is >=2.5.0, which ends 2.3.0: `planner deploy start --app web --version VERSION`, then `planner deploy finish --app web --version VERSION`";
    assert_eq!(unblock, [roll_out]);
}

#[test]
fn while_a_rollout_lasts_both_releases_are_live() {
    let mut world = split_for_web();
    world.deploy("web", "2.3.0").start("web", "2.5.0");
    let (because, unblock) = world.blocked(CONTRACT);
    assert_eq!(because.len(), 1);
    let finish = "finish the rollout of `web` 2.5.0, which ends 2.3.0: `planner deploy finish --app web --version 2.5.0`";
    assert_eq!(unblock, [finish]);
    world.finish("web", "2.5.0");
    assert_eq!(world.next().ready[0].because, ["`web` 2.5.0 passes >=2.5.0"]);
}

#[test]
fn a_release_whose_rollout_has_only_started_is_live() {
    let mut world = split_for_web();
    world.start("web", "2.3.0");
    assert_eq!(world.told(), ["blocked split/contract: live_release"]);
}

#[test]
fn a_kept_release_is_to_be_retired_and_a_late_rollout_aborted() {
    let mut world = split_for_web();
    world.deploy("web", "2.3.0").start("web", "2.5.0");
    let (app, version) = ("web".to_owned(), "2.5.0".to_owned());
    world.record(Event::DeployFinished { app, version, keep: vec!["2.3.0".to_owned()] });
    world.start("web", "2.4.0");
    assert_eq!(
        world.blocked(CONTRACT).1,
        [
            "end `web` 2.3.0: `planner deploy retire --app web --version 2.3.0`",
            "end `web` 2.4.0: `planner deploy abort --app web --version 2.4.0`",
        ]
    );
}

#[test]
fn a_rollout_that_started_after_the_good_one_is_to_be_aborted_besides() {
    let mut world = split_for_web();
    world.deploy("web", "2.3.0").start("web", "2.5.0").start("web", "2.4.0");
    let (_, unblock) = world.blocked(CONTRACT);
    assert_eq!(unblock[0], "end `web` 2.4.0: `planner deploy abort --app web --version 2.4.0`");
    assert!(unblock[1].starts_with("finish the rollout of `web` 2.5.0, which ends 2.3.0: "));
    world.abort("web", "2.4.0").finish("web", "2.5.0");
    assert!(world.is_ready(CONTRACT), "what was advised unblocks it");
}

#[test]
fn marks_are_asked_for_by_name() {
    let mut world = split("web: { marks: reads-split-name }");
    world.deploy("web", "abc1234");
    let (because, unblock) = world.blocked(CONTRACT);
    let Because::LiveRelease { requires, .. } = &because[0] else { panic!("{because:?}") };
    assert_eq!(requires, "marks reads-split-name");
    assert!(unblock[0].contains("--version VERSION --marks reads-split-name"), "{unblock:?}");
    world.start_with("web", "def5678", &["reads-split-name", "x"]).finish("web", "def5678");
    assert!(world.is_ready(CONTRACT));
}

#[test]
fn every_app_that_planner_yaml_knows_must_pass() {
    let mut world = split_for_web();
    world.deploy("web", "2.5.0");
    world.facts.apps = vec!["web".to_owned(), "cron".to_owned()];
    let (because, unblock) = world.blocked(CONTRACT);
    assert_eq!(because, [Because::UngatedApp { app: "cron".to_owned() }]);
    let name = "name `cron` under `gates.contract.releases` of plan `split`: a range, marks, or `any: \"why\"`";
    assert_eq!(unblock, [name]);
}

#[test]
fn every_app_that_the_ledger_knows_must_pass() {
    let mut world = split_for_web();
    world.deploy("web", "2.5.0").deploy("worker", "1.0.0");
    assert_eq!(world.blocked(CONTRACT).0, [Because::UngatedApp { app: "worker".to_owned() }]);
}

#[test]
fn any_lets_every_release_of_an_app_pass() {
    let mut world = split("web: \">=2.5.0\", cron: { any: never touches users }");
    world.deploy("web", "2.5.0");
    let open = &world.next().ready[0].because;
    assert_eq!(open[0], "any release of `cron` will do: never touches users");
    world.deploy("cron", "7");
    assert!(world.is_ready(CONTRACT));
}

#[test]
fn an_app_of_which_nothing_is_known_shuts_the_gate_and_the_message_says_what_to_record() {
    let world = split_for_web();
    let (because, unblock) = world.blocked(CONTRACT);
    assert_eq!(because, [Because::UnknownApp { app: "web".to_owned() }]);
    let record = "record the release of `web` that is live: `planner deploy start --app web --version VERSION`, then `planner deploy finish --app web --version VERSION`";
    assert_eq!(unblock, [record]);
}

#[test]
fn an_app_without_live_releases_passes() {
    let mut world = split_for_web();
    world.deploy("web", "2.3.0").retire("web", "2.3.0");
    assert_eq!(world.next().ready[0].because, ["no release of `web` is live"]);
}

#[test]
fn a_condition_that_cannot_be_answered_shuts_the_gate() {
    let mut world = split_for_web();
    world.deploy("web", "hotfix 3");
    let (because, unblock) = world.blocked(CONTRACT);
    let Because::Unanswerable { app, why } = &because[0] else { panic!("{because:?}") };
    assert!(app == "web" && why.contains("`hotfix 3`"), "{why}");
    let end = "`planner deploy retire --app web --version 'hotfix 3'`";
    assert!(unblock[0].ends_with(end), "{unblock:?}");
}

#[test]
fn a_backfill_phase_has_the_gate_that_is_written() {
    let world = World::new(&["split: | fill |"]);
    assert!(world.is_ready("split/backfill"));
    let mut world = world.gate("split", "backfill: { releases: { web: \">=2.4.0\" } }");
    world.deploy("web", "2.3.0");
    assert_eq!(world.told(), ["blocked split/backfill: live_release"]);
    world.deploy("web", "2.4.0");
    assert_eq!(world.told(), ["ready split/backfill"]);
}

#[test]
fn the_backfill_gate_stands_until_contract() {
    let mut world = World::new(&["split: | fill | drop"]).gate(
        "split",
        "{ backfill: { releases: { web: { marks: writes-both } } }, contract: { releases: { web: \">=2.5.0\" } } }",
    );
    world.run(&["split/backfill"]);
    world.start_with("web", "2.5.0", &["writes-both"]).finish("web", "2.5.0");
    assert!(world.is_ready(CONTRACT));
    world.start("web", "2.6.0");
    let (because, _) = world.blocked(CONTRACT);
    let (app, release) = ("web".to_owned(), "2.6.0".to_owned());
    let requires = "marks writes-both".to_owned();
    assert_eq!(because, [Because::LiveRelease { app, release, requires }]);
}

#[test]
fn a_void_backfill_blocks_contract_until_it_is_done_again() {
    let mut world = split("none: x");
    world.void("split", "2.3.0");
    let (because, unblock) = world.blocked(CONTRACT);
    assert_eq!(because, [Because::VoidBackfill { release: "web 2.3.0".to_owned() }]);
    assert_eq!(unblock, ["do the backfill again: `planner run --phase split/backfill`"]);
    assert!(world.is_ready("split/backfill"));
    world.run(&["split/backfill"]);
    assert!(world.is_ready(CONTRACT));
}

#[test]
fn a_void_backfill_that_cannot_run_yet_is_told_at_contract_too() {
    let mut world = World::new(&["split: | fill | drop"]).gate(
        "split",
        "{ backfill: { releases: { web: \">=2\" } }, contract: { releases: { none: x } } }",
    );
    world.run(&["split/backfill"]).deploy("web", "1.0.0").void("split", "1.0.0");
    assert_eq!(
        world.told(),
        [
            "blocked split/backfill: live_release",
            "blocked split/contract: live_release void_backfill"
        ]
    );
}
