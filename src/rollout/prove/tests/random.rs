//! Small random models, explored fully and reduced: the same answer, and as short a way to what is wrong.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::brute::{Brute, Truth};
use super::{Listed, Pair, When, app};
use crate::rollout::prove::{AppModel, Counterexample, Limits, Move, PhaseModel, Verdict, prove};

/// What is drawn for one plan.
#[derive(Clone, Debug)]
struct Plan {
    /// How many moves each phase has; none for a phase that is not there.
    moves: [u16; 3],
    /// How far the first is already.
    begun: bool,
    /// An older plan that it is after, phase by phase.
    after: Option<usize>,
    /// The app that it has to do with, and the first release that can live with its contract.
    app: usize,
    first: u16,
    /// The gate of its contract is as it should be; else it lets any release pass.
    honest: bool,
    /// Starts are refused as they should be.
    guarded: bool,
    /// The first release that needs its expand, and whether starting it before is refused.
    needs: Option<u16>,
}

fn any_plan(at: usize) -> impl Strategy<Value = Plan> {
    let moves = (0_u16..=2, 0_u16..=1, 0_u16..=2);
    let after = prop::option::weighted(0.4, 0..at.max(1));
    let flags = (any::<bool>(), prop::bool::weighted(0.7), prop::bool::weighted(0.7));
    (moves, after, 0_usize..2, 0_u16..3, flags, prop::option::weighted(0.4, 1_u16..3)).prop_map(
        move |((a, b, c), after, app, first, (begun, honest, guarded), needs)| Plan {
            moves: [a, b, c],
            begun: begun && a > 1,
            after: after.filter(|of| *of < at),
            app,
            first,
            honest,
            guarded,
            needs,
        },
    )
}

/// Something unlike any plan: a harm, a refusal or a gate at random.
type Noise = (u8, (usize, u16), (usize, u16), Vec<(usize, u16)>);

fn any_noise() -> impl Strategy<Value = Noise> {
    let when = prop::collection::vec((0_usize..9, 0_u16..3), 0..3);
    let release = || (0_usize..2, 0_u16..3);
    (0_u8..9, release(), release(), when)
}

fn build(plans: &[Plan], noise: &[Noise], apps: &[(u16, u16, bool)]) -> Listed {
    let mut listed = Listed::default();
    listed.model.apps = apps
        .iter()
        .map(|(n_releases, n_rollback, has_started)| AppModel {
            live: if *has_started { [0].into() } else { BTreeSet::new() },
            has_started: *has_started,
            n_rollback: *n_rollback,
            ..app(*n_releases)
        })
        .collect();
    let mut places: Vec<[Option<usize>; 3]> = Vec::new();
    for plan in plans {
        let mut own = [None; 3];
        for at in 0..3 {
            if plan.moves[at] == 0 {
                continue;
            }
            let mut before: BTreeSet<usize> = own.iter().flatten().copied().collect();
            if let Some(older) = plan.after {
                before.extend(places[older][..=at].iter().flatten().next_back());
            }
            let start = u16::from(plan.begun && at == 0 && before.is_empty());
            let end = plan.moves[at];
            own[at] = Some(listed.model.phases.len());
            let asks_of = if at == 2 { [plan.app].into() } else { BTreeSet::new() };
            listed.model.phases.push(PhaseModel { start, end, before, asks_of, shut: false });
        }
        for pair in own.iter().flatten().collect::<Vec<_>>().windows(2) {
            listed.model.links.push((*pair[0], *pair[1]));
        }
        rules_of(&mut listed, plan, own);
        places.push(own);
    }
    let n_phases = listed.model.phases.len();
    for (kind, (app, release), second, when) in noise {
        let when: When = when
            .iter()
            .filter(|(at, _)| *at < n_phases)
            .map(|(at, from)| (*at, *from, from + 1))
            .collect();
        match kind {
            0 | 1 => listed.harms.push((*app, *release, when)),
            2 | 3 => listed.forbids.push((*app, *release, when)),
            6..9 => listed.pairs.push(Pair {
                first: (*app, *release),
                second: *second,
                harmed: *kind == 6,
                no_start: *kind == 7,
                no_begin: when.first().filter(|_| *kind == 8).map(|(at, _, _)| *at),
                when,
            }),
            _ => listed.gates.extend(when.iter().map(|(at, _, _)| (*at, *app, *release))),
        }
    }
    listed.link();
    listed
}

