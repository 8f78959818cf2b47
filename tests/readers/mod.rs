//! SQL read into changes, compared with what the engines do.

mod hostile;
mod postgres;
mod sqlite;
mod step;
