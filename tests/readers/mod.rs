//! SQL read into changes, compared with what the engines do.

mod postgres;
mod sqlite;
mod step;