/// The contract breaks releases before the first that can live with it.
fn rules_of(listed: &mut Listed, plan: &Plan, [expand, _, contract]: [Option<usize>; 3]) {
    for release in 0..plan.first {
        let Some(contract) = contract else { continue };
        listed.harms.push((plan.app, release, vec![(contract, 1, 9)]));
        if plan.honest {
            listed.gates.insert((contract, plan.app, release));
        }
        if plan.guarded {
            listed.forbids.push((plan.app, release, vec![(contract, 1, 9)]));
        }
    }
    for release in plan.needs.into_iter().flat_map(|first| first..3) {
        let Some(expand) = expand else { continue };
        let end = listed.model.phases[expand].end;
        listed.harms.push((plan.app, release, vec![(expand, 0, end)]));
        if plan.guarded {
            listed.forbids.push((plan.app, release, vec![(expand, 0, end)]));
        }
    }
}

fn plans() -> impl Strategy<Value = Vec<Plan>> {
    (1_usize..=4).prop_flat_map(|n| (0..n).map(any_plan).collect::<Vec<_>>())
}

/// Goes the way in the full model; everything on it must be permitted.
fn replay(brute: &Brute<'_>, moves: &[Move]) -> bool {
    let mut state = brute.first();
    for what in moves {
        let next = brute.following(&state).into_iter().find(|(of, _)| of == what);
        let Some((_, then)) = next else { panic!("{what:?} is not permitted in {state:?}") };
        state = then;
    }
    brute.is_harmed(&state)
}

fn compare(listed: &Listed) -> Result<Truth, TestCaseError> {
    let brute = Brute::of(listed);
    let truth = brute.explore();
    let proof = prove(&listed.model, listed, Limits::default());
    prop_assert_eq!(&proof.waiting, &brute.waiting());
    let found = match &proof.verdict {
        Verdict::Proven => Truth::Proven,
        Verdict::Harm(Counterexample { moves, .. }) => {
            prop_assert!(replay(&brute, moves), "{moves:?} does no harm");
            Truth::Harm(moves.len())
        }
        Verdict::DeadEnd(Counterexample { moves, .. }) => {
            replay(&brute, moves);
            Truth::DeadEnd(moves.len())
        }
        Verdict::TooMany(groups) => {
            return Err(TestCaseError::fail(format!("too many: {groups:?}")));
        }
    };
    prop_assert_eq!(found, truth);
    Ok(truth)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn the_reduced_exploration_answers_as_the_full_one(
        plans in plans(),
        noise in prop::collection::vec(any_noise(), 0..3),
        apps in prop::collection::vec((1_u16..=3, 0_u16..=2, prop::bool::weighted(0.9)), 2),
    ) {
        compare(&build(&plans, &noise, &apps))?;
    }

    #[test]
    fn the_reduced_exploration_finds_the_same_dead_ends(
        plans in plans(),
        noise in prop::collection::vec(any_noise(), 0..5),
        apps in prop::collection::vec((2_u16..=3, 0_u16..=2, prop::bool::weighted(0.9)), 2),
    ) {
        compare(&harmless(build(&plans, &noise, &apps)))?;
    }
}

/// Nothing breaks, so that only dead ends are left to find.
fn harmless(listed: Listed) -> Listed {
    let mut listed = Listed { harms: Vec::new(), ..listed };
    listed.pairs.retain(|pair| !pair.harmed);
    listed
}

#[test]
fn random_models_come_to_every_answer() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen = [0_usize; 3];
    let apps = [(3, 1, true), (2, 1, true)];
    for turn in 0..200 {
        let plans = plans().new_tree(&mut runner).unwrap().current();
        let noise =
            prop::collection::vec(any_noise(), 1..8).new_tree(&mut runner).unwrap().current();
        let listed = build(&plans, &noise, &apps);
        let listed = if turn % 2 == 0 { harmless(listed) } else { listed };
        let truth = compare(&listed).unwrap();
        seen[match truth {
            Truth::Proven => 0,
            Truth::Harm(_) => 1,
            Truth::DeadEnd(_) => 2,
        }] += 1;
    }
    assert!(seen.iter().all(|n| *n >= 5), "{seen:?}");
}
