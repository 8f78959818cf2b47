//! Catalogs read from real engines.

mod altered;
mod hard;
mod partitions;
mod postgres;
mod predicted;
mod print_options;
mod schema_rs;
mod sqlite;
