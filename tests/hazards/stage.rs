//! Runs the migrations of an example as Diesel would, and looks at what each statement does.

use std::collections::BTreeMap;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use planner::catalog::Catalog;
use planner::database::connection::{LiveDatabase, open};
use planner::database::made_up::Likes;
use planner::database::observe::{Done, LockMode, Observed};
use planner::database::{Database as _, DatabaseError};
use planner::dialect::Dialect;
use planner::name::ObjectName;
use planner::readers;

use super::example::{Claim, Example, Migration};
use crate::support::ScratchPostgres;

/// What a statement did, and what its transaction held then.
#[derive(Debug)]
pub struct Seen {
    /// The statement, for whoever reads why a claim does not hold.
    #[expect(dead_code, reason = "it is read by people")]
    pub sql: String,
    /// What it did itself.
    pub done: Done,
    /// The locks that its transaction held after it.
    pub held: BTreeMap<ObjectName, LockMode>,
}

/// What came of an example.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Of each claim whether it holds.
    pub holds: Vec<bool>,
    /// The statements of the migrations after the first.
    pub seen: Vec<Seen>,
    /// What the server said, if it refused one.
    pub failed: Option<String>,
    /// Which of the claims that another session is blocked held at some point.
    blocked: Vec<String>,
}

/// Runs an example and finds out which of the claims hold of it.
pub fn run(example: &Example, claims: &[Claim]) -> Outcome {
    let scratch = ScratchPostgres::new();
    let mut database = open(&scratch.url).unwrap();
    let (first, later) = example.migrations.split_first().expect("an example has migrations");
    database.execute(&first.up).unwrap();
    fill(&mut database, example);
    let mut outcome = Outcome::default();
    let reader = claims.iter().find_map(|claim| match claim {
        Claim::WaitsForReaders(table) => Some(table),
        _ => None,
    });
    let mut other = open(&scratch.url).unwrap();
    if let Some(table) = reader {
        other.begin().unwrap();
        other.execute(&format!("LOCK TABLE {table} IN ACCESS SHARE MODE")).unwrap();
        database.execute("SET statement_timeout = '1500ms'").unwrap();
    }
    for migration in later {
        let ran = if !migration.bare || may_be_in_transaction(&migration.up) {
            in_transaction(&mut database, &scratch, migration, claims, &mut outcome)
        } else if statements(&migration.up).len() == 1 {
            alone(&mut database, &scratch, migration, &mut outcome)
        } else {
            database.execute(&migration.up)
        };
        if let Err(error) = ran {
            outcome.failed = Some(error.to_string());
            break;
        }
    }
    outcome.holds = claims.iter().map(|claim| holds(claim, &outcome, &mut database)).collect();
    outcome
}

/// What is in the tables before the second migration: what the example says, else a row in each.
fn fill(database: &mut LiveDatabase, example: &Example) {
    if example.given.is_empty() {
        let catalog = database.catalog().unwrap();
        for (name, table) in &catalog.tables {
            database.add_sample_row(name, table, &catalog, &Likes::default()).unwrap();
        }
    }
    for (sql, fails) in &example.given {
        let ran = database.execute(sql);
        assert_eq!(ran.is_err(), *fails, "{sql}: {ran:?}");
    }
}

/// The statements of a script.
pub fn statements(script: &str) -> Vec<&str> {
    let parsed = readers::parse(Dialect::Postgres, script);
    parsed.statements.iter().map(|place| &script[place.clone()]).collect()
}

/// Whether it is one statement that the server takes in a transaction too, where more of it is seen.
fn may_be_in_transaction(up: &str) -> bool {
    let parsed = readers::parse(Dialect::Postgres, up);
    let first = parsed.read(0, up, &Catalog::empty(Dialect::Postgres));
    parsed.statements.len() == 1 && first.is_some_and(|of| of.alone.is_none())
}

