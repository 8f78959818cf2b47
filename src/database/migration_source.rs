//! Only what is open: the migrations that a program which migrates at start-up may run.

use std::collections::{BTreeMap, BTreeSet};

use diesel::backend::Backend;
use diesel::migration::{Migration, MigrationSource, Result as MigrationResult};

use super::ledger_store::refuse_newer;
use super::rows::Rows;
use super::{DatabaseError, marker};
use crate::compile::lock::{self, LockedPlan};
use crate::dialect::Dialect;
use crate::name::PlanName;
use crate::phase::Phase;
use crate::version::{MigrationVersion, Stamp};

/// The open ones of another source's migrations.
///
/// Diesel's harness runs whatever its source yields. This one yields hand-written migrations, those of
/// phases without a gate, and those of gated phases that planner has opened for Diesel (`planner run --open`), whose
/// guards let them pass; it withholds what comes after a withheld phase, in the same plan and in plans built on it. On a database without
/// planner's ledger, a developer's or a test's, it yields everything. What has been applied is always yielded,
/// so that it can be reverted.
///
/// ```no_run
/// use diesel::{Connection as _, SqliteConnection};
/// use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};
/// use planner::database::migration_source::OpenMigrations;
///
/// const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
/// const LOCK: &str = ""; // include_str!("../planner.lock")
///
/// let mut connection = SqliteConnection::establish("shop.db")?;
/// let open = OpenMigrations::new(MIGRATIONS, LOCK, &mut connection)?;
/// connection.run_pending_migrations(open)?;
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
#[derive(Debug)]
pub struct OpenMigrations<S> {
    inner: S,
    plans: Vec<LockedPlan>,
    state: OpenState,
}

/// Why the open migrations cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum OpenMigrationsError {
    /// The lock file is damaged.
    #[error("line {0} of planner.lock is not one that planner wrote; run `planner compile`")]
    Lock(usize),
    /// A compiled migration belongs to no plan of the lock file.
    #[error("migration {0} is of no plan in planner.lock; run `planner compile`")]
    UnknownPlan(MigrationVersion),
    /// The database could not be asked.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// What a database says about what is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenState {
    has_ledger: bool,
    applied: BTreeSet<MigrationVersion>,
    marked: BTreeSet<MigrationVersion>,
}

/// A connection that can say what is open: Diesel's own connections to PostgreSQL and SQLite.
pub trait LedgerConnection {
    /// Reads what is open; changes nothing.
    ///
    /// # Errors
    ///
    /// Returns what the database says, or that its ledger was written by a newer planner.
    fn open_state(&mut self) -> Result<OpenState, DatabaseError>;
}

impl<S> OpenMigrations<S> {
    /// Asks the connection's database what is open, given the text of `planner.lock`. The answer is that of
    /// this moment; the connection is not kept.
    ///
    /// # Errors
    ///
    /// Says that the lock file is damaged, or what the database said.
    pub fn new(
        inner: S,
        lock: &str,
        connection: &mut impl LedgerConnection,
    ) -> Result<Self, OpenMigrationsError> {
        let plans = lock::parse(lock).map_err(OpenMigrationsError::Lock)?;
        Ok(Self { inner, plans, state: connection.open_state()? })
    }
}

impl<S, DB> MigrationSource<DB> for OpenMigrations<S>
where
    S: MigrationSource<DB>,
    DB: Backend,
{
    fn migrations(&self) -> MigrationResult<Vec<Box<dyn Migration<DB>>>> {
        let migrations = self.inner.migrations()?;
        if !self.state.has_ledger {
            return Ok(migrations);
        }
        let version = |migration: &dyn Migration<DB>| {
            MigrationVersion::recorded(migration.name().version().to_string())
        };
        let versions = migrations.iter().map(|migration| version(migration.as_ref())).collect();
        let withheld = withheld(&self.plans, &self.state, &versions)?;
        Ok(migrations
            .into_iter()
            .filter(|migration| !withheld.contains(&version(migration.as_ref())))
            .collect())
    }
}

