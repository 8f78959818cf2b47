//! Cancelling what runs on scratch databases once somebody asks to stop: another session does it, since the one that runs a statement
//! waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use diesel::Connection as _;
use diesel::PgConnection;

use super::rows;

/// How long it looks away between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// A thread that waits, until this is dropped, to be asked to cancel.
#[derive(Debug)]
pub(super) struct Canceller {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Canceller {
    /// Waits for `asked`, and cancels from then on whatever runs on databases whose names begin with a stem.
    pub(super) fn begin(url: String, stem: &str, asked: Arc<AtomicBool>) -> Self {
        let (end, ended) = channel();
        let sql = format!(
            "SELECT count(pg_cancel_backend(pid))::text FROM pg_stat_activity
             WHERE starts_with(datname, '{stem}_') AND state = 'active' AND pid <> pg_backend_pid()"
        );
        let thread = std::thread::spawn(move || wait(&url, &sql, &asked, &ended));
        Self { end: Some(end), thread: Some(thread) }
    }
}

impl Drop for Canceller {
    fn drop(&mut self) {
        self.end = None;
        if let Some(thread) = self.thread.take() {
            // It says nothing that anybody waits for.
            let _ = thread.join();
        }
    }
}

fn wait(url: &str, sql: &str, asked: &AtomicBool, ended: &Receiver<()>) {
    let mut connection = None;
    loop {
        match ended.recv_timeout(PAUSE) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
        if !asked.load(Ordering::SeqCst) {
            continue;
        }
        if connection.is_none() {
            connection = PgConnection::establish(url).ok();
        }
        let Some(session) = &mut connection else { continue };
        // A server that is gone has nothing left to cancel.
        if rows::postgres(session, sql).is_err() {
            connection = None;
        }
    }
}