fn in_transaction(
    database: &mut LiveDatabase,
    scratch: &ScratchPostgres,
    migration: &Migration,
    claims: &[Claim],
    outcome: &mut Outcome,
) -> Result<(), DatabaseError> {
    database.begin()?;
    let mut before = database.observe(&Observed::default())?;
    let old = before.files.clone();
    for sql in statements(&migration.up) {
        if let Err(error) = database.execute(sql) {
            database.roll_back()?;
            return Err(error);
        }
        let after = database.observe(&before)?;
        let mut done = after.since(&before);
        done.locks.retain(|table, _| old.contains_key(table));
        done.scanned.retain(|table| old.contains_key(table));
        let mut held = after.locks.clone();
        held.retain(|table, _| old.contains_key(table));
        outcome.seen.push(Seen { sql: sql.to_owned(), done, held });
        before = after;
    }
    for claim in claims {
        let Claim::Blocks(sql) = claim else { continue };
        let mut other = open(&scratch.url)?;
        other.execute("SET lock_timeout = '200ms'")?;
        if other.execute(sql).is_err() {
            outcome.blocked.push(sql.clone());
        }
    }
    database.commit()
}

/// Runs a statement that cannot be in a transaction: it is made to wait for another session, which tells what for.
fn alone(
    database: &mut LiveDatabase,
    scratch: &ScratchPostgres,
    migration: &Migration,
    outcome: &mut Outcome,
) -> Result<(), DatabaseError> {
    let process = database.process()?;
    let before = database.observe(&Observed::default())?;
    let mut other = open(&scratch.url)?;
    other.begin()?;
    let seen = other.observe(&Observed::default())?;
    let tables: Vec<ObjectName> = seen.files.keys().cloned().collect();
    other.hold_back_changes(&tables)?;
    let (ended, end) = channel();
    let (ran, locks) = std::thread::scope(|scope| {
        let running = scope.spawn(|| {
            let ran = database.execute_counting(&migration.up);
            let _ = ended.send(());
            ran
        });
        let started = Instant::now();
        let mut locks = BTreeMap::new();
        while locks.is_empty() && started.elapsed() < Duration::from_secs(10) {
            locks = other.waited_for(process, &seen).unwrap();
            if end.recv_timeout(Duration::from_millis(5)) != Err(RecvTimeoutError::Timeout) {
                break;
            }
        }
        other.roll_back().unwrap();
        (running.join().unwrap(), locks)
    });
    ran?;
    let rewritten = database.observe(&before)?.since(&before).rewritten;
    let done = Done { locks: locks.clone(), rewritten, ..Done::default() };
    outcome.seen.push(Seen { sql: migration.up.clone(), done, held: locks });
    Ok(())
}

fn holds(claim: &Claim, outcome: &Outcome, database: &mut LiveDatabase) -> bool {
    let any = |test: &dyn Fn(&Seen) -> bool| outcome.seen.iter().any(test);
    match claim {
        Claim::Locks(table, mode) => {
            any(&|seen| seen.done.locks.get(table).is_some_and(|taken| taken >= mode))
        }
        Claim::Scans(table, mode) => any(&|seen| {
            seen.done.scanned.contains(table)
                && seen.held.get(table).is_some_and(|held| held >= mode)
        }),
        Claim::Rewrites(table) => any(&|seen| seen.done.rewritten.contains(table)),
        Claim::Blocks(sql) => outcome.blocked.contains(sql),
        Claim::LeavesInvalid(index) => {
            let sql = format!(
                "SELECT i.indisvalid::text FROM pg_index i WHERE i.indexrelid = '{index}'::regclass"
            );
            let rows = database.query_texts(&sql).unwrap();
            outcome.failed.is_none() && rows == [[Some("false".to_owned())]]
        }
        Claim::WaitsForReaders(_) => {
            outcome.failed.as_deref().is_some_and(|said| said.contains("statement timeout"))
        }
        Claim::Fails => outcome.failed.is_some(),
    }
}