/// Returns the versions that must wait.
fn withheld(
    plans: &[LockedPlan],
    state: &OpenState,
    versions: &BTreeSet<MigrationVersion>,
) -> Result<BTreeSet<MigrationVersion>, OpenMigrationsError> {
    let pending = versions.iter().filter(|v| v.is_compiled() && !state.applied.contains(*v));
    let mut of_plan: BTreeMap<Stamp, Vec<(Phase, &MigrationVersion)>> = BTreeMap::new();
    for version in pending {
        let parts = stamp_and_phase(version);
        let (stamp, phase) =
            parts.ok_or_else(|| OpenMigrationsError::UnknownPlan(version.clone()))?;
        of_plan.entry(stamp).or_default().push((phase, version));
    }
    let mut plans: Vec<&LockedPlan> = plans.iter().collect();
    // Plans build on older ones only, so that one pass in their order sees every cause before its effects.
    plans.sort_by(|a, b| a.stamp.cmp(&b.stamp));
    let mut shut_from: BTreeMap<&PlanName, Phase> = BTreeMap::new();
    let mut withheld = BTreeSet::new();
    for plan in plans {
        let pending = of_plan.remove(&plan.stamp).unwrap_or_default();
        let is_shut = |phase: Phase, version: &MigrationVersion| {
            plan.gated.contains(&phase) && !state.marked.contains(version)
        };
        let own_shut = pending.iter().filter(|(phase, version)| is_shut(*phase, version));
        let first_shut = own_shut.map(|(_, version)| *version).min();
        // Versions ascend through a plan's steps and phases, so that all after the first shut one wait for it.
        let waits = |phase: Phase, version: &MigrationVersion| {
            first_shut.is_some_and(|first| version >= first)
                || waits_for_others(plan, &shut_from, phase)
        };
        let waiting: Vec<_> =
            pending.into_iter().filter(|(phase, version)| waits(*phase, version)).collect();
        if let Some(phase) = waiting.iter().map(|(phase, _)| *phase).min() {
            shut_from.insert(&plan.name, phase);
        }
        withheld.extend(waiting.into_iter().map(|(_, version)| version.clone()));
    }
    match of_plan.into_values().flatten().next() {
        None => Ok(withheld),
        Some((_, version)) => Err(OpenMigrationsError::UnknownPlan(version.clone())),
    }
}

/// Returns whether this phase of a plan waits for a phase of another plan that is shut.
fn waits_for_others(
    plan: &LockedPlan,
    shut_from: &BTreeMap<&PlanName, Phase>,
    phase: Phase,
) -> bool {
    plan.after.iter().any(|after| {
        shut_from.get(&after.plan).is_some_and(|shut| match after.phase {
            None => *shut <= phase,
            Some(waits_for) => *shut <= waits_for,
        })
    })
}

/// Reads a compiled version's parts.
fn stamp_and_phase(version: &MigrationVersion) -> Option<(Stamp, Phase)> {
    let (stamp, rest) = version.as_str().split_at_checked(14)?;
    let phase = Phase::ALL.into_iter().find(|phase| rest.starts_with(phase.digit()))?;
    Some((Stamp::parse(stamp)?, phase))
}

impl OpenState {
    fn read(
        dialect: Dialect,
        mut rows: impl FnMut(&str) -> Result<Rows, DatabaseError>,
    ) -> Result<Option<Self>, DatabaseError> {
        let exists = |table: &str| match dialect {
            Dialect::Postgres => format!("SELECT 1 WHERE to_regclass('{table}') IS NOT NULL"),
            Dialect::Sqlite => format!("SELECT 1 FROM sqlite_master WHERE name = '{table}'"),
        };
        if rows(&exists("planner_ledger"))?.is_empty() {
            return Ok(None);
        }
        let format = rows("SELECT CAST(format AS text) FROM planner_ledger")?;
        let format = format.into_iter().flatten().flatten().next();
        refuse_newer(format.and_then(|format| format.parse().ok()).unwrap_or_default())?;
        let applied = if rows(&exists("__diesel_schema_migrations"))?.is_empty() {
            Rows::new()
        } else {
            rows("SELECT version FROM __diesel_schema_migrations")?
        };
        let applied = applied.into_iter().flatten().flatten().map(MigrationVersion::recorded);
        Ok(Some(Self {
            has_ledger: true,
            applied: applied.collect(),
            marked: marker::versions(rows(marker::query(dialect))?).into_iter().collect(),
        }))
    }
}

