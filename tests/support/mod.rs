//! Throwaway databases for tests.

#![allow(dead_code, reason = "each test file uses a part")]

pub mod diesel;
pub mod page;
pub mod project;
pub mod server;

use std::sync::atomic::{AtomicU32, Ordering};

use ::diesel::connection::SimpleConnection as _;
use ::diesel::{Connection as _, PgConnection, SqliteConnection};

/// The environment variable with the URL of a PostgreSQL server on which tests may create databases.
pub const SERVER_VARIABLE: &str = "PLANNER_TEST_POSTGRES";

/// A database of its own on the test server, dropped at the end.
pub struct ScratchPostgres {
    /// Its URL.
    pub url: String,
    server: String,
    name: String,
}

impl ScratchPostgres {
    /// Creates one; fails with the command that starts a server if there is none.
    pub fn new() -> Self {
        Self::created("")
    }

    /// Creates a copy of this one, to which nobody may be connected.
    pub fn copy(&self) -> Self {
        Self::created(&format!(" TEMPLATE {}", self.name))
    }

    fn created(how: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var(SERVER_VARIABLE).unwrap_or_else(|_| {
            panic!(
                "{SERVER_VARIABLE} names no PostgreSQL server; run `tests/run`, which starts one"
            )
        });
        let name =
            format!("planner_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::establish(&server).unwrap_or_else(|error| {
            panic!("no PostgreSQL at {SERVER_VARIABLE}: {error}; run `tests/run`")
        });
        connection.batch_execute(&format!("CREATE DATABASE {name}{how}")).unwrap();
        let (base, _) = server.rsplit_once('/').unwrap();
        Self { url: format!("{base}/{name}"), server, name }
    }

    /// Opens a connection.
    pub fn connect(&self) -> PgConnection {
        PgConnection::establish(&self.url).unwrap()
    }
}

impl Drop for ScratchPostgres {
    fn drop(&mut self) {
        if let Ok(mut connection) = PgConnection::establish(&self.server) {
            let _ = connection
                .batch_execute(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        }
    }
}

/// A SQLite file in a temporary folder, removed at the end.
pub struct ScratchSqlite {
    /// The file's path.
    pub path: String,
    _folder: tempfile::TempDir,
}

impl ScratchSqlite {
    /// Creates one.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db").to_str().unwrap().to_owned();
        Self { path, _folder: folder }
    }

    /// Opens a connection.
    pub fn connect(&self) -> SqliteConnection {
        SqliteConnection::establish(&self.path).unwrap()
    }
}
