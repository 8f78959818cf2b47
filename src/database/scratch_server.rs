//! The databases that are made on a server to try things on, and those that processes which died left there.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::address::Address;
use super::cancel::Canceller;
use super::connection::{LiveDatabase, open};
use super::{Database as _, DatabaseError};

/// What the names of scratch databases begin with. The server's process and when that began follow, which no other session ever
/// has, then a number, then the process of this program, for people.
const PREFIX: &str = "planner_verify_";
/// The first key of the advisory lock that a session holds while it has scratch databases; the second is its process.
const LOCK: u32 = 1_886_152_051;

/// A server, with a session that says that the scratch databases are in use.
#[derive(Debug)]
pub(super) struct Server {
    url: Secret,
    session: RefCell<LiveDatabase>,
    /// Cancels what runs on its databases once somebody asks to stop.
    canceller: RefCell<Option<Canceller>>,
    /// What the names of its databases begin with.
    stem: String,
    /// What processes that died had left behind.
    pub(super) left_behind: Vec<String>,
}

/// A text that must not be printed.
struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl Server {
    /// Connects to it, and removes what processes that died left there.
    pub(super) fn reach(url: &str) -> Result<Self, DatabaseError> {
        let mut session = open(url)?;
        // Before there is a database of this session, so that none is ever without.
        let own = session.query_texts(&format!(
            "SELECT pg_backend_pid()::text, extract(epoch FROM backend_start)::bigint::text,
                (pg_advisory_lock({LOCK}, pg_backend_pid()) IS NULL)::text
             FROM pg_stat_activity WHERE pid = pg_backend_pid()"
        ))?;
        let texts: Vec<String> = own.into_iter().flatten().flatten().collect();
        let [process, began, _] = texts.as_slice() else {
            return Err(DatabaseError::unexpected("the server does not say who we are", ""));
        };
        let left_behind = remove_left_behind(&mut session)?;
        let stem = format!("{PREFIX}{began}_{process}");
        let url = Secret(url.to_owned());
        let (session, canceller) = (RefCell::new(session), RefCell::new(None));
        Ok(Self { url, session, canceller, stem, left_behind })
    }

    /// Cancels what runs on its databases as soon as it is asked to.
    pub(super) fn cancel_when(&self, asked: Arc<AtomicBool>) {
        let canceller = Canceller::begin(self.url.0.clone(), &self.stem, asked);
        *self.canceller.borrow_mut() = Some(canceller);
    }

    /// Returns the URL and the name of a database on it.
    pub(super) fn database(&self, number: u32) -> (String, String) {
        let name = format!("{}_{number}_{}", self.stem, std::process::id());
        (Address::with_database(&self.url.0, &name), name)
    }

    /// Creates a database, empty or as a copy of one that nobody is connected to.
    pub(super) fn create(&self, name: &str, copy_of: Option<&str>) -> Result<(), DatabaseError> {
        let template = copy_of.unwrap_or("template0");
        let sql = format!("CREATE DATABASE {name} TEMPLATE {template}");
        self.session.borrow_mut().execute(&sql).map_err(|error| match error {
            DatabaseError::Statement { reason, .. } if reason.contains("permission denied") => {
                DatabaseError::Scratch {
                    reason,
                    help: "give the role the right (`ALTER ROLE … CREATEDB`), or name another server with `--server-env VARIABLE`: \
                           one in a container, of the same version, will do",
                }
            }
            other => other,
        })
    }

    /// Drops a database and whoever is connected to it.
    pub(super) fn remove(&self, name: &str) {
        let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        let dropped = self.session.borrow_mut().execute(&sql);
        // The session may be gone, and the server not.
        if dropped.is_err()
            && let Ok(mut session) = open(&self.url.0)
        {
            // What stays is removed by the next one.
            let _ = session.execute(&sql);
        }
    }
}

/// Removes scratch databases whose session is gone and that nobody is connected to; says which, and which cannot be.
fn remove_left_behind(session: &mut LiveDatabase) -> Result<Vec<String>, DatabaseError> {
    // A database's third word is its session's process, which holds the lock.
    let found = session.query_texts(&format!(
        "SELECT d.datname::text FROM pg_database d WHERE d.datname ~ '^{PREFIX}[0-9]+_[0-9]+_[0-9]+_[0-9]+$'
            AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datname = d.datname)
            AND NOT EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = {LOCK}
                AND l.objid::text = split_part(d.datname, '_', 4))"
    ))?;
    let mut told = Vec::new();
    for name in found.into_iter().flatten().flatten() {
        told.push(match session.execute(&format!("DROP DATABASE IF EXISTS {name}")) {
            Ok(()) => format!("removed the database `{name}`, which a verification that died had left"),
            Err(error) => format!(
                "the database `{name}` was left by a verification that died, and cannot be removed: {error}"
            ),
        });
    }
    Ok(told)
}
