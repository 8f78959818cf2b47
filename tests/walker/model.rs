//! What must be in the tables, whoever wrote it.

use std::collections::BTreeMap;

/// Random numbers that are the same on every run (xorshift; Marsaglia, 2003).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number from 0 to below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % n
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// What was written last, by row.
#[derive(Default)]
pub struct Model {
    next: i64,
    /// The new name of people; empty if they have none.
    pub given: BTreeMap<i64, String>,
    /// The title of tags; empty if they have none.
    pub titles: BTreeMap<i64, String>,
}

impl Model {
    pub fn new_id(&mut self) -> i64 {
        self.next += 1;
        self.next
    }

    /// Somebody who is there, if anybody is.
    pub fn anybody(&self, dice: &mut Dice) -> Option<i64> {
        let ids: Vec<i64> = self.given.keys().copied().collect();
        (!ids.is_empty()).then(|| ids[dice.below(ids.len())])
    }
}
