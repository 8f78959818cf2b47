//! The three phases of a plan, in the order they run.

use std::fmt;

use crate::name::PlanName;

/// A phase of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Adds what the new code needs; every live release still works.
    Expand,
    /// Moves data; may stop anywhere and go on later.
    Backfill,
    /// Removes or restricts only what no live release needs.
    Contract,
}

impl Phase {
    /// All phases in the order they run.
    pub const ALL: [Self; 3] = [Self::Expand, Self::Backfill, Self::Contract];

    /// Returns the phase's word in plan files, messages and directory names.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Expand => "expand",
            Self::Backfill => "backfill",
            Self::Contract => "contract",
        }
    }

    /// Returns the phase with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.word() == word)
    }

    /// Returns the digit that stands for the phase in a migration's version: 1, 2 or 3.
    #[must_use]
    pub const fn digit(self) -> char {
        match self {
            Self::Expand => '1',
            Self::Backfill => '2',
            Self::Contract => '3',
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One phase of one plan, written `PLAN/PHASE`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhaseKey {
    /// The plan.
    pub plan: PlanName,
    /// Its phase.
    pub phase: Phase,
}

impl PhaseKey {
    /// Reads `PLAN/PHASE`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (plan, phase) = text.rsplit_once('/')?;
        Some(Self { plan: plan.into(), phase: Phase::parse(phase)? })
    }
}

impl fmt::Display for PhaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.plan, self.phase)
    }
}
