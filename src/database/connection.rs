//! A live database: opening it, and [`Database`] over it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::address::Address;
use super::any::{AnyConnection, connect, prepare};
use super::given_up::GiveUp;
use super::known_entries::KnownEntries;
use super::lease::Held;
#[cfg(feature = "postgres")]
use super::watch::Watch;
use super::{
    Cursor, Database, DatabaseError, clock, gate_query, heartbeat_store, install, lease,
    ledger_store, rows, versions,
};
use crate::catalog::Catalog;
use crate::dialect::Dialect;
use crate::ledger::{Entry, Event};
use crate::release::pulse::Beat;
use crate::version::MigrationVersion;

/// How long a statement waits for a lock until something else is asked for, in milliseconds.
const LOCK_TIMEOUT_MS: u32 = 5_000;

/// A connection to a database, with what planner knows of its own transaction and lease.
pub struct LiveDatabase {
    pub(super) connection: AnyConnection,
    /// The file that a second connection may open; `None` for a server or a database in memory.
    path: Option<String>,
    /// The server's URL, for a second connection; it may have a password in it.
    #[cfg(feature = "postgres")]
    server: Option<String>,
    #[cfg(feature = "postgres")]
    watch: Option<Watch>,
    in_transaction: bool,
    lease: Option<Held>,
    /// The lease as it was when the open transaction began, for when that is taken back.
    lease_before: Option<Held>,
    known: KnownEntries,
    /// Whether the statement that runs is to be given up, where the engine cannot be told to end it.
    pub(super) give_up: Option<GiveUp>,
}

impl std::fmt::Debug for LiveDatabase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveDatabase")
            .field("dialect", &self.dialect())
            .field("in_transaction", &self.in_transaction)
            .field("lease", &self.lease)
            .finish_non_exhaustive()
    }
}

/// Opens `postgres://…`, `sqlite:PATH` or a path to a SQLite file, which is created if it is not there.
///
/// A server is waited for at most ten seconds, unless the URL has another `connect_timeout`.
///
/// # Errors
///
/// Says what is wrong with the address or what the server said; never the password.
pub fn open(url: &str) -> Result<LiveDatabase, DatabaseError> {
    let address = Address::parse(url)?;
    let failed = |reason: String| DatabaseError::Connect {
        target: address.target(),
        reason: address.redact(&reason),
    };
    let connection = connect(&address, &failed)?;
    let path = match &address {
        Address::Sqlite(path) if !path.contains(":memory:") && !path.contains("mode=memory") => {
            Some(path.clone())
        }
        Address::Sqlite(_) | Address::Postgres(_) => None,
    };
    let mut database = LiveDatabase {
        connection,
        path,
        #[cfg(feature = "postgres")]
        server: match &address {
            Address::Postgres(url) => Some(url.clone()),
            Address::Sqlite(_) => None,
        },
        #[cfg(feature = "postgres")]
        watch: None,
        in_transaction: false,
        lease: None,
        lease_before: None,
        known: KnownEntries::default(),
        give_up: None,
    };
    database.prepare().map_err(|error| failed(error.to_string()))?;
    Ok(database)
}

/// Opens a database to ask it something: as [`open`], but a SQLite file that is not there is not created and
/// comes back as `None`.
///
/// # Errors
///
/// As [`open`].
pub fn open_existing(url: &str) -> Result<Option<LiveDatabase>, DatabaseError> {
    if let Address::Sqlite(path) = Address::parse(url)? {
        let file = path.strip_prefix("file:").map_or(path.as_str(), |rest| {
            let rest = rest.strip_prefix("//").unwrap_or(rest);
            rest.split('?').next().unwrap_or(rest)
        });
        if !file.contains(":memory:") && !std::path::Path::new(file).exists() {
            return Ok(None);
        }
    }
    open(url).map(Some)
}

impl LiveDatabase {
    fn prepare(&mut self) -> Result<(), DatabaseError> {
        // First of all: on SQLite even the first read meets the lock of whoever is writing.
        self.set_lock_timeout(LOCK_TIMEOUT_MS)?;
        prepare(&mut self.connection)
    }

    /// Does several things in one transaction: the open one, or one of its own.
    fn within<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, DatabaseError>,
    ) -> Result<T, DatabaseError> {
        if self.in_transaction {
            return work(self);
        }
        self.begin()?;
        let done = work(self).and_then(|value| self.commit().map(|()| value));
        if done.is_err() {
            // What went wrong first is what matters.
            let _ = self.roll_back();
        }
        done
    }
}

