//! `planner.yaml` as it is written: its keys, their documentation and their JSON Schema.

use camino::Utf8PathBuf;
use serde_json::{Value, json};

use super::rows::Rows;
use super::{
    AppConfig, Config, EnvironmentConfig, HeartbeatEvidence, Limits, ReleaseNaming, Upgrades,
};
use crate::diagnostic::{Diagnostic, Severity, code, did_you_mean};
use crate::dialect::Dialect;
use crate::name::Name;
use crate::source::{Span, Spanned};
use crate::yaml::decode::{Decode, Decoder, Named, authored};
use crate::yaml::duration::Duration;
use crate::yaml::node::{Node, NodeKind};

authored! {
    /// Settings of a planner project. All of them may be left out.
    "`planner.yaml`" => pub struct WrittenConfig {
        /// The engine to compile for, `postgres` or `sqlite`, or a list of them. Default: `sqlite` if `database` is set, else `postgres`.
        dialect: Option<Dialects>,
        /// The folder of plans. Default: `plans`.
        plans: Option<Path>,
        /// The folder of Diesel migrations. Default: `migrations`.
        migrations: Option<Path>,
        /// Diesel's schema file. Default: `src/schema.rs`.
        schema: Option<Path>,
        /// An embedded database, `sqlite:PATH`. A server's URL belongs into the environment variable `DATABASE_URL`.
        database: Option<EmbeddedDatabase>,
        /// The applications that use the database, by name. Each must pass every release gate.
        apps: Option<Named<WrittenApp>>,
        /// Places where the plans are run, by name; chosen with `--env`.
        environments: Option<Named<WrittenEnvironment>>,
        /// Timeouts and retries.
        limits: Option<WrittenLimits>,
        /// How the heartbeats of applications are read.
        heartbeats: Option<WrittenHeartbeats>,
        /// Severities of rules by name or code: `error`, `warning`, `note` or `off`.
        rules: Option<Named<WrittenSeverity>>,
        /// Rules of squawk's that hand-written migrations are judged by too (PostgreSQL), by their names; those that planner has better ones for are refused.
        squawk: Option<Vec<Spanned<Name>>>,
    }
}

authored! {
    /// An application that uses the database.
    "client app" => pub struct WrittenApp {
        /// Its Diesel schema file, where it is not this project's.
        schema: Option<Path>,
        /// What its `schema.rs` cannot say of what its releases need, a file that `deploy start --schema` and `release import` read too.
        requires: Option<Path>,
        /// How its releases are named: `semver` by version numbers, `registered` by anything, ordered as they were registered. Default: what the range in a gate looks like.
        releases: Option<ReleaseNaming>,
        /// What its heartbeats are worth: `additional`, they add to what deploys record, and silence means nothing; `sole_evidence`, every instance of every release beats, so that a release whose instances have fallen silent has ended. Default: `additional`.
        heartbeat: Option<HeartbeatEvidence>,
        /// How those who run it upgrade: `continuously`, every change reaches them one by one; `by_release`, all that is new in a release reaches them at once, so that what one release both prepares and removes is refused. Default: `continuously`.
        upgrades: Option<Upgrades>,
    }
}

authored! {
    /// How the heartbeats of applications are read.
    "`heartbeats` mapping" => pub struct WrittenHeartbeats {
        /// How long a release counts as live after its last heartbeat, at least `1s`. Default: `10m`.
        stale_after: Option<StaleAfter>,
    }
}

authored! {
    /// A place where the plans are run.
    "named environment" => pub struct WrittenEnvironment {
        /// The environment variable that holds the database's URL. Default: `DATABASE_URL`.
        url_env: Option<VariableName>,
        /// An embedded database, `sqlite:PATH`.
        database: Option<EmbeddedDatabase>,
        /// `off` opens every gate, for databases that no release depends on. Default: `on`.
        gates: Option<Switch>,
    }
}

authored! {
    /// Timeouts and retries.
    "`limits` mapping" => pub struct WrittenLimits {
        /// How long a statement waits for a lock before it gives way. Default: `2s`.
        lock_timeout: Option<Duration>,
        /// How long a statement of a migration may take. Default: no limit.
        statement_timeout: Option<Duration>,
        /// How long a `query` gate may take. Default: `30s`.
        query_timeout: Option<Duration>,
        /// How long `run` and `revert` wait for another one to end. Default: `5s`.
        run_wait: Option<Duration>,
        /// How often a statement that did not get its lock is tried again, 0 to 1000. Default: 10.
        retries: Option<Retries>,
        /// With fewer rows than this a table is small to `check --database`: what looks at all of them is only noted. Default: 10000.
        small_table: Option<Rows>,
        /// With this many rows a table is large to `check --database`: what looks at all of them is an error. Default: 1000000.
        large_table: Option<Rows>,
    }
}

