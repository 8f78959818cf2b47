//! What came of a trial, for people and programs.

use serde_json::{Value, json};

use crate::catalog::diff::Difference;
use crate::database::observe::{Done, LockMode};
use crate::dialect::Dialect;
use crate::execute::verify::{Down, VerifiedStatement, VerifiedStep, VerifyReport};
use crate::formats::{Answer, counted};
use crate::name::ObjectName;
use crate::phase::PhaseKey;

/// How much of a statement is shown on its line, in characters.
const STATEMENT_CHARS_MAX: usize = 100;

pub(super) fn answer(report: &VerifyReport, dialect: Dialect) -> Answer {
    Answer { human: human(report), json: json(report, dialect) }
}

fn human(report: &VerifyReport) -> String {
    let mut text = super::history::human(report);
    for difference in &report.before {
        text += &format!("not as read from the hand-written migrations: {}\n", told(difference));
    }
    let mut phase = None;
    for step in &report.steps {
        let key = PhaseKey { plan: step.key.plan.clone(), phase: step.phase };
        if phase.as_ref() != Some(&key) {
            text += &format!("{}{key}\n", if phase.is_some() { "\n" } else { "" });
            phase = Some(key);
        }
        text += &human_step(step);
    }
    let n_steps = counted(report.steps.len(), "step", "steps");
    let n_wrong = report.steps.iter().filter(|step| !step.holds()).count();
    if !report.steps.is_empty() {
        text.push('\n');
    }
    text += &if report.steps.is_empty() && !report.migrations.is_empty() {
        String::new()
    } else if n_wrong == 0 {
        format!("{n_steps} did what was predicted, up, down and up again.\n")
    } else {
        format!("{n_wrong} of {n_steps} did not do what was predicted.\n")
    };
    if report.stopped {
        text += "Stopped before the end.\n";
    }
    text
}

fn human_step(step: &VerifiedStep) -> String {
    let mut text = format!("  {}\n", step.key.id);
    for statement in step.up.iter().filter(|of| !is_of_planner(of)) {
        text += &format!("    {}\n", one_line(&statement.sql));
        for line in done(&statement.done) {
            text += &format!("      {line}\n");
        }
        if let Some(reason) = &statement.failed_on_made_up {
            text += &format!("      note: fails on rows that planner made up, and runs on others: {reason}\n");
        }
        if let Some(reason) = &statement.failed {
            text += &format!("      failed: {reason}\n");
        }
    }
    for difference in &step.differences {
        text += &format!("    not as predicted: {}\n", told(difference));
    }
    match &step.down {
        Down::Undone(differences) => {
            for difference in differences {
                text += &format!("    not undone: {}\n", told(difference));
            }
        }
        Down::Irreversible(why) => text += &format!("    cannot be undone: {why}\n"),
        Down::Failed { again, reason, sql, differences } => {
            for difference in differences {
                text += &format!("    not undone: {}\n", told(difference));
            }
            let what = if *again { "doing it again" } else { "undoing it" };
            text += &format!("    {what} failed: {reason}\n      {}\n", one_line(sql));
        }
        Down::NotTried => {}
    }
    text
}

/// Returns whether a statement is one of those around a table rebuild that guard it: thirteen lines that say nothing new.
fn is_of_planner(statement: &VerifiedStatement) -> bool {
    let sql = statement.sql.as_str();
    let is_guard = sql.contains("planner_guard") || sql.contains("planner_violations");
    let is_around = is_guard || sql.starts_with("PRAGMA ") || sql.starts_with("SET LOCAL ");
    is_around && statement.failed.is_none()
}

/// Says what a statement did, a line for each table.
pub(super) fn done(done: &Done) -> Vec<String> {
    let mut lines = Vec::new();
    for (table, mode) in &done.locks {
        let mut line = format!("{table}: {mode}");
        if !mode.blocks().is_empty() {
            line += &format!(", blocks {}", mode.blocks().join(", "));
        }
        if done.rewritten.contains(table) {
            line += ", writes the table anew";
        } else if done.scanned.contains(table) {
            line += ", reads the whole table";
        }
        lines.push(line);
    }
    let without_lock = |table: &&ObjectName| !done.locks.contains_key(*table);
    for table in done.rewritten.iter().filter(without_lock) {
        lines.push(format!("{table}: writes the table anew"));
    }
    for table in done.scanned.difference(&done.rewritten).filter(without_lock) {
        lines.push(format!("{table}: reads the whole table"));
    }
    lines
}

pub(super) fn told(difference: &Difference) -> String {
    let Difference { object, expected, found } = difference;
    match (expected, found) {
        (Some(expected), Some(found)) => format!("{object} should be {expected}, is {found}"),
        (Some(expected), None) => format!("{object} is missing ({expected})"),
        (None, Some(found)) => format!("{object} should not be there ({found})"),
        (None, None) => object.clone(),
    }
}

pub(super) fn one_line(sql: &str) -> String {
    let words: Vec<&str> = sql.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(STATEMENT_CHARS_MAX) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default()),
        None => line,
    }
}

fn json(report: &VerifyReport, dialect: Dialect) -> Value {
    json!({
        "dialect": dialect.word(),
        "holds": report.holds(),
        "migrations": super::history::json(&report.migrations),
        "before": json_differences(&report.before),
        "stopped": report.stopped,
        "steps": report.steps.iter().map(json_step).collect::<Vec<_>>(),
    })
}

fn json_step(step: &VerifiedStep) -> Value {
    let down = match &step.down {
        Down::Undone(differences) => {
            json!({"result": "undone", "differences": json_differences(differences)})
        }
        Down::Irreversible(why) => json!({"result": "irreversible", "because": why}),
        Down::Failed { again, reason, sql, differences } => json!({
            "result": if *again { "failed_again" } else { "failed" },
            "because": reason,
            "sql": sql,
            "differences": json_differences(differences),
        }),
        Down::NotTried => json!({"result": "not_tried"}),
    };
    json!({
        "plan": step.key.plan.as_str(),
        "phase": step.phase.word(),
        "step": step.key.id.as_str(),
        "holds": step.holds(),
        "statements": step.up.iter().map(json_statement).collect::<Vec<_>>(),
        "differences": json_differences(&step.differences),
        "down": down,
    })
}

fn json_statement(statement: &VerifiedStatement) -> Value {
    let mut value = json!({ "migration": statement.directory, "sql": statement.sql });
    add(&mut value, json_done(&statement.done));
    add(
        &mut value,
        json!({
            "microseconds": statement.microseconds,
            "failed": statement.failed,
            "failed_on_made_up_rows": statement.failed_on_made_up,
        }),
    );
    value
}

/// Adds the entries of another object to one.
pub(super) fn add(value: &mut Value, other: Value) {
    if let (Value::Object(value), Value::Object(other)) = (value, other) {
        value.extend(other);
    }
}

pub(super) fn json_done(done: &Done) -> Value {
    let Done { locks, scanned, rewritten } = done;
    let lock = |(table, mode): (&ObjectName, &LockMode)| {
        json!({"table": table.to_string(), "mode": mode.to_string(), "blocks": mode.blocks()})
    };
    let names = |of: &std::collections::BTreeSet<ObjectName>| {
        of.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    json!({
        "locks": locks.iter().map(lock).collect::<Vec<_>>(),
        "scans": names(scanned),
        "rewrites": names(rewritten),
    })
}

pub(super) fn json_differences(differences: &[Difference]) -> Vec<Value> {
    let one = |of: &Difference| json!({"object": of.object, "expected": of.expected, "found": of.found});
    differences.iter().map(one).collect()
}
