//! One walk: what is allowed is done, and everybody is at work.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use diesel::Connection as _;
use planner::config::HeartbeatRules;
use planner::database::Database as _;
use planner::database::connection::{LiveDatabase, open};
use planner::dialect::Dialect;
use planner::execute::event::{Observer, Progress};
use planner::execute::{Limits, Only, Prepared, RunRequest, revert, run};
use planner::ledger::{Event, LedgerSnapshot, Registration, replay};
use planner::phase::{Phase, PhaseKey};
use planner::rollout::deploy::{DeployAnswer, Refused, may_abort, may_finish, may_start};
use planner::rollout::revert::{RevertTarget, plan_revert};
use planner::rollout::{Because, Facts, NextPhase, Situation, next_phase};

use super::behaviour::{App, act};
use super::model::{Dice, Model};
use super::scenario::{RELEASES, Scenario};

const WHO: (&str, &str) = ("walker", "one process");

/// Places that replace others: table, old column, new column.
const REPLACED: [(&str, &str, &str); 2] = [("people", "name", "given"), ("tags", "label", "title")];

/// Asks a run to stop after so many migrations.
struct Impatient {
    left: Cell<usize>,
}

impl Observer for Impatient {
    fn progress(&mut self, progress: Progress) {
        if matches!(progress, Progress::Finished(..)) {
            self.left.set(self.left.get().saturating_sub(1));
        }
    }
    fn stop_requested(&self) -> bool {
        self.left.get() == 0
    }
    fn sleep_ms(&mut self, _: u64) {}
    fn jitter_ms(&mut self, _: u64) -> u64 {
        0
    }
}

/// What one walk met.
#[derive(Default, Debug)]
pub struct Met {
    pub steps: usize,
    pub runs: usize,
    pub starts: usize,
    pub reverts: usize,
    pub refused: usize,
    pub contracts: usize,
}

pub struct Walker<'a> {
    scenario: &'a Scenario,
    database: LiveDatabase,
    app: App,
    model: Model,
    pub dice: Dice,
    /// What is recorded, as of the end of the last step.
    ledger: LedgerSnapshot,
    /// Which of [`REPLACED`] are gone.
    gone: Vec<usize>,
    /// What was done, for the one who reads of a failure.
    story: Vec<String>,
    pub met: Met,
}

impl<'a> Walker<'a> {
    pub fn new(scenario: &'a Scenario, url: &str, seed: u64) -> Self {
        let app = match scenario.dialect {
            Dialect::Postgres => App::Postgresql(diesel::PgConnection::establish(url).unwrap()),
            Dialect::Sqlite => {
                let path = url.strip_prefix("sqlite:").unwrap();
                App::Sqlite(diesel::SqliteConnection::establish(path).unwrap())
            }
        };
        let (model, dice) = (Model::default(), Dice::new(seed));
        let database = open(url).unwrap();
        let story = vec![format!("walk {seed}")];
        let (ledger, gone, met) = (LedgerSnapshot::default(), Vec::new(), Met::default());
        let mut walker = Self { scenario, database, app, model, dice, ledger, gone, story, met };
        walker.look();
        walker
    }

    /// Takes note of what is recorded by now.
    fn look(&mut self) {
        self.ledger = replay(&self.database.entries().unwrap());
    }

    /// Takes note of which old places are gone, after something was run or reverted.
    fn look_at_schema(&mut self) {
        let columns = match self.scenario.dialect {
            Dialect::Postgres => {
                "SELECT attrelid::regclass || '.' || attname FROM pg_attribute WHERE NOT attisdropped
                 AND attrelid IN (to_regclass('people'), to_regclass('tags'))"
            }
            Dialect::Sqlite => {
                "SELECT 'people.' || name FROM pragma_table_info('people')
                 UNION ALL SELECT 'tags.' || name FROM pragma_table_info('tags')"
            }
        };
        let rows = self.database.query_texts(columns).unwrap();
        let columns: BTreeSet<String> = rows.into_iter().flatten().flatten().collect();
        let is_gone = |(table, old, new): (&str, &str, &str)| {
            !columns.contains(&format!("{table}.{old}"))
                && columns.contains(&format!("{table}.{new}"))
        };
        self.gone = (0..REPLACED.len()).filter(|at| is_gone(REPLACED[*at])).collect();
        self.look();
    }

    /// Creates the tables, tells what each release needs, and deploys the first of each app.
    pub fn begin(&mut self) {
        self.run(None, true, usize::MAX);
        for (app, version, _) in RELEASES {
            let needs = Some(self.scenario.needs[&(app, version)].clone().into());
            let registration = Box::new(Registration { needs, ..Registration::default() });
            let (app, version) = (app.to_owned(), version.to_owned());
            self.record(&Event::Registered { app, version, registration });
        }
        for app in ["web", "batch"] {
            let (app, version) = (app.to_owned(), "1.0.0".to_owned());
            self.record(&Event::DeployStarted {
                app: app.clone(),
                version: version.clone(),
                marks: Vec::new(),
                forced: None,
            });
            self.record(&Event::DeployFinished { app, version, keep: Vec::new() });
        }
    }

