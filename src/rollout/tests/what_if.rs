//! Facts that are laid over what is known.

use super::*;
use crate::diagnostic::Sink;
use crate::rollout::{FactsFile, overlay};
use crate::source::Sources;

fn read(text: &str) -> (Option<FactsFile>, Sink) {
    let mut sources = Sources::default();
    let source = sources.add("facts.yaml", text);
    let mut sink = Sink::default();
    let file = FactsFile::read(source, text, &mut sink);
    (file, sink)
}

/// The answer with these facts.
fn what_if(world: &World, text: &str) -> Vec<String> {
    let (file, sink) = read(text);
    assert!(sink.is_empty(), "{:?}", sink.found());
    let mut assumed = World::new(&[]);
    assumed.project = world.project.clone();
    assumed.graph = world.graph.clone();
    assumed.compiled = world.compiled.clone();
    assumed.facts = world.facts.clone();
    assumed.ledger = world.ledger.clone();
    overlay(&file.unwrap(), &mut assumed.ledger, &mut assumed.facts, &assumed.compiled);
    assumed.told()
}

fn split(gates: &str) -> World {
    let gates = format!("contract: {{ releases: {{ web: \">=2\" }}, {gates} }}");
    let mut world = World::new(&["split: add | fill | drop"]).gate("split", &gates);
    world.run(&["split/expand", "split/backfill"]).deploy("web", "1.0.0");
    world
}

const READY: [&str; 1] = ["ready split/contract"];

#[test]
fn what_if_another_release_were_live() {
    let world = split("approval: false");
    assert_eq!(what_if(&world, "live: { web: [2.0.0] }"), READY);
    assert_eq!(what_if(&world, "{\"live\": {\"web\": [{\"version\": \"2.0.0\"}]}}"), READY);
    assert_eq!(what_if(&world, "live: { web: [] }"), READY);
    let both = what_if(&world, "live: { web: [1.0.0, 2.0.0] }");
    assert_eq!(both, ["blocked split/contract: live_release"]);
    assert_eq!(world.told(), ["blocked split/contract: live_release"], "nothing is recorded");
}

#[test]
fn what_if_a_release_declared_marks() {
    let world =
        World::new(&["p: | | drop"]).gate("p", "contract: { releases: { web: { marks: a } } }");
    assert_eq!(
        what_if(&world, "live: { web: [{ version: x, marks: [a, b] }] }"),
        ["ready p/contract"]
    );
    let without = what_if(&world, "live: { web: [x] }");
    assert_eq!(without, ["blocked p/contract: live_release"]);
}

#[test]
fn what_if_it_were_later() {
    let world = split("soak: 24h");
    let soaking = ["blocked split/contract: soak"];
    assert_eq!(what_if(&world, "live: { web: [2.0.0] }"), soaking);
    assert_eq!(what_if(&world, "{ now: +24h, live: { web: [2.0.0] } }"), soaking, "it ended now");
    let ended = "{ now: +24h, live: { web: [2.0.0] }, ended: { web: { 1.0.0: -24h } } }";
    assert_eq!(what_if(&world, ended), READY);
    let at = "{ now: 2027-02-01T00:00:00Z, ended: { web: { 1.0.0: 2027-01-20T00:00:00Z } } }";
    assert_eq!(what_if(&world, at), READY);
}

#[test]
fn what_if_it_were_approved_and_the_query_true() {
    let world = split("approval: true, query: \"select 1\"");
    let facts =
        "{ live: { web: [2.0.0] }, approved: [split/contract], queries: { split/contract: true } }";
    assert_eq!(what_if(&world, facts), READY);
    let facts = "{ live: { web: [2.0.0] }, approved: [split/contract], queries: { split/contract: false } }";
    assert_eq!(what_if(&world, facts), ["blocked split/contract: query"]);
}

#[test]
fn what_if_a_phase_were_complete() {
    let world = World::new(&["a: x | y |", "b after a/backfill: z | |"]);
    assert_eq!(what_if(&world, "done: [a/expand, a/backfill]"), ["ready b/expand"]);
}

#[test]
fn what_if_a_void_backfill_were_done_again() {
    let mut world = split("approval: false");
    world.deploy("web", "2.0.0").void("split", "1.0.0");
    assert_eq!(what_if(&world, "done: [split/backfill]"), READY);
}

#[test]
fn a_file_of_facts_is_checked() {
    let (file, sink) = read("{ now: tomorrow, done: [a], live: { web: 2 }, lives: {} }");
    assert!(file.is_none());
    let messages: Vec<String> = sink.into_sorted().into_iter().map(|of| of.message).collect();
    assert_eq!(
        messages,
        [
            "`tomorrow` is not a time such as `2027-01-31T12:00:00Z`, `+24h` or `-2h`",
            "`a` is not a phase such as `split_name/contract`",
            "`2` is not a list, as in `[a, b]`",
            "a facts file has no key `lives`",
        ]
    );
}

#[test]
fn phases_that_no_plan_has_are_told() {
    let world = split("approval: false");
    let facts = "{ done: [splt/backfill], approved: [split/contract], queries: { split: true, split/x: true, split/expand: true } }";
    let (file, mut sink) = read(facts);
    file.unwrap().check(&world.compiled, &mut sink);
    let found = sink.into_found();
    let messages: Vec<&str> = found.iter().map(|of| of.message.as_str()).collect();
    assert_eq!(
        messages,
        ["`split` is no phase", "`split/x` is no phase", "there is no phase `splt/backfill`"]
    );
    assert_eq!(found[2].help.as_deref(), Some("did you mean `split`?"));
}
