//! The plans of `people` on a SQLite file that is copied for every trial, run through the library.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use planner::catalog::Catalog;
use planner::compile::migration::CompileOptions;
use planner::compile::{CompiledProject, compile};
use planner::config::HeartbeatRules;
use planner::database::Database as _;
use planner::database::connection::{LiveDatabase, open};
use planner::diagnostic::Sink;
use planner::dialect::Dialect;
use planner::execute::event::{Observer, Progress};
use planner::execute::{Limits, Prepared, RunError, RunReport, RunRequest, revert, run};
use planner::graph::{self, StepGraph};
use planner::ledger::replay;
use planner::phase::PhaseKey;
use planner::plan::checked::CheckedProject;
use planner::plan::{check, parse};
use planner::rollout::revert::{RevertTarget, plan_revert};
use planner::rollout::{Facts, Situation};
use planner::source::Sources;

use super::mortal::Mortal;
use super::people::{CREATE, EVOLVE, World};

/// The plans, compiled, and a file with the first plan's tables and rows.
pub struct Stage {
    project: CheckedProject,
    graph: StepGraph,
    compiled: CompiledProject,
    world: World,
    folder: tempfile::TempDir,
}

/// Nobody watches, nobody waits.
struct Blind;

impl Observer for Blind {
    fn progress(&mut self, _: Progress) {}
    fn stop_requested(&self) -> bool {
        false
    }
    fn sleep_ms(&mut self, _: u64) {}
    fn jitter_ms(&mut self, _: u64) -> u64 {
        0
    }
}

const WHO: (&str, &str) = ("tester", "one process");

impl Stage {
    pub fn new() -> Self {
        let batch = "{ rows: 4 }";
        let world = World::with_people(Dialect::Sqlite, 10, batch);
        let mut sources = Sources::default();
        let mut sink = Sink::default();
        let mut plans = Vec::new();
        let evolve = EVOLVE.replace("BATCH", batch);
        for (path, text) in [
            ("plans/2026-01-01-000000_create.yaml", CREATE),
            ("plans/2026-01-02-000000_evolve.yaml", evolve.as_str()),
        ] {
            let source = sources.add(path, text);
            plans.extend(parse::parse(source, sources.get(source).unwrap(), &mut sink));
        }
        let start = Arc::new(Catalog::empty(Dialect::Sqlite));
        let project = check::check(plans, Dialect::Sqlite, start, &mut sink);
        let graph = graph::build(&project, &mut sink).unwrap();
        let compiled = compile(&project, &graph, CompileOptions::default(), &mut sink);
        assert!(sink.is_empty(), "{:?}", sink.found());
        // Without a disk beneath it, where there is such a folder: there are thousands of commits.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        Self { project, graph, compiled, world, folder }
    }

    /// A fresh copy of the file.
    pub fn file(&self, name: &str) -> PathBuf {
        self.copy(Path::new(&self.world.file()), name)
    }

    /// A fresh copy of another file.
    pub fn copy(&self, from: &Path, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::copy(from, &path).unwrap();
        path
    }

    fn with_prepared<T>(&self, work: impl FnOnce(&Prepared<'_>) -> T) -> T {
        let naming = BTreeMap::new();
        // A lease that has run out at once stands for the time that passes before the next run.
        let limits = Limits { lease_s: 0, retries: 2, ..Limits::default() };
        work(&Prepared {
            project: &self.project,
            graph: &self.graph,
            compiled: &self.compiled,
            hand_written: &[],
            apps: &[],
            naming: &naming,
            by_release: &BTreeSet::new(),
            heartbeats: &HeartbeatRules::default(),
            gates: true,
            limits,
        })
    }

    pub fn run(&self, database: &mut Mortal) -> Result<RunReport, RunError> {
        let request = RunRequest::default();
        self.with_prepared(|prepared| run(database, prepared, &request, WHO, &mut Blind))
    }

    /// Goes back to before the second plan.
    pub fn revert(&self, database: &mut Mortal) -> Result<RunReport, RunError> {
        let target = RevertTarget::Phase(PhaseKey::parse("evolve/expand").unwrap());
        let facts = Facts {
            now: database.now()?,
            gates: true,
            apps: Vec::new(),
            applied: database.applied_versions()?,
            hand_written: BTreeMap::new(),
            queries: BTreeMap::new(),
            compared: BTreeMap::new(),
            ledger_installed: true,
            naming: BTreeMap::new(),
            by_release: BTreeSet::new(),
        };
        let ledger = replay(&database.entries()?);
        self.with_prepared(|prepared| {
            let situation = Situation {
                project: prepared.project,
                graph: prepared.graph,
                compiled: prepared.compiled,
                ledger: &ledger,
                facts: &facts,
            };
            let plan = plan_revert(&situation, &target);
            revert(database, prepared, (&target, &plan), WHO, &mut Blind)
        })
    }
}

pub fn connect(path: &Path) -> LiveDatabase {
    open(&format!("sqlite:{}", path.display())).unwrap()
}
