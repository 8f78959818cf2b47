//! Plans into migrations: the waist they pass through, the files they become, and Diesel's own harness on them.

mod altered;
mod cases;
mod drafted;
mod drafted_run;
mod harness;
pub mod project;
mod refused;
mod samples;
mod waist;
