//! PostgreSQL: every change there and back on a real server.

mod backfills;
mod bench;
mod changes;
mod constraints;
mod guards;
mod hostile;
mod sync_columns;
mod sync_tables;
