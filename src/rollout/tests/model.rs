//! The answer for random small projects against a model that asks the plans' own sentences by brute force.

use proptest::prelude::*;

use super::*;
use crate::phase::Phase;
use crate::rollout::Answer;

/// What a phase is in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Complete,
    InDoubt,
    Ready,
    Blocked,
    Waiting,
}

/// A plan: how many steps each phase has, the older plans it is after (and by which phase), whether the range of its
/// contract gate lets the live release pass.
#[derive(Clone, Debug)]
struct RandomPlan {
    n_steps: [usize; 3],
    after: Vec<(usize, Option<usize>)>,
    passes: bool,
}

fn any_plan(at: usize) -> impl Strategy<Value = RandomPlan> {
    let after = prop::collection::vec((0..at.max(1), prop::option::of(0_usize..3)), 0..3);
    (prop::array::uniform3(0_usize..3), after, any::<bool>()).prop_map(
        move |(n_steps, mut after, passes)| {
            if at == 0 {
                after.clear();
            }
            after.dedup_by_key(|(plan, _)| *plan);
            RandomPlan { n_steps, after, passes }
        },
    )
}

fn any_project() -> impl Strategy<Value = Vec<RandomPlan>> {
    (1_usize..6).prop_flat_map(|n| (0..n).map(any_plan).collect::<Vec<_>>())
}

/// A phase that an older plan does not have cannot be named.
fn without_unknown_phases(mut plans: Vec<RandomPlan>) -> Vec<RandomPlan> {
    let n_steps: Vec<[usize; 3]> = plans.iter().map(|plan| plan.n_steps).collect();
    for plan in &mut plans {
        plan.after.retain(|(of, phase)| {
            n_steps[*of].iter().sum::<usize>() > 0 && phase.is_none_or(|p| n_steps[*of][p] > 0)
        });
    }
    plans
}

