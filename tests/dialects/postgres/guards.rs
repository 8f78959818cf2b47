//! Guards of gated migrations, and ways back that there are not.

use planner::dialect::Dialect;
use planner::dialects::{fail, guard};

use super::bench::Bench;

const MESSAGE: &str = "100% of `x` isn't $planner$ \\ open";

#[test]
fn a_guard_passes_without_a_ledger_or_with_the_marker() {
    let mut bench = Bench::new();
    let marker = "planner_open_20261121090000_3_001_ab12".into();
    let guard = guard(Dialect::Postgres, &marker, MESSAGE).join(";\n");
    bench.sql(&guard);
    bench.sql("CREATE TABLE planner_entries (id bigint)");
    let error = bench.fails(&guard);
    assert!(error.contains(MESSAGE), "{error}");
    bench.sql("CREATE VIEW planner_open_20261121090000_3_001_ab12 AS SELECT 1 AS open");
    bench.sql(&guard);
    bench.sql(&format!("BEGIN; {guard}; {guard}; COMMIT"));
}

#[test]
fn a_way_back_that_there_is_not_says_why() {
    let mut bench = Bench::new();
    let error = bench.fails(&fail(Dialect::Postgres, MESSAGE).join(";\n"));
    assert!(error.contains(MESSAGE), "{error}");
}
