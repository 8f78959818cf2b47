//! Reads a PostgreSQL catalog.
