//! Heartbeats that an application sends: which release of it runs, in which instance, by one upsert.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;

use super::DatabaseError;
use super::any::AnyConnection;
use super::connection::open_existing;
use super::error::Retry;
use super::heartbeat_store::HEARTBEATS;

/// How often to beat, where nothing is said.
const INTERVAL: Duration = Duration::from_mins(1);

/// The least pause between two beats: more often helps nobody.
const INTERVAL_MIN: Duration = Duration::from_millis(100);

/// The pause after a first failure; it doubles with every further one, up to the interval.
const BACK_OFF: Duration = Duration::from_secs(1);

/// The longest name of an app, a release or an instance, in bytes.
const NAME_MAX: usize = 200;

/// Says, at an interval, that an instance of a release runs, so that planner counts the release as live.
///
/// ```no_run
/// use std::time::Duration;
/// use planner::Heartbeat;
///
/// let heartbeat = Heartbeat::new("web", env!("CARGO_PKG_VERSION")).interval(Duration::from_secs(30));
/// // Beats in a thread of its own, on a connection of its own, until it is dropped.
/// let beating = heartbeat.spawn("postgres://web@db/shop", |error| eprintln!("heartbeat: {error}"))?;
/// // … serve …
/// drop(beating);
/// # Ok::<(), planner::HeartbeatError>(())
/// ```
///
/// Or in a thread that the application has already, on any Diesel connection to PostgreSQL or SQLite, also on one out of
/// a pool, and on what is inside a variant of a `MultiConnection`:
///
/// ```no_run
/// use diesel::{Connection as _, PgConnection};
/// use planner::Heartbeat;
///
/// let heartbeat = Heartbeat::new("web", "2.5.0").instance("web-7d9f-x2lq8");
/// let mut connection = PgConnection::establish("postgres://web@db/shop")?;
/// heartbeat.beat(&mut connection)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The role needs to insert into, update and select from the table `planner_heartbeats`, and nothing else of planner's:
/// `GRANT SELECT, INSERT, UPDATE ON planner_heartbeats TO web`. The table is there once planner's ledger is; a beat
/// before that fails with [`HeartbeatError::NotInstalled`] and creates nothing. All times are the database's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    app: String,
    release: String,
    instance: String,
    interval: Duration,
}

/// Why a heartbeat was not recorded. The application goes on all the same.
#[derive(Debug, thiserror::Error)]
pub enum HeartbeatError {
    /// A name cannot be recorded.
    #[error(
        "the name of the {what} is empty, longer than {NAME_MAX} bytes, or has control characters in it"
    )]
    Name {
        /// Of what.
        what: &'static str,
    },
    /// Planner's ledger is not there, or is older than heartbeats.
    #[error("the database has no table `planner_heartbeats`: run `planner run` or record a deploy")]
    NotInstalled,
    /// The database could not be reached, or refused.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The system gave no thread.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] std::io::Error),
}

/// A connection that a heartbeat can be written on: Diesel's own to PostgreSQL and SQLite.
pub trait HeartbeatConnection {
    /// Writes it, by the database's clock.
    ///
    /// # Errors
    ///
    /// As for [`Heartbeat::beat`].
    fn write_beat(&mut self, heartbeat: &Heartbeat) -> Result<(), HeartbeatError>;
}

impl Heartbeat {
    /// A heartbeat of this release of this app, by the names that `planner deploy` knows them by. The instance is named
    /// after the machine and the process; it beats once a minute.
    pub fn new(app: impl Into<String>, release: impl Into<String>) -> Self {
        let instance = format!("{}/{}", machine(), std::process::id());
        Self { app: app.into(), release: release.into(), instance, interval: INTERVAL }
    }

    /// Names the instance: a pod, a task, an allocation. Two instances of one name count as one.
    #[must_use]
    pub fn instance(mut self, name: impl Into<String>) -> Self {
        self.instance = name.into();
        self
    }

    /// Says how often to beat: well below `heartbeats.stale_after` of `planner.yaml`, which is ten minutes.
    #[must_use]
    pub const fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// Beats once.
    ///
    /// # Errors
    ///
    /// Says that the ledger is not installed, that a name cannot be recorded, or what the database says.
    pub fn beat(&self, connection: &mut impl HeartbeatConnection) -> Result<(), HeartbeatError> {
        self.check()?;
        connection.write_beat(self)
    }

