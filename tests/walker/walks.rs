//! The walks, on both engines.

use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use planner::dialect::Dialect;

use super::scenario::Scenario;
use super::walk::{Met, Walker};
use crate::support::ScratchPostgres;

/// Does something with each walk from 1 to `n_walks`, on all cores, and returns what came of it.
fn on_all_cores<T: Send>(n_walks: u64, each: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let next = AtomicU64::new(1);
    let mine = || {
        let seeds = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
        seeds.take_while(|seed| *seed <= n_walks).map(&each).collect::<Vec<T>>()
    };
    let n_cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..n_cores).map(|_| scope.spawn(mine)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a walk failed")).collect()
    })
}

/// Walks `n_walks` times on copies of a database on which everything has begun.
fn on_sqlite<T: Send>(
    scenario: &Scenario,
    n_walks: u64,
    each: impl Fn(Walker<'_>) -> T + Sync,
) -> Vec<T> {
    // Without a disk beneath it, where there is such a folder: there are many commits.
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let url = |path: &Path| format!("sqlite:{}", path.display());
    let template = folder.path().join("template.db");
    Walker::new(scenario, &url(&template), 1).begin();
    on_all_cores(n_walks, |seed| {
        let path = folder.path().join(format!("{seed}.db"));
        std::fs::copy(&template, &path).unwrap();
        let done = each(Walker::new(scenario, &url(&path), seed));
        std::fs::remove_file(&path).unwrap();
        done
    })
}

/// The same on PostgreSQL.
fn on_postgresql<T: Send>(
    scenario: &Scenario,
    n_walks: u64,
    each: impl Fn(Walker<'_>) -> T + Sync,
) -> Vec<T> {
    let template = ScratchPostgres::new();
    Walker::new(scenario, &template.url, 1).begin();
    on_all_cores(n_walks, |seed| {
        let database = template.copy();
        each(Walker::new(scenario, &database.url, seed))
    })
}

/// Adds up what walks of so many steps met.
fn sum_of(met: Vec<Met>) -> Met {
    met.into_iter().fold(Met::default(), |sum, met| Met {
        steps: sum.steps + met.steps,
        runs: sum.runs + met.runs,
        starts: sum.starts + met.starts,
        reverts: sum.reverts + met.reverts,
        refused: sum.refused + met.refused,
        contracts: sum.contracts + met.contracts,
    })
}

/// How many walks on SQLite: as many as `PLANNER_WALKS` says, which `tests/run` sets to thousands. On PostgreSQL, where databases
/// are made and dropped, they are a tenth of that.
fn n_walks() -> u64 {
    let said = std::env::var("PLANNER_WALKS").ok();
    said.map_or(300, |said| said.parse().expect("PLANNER_WALKS is a number"))
}

/// The walks have been somewhere: they are not all refusals.
fn have_been_about(n: u64, sum: &Met) {
    println!("{n} walks: {sum:?}");
    let n = usize::try_from(n).unwrap();
    assert!(sum.runs > n * 3 && sum.starts > n, "{sum:?}");
    assert!(sum.contracts > n / 10 && sum.reverts > n / 10 && sum.refused > n, "{sum:?}");
}

fn walked(mut walker: Walker<'_>) -> Met {
    walker.walk(40);
    walker.met
}

#[test]
fn no_walk_breaks_a_live_release_on_sqlite() {
    let scenario = Scenario::new(Dialect::Sqlite);
    let n = n_walks();
    have_been_about(n, &sum_of(on_sqlite(&scenario, n, walked)));
}

#[test]
fn no_walk_breaks_a_live_release_on_postgresql() {
    let scenario = Scenario::new(Dialect::Postgres);
    let n = (n_walks() / 10).max(20);
    have_been_about(n, &sum_of(on_postgresql(&scenario, n, walked)));
}

/// Walks a while and ignores a refusal; returns whether somebody is broken by it, if there was one.
fn ignored(mut walker: Walker<'_>) -> Option<bool> {
    let n_steps = walker.dice.below(20);
    walker.walk(n_steps);
    walker.ignore_a_refusal()
}

#[test]
fn who_ignores_a_refusal_breaks_a_release_in_most_cases() {
    let sqlite = on_sqlite(&Scenario::new(Dialect::Sqlite), n_walks() / 4, ignored);
    let postgres = on_postgresql(&Scenario::new(Dialect::Postgres), n_walks() / 40, ignored);
    let n_walks = sqlite.len() + postgres.len();
    let ignored: Vec<bool> = sqlite.into_iter().chain(postgres).flatten().collect();
    let (n, broken) = (ignored.len(), ignored.iter().filter(|broken| **broken).count());
    println!("{broken} of {n} ignored refusals broke a release");
    assert!(n > n_walks / 3, "only {n} refusals were ignored on {n_walks} walks");
    assert!(broken * 2 > n, "{broken} of {n} ignored refusals broke a release");
}
