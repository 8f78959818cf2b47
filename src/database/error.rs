//! What can go wrong with a database. No message ever contains a password.

/// An error of the database or of the way to it.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The server did not answer or refused the connection.
    #[error("cannot connect to {target}: {reason}")]
    Connect {
        /// The address without its password.
        target: String,
        /// What the driver said, without the password.
        reason: String,
    },
    /// A statement failed.
    #[error("{reason}")]
    Statement {
        /// What the engine said.
        reason: String,
        /// The statement.
        sql: String,
        /// Whether trying again may help.
        retry: Retry,
    },
    /// The ledger was written by a newer planner.
    #[error("the ledger has format {found}, this planner knows formats up to {known}")]
    NewerLedger {
        /// Its format.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// An entry of the ledger cannot be understood.
    #[error("ledger entry {id} cannot be read: {reason}")]
    CorruptEntry {
        /// Which.
        id: i64,
        /// Why.
        reason: String,
    },
    /// The program was built without this engine.
    #[error("this planner was built without {engine}")]
    MissingEngine {
        /// The engine's feature.
        engine: &'static str,
    },
}

/// Whether trying a statement again may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// The lock was not to be had in time, or a deadlock or serialization failure: later perhaps.
    Later,
    /// No.
    Never,
}
