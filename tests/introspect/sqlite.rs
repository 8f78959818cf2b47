//! What is read from a real SQLite file.
