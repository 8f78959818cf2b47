//! PostgreSQL: every change there and back on a real server.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod backfills;
mod bench;
mod changes;
mod constraints;
mod guards;
mod hostile;
mod numbers;
mod sync_columns;
mod sync_tables;
