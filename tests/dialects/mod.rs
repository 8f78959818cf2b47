//! What each dialect renders, run on its real engine.

mod sqlite;
