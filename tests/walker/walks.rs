//! The walks, on both engines.

use std::path::Path;

use planner::dialect::Dialect;

use super::scenario::Scenario;
use super::walk::{Met, Walker};
use crate::support::ScratchPostgres;

/// Walks `n_walks` times on copies of a database on which everything has begun.
fn on_sqlite(scenario: &Scenario, n_walks: u64, mut each: impl FnMut(Walker<'_>)) {
    // Without a disk beneath it, where there is such a folder: there are many commits.
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let url = |path: &Path| format!("sqlite:{}", path.display());
    let template = folder.path().join("template.db");
    Walker::new(scenario, &url(&template), 1).begin();
    for seed in 1..=n_walks {
        let path = folder.path().join(format!("{seed}.db"));
        std::fs::copy(&template, &path).unwrap();
        each(Walker::new(scenario, &url(&path), seed));
        std::fs::remove_file(&path).unwrap();
    }
}

fn on_postgresql(scenario: &Scenario, n_walks: u64, mut each: impl FnMut(Walker<'_>)) {
    for seed in 1..=n_walks {
        let database = ScratchPostgres::new();
        Walker::new(scenario, &database.url, 1).begin();
        each(Walker::new(scenario, &database.url, seed));
    }
}

fn add(sum: &mut Met, met: &Met) {
    sum.steps += met.steps;
    sum.runs += met.runs;
    sum.starts += met.starts;
    sum.reverts += met.reverts;
    sum.refused += met.refused;
    sum.contracts += met.contracts;
}

/// How many walks: more than usual if `PLANNER_WALKS` says so.
fn n_walks(usual: u64) -> u64 {
    let more = std::env::var("PLANNER_WALKS").ok();
    more.map_or(usual, |more| more.parse().expect("PLANNER_WALKS is a number"))
}

/// The walks have been somewhere: they are not all refusals.
fn has_been_about(sum: &Met, n: u64) {
    let n = usize::try_from(n).unwrap();
    assert!(sum.runs > n * 3 && sum.starts > n, "{sum:?}");
    assert!(sum.contracts > n / 10 && sum.reverts > n / 10 && sum.refused > n, "{sum:?}");
}

#[test]
fn no_walk_breaks_a_live_release_on_sqlite() {
    let scenario = Scenario::new(Dialect::Sqlite);
    let (n, mut sum) = (n_walks(150), Met::default());
    on_sqlite(&scenario, n, |mut walker| {
        walker.walk(40);
        add(&mut sum, &walker.met);
    });
    println!("{n} walks: {sum:?}");
    has_been_about(&sum, n);
}

#[test]
fn no_walk_breaks_a_live_release_on_postgresql() {
    let scenario = Scenario::new(Dialect::Postgres);
    let (n, mut sum) = (n_walks(15), Met::default());
    on_postgresql(&scenario, n, |mut walker| {
        walker.walk(40);
        add(&mut sum, &walker.met);
    });
    println!("{n} walks: {sum:?}");
    has_been_about(&sum, n);
}

/// Returns how many refusals were ignored, and after how many of them somebody was broken.
fn ignored(walker: &mut Walker<'_>, counts: &mut (u64, u64)) {
    let n_steps = walker.dice.below(20);
    walker.walk(n_steps);
    if let Some(broken) = walker.ignore_a_refusal() {
        counts.0 += 1;
        counts.1 += u64::from(broken);
    }
}

#[test]
fn who_ignores_a_refusal_breaks_a_release_in_most_cases() {
    let mut counts = (0, 0);
    let sqlite = Scenario::new(Dialect::Sqlite);
    on_sqlite(&sqlite, n_walks(60), |mut walker| ignored(&mut walker, &mut counts));
    let postgresql = Scenario::new(Dialect::Postgres);
    on_postgresql(&postgresql, n_walks(6), |mut walker| ignored(&mut walker, &mut counts));
    let (n, broken) = counts;
    println!("{broken} of {n} ignored refusals broke a release");
    assert!(n > 20, "only {n} refusals were ignored");
    assert!(broken * 2 > n, "{broken} of {n} ignored refusals broke a release");
}
