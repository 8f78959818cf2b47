//! Runs an example on a server, and finds out which claims hold of it.

use planner::database::connection::{LiveDatabase, open};
use planner::database::observe::Observed;
use planner::database::{Database as _, DatabaseError};
use planner::name::ObjectName;

use super::block::{Block, Claim, Migration};
use super::trap;
use crate::support::ScratchPostgres;

/// What came of an example.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Of each claim whether it holds.
    pub holds: Vec<bool>,
    /// What the server said of what failed.
    pub said: Vec<String>,
}

/// Runs an example.
pub fn run(block: &Block, claims: &[Claim]) -> Outcome {
    let scratch = ScratchPostgres::new();
    let mut database = open(&scratch.url).unwrap();
    let mut said = Vec::new();
    if claims.iter().all(|claim| matches!(claim, Claim::Diesel(_))) {
        let traps = claims.iter().map(|claim| match claim {
            Claim::Diesel(trap) => trap::is_in(block, *trap, &mut said),
            _ => false,
        });
        return Outcome { holds: traps.collect(), said };
    }
    for migration in &block.before {
        execute(&mut database, migration).unwrap();
    }
    for sql in &block.given {
        database.execute(sql).unwrap();
    }
    let passed: Vec<bool> = claims
        .iter()
        .map(|claim| asked(claim).is_some_and(|sql| passes(&mut database, sql, &mut Vec::new())))
        .collect();
    let outlives: Vec<bool> =
        claims.iter().map(|claim| outlives(&mut database, block, claim)).collect();
    let mut failed = !run_all(&mut database, &block.judged, &mut said);
    for sql in &block.then {
        database.execute(sql).unwrap();
    }
    let mut holds: Vec<bool> = (claims.iter().zip(passed))
        .map(|(claim, passed)| match claim {
            Claim::Breaks(sql) => passed && !passes(&mut database, sql, &mut said),
            Claim::Refuses(sql) => !passes(&mut database, sql, &mut said),
            Claim::Accepts(sql) => passes(&mut database, sql, &mut said),
            Claim::Scans(table, sql) => scans(&mut database, table, sql),
            Claim::ChangesAgain(sql) => changes_again(&mut database, block, sql),
            Claim::Diesel(trap) => trap::is_in(block, *trap, &mut said),
            Claim::Loses(_) | Claim::Outlives(_) | Claim::Fails => false,
        })
        .collect();
    let is_open = block.gate.as_ref().is_none_or(|query| is_true(&mut database, query));
    if is_open {
        failed |= !run_all(&mut database, &block.contract, &mut said);
    }
    for (at, claim) in claims.iter().enumerate() {
        match claim {
            Claim::Loses(sql) => {
                holds[at] = database.query_texts(sql).is_ok_and(|rows| rows.is_empty());
            }
            Claim::Outlives(_) => holds[at] = outlives[at],
            Claim::Fails => holds[at] = failed,
            Claim::Breaks(_)
            | Claim::Refuses(_)
            | Claim::Accepts(_)
            | Claim::Scans(..)
            | Claim::ChangesAgain(_)
            | Claim::Diesel(_) => {}
        }
    }
    Outcome { holds, said }
}

/// The statement that is asked before and after.
fn asked(claim: &Claim) -> Option<&str> {
    match claim {
        Claim::Breaks(sql) => Some(sql),
        Claim::Refuses(_)
        | Claim::Accepts(_)
        | Claim::Loses(_)
        | Claim::ChangesAgain(_)
        | Claim::Outlives(_)
        | Claim::Scans(..)
        | Claim::Fails
        | Claim::Diesel(_) => None,
    }
}

/// Whether the server takes a statement; nothing of it stays.
fn passes(database: &mut LiveDatabase, sql: &str, said: &mut Vec<String>) -> bool {
    database.begin().unwrap();
    let ran = database.execute(sql);
    database.roll_back().unwrap();
    said.extend(ran.as_ref().err().map(|error| format!("{sql}: {error}")));
    ran.is_ok()
}

fn execute(database: &mut LiveDatabase, migration: &Migration) -> Result<(), DatabaseError> {
    if migration.bare {
        return migration.up.iter().try_for_each(|sql| database.execute(sql));
    }
    database.begin()?;
    let ran = migration.up.iter().try_for_each(|sql| database.execute(sql));
    if ran.is_ok() { database.commit() } else { database.roll_back().and(ran) }
}

/// Runs migrations up to the first that the server refuses; returns whether it took all.
fn run_all(database: &mut LiveDatabase, all: &[Migration], said: &mut Vec<String>) -> bool {
    let ran = all.iter().try_for_each(|migration| execute(database, migration));
    said.extend(ran.as_ref().err().map(ToString::to_string));
    ran.is_ok()
}

/// Whether something is there although the transaction that Diesel opened for a migration was rolled back.
fn outlives(database: &mut LiveDatabase, block: &Block, claim: &Claim) -> bool {
    let Claim::Outlives(sql) = claim else { return false };
    let in_transaction = block.judged.iter().filter(|migration| !migration.bare);
    let mut found = false;
    for migration in in_transaction {
        database.begin().unwrap();
        for statement in &migration.up {
            database.execute(statement).unwrap();
        }
        // The server only warns that there is no transaction any more.
        database.execute("ROLLBACK").unwrap();
        found |= database.query_texts(sql).is_ok();
    }
    found
}

fn scans(database: &mut LiveDatabase, table: &str, sql: &str) -> bool {
    database.begin().unwrap();
    database.execute("SET LOCAL enable_seqscan = off").unwrap();
    let before = database.observe(&Observed::default()).unwrap();
    database.execute(sql).unwrap();
    let done = database.observe(&before).unwrap().since(&before);
    database.roll_back().unwrap();
    done.scanned.contains(&ObjectName::parse(table))
}

fn changes_again(database: &mut LiveDatabase, block: &Block, sql: &str) -> bool {
    let once = database.query_texts(sql).unwrap();
    for migration in block.judged.iter().filter(|migration| migration.is_backfill) {
        execute(database, migration).unwrap();
    }
    once != database.query_texts(sql).unwrap()
}

fn is_true(database: &mut LiveDatabase, query: &str) -> bool {
    let rows = database.query_texts(&format!("SELECT ({query})::text")).unwrap();
    rows == [[Some("true".to_owned())]]
}
