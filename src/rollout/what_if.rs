//! What-if facts: `next-phase --facts FILE` answers as if they held. Nothing is recorded.

use std::str::FromStr as _;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Facts, gates::phase_checksum, progress::steps_of};
use crate::compile::CompiledProject;
use crate::diagnostic::{Diagnostic, Sink, code, did_you_mean};
use crate::ledger::replay::Approval;
use crate::ledger::{LedgerSnapshot, MigrationState, StepEvent};
use crate::phase::PhaseKey;
use crate::release::{App, LiveState, Release};
use crate::source::{SourceId, Spanned};
use crate::yaml::decode::{Decode, Decoder, Named, authored};
use crate::yaml::duration::Duration;
use crate::yaml::node::{Node, NodeKind, read};

authored! {
    /// Facts that `planner next-phase --facts` takes for true. JSON is YAML, so it may be written in either.
    "facts file" => pub struct FactsFile {
        /// The time: `2027-01-31T12:00:00Z`, or from the database's time on, as in `+24h`. Default: the database's time.
        now: Option<Moment>,
        /// By app the releases that are live, each a version or `{ version, marks }`. Others of the app ended; at `now` unless `ended` says when.
        live: Option<Named<Vec<LiveRelease>>>,
        /// By app releases that ended, and when: a time, or `-2h` before `now`.
        ended: Option<Named<Named<Moment>>>,
        /// Phases that are approved, `PLAN/PHASE`.
        approved: Vec<Spanned<PhaseName>>,
        /// What query gates return, by `PLAN/PHASE`.
        queries: Option<Named<bool>>,
        /// Phases that are complete, `PLAN/PHASE`; finished at `now`.
        done: Vec<Spanned<PhaseName>>,
    }
}

/// A time, or a distance from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A time.
    At(Timestamp),
    /// Milliseconds after (or before, if negative).
    From(i64),
}

/// A release that is live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveRelease {
    /// Its version.
    pub version: String,
    /// What it declares it can do; nothing said means what it declared before.
    pub marks: Vec<String>,
}

/// `PLAN/PHASE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhaseName(pub PhaseKey);

impl FactsFile {
    /// Reads a file of facts; what is wrong in it is reported, and `None` comes back if anything is.
    pub fn read(source: SourceId, text: &str, sink: &mut Sink) -> Option<Self> {
        let node = read(source, text, sink)?;
        Self::decode(&node, &mut Decoder { sink })
    }

    /// Reports phases that no plan has. [`overlay`] passes over them.
    pub fn check(&self, compiled: &CompiledProject, sink: &mut Sink) {
        let named = self.approved.iter().chain(&self.done).map(|of| (of.value.0.clone(), of.span));
        let asked = self.queries.iter().flat_map(|queries| &queries.0);
        let asked = asked.map(|(name, _)| (PhaseKey::parse(name.value.as_str()), name));
        let mut phases: Vec<_> = named.collect();
        for (phase, name) in asked {
            match phase {
                Some(phase) => phases.push((phase, name.span)),
                None => sink.report(
                    Diagnostic::new(code::INVALID_VALUE, format!("`{name}` is no phase"))
                        .at(name.span)
                        .help("write `PLAN/PHASE`"),
                ),
            }
        }
        for (phase, span) in phases {
            if steps_of(compiled, &phase).is_empty() {
                let plans = compiled.steps.iter().map(|step| step.key.plan.as_str());
                let near = did_you_mean(phase.plan.as_str(), plans);
                let message = format!("there is no phase `{phase}`");
                sink.report(Diagnostic::new(code::UNKNOWN_PLAN, message).at(span).maybe_help(near));
            }
        }
    }
}

/// Lays the facts over what is known.
pub fn overlay(
    file: &FactsFile,
    ledger: &mut LedgerSnapshot,
    facts: &mut Facts,
    compiled: &CompiledProject,
) {
    facts.now = file.now.map_or(facts.now, |now| now.from(facts.now));
    let now = facts.now;
    for (app, releases) in file.live.iter().flat_map(|live| &live.0) {
        make_live(app_of(ledger, app.value.as_str()), releases, now);
    }
    for (app, releases) in file.ended.iter().flat_map(|ended| &ended.0) {
        let app = app_of(ledger, app.value.as_str());
        for (version, at) in &releases.0 {
            let release = register(app, version.value.as_str(), now);
            release.state = LiveState::Ended { at: at.from(now) };
            release.pulse = None;
        }
    }
    for phase in &file.done {
        finish(compiled, &phase.value.0, now, ledger, facts);
    }
    for phase in &file.approved {
        let phase = &phase.value.0;
        let checksum = phase_checksum(compiled, phase);
        let (by, reason) = ("the facts file".to_owned(), "what if".to_owned());
        ledger.approvals.insert(phase.clone(), Approval { at: now, checksum, by, reason });
    }
    for (phase, answer) in file.queries.iter().flat_map(|queries| &queries.0) {
        if let Some(phase) = PhaseKey::parse(phase.value.as_str()) {
            facts.queries.insert(phase, Ok(*answer));
        }
    }
}

