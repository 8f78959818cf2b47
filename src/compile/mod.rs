//! Checked plans into Diesel migrations, byte for byte the same every time.

pub mod checksum;
pub mod directory;
pub mod lock;
pub mod migration;
pub mod offline;
pub mod schema_rs;

pub use checksum::Checksum;
pub use migration::{CompiledMigration, CompiledProject, CompiledStep, Work, compile};
