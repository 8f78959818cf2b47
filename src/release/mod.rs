//! Releases: how they are named and ordered, and which of them pass a condition.
//!
//! What a release needs from the schema, read from its `schema.rs`, has its place here too.

pub mod condition;
pub mod live;
mod range;

pub use condition::passes;
pub use live::{App, LiveState, Release};
