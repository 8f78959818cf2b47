//! `planner.yaml`: the project's settings, all of them optional.

mod rows;
mod words;
mod written;

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;
use serde_json::Value;

use crate::diagnostic::{Severity, Sink};
use crate::dialect::Dialect;
use crate::name::Name;
use crate::source::{SourceId, Spanned};
use crate::yaml::decode::{Decode as _, Decoder};
use crate::yaml::duration::Duration;
use crate::yaml::node;

/// The name of the file at the project's root.
pub const FILE_NAME: &str = "planner.yaml";

/// The settings, with defaults for what was not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The engines to compile for, never empty: those written, else SQLite if `database` is set, else PostgreSQL.
    pub dialects: Vec<Dialect>,
    /// The folder of plans, relative to the project's root; `plans`.
    pub plans: Utf8PathBuf,
    /// The folder of Diesel migrations; `migrations`.
    pub migrations: Utf8PathBuf,
    /// Diesel's `schema.rs`; `src/schema.rs`.
    pub schema: Utf8PathBuf,
    /// The path of an embedded SQLite database. A server's URL never stands in this file.
    pub database: Option<Utf8PathBuf>,
    /// Apps in the order written.
    pub apps: Vec<AppConfig>,
    /// Environments in the order written.
    pub environments: Vec<EnvironmentConfig>,
    /// Timeouts and retries.
    pub limits: Limits,
    /// How old a last heartbeat may be; 10 min.
    pub stale_after: Duration,
    /// Severities by a rule's name or code, in the order written.
    pub rules: Vec<(Spanned<Name>, Severity)>,
    /// Rules of squawk's that hand-written migrations are judged by too.
    pub squawk: Vec<Spanned<Name>>,
}

/// An application that uses the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppConfig {
    /// Its name.
    pub name: Spanned<Name>,
    /// Its `schema.rs`, where it is not this project's.
    pub schema: Option<Utf8PathBuf>,
    /// Its `requires.yaml`.
    pub requires: Option<Utf8PathBuf>,
    /// How its releases are named, where it is not to be seen from the names.
    pub releases: Option<ReleaseNaming>,
    /// How those who run it upgrade.
    pub upgrades: Upgrades,
    /// What the silence of its instances means.
    pub heartbeat: HeartbeatEvidence,
}

/// How those who run an app upgrade it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Upgrades {
    /// Every change reaches them one by one.
    #[default]
    Continuously,
    /// All that is new in a release reaches them at once.
    ByRelease,
}

/// What the heartbeats of an app's instances are worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HeartbeatEvidence {
    /// They add to what deploys record; silence means nothing.
    #[default]
    Additional,
    /// They are all there is: a release whose instances have fallen silent has ended.
    Sole,
}

/// How heartbeats are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeartbeatRules {
    /// How long a release counts as live after its last heartbeat.
    pub stale_after: Duration,
    /// The apps of which heartbeats are all the evidence there is.
    pub sole_evidence: BTreeSet<String>,
}

impl Default for HeartbeatRules {
    fn default() -> Self {
        Self { stale_after: STALE_AFTER, sole_evidence: BTreeSet::new() }
    }
}

/// How long a release counts as live after its last heartbeat, where nothing is said: ten times the interval at which the
/// library beats.
const STALE_AFTER: Duration = Duration { milliseconds: 600_000 };

/// How the releases of an app are named, and therefore ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReleaseNaming {
    /// By version numbers, compared by number.
    Semver,
    /// By anything, such as commits; ordered as they were registered.
    Registered,
}

/// A place where the plans are run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentConfig {
    /// Its name.
    pub name: Spanned<Name>,
    /// The environment variable that holds its database's URL; `DATABASE_URL` if nothing is said.
    pub url_env: Option<String>,
    /// The path of its embedded SQLite database.
    pub database: Option<Utf8PathBuf>,
    /// Whether gates are on; off only for databases that no release depends on.
    pub gates: bool,
}

