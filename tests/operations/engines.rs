//! The plan on every operation's page, carried out on a real engine there and back.

use diesel::connection::SimpleConnection;
use planner::change::{Change, apply::apply};
use planner::dialect::Dialect;
use planner::dialects::{self, Group, RenderContext, Transaction, render};
use planner::phase::Phase;

use super::checked;
use crate::support::{ScratchPostgres, ScratchSqlite};

/// Returns the plan on a page.
pub(super) fn example(page: &str) -> String {
    let lines = page.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
    let block =
        lines.skip_while(|line| *line != "```yaml").skip(1).take_while(|line| *line != "```");
    block.collect::<Vec<_>>().join("\n") + "\n"
}

/// Returns every group of statements of a plan in order; `None` if the dialect refuses the plan.
fn groups(text: &str, dialect: Dialect) -> Option<Vec<(Change, Group)>> {
    let (_, project, found) = checked(text, dialect);
    if !found.is_empty() {
        return None;
    }
    let mut groups = Vec::new();
    project.walk(|_, step, before| {
        let mut catalog = before.clone();
        if let Some(written) = &step.written {
            let context = RenderContext { before, fresh_table: true, lock_timeout_ms: 2_000 };
            let script = dialects::written(&written.sql, &step.changes, &context).unwrap();
            groups.extend(script.groups.into_iter().map(|group| (step.changes[0].clone(), group)));
            return;
        }
        for change in step.changes.iter() {
            let fresh_table = step.phase == Phase::Expand;
            let context = RenderContext { before: &catalog, fresh_table, lock_timeout_ms: 2_000 };
            let script = render(change, &context).unwrap();
            groups.extend(script.groups.into_iter().map(|group| (change.clone(), group)));
            apply(change, &mut catalog).unwrap();
        }
    });
    Some(groups)
}

fn run(
    connection: &mut impl SimpleConnection,
    change: &Change,
    transaction: &Transaction,
    statements: &[String],
) {
    let has_keys_off = matches!(transaction, Transaction::ForeignKeysOff);
    if has_keys_off {
        connection.batch_execute("PRAGMA foreign_keys = OFF").unwrap();
    }
    let is_alone = matches!(transaction, Transaction::Alone { .. });
    let around = if is_alone { ["", ""] } else { ["BEGIN", "COMMIT"] };
    let whole = std::iter::once(around[0])
        .chain(statements.iter().map(String::as_str))
        .chain([around[1]])
        .filter(|statement| !statement.is_empty());
    for statement in whole {
        let done = connection.batch_execute(statement);
        assert!(done.is_ok(), "{done:?}\n{statement}\n{change:?}");
    }
    if has_keys_off {
        connection.batch_execute("PRAGMA foreign_keys = ON").unwrap();
    }
}

/// Runs the example of every page forward and back; returns how many there were.
fn run_all<C: SimpleConnection>(dialect: Dialect, open: impl Fn(&mut dyn FnMut(&mut C))) -> usize {
    let mut n_run = 0;
    for (_, page) in planner::operations::pages() {
        let Some(groups) = groups(&example(page), dialect) else { continue };
        open(&mut |connection| {
            for (change, group) in &groups {
                run(connection, change, &group.transaction, &group.statements);
            }
            for (change, group) in groups.iter().rev() {
                let Ok(undo) = &group.undo else { continue };
                run(connection, change, &group.undo_transaction, undo);
            }
        });
        n_run += 1;
    }
    n_run
}

#[test]
fn every_example_runs_on_postgresql_there_and_back() {
    let n_run = run_all(Dialect::Postgres, |with| {
        let scratch = ScratchPostgres::new();
        with(&mut scratch.connect());
    });
    assert_eq!(n_run, planner::operations::KEYS.len());
}

#[test]
fn every_example_but_those_of_enums_runs_on_sqlite_there_and_back() {
    let n_run = run_all(Dialect::Sqlite, |with| {
        let scratch = ScratchSqlite::new();
        let mut connection = scratch.connect();
        connection.batch_execute("PRAGMA foreign_keys = ON").unwrap();
        with(&mut connection);
    });
    let n_enum = planner::operations::KEYS.iter().filter(|key| key.contains("enum")).count();
    assert_eq!(n_run + n_enum, planner::operations::KEYS.len());
}
