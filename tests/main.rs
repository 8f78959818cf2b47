//! The integration tests, one binary. A file that is not listed here fails `tidy`.

mod compiled;
mod dialects;
mod introspect;
mod support;
mod tidy;
