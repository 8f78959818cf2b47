//! Catalogs read from real engines.

mod postgres;
mod schema_rs;
mod sqlite;
