//! Catalogs read from real engines.

mod postgres;
mod predicted;
mod schema_rs;
mod sqlite;
