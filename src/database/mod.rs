//! The only door to a database.

pub mod error;

pub mod address;
mod any;
mod rows;

#[cfg(feature = "postgres")]
mod cancel;
mod clock;
mod gate_query;
mod given_up;
mod heartbeat_store;
mod install;
pub mod introspect;
mod known_entries;
#[cfg(feature = "sqlite")]
mod process;

mod lease;
mod ledger_store;
mod versions;
#[cfg(feature = "postgres")]
mod watch;

pub mod connection;
mod definitions;
pub mod heartbeat;
pub mod inventory;
pub mod made_up;
pub mod marker;
pub mod migration_source;
pub mod observe;
pub mod outward;
mod same_definitions;
mod same_views;
mod sample;
pub mod scratch;
mod scratch_file;
#[cfg(feature = "postgres")]
mod scratch_server;
mod sizes;
pub mod startup;

#[path = "../../schema.rs"]
mod schema;

use std::collections::BTreeSet;

use jiff::Timestamp;

pub use error::DatabaseError;

use crate::catalog::Catalog;
use crate::dialect::Dialect;
use crate::ledger::{Entry, Event};
use crate::release::pulse::Beat;
use crate::version::MigrationVersion;

/// What planner needs of a database; the seam for simulated crashes.
///
/// Every method that returns a result fails with what the engine or the way to it says.
#[expect(clippy::missing_errors_doc, reason = "said once for all methods above")]
pub trait Database {
    /// Which engine it is.
    fn dialect(&self) -> Dialect;
    /// Reads the database's clock.
    fn now(&mut self) -> Result<Timestamp, DatabaseError>;
    /// Returns whether planner's ledger is there and which format it has; changes nothing.
    fn ledger_format(&mut self) -> Result<Option<i64>, DatabaseError>;
    /// Creates the ledger's tables or brings them up to date; nothing if they are.
    fn install_ledger(&mut self) -> Result<(), DatabaseError>;
    /// Returns all entries, oldest first; none if there is no ledger.
    fn entries(&mut self) -> Result<Vec<Entry>, DatabaseError>;
    /// Appends an entry with the next id and the database's time.
    fn append(&mut self, actor: &str, event: &Event) -> Result<Entry, DatabaseError>;
    /// Returns what instances of releases said of themselves; nothing if there is no ledger, or one older than heartbeats.
    fn heartbeats(&mut self) -> Result<Vec<Beat>, DatabaseError>;
    /// Forgets the instances that were last heard of before a time, and returns how many they were.
    fn forget_heartbeats(&mut self, before: Timestamp) -> Result<u64, DatabaseError>;
    /// Returns the versions in Diesel's table; none if there is no such table.
    fn applied_versions(&mut self) -> Result<BTreeSet<MigrationVersion>, DatabaseError>;
    /// Adds a version to Diesel's table, which is created if need be.
    fn record_version(&mut self, version: &MigrationVersion) -> Result<(), DatabaseError>;
    /// Removes a version from Diesel's table.
    fn forget_version(&mut self, version: &MigrationVersion) -> Result<(), DatabaseError>;
    /// Begins a transaction; on SQLite one that may write at once (`IMMEDIATE`).
    fn begin(&mut self) -> Result<(), DatabaseError>;
    /// Commits it.
    fn commit(&mut self) -> Result<(), DatabaseError>;
    /// Takes it back; nothing if none is open.
    fn roll_back(&mut self) -> Result<(), DatabaseError>;
    /// Locks the ledger's one row until the transaction ends: the opening of a phase and the start of a deploy cannot pass each other.
    fn lock_ledger(&mut self) -> Result<(), DatabaseError>;
    /// Executes one or more statements.
    fn execute(&mut self, sql: &str) -> Result<(), DatabaseError>;
    /// Executes one statement and returns how many rows it wrote.
    fn execute_counting(&mut self, sql: &str) -> Result<u64, DatabaseError>;
    /// Returns the rows of a query whose columns are all text.
    fn query_texts(&mut self, sql: &str) -> Result<Vec<Vec<Option<String>>>, DatabaseError>;
    /// Asks a query for one true value, read-only and under a timeout; `None` if it returned no row or NULL.
    fn query_gate(&mut self, sql: &str, timeout_ms: u32) -> Result<Option<bool>, DatabaseError>;
    /// Returns the rows of a query whose columns are all text, asked read-only and under a timeout.
    fn query_texts_within(
        &mut self,
        sql: &str,
        timeout_ms: u32,
    ) -> Result<Vec<Vec<Option<String>>>, DatabaseError>;
    /// Switches the enforcement of foreign keys on this connection (SQLite); outside a transaction only.
    fn enforce_foreign_keys(&mut self, on: bool) -> Result<(), DatabaseError>;
    /// Sets the lock timeout of this connection in milliseconds.
    fn set_lock_timeout(&mut self, milliseconds: u32) -> Result<(), DatabaseError>;
    /// Sets how long a statement of this connection may take, in milliseconds; without limit if nothing is said. SQLite has no such limit.
    fn set_statement_timeout(&mut self, milliseconds: Option<u32>) -> Result<(), DatabaseError>;
    /// Begins to look who is in the way while statements of this connection wait for locks, where the engine can tell.
    fn watch_locks(&mut self);
    /// Ends it; returns who was in the way when that was last to be seen, a phrase each.
    fn in_the_way(&mut self) -> Vec<String>;
    /// Reads the catalog, without planner's and Diesel's own tables.
    fn catalog(&mut self) -> Result<Catalog, DatabaseError>;
    /// Tries to become the one runner until `seconds` from now; `false` if another holds the lease.
    fn try_lease(&mut self, holder: &str, seconds: u32) -> Result<bool, DatabaseError>;
    /// Says who holds the lease: holder and until when.
    fn lease_holder(&mut self) -> Result<Option<(String, Option<Timestamp>)>, DatabaseError>;
    /// Gives the lease back; nothing if it is not held.
    fn release_lease(&mut self, holder: &str) -> Result<(), DatabaseError>;
    /// Returns the saved cursor of a backfill.
    fn cursor(&mut self, version: &MigrationVersion) -> Result<Option<Cursor>, DatabaseError>;
    /// Saves it, in the open transaction.
    fn save_cursor(
        &mut self,
        version: &MigrationVersion,
        cursor: &Cursor,
    ) -> Result<(), DatabaseError>;
    /// Removes it.
    fn forget_cursor(&mut self, version: &MigrationVersion) -> Result<(), DatabaseError>;
}

/// How far a backfill has come.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Cursor {
    /// The last key written, as SQL literals; `None` before the first batch.
    pub after: Option<Vec<String>>,
    /// The greatest key at the start, as SQL literals.
    pub upper: Vec<String>,
    /// Rows written so far.
    pub rows_done: i64,
    /// How many times it started over because rows were left, from 1.
    pub pass: i64,
}
