//! Releases: how they are named and ordered, and which of them pass a condition.
//!
//! What a release needs from the schema ([`requirement`]) is read from its sources and kept in the ledger.

pub mod breakage;
pub mod compatibility;
pub mod condition;
pub mod first;
mod fits;
pub mod from_sources;
pub mod live;
pub mod loads;
mod order;
pub mod platforms;
pub mod pulse;
mod range;
pub mod requirement;
pub mod requires;
pub mod restriction;
mod rust_tokens;
pub mod scan;
pub mod schema_rs;

pub use breakage::{Break, Broken, Told, together};
pub use compatibility::{Schema, breaks};
pub use condition::passes;
pub use live::{App, Introduced, LiveState, Release};
pub use order::in_order;
pub use requirement::Requirements;