    fn record(&mut self, event: &Event) {
        self.database.append("walker", event).unwrap();
        self.look();
    }

    fn facts(&mut self) -> Facts {
        Facts {
            now: self.database.now().unwrap(),
            gates: true,
            apps: vec!["web".to_owned(), "batch".to_owned()],
            applied: self.database.applied_versions().unwrap(),
            hand_written: BTreeMap::new(),
            queries: BTreeMap::new(),
            compared: BTreeMap::new(),
            ledger_installed: true,
            naming: BTreeMap::new(),
            by_release: BTreeSet::new(),
        }
    }

    fn asked<T>(&mut self, question: impl FnOnce(&Situation<'_>) -> T) -> T {
        let facts = self.facts();
        question(&Situation {
            project: &self.scenario.project,
            graph: &self.scenario.graph,
            compiled: &self.scenario.compiled,
            ledger: &self.ledger,
            facts: &facts,
        })
    }

    fn prepared<T>(
        &mut self,
        gates: bool,
        work: impl FnOnce(&mut LiveDatabase, &Prepared<'_>) -> T,
    ) -> T {
        let naming = BTreeMap::new();
        let apps = ["web".to_owned(), "batch".to_owned()];
        let limits = Limits { retries: 2, ..Limits::default() };
        work(
            &mut self.database,
            &Prepared {
                project: &self.scenario.project,
                graph: &self.scenario.graph,
                compiled: &self.scenario.compiled,
                hand_written: &[],
                apps: &apps,
                naming: &naming,
                by_release: &BTreeSet::new(),
                heartbeats: &HeartbeatRules::default(),
                gates,
                limits,
            },
        )
    }

    /// Runs one phase, or at the beginning the first plan, and stops after so many migrations.
    fn run(&mut self, phase: Option<&PhaseKey>, gates: bool, stop_after: usize) -> usize {
        let only = match phase {
            Some(phase) => Only { phase: Some(phase.clone()), ..Only::default() },
            None => Only { plan: Some("create".into()), ..Only::default() },
        };
        let request = RunRequest { only, ..RunRequest::default() };
        let mut observer = Impatient { left: Cell::new(stop_after) };
        let report = self.prepared(gates, |database, prepared| {
            run(database, prepared, &request, WHO, &mut observer)
        });
        self.look_at_schema();
        report.unwrap_or_else(|error| panic!("{error}\n{}", self.story.join("\n"))).finished.len()
    }

    fn live(&self) -> Vec<(String, String)> {
        let apps = self.ledger.apps.values();
        let live = apps.flat_map(|app| app.live().map(|of| (app.name.clone(), of.version.clone())));
        live.collect()
    }

    /// Every live release does all that it does, and what is known of the rows is still so.
    fn everybody_acts(&mut self) -> Result<(), String> {
        for (app, version) in self.live() {
            let release = RELEASES.iter().find(|of| of.0 == app && of.1 == version).unwrap().2;
            act(release, &mut self.app, &mut self.model, &mut self.dice)?;
        }
        self.check_rows()
    }

    /// Where the old place of a value is gone, the new one holds what was written last, whoever wrote it.
    fn check_rows(&mut self) -> Result<(), String> {
        for at in &self.gone {
            let (table, _, new) = REPLACED[*at];
            let expected = [&self.model.given, &self.model.titles][*at];
            let query = format!("SELECT CAST(id AS text), coalesce({new}, '') FROM {table}");
            let rows = self.database.query_texts(&query).map_err(|error| error.to_string())?;
            let found: BTreeMap<i64, String> = rows
                .into_iter()
                .map(|row| (row[0].as_ref().unwrap().parse().unwrap(), row[1].clone().unwrap()))
                .collect();
            if found != *expected {
                let differs = expected.iter().find(|(id, text)| found.get(id) != Some(text));
                return Err(format!(
                    "{table}.{new} lost {differs:?}, it has {:?}",
                    differs.map(|(id, _)| found.get(id))
                ));
            }
        }
        Ok(())
    }

    fn next(&mut self) -> NextPhase {
        self.asked(next_phase)
    }

    /// Does one thing that is allowed.
    fn step(&mut self) {
        self.met.steps += 1;
        match self.dice.below(20) {
            0..=8 => self.run_something(),
            9..=13 => self.start_something(),
            14..=18 => self.end_something(),
            _ => self.revert_something(),
        }
    }

    fn run_something(&mut self) {
        let next = self.next();
        let in_doubt = next.resume.iter().map(|of| {
            let step = &self.scenario.compiled.steps[self.scenario.compiled.by_key[&of.step]];
            step.phase_key()
        });
        let mut phases: Vec<PhaseKey> = next.ready.into_iter().map(|of| of.phase).collect();
        phases.extend(in_doubt);
        if phases.is_empty() {
            self.met.refused += 1;
            return;
        }
        let phase = phases.swap_remove(self.dice.below(phases.len()));
        let stop_after = if self.dice.one_in(3) { 1 } else { usize::MAX };
        self.story.push(format!("run {phase}, stopped after {stop_after}"));
        let done = self.run(Some(&phase), true, stop_after);
        self.met.runs += usize::from(done > 0);
        self.met.contracts += usize::from(done > 0 && phase.phase == Phase::Contract);
    }

    fn start_something(&mut self) {
        // Newer ones more often, as it is.
        let at = self.dice.below(RELEASES.len()).max(self.dice.below(RELEASES.len()));
        let (app, version, _) = RELEASES[at];
        let answer = self.asked(|situation| may_start(situation, app, version, &[]));
        if answer != DeployAnswer::Allowed {
            self.met.refused += 1;
            return;
        }
        self.start(app, version);
        self.met.starts += 1;
    }

    fn start(&mut self, app: &str, version: &str) {
        self.story.push(format!("start {app} {version}"));
        let (app, version) = (app.to_owned(), version.to_owned());
        self.record(&Event::DeployStarted { app, version, marks: Vec::new(), forced: None });
    }

    fn end_something(&mut self) {
        let live = self.live();
        let (app, version) = live[self.dice.below(live.len())].clone();
        let aborts = self.dice.one_in(4);
        if aborts && may_abort(&self.ledger, &app, &version).is_ok() {
            // The last release of an app stays.
            if live.iter().filter(|of| of.0 == app).count() > 1 {
                self.story.push(format!("abort {app} {version}"));
                self.record(&Event::DeployAborted { app, version });
            }
        } else if may_finish(&self.ledger, &app, &version, &[]).is_ok() {
            self.story.push(format!("finish {app} {version}"));
            self.record(&Event::DeployFinished { app, version, keep: Vec::new() });
        }
    }

    fn revert_something(&mut self) {
        let plans = &self.scenario.project.plans;
        let plan = &plans[1 + self.dice.below(plans.len() - 1)];
        let phase = Phase::ALL[self.dice.below(3)];
        let target = RevertTarget::Phase(PhaseKey { plan: plan.name.clone(), phase });
        let revertible = self.asked(|situation| plan_revert(situation, &target));
        if !revertible.refused.is_empty() || revertible.versions.is_empty() {
            self.met.refused += usize::from(!revertible.refused.is_empty());
            return;
        }
        self.story.push(format!("revert {}/{phase}", plan.name));
        let mut observer = Impatient { left: Cell::new(usize::MAX) };
        let done = self.prepared(true, |database, prepared| {
            revert(database, prepared, (&target, &revertible), WHO, &mut observer)
        });
        done.unwrap_or_else(|error| panic!("{error}\n{}", self.story.join("\n")));
        self.look_at_schema();
        self.met.reverts += 1;
    }

    /// Walks so many steps, with everybody at work after each.
    pub fn walk(&mut self, n_steps: usize) {
        for _ in 0..n_steps {
            self.step();
            if let Err(broken) = self.everybody_acts() {
                panic!("{broken}\n{}", self.story.join("\n"));
            }
        }
    }

    /// Ignores one refusal that speaks of what a release needs, if there is one; returns whether somebody is broken by it.
    pub fn ignore_a_refusal(&mut self) -> Option<bool> {
        let next = self.next();
        let needed = |because: &Because| matches!(because, Because::BreaksRelease { .. });
        let blocked = next.blocked.into_iter().filter(|of| of.because.iter().any(needed));
        let mut phases: Vec<PhaseKey> = blocked.map(|of| of.phase).collect();
        let live = self.live();
        let is_live =
            |of: &(&str, &str, &str)| live.iter().any(|live| live.0 == of.0 && live.1 == of.1);
        let mut starts = Vec::new();
        for of in RELEASES.iter().filter(|of| !is_live(of)) {
            let answer = self.asked(|situation| may_start(situation, of.0, of.1, &[]));
            if let DeployAnswer::Refused(refusals) = answer
                && refusals.iter().any(|of| !matches!(of.because, Refused::Gate { .. }))
            {
                starts.push((of.0, of.1));
            }
        }
        if !phases.is_empty() && (starts.is_empty() || self.dice.one_in(2)) {
            let phase = phases.swap_remove(self.dice.below(phases.len()));
            self.story.push(format!("ignored: run {phase}"));
            self.run(Some(&phase), false, usize::MAX);
        } else if !starts.is_empty() {
            let (app, version) = starts[self.dice.below(starts.len())];
            self.start(app, version);
        } else {
            return None;
        }
        Some((0..8).any(|_| self.everybody_acts().is_err()))
    }
}
