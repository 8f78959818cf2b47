//! Planner's append-only record: what was started, finished, reverted, opened, approved and deployed.

mod deploys;
pub mod entry;
pub mod replay;
pub mod row;

pub use entry::{Entry, Event, Registration, StepEvent};
pub use replay::{Approval, LedgerSnapshot, MigrationState, Opened, replay};
pub use row::{EventRow, from_row, to_row};

/// The newest ledger format this program understands; one that is newer is refused.
pub const FORMAT: i64 = 2;