fn world(plans: &[RandomPlan]) -> World {
    let text = |(at, plan): (usize, &RandomPlan)| {
        let after = plan.after.iter().map(|(of, phase)| match phase {
            Some(phase) => format!("p{of}/{}", Phase::ALL[*phase]),
            None => format!("p{of}"),
        });
        let after = after.collect::<Vec<_>>().join(", ");
        let after = if after.is_empty() { after } else { format!(" after {after}") };
        let steps = Phase::ALL.into_iter().zip(plan.n_steps).map(|(phase, n)| {
            (0..n).map(|step| format!("{phase}_{step}")).collect::<Vec<_>>().join(", ")
        });
        format!("p{at}{after}: {}", steps.collect::<Vec<_>>().join(" | "))
    };
    let texts: Vec<String> = plans.iter().enumerate().map(text).collect();
    let mut world = World::new(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    for (at, plan) in plans.iter().enumerate() {
        let range = if plan.passes { ">=1.0.0" } else { ">=2.0.0" };
        let gate = format!("contract: {{ releases: {{ web: \"{range}\" }} }}");
        world = world.gate(&format!("p{at}"), &gate);
    }
    world.deploy("web", "1.0.0");
    world
}

/// Asks the sentences of the plan language: what must be complete before this phase, and before that ….
fn must_wait_for(plans: &[RandomPlan], plan: usize, phase: usize) -> Vec<(usize, usize)> {
    let has = |plan: usize, phase: usize| plans[plan].n_steps[phase] > 0;
    let mut before: Vec<(usize, usize)> = (0..phase).map(|of| (plan, of)).collect();
    for (older, declared) in &plans[plan].after {
        // `after: [p/contract]`: the whole plan waits for that phase. `after: [p]`: each phase waits for the
        // same phase of `p`, or for the last one before it.
        let same = || (0..=phase).rev().find(|of| has(*older, *of));
        before.extend(declared.or_else(same).map(|of| (*older, of)));
    }
    before.retain(|(plan, phase)| has(*plan, *phase));
    let further = before.iter().flat_map(|(plan, phase)| must_wait_for(plans, *plan, *phase));
    let further: Vec<(usize, usize)> = further.collect();
    before.extend(further);
    before
}

fn verdict(
    plans: &[RandomPlan],
    states: &dyn Fn(usize, usize) -> (bool, bool),
    plan: usize,
    phase: usize,
) -> Verdict {
    let (done, doubt) = states(plan, phase);
    if doubt {
        return Verdict::InDoubt;
    }
    if done {
        return Verdict::Complete;
    }
    let open = must_wait_for(plans, plan, phase).into_iter().any(|(plan, phase)| {
        !matches!(verdict(plans, states, plan, phase), Verdict::Complete | Verdict::Ready)
    });
    match (open, phase == 2 && !plans[plan].passes) {
        (true, _) => Verdict::Waiting,
        (false, true) => Verdict::Blocked,
        (false, false) => Verdict::Ready,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_phase_is_what_the_plans_say(
        plans in any_project(),
        runs in prop::collection::vec((0_usize..5, 0_usize..3, 0_usize..2, 0_u8..4), 0..25),
    ) {
        let plans = without_unknown_phases(plans);
        let mut world = world(&plans);
        // Any sequence of things that may happen to a ledger, also those a runner would not do.
        for (plan, phase, step, what) in runs {
            let key = format!("p{plan}/{}_{step}", Phase::ALL[phase]);
            if plan < plans.len() && step < plans[plan].n_steps[phase] {
                match what {
                    0 => world.begin_step(&key),
                    1 => world.revert_step(&key),
                    _ => world.run_steps(&[&key]),
                };
            }
        }
        let states = |plan: usize, phase: usize| {
            let steps = (0..plans[plan].n_steps[phase])
                .map(|step| world.version(&format!("p{plan}/{}_{step}", Phase::ALL[phase])));
            let (mut done, mut doubt) = (true, false);
            for version in steps {
                done &= world.situation().is_done(&version);
                doubt |= matches!(
                    world.ledger.migrations.get(&version),
                    Some(crate::ledger::MigrationState::InDoubt(..))
                );
            }
            (done, doubt)
        };
        let next = world.next();
        let mut n_complete = 0;
        let mut remaining = Vec::new();
        for (plan, of) in plans.iter().enumerate() {
            for phase in (0..3).filter(|phase| of.n_steps[*phase] > 0) {
                let key = PhaseKey { plan: format!("p{plan}").into(), phase: Phase::ALL[phase] };
                let is_ready = next.ready.iter().any(|ready| ready.phase == key);
                let is_blocked = next.blocked.iter().any(|blocked| blocked.phase == key);
                let is_waiting = next.waiting.iter().any(|(waiting, _)| *waiting == key);
                let expected = verdict(&plans, &states, plan, phase);
                let told = (is_ready, is_blocked, is_waiting);
                n_complete += usize::from(expected == Verdict::Complete);
                remaining.push(expected);
                prop_assert_eq!(told, (
                    expected == Verdict::Ready,
                    expected == Verdict::Blocked,
                    expected == Verdict::Waiting,
                ), "{} is {:?}", key, expected);
            }
        }
        prop_assert_eq!(next.n_complete, n_complete);
        let any = |verdict| remaining.contains(&verdict);
        let answer = if any(Verdict::InDoubt) {
            Answer::Resume
        } else if any(Verdict::Ready) {
            Answer::Ready
        } else if any(Verdict::Blocked) || any(Verdict::Waiting) {
            Answer::Blocked
        } else {
            Answer::Complete
        };
        prop_assert_eq!(next.answer(), answer);
        // A ready phase stands after those it waits for.
        for (at, ready) in next.ready.iter().enumerate() {
            for (before, _) in world.graph.phases.get(&ready.phase).into_iter().flatten() {
                let later = next.ready.iter().skip(at).any(|of| of.phase == *before);
                prop_assert!(!later, "{} stands before {}", ready.phase, before);
            }
        }
    }
}
