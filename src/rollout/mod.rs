//! The decision: what may run now, what is blocked and why, may this release be deployed.

pub mod answer;
pub mod compare;
pub mod compat;
pub mod crowd;
pub mod debt;
pub mod deploy;
pub mod deploy_schema;
mod derived;
mod derived_gate;
pub mod drift;
pub mod facts;
pub mod gates;
pub mod next_phase;
mod not_known;
pub mod observed;
pub mod outline;
pub mod progress;
pub mod prove;
mod release_gate;
mod replaced;
pub mod revert;
pub mod schema_at;
pub mod schema_drift;
pub mod shipped_together;
mod soak;
pub mod taken;
pub mod what_if;

pub use answer::{Answer, Because, BlockedPhase, NextPhase, ReadyPhase};
pub use facts::{Facts, Situation, ledger_of};
pub use gates::{GateState, gates, phase_checksum};
pub use next_phase::next_phase;
pub use schema_at::SchemaAt;
pub use what_if::{FactsFile, overlay};

#[cfg(test)]
mod tests;
