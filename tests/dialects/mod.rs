//! What each dialect renders, run on its real engine.

mod postgres;
//! Changes rendered for each dialect, tried on the engine itself.

mod sqlite;
