//! A project in a few words, a ledger written by saying what happened, and the answer as text.

mod compat;
mod debt;
mod deploy;
mod drift;
mod gates;
mod model;
mod needs;
mod next_phase;
mod project;
mod prove;
mod release_gate;
mod revert;
mod shipped_together;
mod soak;
mod what_if;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::{Because, Facts, NextPhase, Situation};
use crate::compile::{Checksum, CompiledProject};
use crate::graph::StepGraph;
use crate::ledger::{Entry, Event, LedgerSnapshot, StepEvent, replay};
use crate::name::StepKey;
use crate::phase::PhaseKey;
use crate::plan::checked::CheckedProject;
use crate::version::MigrationVersion;
use crate::yaml::duration::Duration;

/// A project, what happened to it, and what is known of the world.
struct World {
    project: CheckedProject,
    graph: StepGraph,
    compiled: CompiledProject,
    entries: Vec<Entry>,
    facts: Facts,
    /// Replayed after each event.
    ledger: LedgerSnapshot,
}

/// Parses `PLAN/PHASE`.
fn phase(text: &str) -> PhaseKey {
    PhaseKey::parse(text).unwrap()
}

/// Parses `PLAN/STEP`.
fn step(text: &str) -> StepKey {
    let (plan, id) = text.split_once('/').unwrap();
    StepKey { plan: plan.into(), id: id.into() }
}

impl World {
    /// Builds a project of plans, as [`project::plan`] reads them.
    fn new(plans: &[&str]) -> Self {
        let (project, graph, compiled) = project::build(plans);
        let facts = Facts {
            now: "2027-01-01T00:00:00Z".parse().unwrap(),
            gates: true,
            apps: Vec::new(),
            naming: BTreeMap::new(),
            by_release: BTreeSet::new(),
            applied: BTreeSet::new(),
            hand_written: BTreeMap::new(),
            queries: BTreeMap::new(),
            compared: BTreeMap::new(),
            ledger_installed: true,
        };
        let ledger = LedgerSnapshot::default();
        Self { project, graph, compiled, entries: Vec::new(), facts, ledger }
    }

    /// Writes a plan's gates, as under `gates:` of a plan file.
    fn gate(mut self, plan: &str, yaml: &str) -> Self {
        let at = self.project.by_name[plan];
        self.project.plans[at].gates = project::gates(yaml);
        self
    }

    /// Compiles a step as if its text had been changed.
    fn edit(&mut self, key: &str) {
        let at = self.compiled.by_key[&step(key)];
        let edited = &mut self.compiled.steps[at];
        let before = edited.migrations[0].version.clone();
        edited.checksum = Checksum::of_text("edited");
        let text = format!("{}{}", &before.as_str()[..18], &edited.checksum.as_str()[..4]);
        let after = MigrationVersion::recorded(text);
        edited.migrations[0].version = after.clone();
        self.compiled.by_version.remove(&before);
        self.compiled.by_version.insert(after, (at, 0));
    }

    fn version(&self, key: &str) -> MigrationVersion {
        self.event_of(&step(key)).version
    }

    fn wait(&mut self, duration: &str) -> &mut Self {
        let milliseconds = Duration::parse(duration).unwrap().milliseconds;
        self.facts.now += SignedDuration::from_millis(i64::try_from(milliseconds).unwrap());
        self
    }

    /// Appends an event a second after what was before.
    fn record(&mut self, event: Event) -> &mut Self {
        self.wait("1s");
        let id = i64::try_from(self.entries.len()).unwrap() + 1;
        self.entries.push(Entry { id, at: self.facts.now, actor: "ada".to_owned(), event });
        self.ledger = replay(&self.entries);
        self
    }

    fn event_of(&self, key: &StepKey) -> StepEvent {
        let step = &self.compiled.steps[self.compiled.by_key[key]];
        StepEvent {
            plan: key.plan.clone(),
            phase: step.phase,
            step: key.id.clone(),
            version: step.migrations[0].version.clone(),
            checksum: step.checksum.clone(),
            attempt: 1,
            duration_ms: None,
        }
    }

    /// Finishes steps: `PLAN/STEP`.
    fn run_steps(&mut self, keys: &[&str]) -> &mut Self {
        for key in keys {
            let event = self.event_of(&step(key));
            self.facts.applied.insert(event.version.clone());
            self.record(Event::Finished(event));
        }
        self
    }