impl From<WrittenConfig> for Config {
    fn from(written: WrittenConfig) -> Self {
        let default = Self::default();
        let database = written.database.map(|database| database.0);
        let embedded = || database.as_ref().map(|_| vec![Dialect::Sqlite]);
        let path = |written: Option<Path>, default| written.map_or(default, |path| path.0);
        let apps = written.apps.unwrap_or_default().0.into_iter();
        let environments = written.environments.unwrap_or_default().0.into_iter();
        let rules = written.rules.unwrap_or_default().0.into_iter();
        Self {
            dialects: written
                .dialect
                .map(|dialects| dialects.0)
                .or_else(embedded)
                .unwrap_or(default.dialects),
            plans: path(written.plans, default.plans),
            migrations: path(written.migrations, default.migrations),
            schema: path(written.schema, default.schema),
            database,
            apps: apps
                .map(|(name, app)| AppConfig {
                    name,
                    schema: app.schema.map(|path| path.0),
                    requires: app.requires.map(|path| path.0),
                    releases: app.releases,
                    upgrades: app.upgrades.unwrap_or_default(),
                    heartbeat: app.heartbeat.unwrap_or_default(),
                })
                .collect(),
            environments: environments
                .map(|(name, environment)| EnvironmentConfig {
                    name,
                    url_env: environment.url_env.map(|variable| variable.0),
                    database: environment.database.map(|database| database.0),
                    gates: environment.gates.is_none_or(|gates| gates.0),
                })
                .collect(),
            limits: written.limits.map(Limits::from).unwrap_or_default(),
            stale_after: written
                .heartbeats
                .and_then(|heartbeats| heartbeats.stale_after)
                .map_or(default.stale_after, |stale_after| stale_after.0),
            rules: rules.map(|(name, severity)| (name, severity.0)).collect(),
            squawk: written.squawk.unwrap_or_default(),
        }
    }
}

impl From<WrittenLimits> for Limits {
    fn from(written: WrittenLimits) -> Self {
        let default = Self::default();
        Self {
            lock_timeout: written.lock_timeout.unwrap_or(default.lock_timeout),
            statement_timeout: written.statement_timeout.or(default.statement_timeout),
            query_timeout: written.query_timeout.unwrap_or(default.query_timeout),
            run_wait: written.run_wait.unwrap_or(default.run_wait),
            retries: written.retries.map_or(default.retries, |retries| retries.0),
            small_table: written.small_table.map_or(default.small_table, |rows| rows.0),
            large_table: written.large_table.map_or(default.large_table, |rows| rows.0),
        }
    }
}

/// One engine or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialects(Vec<Dialect>);

/// A path, relative to the project's root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(Utf8PathBuf);

/// The path in `sqlite:PATH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbeddedDatabase(Utf8PathBuf);

/// The name of an environment variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableName(String);

/// `on` or `off`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch(bool);

/// A severity by its word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenSeverity(Severity);

/// A duration that is not so short that every heartbeat would be stale at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaleAfter(Duration);

/// A number of tries after the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retries(u32);

const RETRIES_MAX: u32 = 1_000;

const fn scalar(node: &Node) -> Option<&str> {
    match &node.kind {
        NodeKind::Scalar { text, .. } => Some(text.as_str()),
        NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Empty => None,
    }
}

/// Reads one of a few words; the message names them all, or the near one.
pub(super) fn word<T>(
    node: &Node,
    decoder: &mut Decoder<'_>,
    words: &[&str],
    parse: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    let read = scalar(node).and_then(parse);
    if read.is_none() {
        let list: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        decoder.wrong_shape(node, &list.join(" or "));
    }
    read
}

