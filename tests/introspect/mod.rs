//! Catalogs read from real engines.

mod altered;
mod postgres;
mod predicted;
mod schema_rs;
mod sqlite;
