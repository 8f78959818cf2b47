//! Catalogs read from real engines.

mod postgres;
mod sqlite;