impl Decode for Dialects {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let items = match &node.kind {
            NodeKind::List(items) if !items.is_empty() => items.as_slice(),
            NodeKind::List(_) | NodeKind::Scalar { .. } | NodeKind::Map(_) | NodeKind::Empty => {
                std::slice::from_ref(node)
            }
        };
        let read: Vec<Option<Dialect>> =
            items.iter().map(|item| Self::one(item, decoder)).collect();
        let mut dialects: Vec<Dialect> = read.into_iter().collect::<Option<_>>()?;
        dialects.sort_unstable();
        dialects.dedup();
        Some(Self(dialects))
    }

    fn schema() -> Value {
        let one = json!({"enum": Dialect::ALL.map(Dialect::word)});
        json!({"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]})
    }
}

impl Dialects {
    fn one(node: &Node, decoder: &mut Decoder<'_>) -> Option<Dialect> {
        let words = Dialect::ALL.map(Dialect::word);
        let near = scalar(node).and_then(|text| did_you_mean(text, words));
        match (scalar(node).map(Dialect::parse), near) {
            (Some(Some(dialect)), _) => Some(dialect),
            (Some(None), Some(near)) => {
                let message = format!("`{}` is no dialect", scalar(node).unwrap_or_default());
                let finding = Diagnostic::new(code::INVALID_VALUE, message);
                decoder.sink.report(finding.at(node.span).help(near));
                None
            }
            (Some(None) | None, _) => word(node, decoder, &words, Dialect::parse),
        }
    }
}

impl Decode for Path {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        match scalar(node) {
            Some(text) if !text.trim().is_empty() && !text.contains('\0') => {
                Some(Self(text.into()))
            }
            Some(_) | None => {
                decoder.wrong_shape(node, "a path");
                None
            }
        }
    }

    fn schema() -> Value {
        json!({"type": "string", "minLength": 1})
    }
}

/// Reports without repeating the value, which may hold a password.
fn refuse(decoder: &mut Decoder<'_>, span: Span, message: &str, help: &str) {
    let finding = Diagnostic::new(code::INVALID_CONFIGURATION, message).at(span).help(help);
    decoder.sink.report(finding);
}

impl Decode for EmbeddedDatabase {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let text = scalar(node).unwrap_or_default();
        let path = text.strip_prefix("sqlite:").map(|path| path.strip_prefix("//").unwrap_or(path));
        match path {
            Some(path) if !path.is_empty() && !path.contains('\0') => Some(Self(path.into())),
            Some(_) => {
                refuse(decoder, node.span, "the database has no path", "write `sqlite:PATH`");
                None
            }
            None if text.contains("://") || text.contains('@') => {
                refuse(
                    decoder,
                    node.span,
                    "a server's URL stands in a file that is committed",
                    "a server's URL belongs into DATABASE_URL, or into the variable that `url_env` names",
                );
                None
            }
            None => {
                let message = "the database is no embedded database";
                refuse(decoder, node.span, message, "write `sqlite:PATH`");
                None
            }
        }
    }

    fn schema() -> Value {
        json!({"type": "string", "pattern": "^sqlite:.+"})
    }
}

impl Decode for VariableName {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let name = scalar(node).unwrap_or_default();
        let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if starts_well && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Some(Self(name.to_owned()));
        }
        refuse(
            decoder,
            node.span,
            "`url_env` names no environment variable",
            "write the variable's name, such as `PROD_URL`, and put the URL into the variable",
        );
        None
    }

    fn schema() -> Value {
        json!({"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"})
    }
}

impl Decode for StaleAfter {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let read = Duration::decode(node, decoder)?;
        if read.milliseconds < 1_000 {
            decoder.wrong_shape(node, "a duration of at least `1s`");
            return None;
        }
        Some(Self(read))
    }

    fn schema() -> Value {
        Duration::schema()
    }
}

impl Decode for Switch {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        word(node, decoder, &["on", "off"], |text| match text {
            "on" => Some(Self(true)),
            "off" => Some(Self(false)),
            _ => None,
        })
    }

    fn schema() -> Value {
        // An editor that reads YAML 1.1 takes `on` and `off` for booleans.
        json!({"enum": ["on", "off", true, false]})
    }
}

impl Decode for WrittenSeverity {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        word(node, decoder, &["error", "warning", "note", "off"], Severity::parse).map(Self)
    }

    fn schema() -> Value {
        json!({"enum": ["error", "warning", "note", "off", false]})
    }
}

impl Decode for Retries {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let number = scalar(node).and_then(|text| text.parse().ok());
        let read = number.filter(|number| *number <= RETRIES_MAX);
        if read.is_none() {
            decoder.wrong_shape(node, &format!("a number from 0 to {RETRIES_MAX}"));
        }
        read.map(Self)
    }

    fn schema() -> Value {
        json!({"type": "integer", "minimum": 0, "maximum": RETRIES_MAX})
    }
}
