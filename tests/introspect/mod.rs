//! Catalogs read from real engines.

mod altered;
mod partitions;
mod postgres;
mod predicted;
mod schema_rs;
mod sqlite;
