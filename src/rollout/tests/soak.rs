//! The soak gate.

use super::*;

const CONTRACT: &str = "split/contract";

fn split(releases: &str) -> World {
    let gates = format!("contract: {{ releases: {{ {releases} }}, soak: 24h }}");
    World::new(&["split: add | fill | drop"]).gate("split", &gates)
}

/// When the soak began and when it ends.
fn soak(world: &World) -> (Option<Timestamp>, Option<Timestamp>) {
    let because = world.blocked(CONTRACT).0;
    let soaks = because.iter().filter_map(|because| match because {
        Because::Soak { since, until } => Some((*since, *until)),
        _ => None,
    });
    let soaks: Vec<_> = soaks.collect();
    assert_eq!(soaks.len(), 1, "{because:?}");
    soaks[0]
}

#[test]
fn a_soak_counts_from_the_end_of_the_phase_before() {
    let mut world = split("none: x");
    world.run(&["split/expand", "split/backfill"]);
    let (begin, end) = (world.facts.now, world.facts.now + SignedDuration::from_hours(24));
    assert_eq!(soak(&world), (Some(begin), Some(end)));
    assert_eq!(world.blocked(CONTRACT).1, [format!("wait until {end}")]);
    world.wait("24h");
    assert!(world.is_ready(CONTRACT));
}

#[test]
fn a_soak_counts_from_the_end_of_the_last_release_that_did_not_pass() {
    let mut world = split("web: \">=2\"");
    world.deploy("web", "1.0.0").run(&["split/expand", "split/backfill"]).wait("7d");
    assert_eq!(soak(&world), (None, None));
    world.deploy("web", "2.0.0");
    let begin = world.facts.now;
    assert_eq!(soak(&world).0, Some(begin));
    world.wait("23h");
    assert_eq!(soak(&world).0, Some(begin));
    world.wait("1h");
    assert!(world.is_ready(CONTRACT));
}

#[test]
fn a_release_that_passes_does_not_prolong_a_soak() {
    let mut world = split("web: \">=2\"");
    world.deploy("web", "1.0.0").run(&["split/expand", "split/backfill"]).deploy("web", "2.0.0");
    world.wait("23h").deploy("web", "2.1.0").wait("1h");
    assert!(world.is_ready(CONTRACT));
}

#[test]
fn a_rollback_resets_a_soak() {
    let mut world = split("web: \">=2\"");
    world.deploy("web", "1.0.0").run(&["split/expand", "split/backfill"]).deploy("web", "2.0.0");
    world.wait("24h");
    assert!(world.is_ready(CONTRACT));
    world.start("web", "1.0.0");
    assert_eq!(soak(&world), (None, None));
    world.abort("web", "1.0.0");
    assert_eq!(soak(&world).0, Some(world.facts.now));
}

#[test]
fn a_soak_has_not_begun_before_the_phase_before_is_complete() {
    let mut world = split("none: x");
    world.run(&["split/expand"]).wait("48h");
    assert_eq!(world.told(), ["ready split/backfill", "blocked split/contract: soak"]);
    assert_eq!(soak(&world), (None, None));
    let (_, unblock) = world.blocked(CONTRACT);
    assert_eq!(unblock, ["run what comes before it: `planner run`; then wait 1d"]);
}

#[test]
fn a_phase_that_diesel_ran_ended_nobody_knows_when() {
    let mut world = split("none: x");
    let versions = world.compiled.by_version.keys().take(2).cloned();
    world.facts.applied = versions.collect();
    assert_eq!(soak(&world), (None, None));
}

#[test]
fn a_release_outside_the_standing_backfill_gate_did_not_pass_either() {
    let mut world = World::new(&["split: add | fill | drop"]).gate(
        "split",
        "{ backfill: { releases: { web: \">=3\" } }, contract: { releases: { web: \">=2\" }, soak: 24h } }",
    );
    world.run(&["split/expand", "split/backfill"]).deploy("web", "2.0.0").wait("24h");
    world.deploy("web", "3.0.0");
    assert_eq!(soak(&world).0, Some(world.facts.now));
}

#[test]
fn a_plan_of_contract_alone_soaks_after_the_phases_it_waits_for() {
    let mut world = World::new(&["a: add | |", "split after a: | | drop"])
        .gate("split", "contract: { releases: { none: x }, soak: 1h }");
    world.run(&["a/expand"]);
    assert_eq!(soak(&world).0, Some(world.facts.now));
    let alone = World::new(&["split: | | drop"])
        .gate("split", "contract: { releases: { none: x }, soak: 1h }");
    assert_eq!(alone.next().ready[0].because[1], "nothing to soak for 1h");
}

#[test]
fn a_soak_past_the_end_of_time_does_not_end() {
    let mut world = World::new(&["split: add | | drop"])
        .gate("split", "contract: { releases: { none: x }, soak: 49000d }");
    world.facts.now = time("9999-12-01T00:00:00Z");
    world.run(&["split/expand"]);
    assert_eq!(soak(&world).1, Some(Timestamp::MAX));
}
