//! The integration tests, one binary. A file that is not listed here fails `tidy`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking, and stands in for the world"
)]

mod cli;
mod compiled;
mod dialects;
mod docs;
mod fuzzed;
mod hazards;
mod history;
mod interrupted;
mod introspect;
mod live;
mod loads;
mod operations;
mod readers;
mod readme;
mod releases;
mod start_up;
mod storefront;
mod support;
mod tidy;
mod walker;
mod world;
