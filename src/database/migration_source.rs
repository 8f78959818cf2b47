//! The migrations that are open, for programs that migrate at start-up.