impl Database for LiveDatabase {
    fn dialect(&self) -> Dialect {
        match self.connection {
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(_) => Dialect::Postgres,
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(_) => Dialect::Sqlite,
        }
    }

    fn now(&mut self) -> Result<Timestamp, DatabaseError> {
        clock::now(&mut self.connection)
    }

    fn ledger_format(&mut self) -> Result<Option<i64>, DatabaseError> {
        ledger_store::format(&mut self.connection)
    }

    fn install_ledger(&mut self) -> Result<(), DatabaseError> {
        if self.ledger_format()? == Some(crate::ledger::FORMAT) {
            return Ok(());
        }
        self.within(|database| install::install(&mut database.connection))
    }

    fn entries(&mut self) -> Result<Vec<Entry>, DatabaseError> {
        self.known.all(&mut self.connection)
    }

    fn append(&mut self, actor: &str, event: &Event) -> Result<Entry, DatabaseError> {
        self.within(|database| {
            ledger_store::append(&mut database.connection, database.lease.as_ref(), actor, event)
        })
    }

    fn heartbeats(&mut self) -> Result<Vec<Beat>, DatabaseError> {
        heartbeat_store::all(&mut self.connection)
    }

    fn forget_heartbeats(&mut self, before: Timestamp) -> Result<u64, DatabaseError> {
        heartbeat_store::forget(&mut self.connection, before)
    }

    fn applied_versions(&mut self) -> Result<BTreeSet<MigrationVersion>, DatabaseError> {
        versions::applied(&mut self.connection)
    }

    fn record_version(&mut self, version: &MigrationVersion) -> Result<(), DatabaseError> {
        self.within(|database| {
            ledger_store::check_lease(&mut database.connection, database.lease.as_ref())?;
            versions::record(&mut database.connection, version)
        })
    }

    fn forget_version(&mut self, version: &MigrationVersion) -> Result<(), DatabaseError> {
        self.within(|database| {
            ledger_store::check_lease(&mut database.connection, database.lease.as_ref())?;
            versions::forget(&mut database.connection, version)
        })
    }

    fn begin(&mut self) -> Result<(), DatabaseError> {
        let sql = match self.connection {
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(_) => "BEGIN",
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(_) => "BEGIN IMMEDIATE",
        };
        rows::execute(&mut self.connection, sql)?;
        self.in_transaction = true;
        self.lease_before = self.lease.clone();
        Ok(())
    }

    fn commit(&mut self) -> Result<(), DatabaseError> {
        rows::execute(&mut self.connection, "COMMIT")?;
        self.in_transaction = false;
        Ok(())
    }

    fn roll_back(&mut self) -> Result<(), DatabaseError> {
        if self.in_transaction {
            self.known.forget();
            self.in_transaction = false;
            self.lease = self.lease_before.take();
        } else if self.dialect() == Dialect::Postgres {
            return Ok(());
        }
        // On SQLite also where planner began none: a file that people wrote may have failed after its own `BEGIN`.
        match rows::execute(&mut self.connection, "ROLLBACK") {
            // SQLite takes some failed transactions back by itself.
            Err(DatabaseError::Statement { reason, .. })
                if reason.contains("no transaction is active") =>
            {
                Ok(())
            }
            done => done,
        }
    }

    fn lock_ledger(&mut self) -> Result<(), DatabaseError> {
        ledger_store::lock(&mut self.connection)
    }

    fn execute(&mut self, sql: &str) -> Result<(), DatabaseError> {
        match &self.give_up {
            Some(give_up) => give_up.run(&mut self.connection, sql, rows::execute),
            None => rows::execute(&mut self.connection, sql),
        }
    }

    fn execute_counting(&mut self, sql: &str) -> Result<u64, DatabaseError> {
        match &self.give_up {
            Some(give_up) => give_up.run(&mut self.connection, sql, rows::counting),
            None => rows::counting(&mut self.connection, sql),
        }
    }

    fn query_texts(&mut self, sql: &str) -> Result<Vec<Vec<Option<String>>>, DatabaseError> {
        rows::rows(&mut self.connection, sql)
    }

    fn query_gate(&mut self, sql: &str, timeout_ms: u32) -> Result<Option<bool>, DatabaseError> {
        gate_query::truth(&self.query_texts_within(sql, timeout_ms)?, sql)
    }

