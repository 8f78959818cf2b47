//! The integration tests, one binary. A file that is not listed here fails `tidy`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has failed, and that is all it can do"
)]

mod cli;
mod compiled;
mod dialects;
mod docs;
mod introspect;
mod operations;
mod storefront;
mod support;
mod tidy;
