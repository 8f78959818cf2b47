//! Backfills in batches by primary key.
