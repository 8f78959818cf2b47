//! The locks of a statement that cannot be in a transaction: it is made to wait for another session, and while it waits the
//! server says what for.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::catalog::Catalog;
use crate::database::connection::LiveDatabase;
use crate::database::observe::{Done, Observed};
use crate::database::scratch::Scratch;
use crate::database::{Database as _, DatabaseError};
use crate::dialect::Dialect;

/// How long a statement may take until it waits for its lock.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to look away between two looks.
const PAUSE: Duration = Duration::from_millis(5);

/// Runs the statement; returns what came of it, and the first lock that it had to wait for.
pub(super) fn run(
    scratch: &Scratch,
    database: &mut LiveDatabase,
    sql: &str,
    before: &Catalog,
) -> Result<(Result<(), DatabaseError>, Done), DatabaseError> {
    let tables: Vec<_> = before.tables.keys().cloned().collect();
    if before.dialect == Dialect::Sqlite || tables.is_empty() {
        return Ok((database.execute(sql), Done::default()));
    }
    let process = database.process()?;
    let mut other = scratch.open()?;
    other.begin()?;
    let seen = other.observe(&Observed::default())?;
    other.hold_back_changes(&tables)?;
    let (ended, end) = channel();
    thread::scope(|scope| {
        let statement = scope.spawn(move || {
            let ran = database.execute(sql);
            // Nobody listens any more once the locks are given up.
            let _ = ended.send(());
            ran
        });
        let mut done = Done::default();
        #[expect(
            clippy::disallowed_methods,
            reason = "a statement is waited for by this process's own clock"
        )]
        let started = Instant::now();
        let waited = loop {
            match other.waited_for(process, &seen) {
                Ok(locks) if !locks.is_empty() => {
                    done.locks = locks;
                    break Ok(());
                }
                Err(error) => break Err(error),
                Ok(_) if started.elapsed() > PATIENCE => break Ok(()),
                Ok(_) => {}
            }
            match end.recv_timeout(PAUSE) {
                Err(RecvTimeoutError::Timeout) => {}
                Ok(()) | Err(RecvTimeoutError::Disconnected) => break Ok(()),
            }
        };
        let released = other.roll_back();
        let ran = match statement.join() {
            Ok(ran) => ran,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        waited.and(released)?;
        Ok((ran, done))
    })
}
