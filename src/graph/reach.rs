//! Answers quickly, and many times, whether one phase comes before another by declared order.

use super::StepGraph;
use crate::phase::{Phase, PhaseKey};
use crate::plan::checked::CheckedProject;

/// The declared order of a project's phases, prepared for many questions.
///
/// Each phase hangs in a tree below the latest phase it waits for; below in the tree is after, told from two
/// numbers. What the tree does not tell is searched for, backwards and no further than the phase asked about.
#[derive(Clone, Debug)]
pub struct Reach {
    /// The phases that each one waits for; all have smaller numbers.
    before: Vec<Vec<usize>>,
    /// The phase's place when the tree is read from its roots.
    place: Vec<usize>,
    /// How many phases hang below each one, itself included.
    below: Vec<usize>,
    /// By which question each phase was last visited.
    visited: Vec<u32>,
    question: u32,
}

const N_PHASES: usize = Phase::ALL.len();

/// Returns the number of a phase of the plan at this place; version order gives smaller numbers to older plans.
fn number(plan: usize, phase: Phase) -> usize {
    plan * N_PHASES
        + match phase {
            Phase::Expand => 0,
            Phase::Backfill => 1,
            Phase::Contract => 2,
        }
}

impl Reach {
    /// Prepares the order of all phases. Edges to newer plans, which are errors, count for nothing.
    #[must_use]
    pub fn of(project: &CheckedProject, graph: &StepGraph) -> Self {
        let mut before = vec![Vec::new(); project.plans.len() * N_PHASES];
        for (at, plan) in project.plans.iter().enumerate() {
            for phase in Phase::ALL {
                let key = PhaseKey { plan: plan.name.clone(), phase };
                let then = number(at, phase);
                let waits = graph.phases.get(&key).into_iter().flatten();
                let first = waits.filter_map(|(first, _)| {
                    project.by_name.get(&first.plan).map(|plan| number(*plan, first.phase))
                });
                if let Some(list) = before.get_mut(then) {
                    list.extend(first.filter(|first| *first < then));
                }
            }
        }
        Self::over(before)
    }

    fn over(before: Vec<Vec<usize>>) -> Self {
        let n = before.len();
        let parents: Vec<Option<usize>> =
            before.iter().map(|list| list.iter().copied().max()).collect();
        let mut below = vec![1_usize; n];
        for (then, parent) in parents.iter().enumerate().rev() {
            let own = below.get(then).copied().unwrap_or_default();
            if let Some(sum) = parent.and_then(|parent| below.get_mut(parent)) {
                *sum += own;
            }
        }
        let mut place = vec![0_usize; n];
        // Where the next child of each phase goes; the last one is for the roots.
        let mut next = vec![0_usize; n + 1];
        for (then, parent) in parents.iter().enumerate() {
            let own = below.get(then).copied().unwrap_or_default();
            let Some(cursor) = next.get_mut(parent.unwrap_or(n)) else { continue };
            let here = *cursor;
            *cursor += own;
            if let (Some(place), Some(next)) = (place.get_mut(then), next.get_mut(then)) {
                *place = here;
                *next = here + 1;
            }
        }
        Self { before, place, below, visited: vec![0; n], question: 0 }
    }

    /// Returns whether a phase of the plan at one place comes before a phase of the plan at another place.
    pub fn is_before(&mut self, first: (usize, Phase), then: (usize, Phase)) -> bool {
        self.reaches(number(first.0, first.1), number(then.0, then.1))
    }

    fn reaches(&mut self, first: usize, then: usize) -> bool {
        if first >= then {
            return false;
        }
        if self.hangs_below(first, then) {
            return true;
        }
        self.question += 1;
        let mut open = vec![then];
        while let Some(at) = open.pop() {
            for before in self.before.get(at).into_iter().flatten().copied() {
                if before == first || before > first && self.hangs_below(first, before) {
                    return true;
                }
                let Some(visited) = self.visited.get_mut(before) else { continue };
                if before > first && *visited != self.question {
                    *visited = self.question;
                    open.push(before);
                }
            }
        }
        false
    }

    fn hangs_below(&self, first: usize, then: usize) -> bool {
        let (Some(start), Some(n)) = (self.place.get(first), self.below.get(first)) else {
            return false;
        };
        self.place.get(then).is_some_and(|place| (*start..*start + *n).contains(place))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_answers_as_the_closure_does(
            edges in prop::collection::vec((0_usize..14, 0_usize..14), 0..40),
        ) {
            let mut before = vec![Vec::new(); 14];
            let mut closure = [[false; 14]; 14];
            for (a, b) in edges.iter().filter(|(a, b)| a < b) {
                before[*b].push(*a);
                closure[*a][*b] = true;
            }
            for middle in 0..14 { for a in 0..14 { for b in 0..14 {
                closure[a][b] |= closure[a][middle] && closure[middle][b];
            } } }
            let mut reach = Reach::over(before);
            for (a, row) in closure.iter().enumerate() { for (b, expected) in row.iter().enumerate() {
                prop_assert_eq!(reach.reaches(a, b), *expected, "{} {}", a, b);
            } }
        }
    }
}