#[cfg(feature = "postgres")]
impl LedgerConnection for diesel::PgConnection {
    fn open_state(&mut self) -> Result<OpenState, DatabaseError> {
        let state = OpenState::read(Dialect::Postgres, |sql| super::rows::postgres(self, sql))?;
        Ok(state.unwrap_or_default())
    }
}

#[cfg(feature = "sqlite")]
impl LedgerConnection for diesel::SqliteConnection {
    fn open_state(&mut self) -> Result<OpenState, DatabaseError> {
        let state = OpenState::read(Dialect::Sqlite, |sql| super::rows::sqlite(self, sql))?;
        Ok(state.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::authored::After;

    fn plan(
        stamp: &str,
        name: &str,
        gated: &[Phase],
        after: &[(&str, Option<Phase>)],
    ) -> LockedPlan {
        let after = after.iter().map(|(plan, phase)| After { plan: (*plan).into(), phase: *phase });
        LockedPlan {
            stamp: Stamp::parse(stamp).unwrap(),
            name: name.into(),
            gated: gated.to_vec(),
            after: after.collect(),
        }
    }

    /// Versions of expand, backfill and contract of the plan whose stamp ends in this digit.
    fn versions(day: u8) -> [MigrationVersion; 3] {
        [1, 2, 3]
            .map(|phase| MigrationVersion::recorded(format!("2026010{day}000000{phase}001abcd")))
    }

    fn stamp(day: u8) -> String {
        format!("2026010{day}000000")
    }

    fn wait(plans: &[LockedPlan], state: &OpenState) -> BTreeSet<MigrationVersion> {
        let all: BTreeSet<_> = [1, 2].into_iter().flat_map(versions).collect();
        withheld(plans, state, &all).unwrap()
    }

    #[test]
    fn a_shut_phase_holds_back_what_comes_after_it() {
        let backfill = [Phase::Backfill];
        let one = plan(&stamp(1), "one", &backfill, &[]);
        let two = plan(&stamp(2), "two", &[], &[]);
        let [_, fill, drop] = versions(1);
        assert_eq!(wait(&[one, two], &OpenState::default()), BTreeSet::from([fill, drop]));
    }

    #[test]
    fn plans_wait_for_the_same_phase_of_those_they_build_on() {
        let one = plan(&stamp(1), "one", &[Phase::Contract], &[]);
        let two = plan(&stamp(2), "two", &[], &[("one", None)]);
        let expected = BTreeSet::from([versions(1)[2].clone(), versions(2)[2].clone()]);
        assert_eq!(wait(&[two, one], &OpenState::default()), expected);
    }

    #[test]
    fn a_plan_after_a_phase_waits_as_a_whole() {
        let one = plan(&stamp(1), "one", &[Phase::Contract], &[]);
        let on_backfill = plan(&stamp(2), "two", &[], &[("one", Some(Phase::Backfill))]);
        let expected = BTreeSet::from([versions(1)[2].clone()]);
        assert_eq!(wait(&[one.clone(), on_backfill], &OpenState::default()), expected);
        let on_contract = plan(&stamp(2), "two", &[], &[("one", Some(Phase::Contract))]);
        let mut expected = BTreeSet::from(versions(2));
        expected.insert(versions(1)[2].clone());
        assert_eq!(wait(&[one, on_contract], &OpenState::default()), expected);
    }

    #[test]
    fn an_applied_and_a_marked_phase_are_yielded() {
        let one = plan(&stamp(1), "one", &[Phase::Contract], &[]);
        let two = plan(&stamp(2), "two", &[], &[("one", Some(Phase::Contract))]);
        let contract = versions(1)[2].clone();
        let applied =
            OpenState { applied: BTreeSet::from([contract.clone()]), ..OpenState::default() };
        let marked = OpenState { marked: BTreeSet::from([contract]), ..OpenState::default() };
        for state in [applied, marked] {
            assert_eq!(wait(&[one.clone(), two.clone()], &state), BTreeSet::new(), "{state:?}");
        }
    }

    #[test]
    fn a_compiled_migration_of_no_plan_is_refused() {
        let all: BTreeSet<_> = versions(1).into_iter().collect();
        assert!(withheld(&[], &OpenState::default(), &all).is_err());
        let hand_written = BTreeSet::from([MigrationVersion::of_directory("2026-01-01-000000_x")]);
        assert!(withheld(&[], &OpenState::default(), &hand_written).unwrap().is_empty());
    }
}
