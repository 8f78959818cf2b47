//! The dependency graph of all steps of all plans: who waits for whom, and why.
//!
//! Within a plan the order is total, so plans meet only at phases: [`StepGraph::phases`] holds the order that
//! people declared, and the edges between steps follow from it.

mod build;
mod conflict;
mod cycle;
mod order;
mod predecessor;
mod reach;
mod reason;
#[cfg(test)]
mod sentences;
pub mod walk;

pub use build::{StepGraph, build};
pub use conflict::{Conflict, ConflictSearch, conflicts};
pub use reach::Reach;
pub use reason::Reason;
