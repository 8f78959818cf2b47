//! All places that some phases can stand at together, by their order alone.

use std::collections::BTreeMap;

use super::model::Model;

/// The states of some phases. Whatever follows a state stands behind it.
#[derive(Clone, Debug, Default)]
pub struct Lattice {
    /// For each state, where each of the phases stands.
    pub states: Vec<Vec<u16>>,
    /// From each state which of the phases may go on, and the state then.
    pub next: Vec<Vec<(usize, usize)>>,
}

impl Lattice {
    /// Returns the states of these phases of the model; `None` if there are more than `max`.
    #[must_use]
    pub fn of(model: &Model, phases: &[usize], max: usize) -> Option<Self> {
        let own: Vec<_> = phases.iter().filter_map(|phase| model.phases.get(*phase)).collect();
        // By place of a phase the places of those before it.
        let before: Vec<Vec<usize>> = own
            .iter()
            .map(|phase| {
                (0..phases.len())
                    .filter(|at| phases.get(*at).is_some_and(|of| phase.before.contains(of)))
                    .collect()
            })
            .collect();
        let start: Vec<u16> = own.iter().map(|phase| phase.start).collect();
        let mut known = BTreeMap::from([(start.clone(), 0_usize)]);
        let (mut states, mut next) = (vec![start], Vec::new());
        while let Some(state) = states.get(next.len()).cloned() {
            let is_complete = |at: &usize| match (state.get(*at), own.get(*at)) {
                (Some(at), Some(phase)) => *at >= phase.end,
                (_, None) | (None, Some(_)) => true,
            };
            let mut following = Vec::new();
            for (at, waits) in before.iter().enumerate() {
                if is_complete(&at) || !waits.iter().all(is_complete) {
                    continue;
                }
                let mut then = state.clone();
                if let Some(place) = then.get_mut(at) {
                    *place += 1;
                }
                let to = *known.entry(then.clone()).or_insert_with(|| {
                    states.push(then);
                    states.len() - 1
                });
                following.push((at, to));
            }
            next.push(following);
            if states.len() > max {
                return None;
            }
        }
        Some(Self { states, next })
    }

    /// Returns where one of the phases stands in a state.
    #[must_use]
    pub fn place(&self, state: usize, phase: usize) -> u16 {
        self.states.get(state).and_then(|of| of.get(phase)).copied().unwrap_or(0)
    }

    /// Returns which phases may go on from a state, and the state then.
    pub fn next(&self, state: usize) -> impl Iterator<Item = (usize, usize)> {
        self.next.get(state).into_iter().flatten().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rollout::prove::model::PhaseModel;

    fn phase(end: u16, before: &[usize]) -> PhaseModel {
        PhaseModel { end, before: before.iter().copied().collect(), ..PhaseModel::default() }
    }

    #[test]
    fn phases_in_order_come_one_after_the_other_and_others_interleave() {
        let phases = vec![phase(2, &[]), phase(1, &[0]), phase(3, &[])];
        let model = Model { phases, ..Model::default() };
        assert_eq!(Lattice::of(&model, &[0, 1], 99).unwrap().states.len(), 4);
        let lattice = Lattice::of(&model, &[0, 1, 2], 99).unwrap();
        assert_eq!(lattice.states.len(), 4 * 4);
        let forward =
            |(from, next): (usize, &Vec<(usize, usize)>)| next.iter().all(|(_, to)| *to > from);
        assert!(lattice.next.iter().enumerate().all(forward));
        assert!(Lattice::of(&model, &[0, 1, 2], 15).is_none());
    }
}
