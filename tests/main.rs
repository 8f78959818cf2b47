//! The integration tests, one binary. A file that is not listed here fails `tidy`.

mod cli;
mod compiled;
mod dialects;
mod docs;
mod introspect;
mod compiled;
mod docs;
mod dialects;
mod storefront;
mod operations;
mod introspect;
//mod cli;
mod compiled;
//mod docs;
mod support;
mod tidy;
