//! Whether the rules keep their promises whatever comes: every order of steps, rollouts, aborts and rollbacks that they permit.
//!
//! [`prove`] looks at phases and releases by their places alone ([`Model`]); what is permitted and what is wrong it asks
//! [`Rules`].

mod alone;
pub mod cast;
mod component;
mod course;
mod crew;
mod fleet;
mod groups;
mod independent;
pub mod judge;
mod lattice;
mod missed;
pub mod model;
mod owners;
mod quotient;
mod scene;
pub mod story;
mod together;
pub mod waiting;
mod written;

pub use fleet::{Fleet, Live};
pub use groups::groups;
pub use independent::{Counterexample, Limits, Proof, Verdict, prove};
pub use model::{AppModel, Beside, Group, Judgement, Model, Move, PhaseModel, Rules};

#[cfg(test)]
mod tests;
