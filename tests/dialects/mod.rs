//! Changes rendered for each dialect, tried on the engine itself.

mod postgres;
mod sqlite;
