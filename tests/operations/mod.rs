//! Operations: what they refuse, and what their documented plans do on real engines.

use std::sync::Arc;

use planner::catalog::Catalog;
use planner::diagnostic::{Diagnostic, Sink};
use planner::dialect::Dialect;
use planner::plan::checked::CheckedProject;
use planner::source::Sources;

mod engines;
mod findings;
mod raw;

/// Reads and checks one plan against an empty database.
fn checked(text: &str, dialect: Dialect) -> (Sources, CheckedProject, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let source = sources.add("plans/2026-01-01-000000_example.yaml", text);
    let mut sink = Sink::default();
    let file = sources.get(source).unwrap();
    let plans = planner::plan::parse::parse(source, file, &mut sink).into_iter().collect();
    let start = Arc::new(Catalog::empty(dialect));
    let project = planner::plan::check::check(plans, dialect, start, &mut sink);
    (sources, project, sink.into_sorted())
}
