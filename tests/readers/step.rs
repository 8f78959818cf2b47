//! A `sql` step is judged as the change that its SQL was made of.

use std::sync::Arc;

use planner::catalog::Catalog;
use planner::catalog::diff::diff;
use planner::change::Change;
use planner::change::apply::apply;
use planner::change::effect::{Effect, effects};
use planner::diagnostic::Sink;
use planner::dialect::Dialect;
use planner::expressions::same_expression;
use planner::plan::checked::CheckedProject;
use planner::source::Sources;

/// Reads scripts as the steps of a plan, each with a way back and a probe, so that what they do is all there is to be known.
fn checked(scripts: &[String], before: &Catalog) -> Result<CheckedProject, String> {
    let mut text = String::from("title: Raw\ncontract:\n");
    for (at, script) in scripts.iter().enumerate() {
        let sql = serde_json::Value::from(script.as_str());
        let alone = script.contains("CONCURRENTLY") || before.dialect == Dialect::Sqlite;
        text += &format!(
            "  - id: step_{at}\n    sql:\n      up: {sql}\n      irreversible: it is tried forward\n      probe: SELECT true\n      transaction: {}\n",
            !alone
        );
    }
    let mut sources = Sources::default();
    let source = sources.add("plans/2026-01-01-000000_raw.yaml", text.clone());
    let mut sink = Sink::default();
    let plans = planner::plan::parse::parse(source, sources.get(source).unwrap(), &mut sink);
    let start = Arc::new(before.clone());
    let project =
        planner::plan::check::check(plans.into_iter().collect(), before.dialect, start, &mut sink);
    let found = sink.into_sorted();
    if found.is_empty() { Ok(project) } else { Err(format!("{found:#?}\n{text}")) }
}

/// Returns the effects of changes one after the other.
fn effects_of<'a>(changes: impl IntoIterator<Item = &'a Change>, before: &Catalog) -> Vec<Effect> {
    let mut catalog = before.clone();
    let mut all = Vec::new();
    for change in changes {
        all.extend(effects(change, &catalog));
        apply(change, &mut catalog).unwrap();
    }
    all
}

/// Returns which harm an effect does: a script may come by it in another way, as by the index beneath a constraint.
const fn harm(effect: &Effect) -> Option<&'static str> {
    match effect {
        Effect::Destroys(_) => Some("destroys"),
        Effect::Restricts(_) => Some("restricts"),
        Effect::RemovesGuarantee(_) => Some("removes a guarantee"),
        Effect::MovesData(_) => Some("moves data"),
        Effect::Adds(_) | Effect::Retires(_) | Effect::Invisible(_) | Effect::Opaque => None,
    }
}

/// Says how steps of these scripts differ from the change that they were rendered from, if they do: in what is there
/// afterwards, or in what it does to releases. A script may do more on the way, but not less.
pub fn judged_as(change: &Change, before: &Catalog, scripts: &[String]) -> Result<(), String> {
    // What is only noted runs nothing.
    let nothing = |script: &String| ["", "SELECT 1", "SELECT 1;"].contains(&script.trim());
    if scripts.iter().all(nothing) {
        return Ok(());
    }
    let mut expected = before.clone();
    apply(change, &mut expected).unwrap();
    let project = checked(scripts, before)?;
    let same = |one: &_, other: &_| same_expression(before.dialect, one, other);
    let differences = diff(&expected, &project.end, &same);
    if !differences.is_empty() {
        return Err(format!("{differences:#?} after\n{scripts:#?}"));
    }
    let steps = project.plans.iter().flat_map(|plan| &plan.steps);
    let changes: Vec<&Change> = steps.flat_map(|step| step.changes.iter()).collect();
    let (wanted, found) =
        (effects_of([change], before), effects_of(changes.iter().copied(), before));
    let is_same = match changes.as_slice() {
        [only] if *only == change => wanted == found,
        _ => wanted
            .iter()
            .filter_map(harm)
            .all(|harm| found.iter().any(|of| self::harm(of) == Some(harm))),
    };
    if is_same { Ok(()) } else { Err(format!("{wanted:?}\n{found:?}\n{scripts:#?}")) }
}
