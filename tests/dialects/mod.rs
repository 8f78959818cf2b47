//! What each dialect renders, run on its real engine.
//! Changes rendered for each dialect, tried on the engine itself.

mod postgres;
mod sqlite;