/// Timeouts and retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long a statement waits for a lock before it gives way; 2 s.
    pub lock_timeout: Duration,
    /// How long a statement of a migration may take; no limit if nothing is said.
    pub statement_timeout: Option<Duration>,
    /// How long a `query` gate may take; 30 s.
    pub query_timeout: Duration,
    /// How long a run waits for another one to end; 5 s.
    pub run_wait: Duration,
    /// How often a statement that did not get its lock is tried again, with growing pauses; 10.
    pub retries: u32,
    /// With fewer rows than this a table is small; 10,000.
    pub small_table: u32,
    /// With this many rows a table is large; 1,000,000.
    pub large_table: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            lock_timeout: Duration { milliseconds: 2_000 },
            statement_timeout: None,
            query_timeout: Duration { milliseconds: 30_000 },
            run_wait: Duration { milliseconds: 5_000 },
            retries: 10,
            small_table: 10_000,
            large_table: 1_000_000,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            dialects: vec![Dialect::Postgres],
            plans: "plans".into(),
            migrations: "migrations".into(),
            schema: "src/schema.rs".into(),
            database: None,
            apps: Vec::new(),
            environments: Vec::new(),
            limits: Limits::default(),
            stale_after: STALE_AFTER,
            rules: Vec::new(),
            squawk: Vec::new(),
        }
    }
}

impl Config {
    /// Returns the environment with this name.
    #[must_use]
    pub fn environment(&self, name: &str) -> Option<&EnvironmentConfig> {
        self.environments.iter().find(|environment| environment.name.value.as_str() == name)
    }

    /// Returns the app with this name.
    #[must_use]
    pub fn app(&self, name: &str) -> Option<&AppConfig> {
        self.apps.iter().find(|app| app.name.value.as_str() == name)
    }

    /// Returns the names of the apps whose users upgrade release by release.
    #[must_use]
    pub fn upgraded_by_release(&self) -> BTreeSet<String> {
        let by_release = self.apps.iter().filter(|app| match app.upgrades {
            Upgrades::ByRelease => true,
            Upgrades::Continuously => false,
        });
        by_release.map(|app| app.name.value.to_string()).collect()
    }

    /// Returns whether apps are named, each with the `schema.rs` that tells what its releases need.
    #[must_use]
    pub fn names_needs(&self) -> bool {
        !self.apps.is_empty() && self.apps.iter().all(|app| app.schema.is_some())
    }

    /// Returns the names of the apps in the order written.
    #[must_use]
    pub fn app_names(&self) -> Vec<String> {
        self.apps.iter().map(|app| app.name.value.to_string()).collect()
    }

    /// Returns how the releases of apps are named, for those of which the file says so.
    #[must_use]
    pub fn release_naming(&self) -> BTreeMap<String, ReleaseNaming> {
        let named = self.apps.iter().filter_map(|app| Some((app, app.releases?)));
        named.map(|(app, naming)| (app.name.value.to_string(), naming)).collect()
    }

    /// Returns how heartbeats are read.
    #[must_use]
    pub fn heartbeat_rules(&self) -> HeartbeatRules {
        let sole = self.apps.iter().filter(|app| match app.heartbeat {
            HeartbeatEvidence::Sole => true,
            HeartbeatEvidence::Additional => false,
        });
        HeartbeatRules {
            stale_after: self.stale_after,
            sole_evidence: sole.map(|app| app.name.value.to_string()).collect(),
        }
    }

    /// Returns the configured severities by rule name or code.
    #[must_use]
    pub fn severities(&self) -> BTreeMap<String, Severity> {
        let rules = self.rules.iter();
        rules.map(|(name, severity)| (name.value.to_string(), *severity)).collect()
    }
}

/// Reads `planner.yaml`; what is wrong in it is reported, and `None` comes back if anything is. A file of
/// nothing but comments is a project with all defaults.
pub fn read(source: SourceId, text: &str, sink: &mut Sink) -> Option<Config> {
    let says_nothing = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if text.lines().all(says_nothing) {
        return Some(Config::default());
    }
    let node = node::read(source, text, sink)?;
    written::WrittenConfig::decode(&node, &mut Decoder { sink }).map(Config::from)
}

/// Returns the JSON Schema of `planner.yaml`.
#[must_use]
pub fn schema() -> Value {
    written::WrittenConfig::schema()
}

#[cfg(test)]
mod tests;
