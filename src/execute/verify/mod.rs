//! Trying migrations on a scratch database: every hand-written one and every step of a plan up, down and up again, compared with
//! what was there or was predicted, and what its statements really did.

mod base;
mod concurrent;
mod filled;
mod history;
mod kept;
mod moments;
mod other_rows;
mod refilled;
mod report;
mod script;
mod statement;
mod undone;

use std::collections::BTreeSet;

pub use report::{
    Failed, Place, Problem, Remark, Sql, Subject, Treatment, TriedStatement, VerifiedMigration,
};
pub use statement::VerifiedStatement;

use super::event::Observer;
use crate::catalog::diff::{Difference, diff};
use crate::catalog::{Catalog, SqlExpression};
use crate::change::Change;
use crate::change::apply::apply;
use crate::compile::{CompiledMigration, CompiledProject, CompiledStep};
use crate::database::connection::LiveDatabase;
use crate::database::made_up::Likes;
use crate::database::scratch::Scratch;
use crate::database::{Database as _, DatabaseError};
use crate::expressions::same_expression;
use crate::name::{ObjectName, PlanName, StepKey};
use crate::phase::Phase;
use crate::plan::checked::CheckedProject;
use base::Base;

/// What is tried and where.
#[derive(Clone, Copy, Debug)]
pub struct VerifyRequest<'a> {
    /// The plans.
    pub project: &'a CheckedProject,
    /// Their migrations, statements included.
    pub compiled: &'a CompiledProject,
    /// The SQL of a baseline, if it holds the schema.
    pub baseline: Option<&'a Sql>,
    /// The hand-written migrations, which run before the first plan, in this order.
    pub history: &'a [Subject],
    /// The plans to verify.
    pub plans: &'a Plans,
}

/// Which plans are verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plans {
    /// All.
    All,
    /// These; the others only run, since these may build on them. None of them runs if there are none of these.
    Only(BTreeSet<PlanName>),
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// The hand-written migrations that were tried, and those that failed.
    pub migrations: Vec<VerifiedMigration>,
    /// Where the schema that is there before the first plan differs from what was read of the hand-written migrations.
    pub before: Vec<Difference>,
    /// The steps that were verified, in the order they ran.
    pub steps: Vec<VerifiedStep>,
    /// Whether somebody asked to stop before the end.
    pub stopped: bool,
}

impl VerifyReport {
    /// Returns whether nothing is wrong with a hand-written migration, and every step did what was predicted, both ways.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.migrations.iter().all(VerifiedMigration::holds)
            && self.steps.iter().all(VerifiedStep::holds)
    }
}

/// A step that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedStep {
    /// Which step.
    pub key: StepKey,
    /// Its phase.
    pub phase: Phase,
    /// Its statements forward.
    pub up: Vec<VerifiedStatement>,
    /// Where the database then differed from what was predicted.
    pub differences: Vec<Difference>,
    /// What came of the way back.
    pub down: Down,
}

/// What came of the way back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Down {
    /// It was undone, and done again. Where the database then differed from what it was before.
    Undone(Vec<Difference>),
    /// Nothing undoes it, and why.
    Irreversible(String),
    /// The way back, or doing it again after it, failed: the statement and what the engine said.
    Failed {
        /// Whether it failed when it was done again.
        again: bool,
        /// What the engine said.
        reason: String,
        /// The statement.
        sql: String,
        /// Where the database differed from what it was before, if it failed when it was done again.
        differences: Vec<Difference>,
    },
    /// It was not tried, since the way there had failed.
    NotTried,
}

impl VerifiedStep {
    /// Returns whether it did what was predicted, both ways.
    #[must_use]
    pub fn holds(&self) -> bool {
        let down = match &self.down {
            Down::Undone(differences) => differences.is_empty(),
            Down::Irreversible(_) => true,
            Down::Failed { .. } | Down::NotTried => false,
        };
        down && self.differences.is_empty() && self.up.iter().all(|of| of.failed.is_none())
    }
}