    /// Finishes every step of these phases.
    fn run(&mut self, phases: &[&str]) -> &mut Self {
        for text in phases {
            let steps = super::progress::steps_of(&self.compiled, &phase(text));
            let keys: Vec<String> = steps.iter().map(|step| step.key.to_string()).collect();
            self.run_steps(&keys.iter().map(String::as_str).collect::<Vec<_>>());
        }
        self
    }

    fn begin_step(&mut self, key: &str) -> &mut Self {
        self.record(Event::Started(self.event_of(&step(key))))
    }

    fn revert_step(&mut self, key: &str) -> &mut Self {
        let event = self.event_of(&step(key));
        self.facts.applied.remove(&event.version);
        self.record(Event::Reverted(event))
    }

    fn open(&mut self, text: &str) -> &mut Self {
        let PhaseKey { plan, phase: of } = phase(text);
        let checksum = super::phase_checksum(&self.compiled, &phase(text));
        self.record(Event::Opened { plan, phase: of, checksum, because: Vec::new() })
    }

    fn approve(&mut self, text: &str) -> &mut Self {
        let PhaseKey { plan, phase: of } = phase(text);
        let checksum = super::phase_checksum(&self.compiled, &phase(text));
        let (by, reason) = ("Ada".to_owned(), "looked at it".to_owned());
        self.record(Event::Approved { plan, phase: of, checksum, by, reason })
    }

    fn void(&mut self, plan: &str, version: &str) -> &mut Self {
        let (app, version) = ("web".to_owned(), version.to_owned());
        self.record(Event::BackfillVoided { plan: plan.into(), app, version })
    }

    fn start_with(&mut self, app: &str, version: &str, marks: &[&str]) -> &mut Self {
        let (app, version) = (app.to_owned(), version.to_owned());
        let marks = marks.iter().map(|mark| (*mark).to_owned()).collect();
        self.record(Event::DeployStarted { app, version, marks, forced: None })
    }

    fn start(&mut self, app: &str, version: &str) -> &mut Self {
        self.start_with(app, version, &[])
    }

    fn finish(&mut self, app: &str, version: &str) -> &mut Self {
        let (app, version) = (app.to_owned(), version.to_owned());
        self.record(Event::DeployFinished { app, version, keep: Vec::new() })
    }

    fn abort(&mut self, app: &str, version: &str) -> &mut Self {
        self.record(Event::DeployAborted { app: app.to_owned(), version: version.to_owned() })
    }

    /// Starts and finishes a rollout.
    fn deploy(&mut self, app: &str, version: &str) -> &mut Self {
        self.start(app, version).finish(app, version)
    }

    fn retire(&mut self, app: &str, version: &str) -> &mut Self {
        self.record(Event::Retired { app: app.to_owned(), version: version.to_owned() })
    }

    const fn situation(&self) -> Situation<'_> {
        let Self { project, graph, compiled, facts, ledger, entries: _ } = self;
        Situation { project, graph, compiled, ledger, facts }
    }

    fn next(&self) -> NextPhase {
        super::next_phase(&self.situation())
    }

    /// The answer, a line for each phase.
    fn told(&self) -> Vec<String> {
        let NextPhase { resume, ready, blocked, waiting, n_complete: _, drift: _ } = self.next();
        let mut told: Vec<String> = resume.iter().map(|of| format!("resume {}", of.step)).collect();
        told.extend(ready.iter().map(|of| format!("ready {}", of.phase)));
        told.extend(blocked.iter().map(|of| {
            let kinds: Vec<&str> = of.because.iter().map(Because::kind).collect();
            format!("blocked {}: {}", of.phase, kinds.join(" "))
        }));
        told.extend(waiting.iter().map(|(of, before)| {
            let before: Vec<String> = before.iter().map(PhaseKey::to_string).collect();
            format!("waiting {of} for {}", before.join(" "))
        }));
        told
    }

    /// Why a phase is blocked and what would unblock it.
    fn blocked(&self, text: &str) -> (Vec<Because>, Vec<String>) {
        let blocked = self.next().blocked.into_iter().find(|of| of.phase == phase(text));
        let blocked = blocked.unwrap_or_else(|| panic!("{text} is not blocked: {:?}", self.told()));
        (blocked.because, blocked.unblock)
    }

    fn is_ready(&self, text: &str) -> bool {
        self.next().ready.iter().any(|ready| ready.phase == phase(text))
    }
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}
