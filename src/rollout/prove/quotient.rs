//! What may be live of an app, with states taken together that no phase can tell apart, now or later.

use std::collections::{BTreeMap, BTreeSet};

use super::crew::Crew;
use super::fleet::Fleet;
use super::model::Move;

/// A fleet whose states are blocks: whatever happens in one state of a block can happen in each, in as many moves.
#[derive(Clone, Debug)]
pub struct Quotient {
    /// By state of the fleet its block.
    pub block_of: Vec<usize>,
    /// By block one of its states.
    pub some: Vec<usize>,
    /// From each block what may happen: the class of the release that starts, if one does, and the block then.
    pub moves: Vec<Vec<(Option<usize>, usize)>>,
}

impl Quotient {
    /// Takes a fleet's states together as far as the crew tells releases apart.
    #[must_use]
    pub fn of(crew: &Crew, fleet: &Fleet) -> Self {
        // First what is live, then also where that leads, until nothing more is told apart.
        let looks = fleet.states.iter().map(|state| {
            let classes = state.live.iter().filter_map(|of| crew.class_of.get(usize::from(*of)));
            (classes.copied().collect::<BTreeSet<_>>(), state.has_started)
        });
        let mut block_of = numbered(looks);
        loop {
            let signatures = fleet.moves.iter().zip(&block_of).map(|(moves, block)| {
                let moves =
                    moves.iter().map(|(what, to)| Self::meaning(crew, &block_of, *what, *to));
                (*block, moves.collect::<BTreeSet<_>>())
            });
            let finer = numbered(signatures);
            let n_blocks = |of: &[usize]| of.iter().max().copied();
            if n_blocks(&finer) == n_blocks(&block_of) {
                break;
            }
            block_of = finer;
        }
        let n_blocks = block_of.iter().max().map_or(0, |last| last + 1);
        let some: Vec<usize> =
            (0..n_blocks).filter_map(|block| block_of.iter().position(|of| *of == block)).collect();
        let moves = some.iter().map(|state| {
            let moves = fleet.moves.get(*state).into_iter().flatten();
            let moves = moves.map(|(what, to)| Self::meaning(crew, &block_of, *what, *to));
            moves.collect::<BTreeSet<_>>().into_iter().collect()
        });
        Self { moves: moves.collect(), some, block_of }
    }

    /// What a move is to those who only see blocks.
    fn meaning(crew: &Crew, block_of: &[usize], what: Move, to: usize) -> (Option<usize>, usize) {
        let class = match what {
            Move::Start(_, release) => crew.class_of.get(usize::from(release)).copied(),
            Move::Phase(_) | Move::Finish(..) | Move::Abort(..) | Move::Retire(..) => None,
        };
        (class, block_of.get(to).copied().unwrap_or(0))
    }

    /// Returns the moves from a state of the fleet that mean this, and what is live then.
    pub fn concrete<'a>(
        &'a self,
        crew: &'a Crew,
        fleet: &'a Fleet,
        from: usize,
        meaning: (Option<usize>, usize),
    ) -> impl Iterator<Item = (Move, usize)> + 'a {
        let moves = fleet.moves.get(from).into_iter().flatten().copied();
        moves.filter(move |(what, to)| Self::meaning(crew, &self.block_of, *what, *to) == meaning)
    }
}

/// Numbers equal values alike, in the order of their first appearance.
fn numbered<T: Ord>(values: impl Iterator<Item = T>) -> Vec<usize> {
    let mut known = BTreeMap::new();
    values
        .map(|value| {
            let n = known.len();
            *known.entry(value).or_insert(n)
        })
        .collect()
}