/// Runs the hand-written migrations and then every plan in version order on the scratch database, and verifies those that were
/// asked for.
///
/// # Errors
///
/// Fails if a database cannot be opened, made or asked, or the baseline or a step of a plan that was not asked for fails. What
/// else fails is in the report; of the plans it ends it.
pub fn verify(
    scratch: Scratch,
    request: &VerifyRequest<'_>,
    observer: &mut dyn Observer,
) -> Result<VerifyReport, DatabaseError> {
    let mut base = Base::new(scratch);
    base.fresh()?.1.set_up_versions()?;
    if let Some(baseline) = request.baseline {
        let ran = base.fresh()?.1.execute(&baseline.text);
        if ran.is_err() && observer.stop_requested() {
            return Ok(VerifyReport { stopped: true, ..VerifyReport::default() });
        }
        ran.map_err(|error| of_baseline(error, baseline))?;
    }
    let walked = history::walk(base, request.history, observer)?;
    let mut report = VerifyReport {
        migrations: walked.migrations,
        stopped: walked.stopped,
        ..VerifyReport::default()
    };
    let scratch = walked.base.into_scratch();
    let no_plans = matches!(request.plans, Plans::Only(plans) if plans.is_empty());
    if !report.stopped && !no_plans {
        let done = plans(&scratch, request, observer, &mut report);
        // Somebody who asked to stop has cancelled what ran: it says nothing of any step.
        if done.is_err() && observer.stop_requested() {
            report.stopped = true;
        } else {
            done?;
        }
    }
    Ok(report)
}

fn of_baseline(error: DatabaseError, baseline: &Sql) -> DatabaseError {
    match error {
        DatabaseError::Statement { reason, sql, retry } => {
            let reason = format!("`{}` cannot be run: {reason}", baseline.path);
            DatabaseError::Statement { reason, sql, retry }
        }
        other => other,
    }
}

fn plans(
    scratch: &Scratch,
    request: &VerifyRequest<'_>,
    observer: &mut dyn Observer,
    report: &mut VerifyReport,
) -> Result<(), DatabaseError> {
    let mut database = scratch.open()?;
    let mut catalog = Catalog::clone(&request.project.start);
    let mut tried = BTreeSet::<ObjectName>::new();
    // What was read wrong of what people wrote is no fault of any step.
    let mut known = match (request.history, request.baseline) {
        ([], None) => Vec::new(),
        _ => differences(&mut database, &catalog)?,
    };
    report.before.clone_from(&known);
    for step in &request.compiled.steps {
        if observer.stop_requested() {
            report.stopped = true;
            break;
        }
        let before = catalog.clone();
        for change in step.changes.iter() {
            // INVARIANT: `check` applied the same changes in the same order.
            let applied = apply(change, &mut catalog);
            debug_assert!(applied.is_ok(), "{applied:?}");
        }
        for (name, table) in &before.tables {
            if tried.insert(name.clone()) && !database.has_row(name)? {
                database.add_sample_row(name, table, &before, &Likes::default())?;
            }
        }
        if request.plans.has(&step.key.plan) {
            let trial = Trial { scratch, database: &mut database, step, known: &known };
            let verified = trial.verify(&before, &catalog);
            if observer.stop_requested() && !verified.as_ref().is_ok_and(VerifiedStep::holds) {
                report.stopped = true;
                break;
            }
            let verified = verified?;
            let goes_on = verified.up.iter().all(|of| of.failed.is_none())
                && !matches!(verified.down, Down::Failed { .. });
            report.steps.push(verified);
            if !goes_on {
                break;
            }
        } else {
            run_plainly(&mut database, step)?;
        }
        if is_opaque(step) {
            known = differences(&mut database, &catalog)?;
        }
        if step.changes.iter().any(may_take_rows) {
            tried.clear();
        }
    }
    Ok(())
}