    fn check(&self) -> Result<(), HeartbeatError> {
        let names = [("app", &self.app), ("release", &self.release), ("instance", &self.instance)];
        let is_bad = |name: &str| {
            name.trim().is_empty() || name.len() > NAME_MAX || name.contains(char::is_control)
        };
        match names.into_iter().find(|(_, name)| is_bad(name)) {
            Some((what, _)) => Err(HeartbeatError::Name { what }),
            None => Ok(()),
        }
    }

    /// Beats at once and then at the interval, in a thread of its own and on a connection of its own to this database,
    /// until what comes back is dropped. What fails is handed to `report` and tried again, with growing pauses, on a new
    /// connection.
    ///
    /// # Errors
    ///
    /// Fails if a name cannot be recorded or the system gives no thread. That the database cannot be reached is reported.
    pub fn spawn(
        self,
        url: impl Into<String>,
        report: impl FnMut(&HeartbeatError) + Send + 'static,
    ) -> Result<Beating, HeartbeatError> {
        let url = url.into();
        let connect = move || match open_existing(&url) {
            Ok(Some(database)) => Ok(database.connection),
            Ok(None) => Err(HeartbeatError::NotInstalled),
            Err(error) => Err(error.into()),
        };
        self.spawn_on(connect, report)
    }

    /// As [`Self::spawn`], on connections that the application makes.
    ///
    /// # Errors
    ///
    /// As for [`Self::spawn`].
    pub fn spawn_with<C, E>(
        self,
        mut connect: impl FnMut() -> Result<C, E> + Send + 'static,
        report: impl FnMut(&HeartbeatError) + Send + 'static,
    ) -> Result<Beating, HeartbeatError>
    where
        C: HeartbeatConnection,
        E: std::fmt::Display,
    {
        let failed = |error: E| DatabaseError::Connect {
            target: "the database".to_owned(),
            reason: error.to_string(),
        };
        self.spawn_on(move || connect().map_err(|error| failed(error).into()), report)
    }

    fn spawn_on<C: HeartbeatConnection>(
        self,
        connect: impl FnMut() -> Result<C, HeartbeatError> + Send + 'static,
        report: impl FnMut(&HeartbeatError) + Send + 'static,
    ) -> Result<Beating, HeartbeatError> {
        self.check()?;
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("planner-heartbeat".to_owned())
            .spawn(move || self.keep_beating(connect, report, &stopped))?;
        Ok(Beating { stop, thread })
    }