    fn query_texts_within(
        &mut self,
        sql: &str,
        timeout_ms: u32,
    ) -> Result<Vec<Vec<Option<String>>>, DatabaseError> {
        let path = self.path.as_deref();
        gate_query::ask(&mut self.connection, self.in_transaction, path, sql, timeout_ms)
    }

    fn enforce_foreign_keys(&mut self, on: bool) -> Result<(), DatabaseError> {
        match self.connection {
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(_) => {
                // There foreign keys are always enforced, and no statement needs them off.
                let _ = on;
                Ok(())
            }
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(_) => {
                let sql = if on { "PRAGMA foreign_keys = ON" } else { "PRAGMA foreign_keys = OFF" };
                rows::execute(&mut self.connection, sql)
            }
        }
    }

    fn set_lock_timeout(&mut self, milliseconds: u32) -> Result<(), DatabaseError> {
        let sql = match self.connection {
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(_) => format!("SET lock_timeout = {milliseconds}"),
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(_) => format!("PRAGMA busy_timeout = {milliseconds}"),
        };
        rows::execute(&mut self.connection, &sql)
    }

    fn set_statement_timeout(&mut self, milliseconds: Option<u32>) -> Result<(), DatabaseError> {
        match &mut self.connection {
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(_) => {
                let sql = format!("SET statement_timeout = {}", milliseconds.unwrap_or(0));
                rows::execute(&mut self.connection, &sql)
            }
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(_) => {
                // SQLite has no such limit.
                let _ = milliseconds;
                Ok(())
            }
        }
    }

    fn watch_locks(&mut self) {
        #[cfg(feature = "postgres")]
        if let (Some(url), None) = (&self.server, &self.watch)
            && let Ok(process) = rows::rows(&mut self.connection, "SELECT pg_backend_pid()")
        {
            let process = process.into_iter().flatten().flatten().next();
            let process = process.and_then(|process| process.parse().ok());
            self.watch = process.map(|process| Watch::begin(url.clone(), process));
        }
    }

    fn in_the_way(&mut self) -> Vec<String> {
        #[cfg(feature = "postgres")]
        return self.watch.take().map(Watch::end).unwrap_or_default();
        #[cfg(not(feature = "postgres"))]
        return Vec::new();
    }

    fn catalog(&mut self) -> Result<Catalog, DatabaseError> {
        match &mut self.connection {
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(connection) => super::introspect::postgres::read(connection),
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(connection) => super::introspect::sqlite::read(connection),
        }
    }

    fn try_lease(&mut self, holder: &str, seconds: u32) -> Result<bool, DatabaseError> {
        let held = self.lease.clone();
        let taken = self.within(|database| {
            let taken = lease::take(&mut database.connection, held.as_ref(), holder, seconds)?;
            database.lease.clone_from(&taken);
            Ok(taken.is_some())
        });
        if held.is_none() && taken.is_err() {
            // The advisory lock outlives the transaction that could not say who took it.
            let _ = lease::unlock(&mut self.connection);
        }
        taken
    }

    fn lease_holder(&mut self) -> Result<Option<(String, Option<Timestamp>)>, DatabaseError> {
        if self.ledger_format()?.is_none() {
            return Ok(None);
        }
        lease::holder(&mut self.connection)
    }

    fn release_lease(&mut self, holder: &str) -> Result<(), DatabaseError> {
        let Some(held) = self.lease.take_if(|held| lease::name_of(&held.holder) == holder) else {
            return Ok(());
        };
        let given = self.within(|database| lease::give_back(&mut database.connection, &held));
        if given.is_err() && self.dialect() == Dialect::Sqlite {
            // It may be given back later; an advisory lock goes now.
            self.lease = Some(held);
        }
        lease::unlock(&mut self.connection)?;
        given
    }

    fn cursor(&mut self, version: &MigrationVersion) -> Result<Option<Cursor>, DatabaseError> {
        ledger_store::cursor(&mut self.connection, version)
    }

    fn save_cursor(
        &mut self,
        version: &MigrationVersion,
        cursor: &Cursor,
    ) -> Result<(), DatabaseError> {
        ledger_store::check_lease(&mut self.connection, self.lease.as_ref())?;
        ledger_store::save_cursor(&mut self.connection, version, cursor)
    }

    fn forget_cursor(&mut self, version: &MigrationVersion) -> Result<(), DatabaseError> {
        ledger_store::forget_cursor(&mut self.connection, version)
    }
}