/// Returns whether tables may have fewer rows after a change.
const fn may_take_rows(change: &Change) -> bool {
    matches!(
        change,
        Change::Write(_) | Change::Truncate { .. } | Change::Other(_) | Change::Opaque(_)
    )
}

impl Plans {
    fn has(&self, plan: &PlanName) -> bool {
        match self {
            Self::All => true,
            Self::Only(plans) => plans.contains(plan),
        }
    }
}

/// Returns whether a step does what nobody can predict: what it leaves is taken for what it should leave.
fn is_opaque(step: &CompiledStep) -> bool {
    step.changes.iter().any(|change| matches!(change, Change::Opaque(_)))
}

fn differences(
    database: &mut LiveDatabase,
    expected: &Catalog,
) -> Result<Vec<Difference>, DatabaseError> {
    let (mut live, dialect) = (database.catalog()?, expected.dialect);
    database.settle_views(expected, &mut live)?;
    let same = |one: &SqlExpression, other: &SqlExpression| same_expression(dialect, one, other);
    Ok(diff(expected, &live, &same))
}

/// One step on the scratch database.
struct Trial<'a> {
    scratch: &'a Scratch,
    database: &'a mut LiveDatabase,
    step: &'a CompiledStep,
    /// What differs since earlier steps that nobody can predict.
    known: &'a [Difference],
}

impl Trial<'_> {
    fn verify(mut self, before: &Catalog, after: &Catalog) -> Result<VerifiedStep, DatabaseError> {
        let mut verified = VerifiedStep {
            key: self.step.key.clone(),
            phase: self.step.phase,
            up: Vec::new(),
            differences: Vec::new(),
            down: Down::NotTried,
        };
        for migration in &self.step.migrations {
            let mut tried = statement::migration(self.scratch, self.database, migration, before)?;
            if let Some(other) = self.on_other_rows(migration, &tried, before)? {
                tried = other;
            }
            let failed = tried.iter().any(|of| of.failed.is_some());
            verified.up.extend(tried);
            if failed {
                return Ok(verified);
            }
        }
        if !is_opaque(self.step) {
            verified.differences = self.new_differences(after)?;
        }
        verified.down = self.down(before)?;
        Ok(verified)
    }

    /// Undoes the step and does it again.
    fn down(&mut self, before: &Catalog) -> Result<Down, DatabaseError> {
        let migrations = &self.step.migrations;
        if let Some(why) = migrations.iter().find_map(|migration| migration.down.as_ref().err()) {
            return Ok(Down::Irreversible(why.clone()));
        }
        for migration in migrations.iter().rev() {
            let Ok(statements) = &migration.down else { continue };
            let transaction = &migration.down_transaction;
            if let Err(error) = statement::plainly(self.database, statements, transaction) {
                return failed(error, false, Vec::new());
            }
        }
        let differences = self.new_differences(before)?;
        match run_plainly(self.database, self.step) {
            Ok(()) => Ok(Down::Undone(differences)),
            Err(error) => failed(error, true, differences),
        }
    }

    fn new_differences(&mut self, expected: &Catalog) -> Result<Vec<Difference>, DatabaseError> {
        let mut found = differences(self.database, expected)?;
        found.retain(|difference| !self.known.contains(difference));
        Ok(found)
    }
}

/// Takes a statement's failure into the report; any other one is none of it.
fn failed(
    error: DatabaseError,
    again: bool,
    differences: Vec<Difference>,
) -> Result<Down, DatabaseError> {
    match error {
        DatabaseError::Statement { reason, sql, .. } => {
            Ok(Down::Failed { again, reason, sql, differences })
        }
        other => Err(other),
    }
}

fn run_plainly(database: &mut LiveDatabase, step: &CompiledStep) -> Result<(), DatabaseError> {
    let run = |migration: &CompiledMigration| {
        statement::plainly(database, &migration.up, &migration.transaction)
    };
    step.migrations.iter().try_for_each(run)
}
