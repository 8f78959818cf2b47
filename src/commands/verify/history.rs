//! What came of trying hand-written migrations, for people and programs.

use serde_json::{Value, json};

use super::told::{add, done, json_differences, json_done, one_line, told};
use crate::catalog::diff::Difference;
use crate::execute::verify::{Failed, Place, Problem, Remark, VerifiedMigration, VerifyReport};
use crate::formats::counted;

/// How many differences of one migration are shown.
const DIFFERENCES_MAX: usize = 20;

pub(super) fn human(report: &VerifyReport) -> String {
    let all = &report.migrations;
    let mut text = String::new();
    for migration in all {
        text += &of_migration(migration);
    }
    if all.is_empty() {
        return text;
    }
    if !text.is_empty() {
        text.push('\n');
    }
    let n_all = counted(all.len(), "hand-written migration", "hand-written migrations");
    let n_wrong = all.iter().filter(|migration| !migration.holds()).count();
    if n_wrong == 0 {
        text += &format!("{n_all} ran, on empty tables and on tables with a row, and came undone.\n");
    } else {
        let kinds = kinds(all);
        text += &format!("{n_wrong} of {n_all} did not: {}.\n", kinds.join(", "));
    }
    let n_skipped: usize = all.iter().map(|migration| migration.skipped.len()).sum();
    if n_skipped > 0 {
        text += &format!("{} left out.\n", counted(n_skipped, "statement was", "statements were"));
    }
    if !report.steps.is_empty() {
        text.push('\n');
    }
    text
}

/// Says how many migrations have each kind of problem.
fn kinds(all: &[VerifiedMigration]) -> Vec<String> {
    let problems = || all.iter().flat_map(|migration| &migration.problems);
    let words = [
        ("fails", "fails", "fail"),
        ("fails_on_rows", "fails on a table that has a row", "fail on a table that has a row"),
        ("down_fails", "has a `down.sql` that fails", "have a `down.sql` that fails"),
        (
            "down_fails_on_rows",
            "has a `down.sql` that fails on a table that has a row",
            "have a `down.sql` that fails on a table that has a row",
        ),
        ("rows_lost", "has a `down.sql` that loses rows or values", "have a `down.sql` that loses rows or values"),
        ("no_way_back", "has no way back", "have no way back"),
        ("not_undone", "leaves another schema when it is undone", "leave another schema when undone"),
        ("fails_again", "fails when it is done again", "fail when done again"),
        ("differs_again", "makes something else when it is done again", "make something else when done again"),
    ];
    let mut told = Vec::new();
    for (word, one, many) in words {
        match problems().filter(|problem| kind(problem) == word).count() {
            0 => {}
            1 => told.push(format!("1 {one}")),
            n => told.push(format!("{n} {many}")),
        }
    }
    told
}

const fn kind(problem: &Problem) -> &'static str {
    match problem {
        Problem::Fails(_) => "fails",
        Problem::FailsOnRows(_) => "fails_on_rows",
        Problem::DownFails(_) => "down_fails",
        Problem::DownFailsOnRows(_) => "down_fails_on_rows",
        Problem::RowsLost(_) => "rows_lost",
        Problem::NoWayBack(_) => "no_way_back",
        Problem::NotUndone(..) => "not_undone",
        Problem::FailsAgain(_) => "fails_again",
        Problem::DiffersAgain(_) => "differs_again",
    }
}

/// Says what there is to say of a migration; nothing of one that is fine and in nobody's way.
fn of_migration(migration: &VerifiedMigration) -> String {
    let mut lines = Vec::new();
    for statement in &migration.statements {
        let said = done(&statement.done);
        if !said.is_empty() {
            lines.push(at(&statement.place));
            lines.extend(said.into_iter().map(|line| format!("  {line}")));
        }
    }
    for Failed { place, reason } in &migration.skipped {
        lines.push(at(place));
        lines.push(format!("  {reason}"));
    }
    for remark in &migration.remarks {
        lines.extend(of_remark(remark));
    }
    for problem in &migration.problems {
        lines.extend(of_problem(problem));
    }
    if !migration.holds() {
        if !migration.without.is_empty() {
            lines.push(format!("it ran without what failed before it: {}", migration.without.join(", ")));
        }
        if !migration.without_row.is_empty() {
            lines.push(format!("tables without a row: {}", migration.without_row.join(", ")));
        }
    }
    if lines.is_empty() {
        return String::new();
    }
    let lines: String = lines.iter().map(|line| format!("  {line}\n")).collect();
    format!("{}\n{lines}", migration.directory)
}

fn at(place: &Place) -> String {
    let file = place.file.file_name().unwrap_or_default();
    format!("{file}:{}: {}", place.line, one_line(&place.sql))
}

