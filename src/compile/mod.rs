//! Checked plans into Diesel migrations, byte for byte the same every time.
//!
//! `migration` is what comes out and how the project is walked; `rendered` is one step as SQL; `files` is what
//! stands in a migration's directory; `directory` and `lock` are the folder and the lock file as a whole; `lock_migrations`
//! is what the lock file says of migrations that were written by hand.

pub mod checksum;
pub mod directory;
mod files;
pub mod lock;
pub mod lock_migrations;
pub mod migration;
pub mod offline;
pub mod phased;
mod rendered;
pub mod schema_rs;

pub use checksum::Checksum;
pub use migration::{
    CompiledMigration, CompiledProject, CompiledStep, Work, compile, outline, refusals,
};
