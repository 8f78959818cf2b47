//! Who is in the way of a statement that waits for a lock: asked by another connection, since the one that waits cannot.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use diesel::Connection as _;
use diesel::PgConnection;

use super::DatabaseError;
use super::rows::{self, Rows};

/// How long it looks away between two looks.
const PAUSE: Duration = Duration::from_millis(40);

/// A thread that looks, until this is dropped, who is in the way of a server process.
pub(crate) struct Watch {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<Vec<String>>>,
}

impl Watch {
    /// Begins to look. Where the server accepts no other connection, nobody is ever seen.
    pub(crate) fn begin(url: String, process: i64) -> Self {
        let (end, ended) = channel();
        let thread = std::thread::spawn(move || look(&url, process, &ended));
        Self { end: Some(end), thread: Some(thread) }
    }

    /// Ends it; returns who was in the way when that was last to be seen, a phrase each.
    pub(crate) fn end(mut self) -> Vec<String> {
        self.end = None;
        let seen = self.thread.take().and_then(|thread| thread.join().ok());
        seen.unwrap_or_default()
    }
}

fn look(url: &str, process: i64, ended: &Receiver<()>) -> Vec<String> {
    let mut seen = Vec::new();
    let Ok(mut connection) = PgConnection::establish(url) else { return seen };
    loop {
        match in_the_way(&mut connection, process) {
            Ok(found) if !found.is_empty() => seen = found,
            Ok(_) => {}
            Err(_) => return seen,
        }
        match ended.recv_timeout(PAUSE) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return seen,
        }
    }
}

/// Returns the sessions that hold what a process waits for. Not their statements, which may have in them what is nobody's business.
fn in_the_way(connection: &mut PgConnection, process: i64) -> Result<Vec<String>, DatabaseError> {
    let sql = format!(
        "SELECT pid::text, usename::text, nullif(application_name, ''), state,
            floor(extract(epoch FROM clock_timestamp() - xact_start))::bigint::text
         FROM pg_stat_activity WHERE pid = ANY (pg_blocking_pids({process})) ORDER BY xact_start, pid"
    );
    Ok(described(rows::postgres(connection, &sql)?))
}

fn described(rows: Rows) -> Vec<String> {
    let described = rows.into_iter().map(|row| {
        let mut columns = row.into_iter();
        let mut next = || columns.next().flatten();
        let (process, role, program) = (next().unwrap_or_default(), next(), next());
        let (state, seconds) = (next(), next());
        let mut text = format!("process {process}");
        if let Some(role) = role {
            text += &format!(" of `{role}`");
        }
        let since = seconds.map(|seconds| format!("in a transaction for {seconds} s"));
        let more: Vec<String> = [program, state, since].into_iter().flatten().collect();
        if !more.is_empty() {
            text += &format!(" ({})", more.join(", "));
        }
        text
    });
    described.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_described_by_what_may_be_seen_of_it() {
        let row = |texts: [Option<&str>; 5]| texts.map(|text| text.map(str::to_owned)).to_vec();
        let all =
            row([Some("7"), Some("ada"), Some("psql"), Some("idle in transaction"), Some("90")]);
        let little = row([Some("8"), None, None, None, None]);
        assert_eq!(
            described(vec![all, little]),
            [
                "process 7 of `ada` (psql, idle in transaction, in a transaction for 90 s)",
                "process 8"
            ]
        );
    }
}
