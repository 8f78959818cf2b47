//! The integration tests, one binary. A file that is not listed here fails `tidy`.

mod introspect;
mod compiled;
mod dialects;
mod support;
mod tidy;