    fn keep_beating<C: HeartbeatConnection>(
        self,
        mut connect: impl FnMut() -> Result<C, HeartbeatError>,
        mut report: impl FnMut(&HeartbeatError),
        stopped: &mpsc::Receiver<()>,
    ) {
        let interval = self.interval.max(INTERVAL_MIN);
        let mut connection = None;
        let mut n_failed = 0;
        loop {
            let beaten = match connection.take() {
                Some(open) => Ok(open),
                None => connect(),
            };
            let beaten = beaten.and_then(|mut open| {
                self.beat(&mut open)?;
                Ok(open)
            });
            let pause = match beaten {
                Ok(open) => {
                    connection = Some(open);
                    n_failed = 0;
                    interval
                }
                Err(error) => {
                    report(&error);
                    let doubled =
                        BACK_OFF.saturating_mul(1_u32.checked_shl(n_failed).unwrap_or(u32::MAX));
                    n_failed += 1;
                    doubled.min(interval)
                }
            };
            // The one who waits for nothing else hears at once that the other end is gone.
            match stopped.recv_timeout(pause) {
                Err(RecvTimeoutError::Timeout) => {}
                Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }
}

/// A thread that beats, until this is dropped. The end is not recorded: the release counts as live until its last heartbeat
/// is stale.
#[derive(Debug)]
#[must_use = "the heartbeat ends when this is dropped"]
pub struct Beating {
    /// Never sent on: that it is gone is the message.
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Beating {
    /// Returns whether the thread still runs; it ends early only if a callback of the application panics.
    #[must_use]
    pub fn is_running(&self) -> bool {
        !self.thread.is_finished()
    }

    /// Stops it and waits until it has stopped. A mere drop does not wait.
    pub fn stop(self) {
        let Self { stop, thread } = self;
        drop(stop);
        // A callback that panicked has said so itself.
        let _ = thread.join();
    }
}

/// Returns this machine's name, as containers and Linux tell it.
fn machine() -> String {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).ok();
    let variable = std::env::var_os("HOSTNAME").and_then(|name| name.into_string().ok());
    let system = || std::fs::read("/proc/sys/kernel/hostname").ok().and_then(text);
    let name = variable.or_else(system).unwrap_or_default();
    let name: String = name.trim().chars().filter(|c| !c.is_control()).take(NAME_MAX / 8).collect();
    if name.is_empty() { "machine".to_owned() } else { name }
}

/// Tells a table that is not there from any other failure.
fn failure(
    error: &diesel::result::Error,
    has_table: &Result<bool, DatabaseError>,
) -> HeartbeatError {
    match has_table {
        Ok(false) => HeartbeatError::NotInstalled,
        // What failed first says more than that nothing can be asked after it.
        Ok(true) | Err(_) => HeartbeatError::Database(DatabaseError::statement(error, HEARTBEATS)),
    }
}

impl HeartbeatError {
    /// Returns whether a later beat may succeed without anybody doing anything.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Database(error) => {
                error.retry() == Retry::Later || matches!(error, DatabaseError::Connect { .. })
            }
            Self::Name { .. } | Self::NotInstalled | Self::Thread(_) => false,
        }
    }
}

#[cfg(feature = "postgres")]
impl HeartbeatConnection for diesel::PgConnection {
    fn write_beat(&mut self, heartbeat: &Heartbeat) -> Result<(), HeartbeatError> {
        let upsert = "INSERT INTO planner_heartbeats (app, release, instance, first_seen, last_seen)
            SELECT $1, $2, $3, now, now FROM (SELECT clock_timestamp() AT TIME ZONE 'UTC' AS now) AS clock
            ON CONFLICT (app, release, instance) DO UPDATE SET last_seen = EXCLUDED.last_seen";
        let written = sql_query(upsert)
            .bind::<Text, _>(&heartbeat.app)
            .bind::<Text, _>(&heartbeat.release)
            .bind::<Text, _>(&heartbeat.instance)
            .execute(self);
        written.map(|_| ()).map_err(|error| {
            let ask = "SELECT 1 WHERE to_regclass('planner_heartbeats') IS NOT NULL";
            failure(&error, &super::rows::postgres(self, ask).map(|rows| !rows.is_empty()))
        })
    }
}

#[cfg(feature = "sqlite")]
impl HeartbeatConnection for diesel::SqliteConnection {
    fn write_beat(&mut self, heartbeat: &Heartbeat) -> Result<(), HeartbeatError> {
        let upsert = "INSERT INTO planner_heartbeats (app, release, instance, first_seen, last_seen)
            SELECT ?, ?, ?, now, now FROM (SELECT strftime('%Y-%m-%d %H:%M:%f', 'now') AS now) WHERE true
            ON CONFLICT (app, release, instance) DO UPDATE SET last_seen = EXCLUDED.last_seen";
        let written = sql_query(upsert)
            .bind::<Text, _>(&heartbeat.app)
            .bind::<Text, _>(&heartbeat.release)
            .bind::<Text, _>(&heartbeat.instance)
            .execute(self);
        written.map(|_| ()).map_err(|error| {
            let ask = "SELECT 1 FROM sqlite_master WHERE name = 'planner_heartbeats'";
            failure(&error, &super::rows::sqlite(self, ask).map(|rows| !rows.is_empty()))
        })
    }
}

impl HeartbeatConnection for AnyConnection {
    fn write_beat(&mut self, heartbeat: &Heartbeat) -> Result<(), HeartbeatError> {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => connection.write_beat(heartbeat),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(connection) => connection.write_beat(heartbeat),
        }
    }
}
