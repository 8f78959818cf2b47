//! The integration tests, one binary. A file that is not listed here fails `tidy`.

mod cli;
mod compiled;
mod docs;
mod dialects;
mod operations;
mod support;
mod tidy;
