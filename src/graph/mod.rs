//! The dependency graph of all steps of all plans: who waits for whom, and why.

mod build;
mod conflict;
mod cycle;
mod order;
mod reason;

pub use build::{StepGraph, build};
pub use reason::Reason;
