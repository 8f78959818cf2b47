//! One migration, with its records.
