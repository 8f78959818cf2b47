//! Giving up a statement that nobody can interrupt: Diesel hands out no way to tell SQLite to end one.
//!
//! The statement runs on a thread of its own. Once somebody asks to stop, that thread is left to itself, with the connection, and ends
//! with the process; so only a database that is thrown away may be used like that.

use std::mem::replace;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use super::DatabaseError;
use super::any::AnyConnection;
use super::connection::LiveDatabase;

/// How long it waits between two looks at whether somebody asked to stop.
const PAUSE: Duration = Duration::from_millis(50);
/// How many looks a statement that runs is given to come to its end by itself.
const PATIENCE: u32 = 4;

impl LiveDatabase {
    /// From now on gives up the statement that runs once somebody asks to stop.
    pub(super) fn give_up_when(&mut self, asked: Option<Arc<AtomicBool>>) {
        self.give_up = asked.map(GiveUp::new);
    }
}

/// Something that runs on a connection.
type Work<T> = fn(&mut AnyConnection, &str) -> Result<T, DatabaseError>;

/// Whether the statement that runs is to be given up.
#[derive(Debug)]
pub(super) struct GiveUp {
    asked: Arc<AtomicBool>,
}

impl GiveUp {
    pub(super) const fn new(asked: Arc<AtomicBool>) -> Self {
        Self { asked }
    }

    /// Runs a statement; fails once somebody asked to stop, and the connection then leads to an empty database.
    pub(super) fn run<T: Send + 'static>(
        &self,
        connection: &mut AnyConnection,
        sql: &str,
        work: Work<T>,
    ) -> Result<T, DatabaseError> {
        let Some(nothing) = stand_in(connection) else { return work(connection, sql) };
        if self.asked.load(Ordering::SeqCst) {
            return Err(DatabaseError::GivenUp);
        }
        let mut lent = replace(connection, nothing);
        let text = sql.to_owned();
        let (ended, end) = channel();
        let thread = std::thread::spawn(move || {
            let done = work(&mut lent, &text);
            // Nobody listens any more once it was given up.
            let _ = ended.send((lent, done));
        });
        let mut n_looks = 0;
        loop {
            match end.recv_timeout(PAUSE) {
                Ok((lent, done)) => {
                    *connection = lent;
                    return done;
                }
                Err(RecvTimeoutError::Timeout) if n_looks >= PATIENCE => {
                    return Err(DatabaseError::GivenUp);
                }
                Err(RecvTimeoutError::Timeout) => {
                    n_looks += u32::from(self.asked.load(Ordering::SeqCst));
                }
                Err(RecvTimeoutError::Disconnected) => match thread.join() {
                    Ok(()) => return Err(DatabaseError::GivenUp),
                    Err(panic) => std::panic::resume_unwind(panic),
                },
            }
        }
    }
}

/// Returns what takes the place of a connection while a statement runs; `None` where the engine itself can be told to end one.
fn stand_in(connection: &AnyConnection) -> Option<AnyConnection> {
    match connection {
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(_) => None,
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => {
            let opened = <diesel::SqliteConnection as diesel::Connection>::establish(":memory:");
            opened.ok().map(AnyConnection::Sqlite)
        }
    }
}
