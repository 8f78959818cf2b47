//! A database to try things on, which is gone afterwards: a SQLite file of its own, or a database of its own on a server.

use std::path::PathBuf;

use super::DatabaseError;
use super::connection::{LiveDatabase, open};
#[cfg(feature = "postgres")]
use super::{Database as _, address::Address, rows};

/// What the names of scratch databases begin with; the second they were made in and the process follow.
#[cfg(feature = "postgres")]
const PREFIX: &str = "planner_verify_";
/// After how many seconds a scratch database that nobody is connected to was left behind by a process that died.
#[cfg(feature = "postgres")]
const LEFT_BEHIND_S: i64 = 3_600;

/// A database that is removed when this is dropped.
#[derive(Debug)]
pub struct Scratch {
    url: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// A folder that holds nothing else.
    File { folder: PathBuf },
    /// A database on the server that this URL leads to, which may have a password in it.
    #[cfg(feature = "postgres")]
    Server { server: Secret, name: String },
}

/// A text that must not be printed.
#[cfg(feature = "postgres")]
struct Secret(String);

#[cfg(feature = "postgres")]
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl Scratch {
    /// Makes an empty SQLite file in a folder of its own below the system's temporary one.
    ///
    /// # Errors
    ///
    /// Fails if the folder cannot be made.
    pub fn file(now: jiff::Timestamp) -> Result<Self, DatabaseError> {
        let name = format!("planner_verify_{}_{}", now.as_nanosecond(), std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).map_err(|error| DatabaseError::Connect {
            target: format!("sqlite:{}", folder.display()),
            reason: error.to_string(),
        })?;
        let url = format!("sqlite:{}", folder.join("scratch.db").display());
        Ok(Self { url, kind: Kind::File { folder } })
    }

    /// Makes an empty database on the server that the URL leads to. Those that processes which died left there are removed.
    ///
    /// # Errors
    ///
    /// Fails if the server cannot be reached, or its role may not create databases.
    #[cfg(feature = "postgres")]
    pub fn on_server(url: &str, now: jiff::Timestamp) -> Result<Self, DatabaseError> {
        let mut server = open(url)?;
        remove_left_behind(&mut server, now);
        let name = format!("{PREFIX}{}_{}", now.as_second(), std::process::id());
        server.execute(&format!("CREATE DATABASE {name} TEMPLATE template0"))?;
        let scratch = Address::with_database(url, &name);
        Ok(Self { url: scratch, kind: Kind::Server { server: Secret(url.to_owned()), name } })
    }

    /// Opens it, as often as needed.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be opened.
    pub fn open(&self) -> Result<LiveDatabase, DatabaseError> {
        open(&self.url)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        match &self.kind {
            // Whatever cannot be removed now is a temporary file, or is removed by the next one.
            Kind::File { folder } => drop(std::fs::remove_dir_all(folder)),
            #[cfg(feature = "postgres")]
            Kind::Server { server, name } => {
                if let Ok(mut server) = open(&server.0) {
                    let _ = server.execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
                }
            }
        }
    }
}

/// Removes scratch databases that are old and that nobody is connected to; what cannot be removed stays.
#[cfg(feature = "postgres")]
fn remove_left_behind(server: &mut LiveDatabase, now: jiff::Timestamp) {
    let sql = "SELECT datname::text FROM pg_database d WHERE datname LIKE 'planner\\_verify\\_%'
        AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datname = d.datname)";
    let Ok(found) = rows::rows(&mut server.connection, sql) else { return };
    for name in found.into_iter().flatten().flatten() {
        let made = name.strip_prefix(PREFIX).and_then(|rest| rest.split_once('_'));
        let made = made.and_then(|(second, _)| second.parse::<i64>().ok());
        if made.is_some_and(|made| made < now.as_second().saturating_sub(LEFT_BEHIND_S)) {
            let _ = server.execute(&format!("DROP DATABASE IF EXISTS {name}"));
        }
    }
}
