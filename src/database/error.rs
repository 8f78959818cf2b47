//! What can go wrong with a database. No message ever contains a password.

use diesel::result::{DatabaseErrorKind, Error};

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
    /// Planner's tables could not be created or brought up to date.
    #[error("cannot create planner's tables: {reason}")]
    Install {
        /// What the engine said.
        reason: String,
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
    /// This run no longer holds the lease, so it must not write.
    #[error("another run took over the lease: {by}")]
    LostLease {
        /// Who holds it, as far as is known.
        by: String,
    },
    /// Somebody asked to stop while a statement ran that cannot be interrupted.
    #[error("somebody asked to stop")]
    GivenUp,
    /// There can be no scratch database.
    #[error("no scratch database can be made: {reason}")]
    Scratch {
        /// Why.
        reason: String,
        /// What to do.
        help: &'static str,
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
    /// The connection broke: not on this one. Whether the statement was done is not known, and the next run asks.
    NextRun,
    /// No.
    Never,
}

/// What engines say when a lock was not to be had. Diesel hands over no SQLSTATE for these; planner asks
/// PostgreSQL for untranslated messages where it may (`connection.rs`).
const LOCK_WORDS: [&str; 8] = [
    "canceling statement due to lock timeout",
    "could not obtain lock",
    "deadlock detected",
    "could not serialize access",
    "tuple concurrently updated",
    "database is locked",
    "database table is locked",
    "database schema is locked",
];

impl DatabaseError {
    /// Wraps what Diesel says of a failed statement.
    #[must_use]
    pub fn statement(error: &Error, sql: &str) -> Self {
        let (reason, retry) = explain(error);
        Self::Statement { reason, sql: sql.trim().to_owned(), retry }
    }

    /// Says that a statement did not do what planner relies on.
    pub(crate) fn unexpected(reason: impl Into<String>, sql: &str) -> Self {
        Self::Statement { reason: reason.into(), sql: sql.trim().to_owned(), retry: Retry::Never }
    }

    /// Returns whether trying again may help.
    #[must_use]
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Statement { retry, .. } | Self::Install { retry, .. } => *retry,
            Self::Connect { .. }
            | Self::NewerLedger { .. }
            | Self::CorruptEntry { .. }
            | Self::LostLease { .. }
            | Self::GivenUp
            | Self::Scratch { .. }
            | Self::MissingEngine { .. } => Retry::Never,
        }
    }
}

/// What engines say when the values of rows are what a statement fails on, in the same untranslated messages.
const VALUE_WORDS: [&str; 20] = [
    "invalid input syntax for",
    "invalid input value for enum",
    "malformed ",
    "out of range",
    "value too long for type",
    "division by zero",
    "numeric field overflow",
    "invalid byte sequence",
    "invalid regular expression",
    "cannot extract",
    "cannot cast jsonb",
    "more than one row returned by a subquery",
    "check constraint",
    "violates unique constraint",
    "could not create unique index",
    "is not present in table",
    "exclusion constraint",
    "no partition of relation",
    "CHECK constraint failed",
    "UNIQUE constraint failed",
];

/// Returns whether a statement failed on the values of rows, by what the engine said.
#[must_use]
pub fn is_of_values(reason: &str, sql: &str) -> bool {
    let first = sql.split_whitespace().next().unwrap_or_default();
    let writes =
        ["insert", "replace", "update"].iter().any(|word| first.eq_ignore_ascii_case(word));
    // SQLite says the same of a row that refers to none and of one that others refer to.
    VALUE_WORDS.iter().any(|words| reason.contains(words))
        || writes && reason.contains("FOREIGN KEY constraint failed")
}

/// Returns what the engine said, in one line, and whether trying again may help.
pub(crate) fn explain(error: &Error) -> (String, Retry) {
    let Error::DatabaseError(kind, information) = error else {
        return (error.to_string(), Retry::Never);
    };
    let mut reason = information.message().trim().to_owned();
    for more in [information.details(), information.hint()].into_iter().flatten() {
        reason.push_str("; ");
        reason.push_str(more.trim());
    }
    let lines: Vec<&str> = reason.lines().map(str::trim).collect();
    let reason = lines.join(" ");
    // Libpq knows a broken connection when it sends the next statement, Diesel when it reads the answer of this one.
    let of_the_connection = matches!(
        kind,
        DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand
    );
    let of_a_lock = matches!(kind, DatabaseErrorKind::SerializationFailure)
        || LOCK_WORDS.iter().any(|words| information.message().contains(words));
    let retry = match (of_the_connection, of_a_lock) {
        (true, _) => Retry::NextRun,
        (false, true) => Retry::Later,
        (false, false) => Retry::Never,
    };
    (reason, retry)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: DatabaseErrorKind, message: &str) -> Error {
        Error::DatabaseError(kind, Box::new(message.to_owned()))
    }

    #[test]
    fn a_lock_that_was_not_to_be_had_is_worth_another_try() {
        for words in LOCK_WORDS {
            let error = error(DatabaseErrorKind::Unknown, words);
            assert_eq!(DatabaseError::statement(&error, "x").retry(), Retry::Later, "{words}");
        }
        let error = error(DatabaseErrorKind::SerializationFailure, "in some other language");
        assert_eq!(DatabaseError::statement(&error, "x").retry(), Retry::Later);
    }

    #[test]
    fn a_broken_connection_leaves_it_to_the_next_run() {
        for kind in [DatabaseErrorKind::ClosedConnection, DatabaseErrorKind::UnableToSendCommand] {
            assert_eq!(DatabaseError::statement(&error(kind, "gone"), "x").retry(), Retry::NextRun);
        }
    }

    #[test]
    fn a_violated_constraint_is_not_worth_another_try() {
        let error = error(DatabaseErrorKind::UniqueViolation, "duplicate key");
        assert_eq!(DatabaseError::statement(&error, "x").retry(), Retry::Never);
    }
}