fn of_remark(remark: &Remark) -> Vec<String> {
    let Remark { failed, row, is_down: _, runs_on_others } = remark;
    let whether = if *runs_on_others {
        "and runs on others"
    } else {
        "whether it does on yours depends on what they hold"
    };
    let mut lines = vec![
        at(&failed.place),
        format!("  note: fails on rows that planner made up, {whether}: {}", failed.reason),
    ];
    lines.extend(row.iter().map(|row| format!("  where {row}")));
    lines
}

fn of_problem(problem: &Problem) -> Vec<String> {
    let failed = |how: &str, Failed { place, reason }: &Failed| {
        vec![at(place), format!("  {how}: {reason}")]
    };
    match problem {
        Problem::Fails(of) => failed("fails", of),
        Problem::FailsOnRows(of) => failed("fails on a table that has a row", of),
        Problem::DownFails(of) => failed("fails, so that there is no way back", of),
        Problem::DownFailsOnRows(of) => {
            failed("fails on a table that has a row, so that there is no way back", of)
        }
        Problem::RowsLost(lost) => {
            let mut lines = vec!["`down.sql` loses what was there before `up.sql`:".to_owned()];
            lines.extend(lost.iter().map(|of| format!("  {of}")));
            lines
        }
        Problem::FailsAgain(of) => failed("fails when it is done again", of),
        Problem::NoWayBack(left) => {
            differences("there is no way back: no statement in `down.sql`, and what is left is", left)
        }
        Problem::NotUndone(left, again) => {
            let mut lines = differences("`down.sql` does not undo `up.sql`:", left);
            lines.extend(again.iter().flat_map(|of| failed("then fails when it is done again", of)));
            lines
        }
        Problem::DiffersAgain(found) => {
            differences("done again, `up.sql` makes something else:", found)
        }
    }
}

fn differences(what: &str, all: &[Difference]) -> Vec<String> {
    let mut lines = vec![what.to_owned()];
    lines.extend(all.iter().take(DIFFERENCES_MAX).map(|of| format!("  {}", told(of))));
    if let Some(more) = all.len().checked_sub(DIFFERENCES_MAX).filter(|more| *more > 0) {
        lines.push(format!("  and {more} more"));
    }
    lines
}

pub(super) fn json(all: &[VerifiedMigration]) -> Vec<Value> {
    all.iter().map(json_migration).collect()
}

fn json_migration(migration: &VerifiedMigration) -> Value {
    let statement = |of: &crate::execute::verify::TriedStatement| {
        let mut value = json_place(&of.place);
        add(&mut value, json_done(&of.done));
        add(&mut value, json!({"microseconds": of.microseconds}));
        value
    };
    json!({
        "migration": migration.directory,
        "version": migration.version.as_str(),
        "holds": migration.holds(),
        "problems": migration.problems.iter().map(json_problem).collect::<Vec<_>>(),
        "statements": migration.statements.iter().map(statement).collect::<Vec<_>>(),
        "remarks": migration.remarks.iter().map(json_remark).collect::<Vec<_>>(),
        "skipped": migration.skipped.iter().map(json_failed).collect::<Vec<_>>(),
        "without_row": migration.without_row,
        "without": migration.without,
    })
}

fn json_remark(remark: &Remark) -> Value {
    let Remark { failed, row, is_down, runs_on_others } = remark;
    let kind = if *is_down { "down_fails_on_made_up_rows" } else { "fails_on_made_up_rows" };
    let mut value = json!({"kind": kind, "row": row, "runs_on_others": runs_on_others});
    add(&mut value, json_failed(failed));
    value
}

fn json_problem(problem: &Problem) -> Value {
    let mut value = json!({"kind": kind(problem)});
    match problem {
        Problem::Fails(failed)
        | Problem::FailsOnRows(failed)
        | Problem::DownFails(failed)
        | Problem::DownFailsOnRows(failed)
        | Problem::FailsAgain(failed) => add(&mut value, json_failed(failed)),
        Problem::RowsLost(lost) => add(&mut value, json!({"lost": lost})),
        Problem::NoWayBack(differences) | Problem::DiffersAgain(differences) => {
            add(&mut value, json!({"differences": json_differences(differences)}));
        }
        Problem::NotUndone(differences, again) => {
            let again = again.as_ref().map(json_failed);
            add(&mut value, json!({"differences": json_differences(differences), "then": again}));
        }
    }
    value
}

fn json_failed(Failed { place, reason }: &Failed) -> Value {
    let mut value = json_place(place);
    add(&mut value, json!({"because": reason}));
    value
}

fn json_place(Place { file, line, column, sql }: &Place) -> Value {
    json!({"file": file.as_str(), "line": line, "column": column, "sql": sql})
}
