//! The decision: what may run now, what is blocked and why, may this release be deployed.

pub mod answer;
pub mod deploy;
pub mod drift;
pub mod facts;
pub mod gates;
pub mod next_phase;
pub mod revert;

pub use answer::{Answer, Because, BlockedPhase, NextPhase, ReadyPhase};
pub use facts::{Facts, Situation};
pub use next_phase::next_phase;
