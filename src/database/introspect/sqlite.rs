//! Reads a SQLite catalog.
