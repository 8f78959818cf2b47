//! What `run` and `revert` share: what is prepared for them, and what their failures mean.

use super::Shell;
use super::pipeline::{Built, milliseconds};
use super::target::database_failure;
use crate::config::{HeartbeatRules, ReleaseNaming};
use crate::database::error::Retry;
use crate::execute::{HandWritten, Limits, Prepared, RunError};
use crate::exit::{Exit, Failure};
use std::collections::{BTreeMap, BTreeSet};

/// Owns what a run borrows.
#[derive(Debug)]
pub struct Preparation {
    hand_written: Vec<HandWritten>,
    apps: Vec<String>,
    naming: BTreeMap<String, ReleaseNaming>,
    by_release: BTreeSet<String>,
    heartbeats: HeartbeatRules,
    gates: bool,
    limits: Limits,
}

impl Shell {
    /// Reads what a run needs besides the plans.
    ///
    /// # Errors
    ///
    /// Fails if hand-written migrations cannot be read.
    pub fn prepare(&self, built: &Built) -> Result<Preparation, Failure> {
        let configured = &built.config.limits;
        let limits = Limits {
            lock_timeout_ms: milliseconds(configured.lock_timeout),
            statement_timeout_ms: configured.statement_timeout.map(milliseconds),
            query_timeout_ms: milliseconds(configured.query_timeout),
            lease_wait_ms: u64::from(milliseconds(configured.run_wait)),
            retries: configured.retries,
            ..Limits::default()
        };
        Ok(Preparation {
            hand_written: self.read_hand_written(built)?,
            apps: built.config.app_names(),
            naming: built.config.release_naming(),
            by_release: built.config.upgraded_by_release(),
            heartbeats: built.config.heartbeat_rules(),
            gates: built.gates_are_on(self),
            limits,
        })
    }

    /// Returns a name for this process in the lease, which no other process has.
    #[must_use]
    pub fn lease_holder(&self) -> String {
        let host = self.variable("HOSTNAME").or_else(host).unwrap_or_else(|| "this machine".into());
        format!("{} on {host}, process {}", self.actor(), std::process::id())
    }
}

#[cfg(unix)]
fn host() -> Option<String> {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    (!name.is_empty()).then_some(name)
}

#[cfg(not(unix))]
const fn host() -> Option<String> {
    None
}

impl Preparation {
    /// Lends it to a run.
    #[must_use]
    pub fn lend<'a>(&'a self, built: &'a Built) -> Prepared<'a> {
        Prepared {
            project: &built.project,
            graph: &built.graph,
            compiled: &built.compiled,
            hand_written: &self.hand_written,
            apps: &self.apps,
            naming: &self.naming,
            by_release: &self.by_release,
            heartbeats: &self.heartbeats,
            gates: self.gates,
            limits: self.limits,
        }
    }
}

/// Turns the end of a run into a failure with its exit code and what to do.
#[must_use]
pub fn run_failure(error: &RunError) -> Failure {
    if let RunError::Locked { error: inner, .. } = error {
        let Failure { exit, .. } = run_failure(inner);
        return Failure { exit, message: error.to_string(), help: error.help() };
    }
    if let RunError::Database(error) = error {
        let failure = |exit| Failure::new(exit, error.to_string());
        return match error.retry() {
            Retry::Later => failure(Exit::Blocked)
                .help("wait for whoever holds the lock, then run again; nothing is half done"),
            Retry::NextRun => failure(Exit::InDoubt).help(
                "the connection broke; `planner run` asks the database what was done, and goes on",
            ),
            Retry::Never => database_failure(error),
        };
    }
    if error.retry() == Retry::NextRun {
        return Failure { exit: Exit::InDoubt, message: error.to_string(), help: error.help() };
    }
    let exit = match error {
        RunError::AnotherRunner { .. } | RunError::RevertRefused(_) | RunError::Refused { .. } => {
            Exit::Blocked
        }
        RunError::Stopped => Exit::InDoubt,
        RunError::Database(_)
        | RunError::Locked { .. }
        | RunError::Step(_)
        | RunError::HandWritten { .. }
        | RunError::RowsLeft { .. }
        | RunError::Irreversible { .. } => Exit::Findings,
    };
    Failure { exit, message: error.to_string(), help: error.help() }
}
