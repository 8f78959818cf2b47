//! Models whose answer is known.

use super::{Listed, app, phase};
use crate::rollout::prove::{Limits, Model, Move, Verdict, prove};

/// A plan that adds something in phase 0 and takes something away in phase 1, which release 0 needs.
fn expand_and_contract() -> Listed {
    let phases = vec![phase(1, &[]), phase(2, &[0])];
    let model = Model { phases, apps: vec![app(2)], links: vec![(0, 1)] };
    Listed { model, harms: vec![(0, 0, vec![(1, 1, 9)])], ..Listed::default() }
}

fn verdict(listed: &Listed) -> Verdict {
    prove(&listed.model, listed, Limits::default()).verdict
}

#[test]
fn a_contract_without_a_gate_breaks_the_release_that_needs_it() {
    let Verdict::Harm(found) = verdict(&expand_and_contract()) else { panic!() };
    assert_eq!(found.moves, [Move::Phase(0), Move::Phase(1)]);
}

#[test]
fn a_gate_alone_does_not_keep_a_release_from_coming_back() {
    let mut listed = expand_and_contract();
    listed.gates.insert((1, 0, 0));
    let Verdict::Harm(found) = verdict(&listed) else { panic!() };
    assert_eq!(found.moves.len(), 5);
    assert_eq!(found.moves.last(), Some(&Move::Start(0, 0)));
    listed.forbids.push((0, 0, vec![(1, 1, 9)]));
    assert_eq!(verdict(&listed), Verdict::Proven);
}

#[test]
fn a_gate_that_asks_for_a_release_that_is_gone_for_good_is_a_dead_end() {
    let mut listed = expand_and_contract();
    listed.harms.clear();
    listed.model.apps = vec![app(4)];
    // Only release 1 lets the contract begin, and no release two behind the newest comes back.
    listed.gates.extend([(1, 0, 0), (1, 0, 2), (1, 0, 3)]);
    let Verdict::DeadEnd(found) = verdict(&listed) else { panic!() };
    // Six moves bring release 3, from which release 2 may come back, and release 1 may not.
    assert_eq!(found.moves.len(), 6);
}

#[test]
fn a_phase_that_asks_for_a_release_nobody_knows_waits() {
    let mut listed = expand_and_contract();
    listed.gates.extend([(1, 0, 0), (1, 0, 1)]);
    let proof = prove(&listed.model, &listed, Limits::default());
    assert_eq!(proof.verdict, Verdict::Proven);
    assert_eq!(proof.waiting, [1].into());
}

#[test]
fn a_release_that_nothing_ever_serves_is_told_without_any_phase() {
    let mut listed = expand_and_contract();
    listed.harms = vec![(0, 1, Vec::new())];
    let Verdict::Harm(found) = verdict(&listed) else { panic!() };
    assert_eq!(found.moves, [Move::Start(0, 1)]);
    assert!(found.group.phases.is_empty() && found.group.rest);
}

#[test]
fn two_gates_that_exclude_each_other_are_a_dead_end_only_together() {
    // Plan 0 lets only release 1 pass; plan 1, once begun, keeps release 1 from starting.
    let phases = vec![phase(1, &[]), phase(1, &[])];
    let model = Model { phases, apps: vec![app(3)], links: Vec::new() };
    let gates = [(0, 0, 0), (0, 0, 2)].into();
    let forbids = vec![(0, 1, vec![(1, 1, 9)])];
    let listed = Listed { model, forbids, gates, ..Listed::default() };
    let Verdict::DeadEnd(found) = verdict(&listed) else { panic!() };
    assert_eq!(found.moves, [Move::Phase(1)]);
}

#[test]
fn what_is_too_much_to_look_at_is_not_said_to_be_proven() {
    let listed = expand_and_contract();
    let limits = Limits { states: 3, lattice: 99 };
    let mut safe = listed.clone();
    safe.gates.insert((1, 0, 0));
    assert!(matches!(prove(&safe.model, &safe, limits).verdict, Verdict::TooMany(_)));
    let limits = Limits { states: 99, lattice: 2 };
    assert!(matches!(prove(&safe.model, &safe, limits).verdict, Verdict::TooMany(_)));
}

#[test]
fn two_hundred_plans_of_six_apps_are_proven_one_by_one() {
    let mut listed = Listed::default();
    listed.model.apps = vec![app(4); 6];
    for plan in 0..200 {
        let first = listed.model.phases.len();
        listed.model.phases.extend([
            phase(3, &[]),
            phase(2, &[first]),
            phase(3, &[first, first + 1]),
        ]);
        listed.model.links.extend([(first, first + 1), (first + 1, first + 2)]);
        for app in 0..6 {
            // Each plan's gate asks for another release, of every app.
            for release in 0..(plan % 3) {
                listed.gates.insert((first + 2, app, release));
                listed.harms.push((app, release, vec![(first + 2, 1, 9)]));
                listed.forbids.push((app, release, vec![(first + 2, 1, 9)]));
            }
            listed.harms.push((app, plan % 3 + 1, vec![(first, 0, 2)]));
            listed.forbids.push((app, plan % 3 + 1, vec![(first, 0, 2)]));
        }
    }
    let proof = prove(&listed.model, &listed, Limits::default());
    assert_eq!(proof.verdict, Verdict::Proven);
    assert_eq!(proof.n_groups, 201);
}
