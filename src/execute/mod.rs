//! Executing what was decided: forward under the lease, backward, backfills in batches, recovery after a crash.

pub mod backfill;
pub mod event;
pub mod recover;
pub mod revert;
pub mod run;
pub mod step;