fn app_of<'a>(ledger: &'a mut LedgerSnapshot, name: &str) -> &'a mut App {
    let app = ledger.apps.entry(name.to_owned()).or_default();
    name.clone_into(&mut app.name);
    app
}

/// Makes exactly these releases of an app live.
fn make_live(app: &mut App, releases: &[LiveRelease], now: Timestamp) {
    for release in &mut app.releases {
        let stays = releases.iter().any(|of| of.version == release.version);
        if release.is_live() && !stays {
            release.state = LiveState::Ended { at: now };
            release.pulse = None;
        }
    }
    for of in releases {
        let release = register(app, &of.version, now);
        release.state = LiveState::Live { since: release.live_since().unwrap_or(now) };
        // What instances say of themselves is no part of what is asked.
        release.pulse = None;
        if !of.marks.is_empty() {
            release.marks.clone_from(&of.marks);
        }
    }
}

fn register<'a>(app: &'a mut App, version: &str, now: Timestamp) -> &'a mut Release {
    let at = app.releases.iter().position(|release| release.version == version);
    let at = at.unwrap_or_else(|| {
        app.releases.push(Release::new(version, LiveState::Live { since: now }));
        app.releases.len() - 1
    });
    #[expect(clippy::indexing_slicing, reason = "the place was found or made just above")]
    &mut app.releases[at]
}

/// Takes a phase's migrations for done.
fn finish(
    compiled: &CompiledProject,
    phase: &PhaseKey,
    now: Timestamp,
    ledger: &mut LedgerSnapshot,
    facts: &mut Facts,
) {
    for step in steps_of(compiled, phase) {
        for migration in &step.migrations {
            let event = StepEvent {
                plan: phase.plan.clone(),
                phase: phase.phase,
                step: step.key.id.clone(),
                version: migration.version.clone(),
                checksum: step.checksum.clone(),
                attempt: 1,
                duration_ms: None,
            };
            if !ledger.is_done(&migration.version) {
                let done = MigrationState::Done(event, now);
                ledger.migrations.insert(migration.version.clone(), done);
            }
            facts.applied.insert(migration.version.clone());
        }
    }
    let still_void = ledger
        .migrations
        .values()
        .any(|state| matches!(state, MigrationState::Voided(step, _) if step.plan == phase.plan));
    if !still_void {
        ledger.voided.remove(&phase.plan);
    }
}

impl Moment {
    /// Returns the time it names, seen from `base`.
    fn from(self, base: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::From(milliseconds) => {
                let distance = SignedDuration::from_millis(milliseconds);
                let end = if milliseconds < 0 { Timestamp::MIN } else { Timestamp::MAX };
                base.checked_add(distance).unwrap_or(end)
            }
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let distance = |rest: &str| i64::try_from(Duration::parse(rest)?.milliseconds).ok();
        match text.split_at_checked(1) {
            Some(("+", rest)) => distance(rest).map(Self::From),
            Some(("-", rest)) => distance(rest).map(|distance| Self::From(-distance)),
            Some(_) | None => Timestamp::from_str(text).ok().map(Self::At),
        }
    }
}

impl Decode for Moment {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let read = match &node.kind {
            NodeKind::Scalar { text, .. } => Self::parse(text),
            NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Empty => None,
        };
        if read.is_none() {
            decoder.wrong_shape(node, "a time such as `2027-01-31T12:00:00Z`, `+24h` or `-2h`");
        }
        read
    }

    fn schema() -> Value {
        json!({"type": "string"})
    }
}

impl Decode for LiveRelease {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        match &node.kind {
            NodeKind::Scalar { text, .. } if !text.is_empty() => {
                Some(Self { version: text.clone(), marks: Vec::new() })
            }
            NodeKind::Map(_) => MarkedRelease::decode(node, decoder)
                .map(|MarkedRelease { version, marks }| Self { version, marks }),
            NodeKind::Scalar { .. } | NodeKind::List(_) | NodeKind::Empty => {
                decoder.wrong_shape(node, "a version, or `{ version: …, marks: [ … ] }`");
                None
            }
        }
    }

    fn schema() -> Value {
        json!({"anyOf": [String::schema(), MarkedRelease::schema()]})
    }
}

authored! {
    /// A release and what it declares it can do.
    "release" => pub struct MarkedRelease {
        /// Its version.
        version: String,
        /// Its marks.
        marks: Vec<String>,
    }
}

impl Decode for PhaseName {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let read = match &node.kind {
            NodeKind::Scalar { text, .. } => PhaseKey::parse(text),
            NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Empty => None,
        };
        if read.is_none() {
            decoder.wrong_shape(node, "a phase such as `split_name/contract`");
        }
        read.map(Self)
    }

    fn schema() -> Value {
        json!({"type": "string", "pattern": "^.+/(expand|backfill|contract)$"})
    }
}
