//! What a machine may change in a hand-written migration (PostgreSQL).

mod apart;
mod filled;
mod metadata;
mod place;
mod stages;

pub(in crate::rules) use filled::filled_later;
pub(in crate::rules) use stages::in_stages;

use metadata::without_transaction;
use place::{following, held_back, names_are_known};

use super::super::Evidence;
use crate::change::Change;
use crate::change::words::{Token, placed};
use crate::diagnostic::fix::{Edit, Fix, NewFile};
use crate::dialect::Dialect;
use crate::dialects::{self, NOTHING, RenderContext};
use crate::history::{Act, HandWrittenMigration};
use crate::name::{Name, ObjectName};
use crate::source::Span;

/// The file that says how a migration runs.
const METADATA: &str = "metadata.toml";
/// What it says of one without a transaction.
pub(in crate::rules) const NO_TRANSACTION: &str = "run_in_transaction = false\n";

/// Takes a migration's only statement out of the transaction.
pub(in crate::rules) fn alone(
    evidence: &Evidence<'_>,
    act: &Act,
    migration: &HandWrittenMigration,
) -> Option<Fix> {
    let (edits, new_files) = without_transaction(evidence, migration, true)?;
    let fix = Fix {
        title: "run it without a transaction".to_owned(),
        edits,
        new_files,
        held_back: held_back(evidence, migration),
    };
    (act.n_statements == 1).then_some(fix)
}

/// Lets an index be built, or go, beside those who read and write.
pub(in crate::rules) fn concurrently(
    evidence: &Evidence<'_>,
    act: &Act,
    migration: &HandWrittenMigration,
) -> Option<Fix> {
    let text = evidence.context.sources.slice(act.span);
    let words = placed(text);
    // The server refuses it for a table with partitions.
    if act.is_partitioned {
        return None;
    }
    // Only one index at a time, and nothing along with it.
    let several = words.iter().any(|(_, token)| *token == Token::Sign(','));
    let is_drop = matches!(act.change(), Some(Change::DropIndex { .. }));
    if act.how.cascade || (is_drop && several) {
        return None;
    }
    // Under a name that is there already, an invalid index of an interrupted build would be taken for it.
    if act.how.if_not_exists {
        return None;
    }
    let (at, _) = words.iter().find(|(_, token)| is_word(token, "index"))?;
    let edit = Edit { span: point(act.span, at.end), text: dialects::CONCURRENTLY.to_owned() };
    if act.n_statements > 1 {
        return if is_drop { None } else { apart::apart(evidence, act, migration) };
    }
    let fix = alone(evidence, act, migration)?;
    let title =
        if is_drop { "drop the index concurrently" } else { "build the index concurrently" };
    let edits = fix.edits.iter().cloned().chain([edit]).collect();
    Some(Fix { title: title.to_owned(), edits, ..fix })
}

/// Lets a constraint hold for new rows first, and checks the old ones in a migration just after.
pub(in crate::rules) fn validate_later(
    evidence: &Evidence<'_>,
    act: &Act,
    migration: &HandWrittenMigration,
    constraint: &Name,
) -> Option<Fix> {
    let Some(change @ Change::AddConstraint { table, .. }) = act.change() else { return None };
    let text = evidence.context.sources.slice(act.span);
    let words = placed(text);
    // The next migration says its name: where nobody wrote it, it is the one that the server gives.
    let (add, _) = words.first().filter(|(_, token)| is_word(token, "add"))?;
    let second = words.get(1).map(|(_, token)| token);
    let is_named = second.is_some_and(|token| is_word(token, "constraint"));
    let is_nameless =
        second.is_some_and(|token| is_word(token, "check") || is_word(token, "foreign"));
    if !(is_named || is_nameless) || !stages::is_only_act(evidence, act) {
        return None;
    }
    let mut edits = Vec::new();
    if is_nameless {
        let start = &evidence.context.project.start;
        let down = migration.down.as_ref().and_then(|down| stages::read(evidence, down, start))?;
        if !names_are_known(evidence) || !stages::undoes(change, &down) {
            return None;
        }
        let name = dialects::quote(Dialect::Postgres, constraint);
        let text = format!("{}{name}", dialects::CONSTRAINT);
        edits.push(Edit { span: point(act.span, add.end), text });
    }
    edits.push(Edit { span: point(act.span, text.len()), text: dialects::NOT_VALID.to_owned() });
    let directory = following(evidence, migration, 1, "validated")?;
    let folder = migration.path.parent()?.join(directory);
    let up = validation(evidence, table, constraint)?;
    Some(Fix {
        title: "check the rows that are there in a migration just after".to_owned(),
        edits,
        new_files: vec![
            NewFile { path: folder.join("up.sql"), text: format!("{up};\n") },
            NewFile {
                path: folder.join("down.sql"),
                text: format!(
                    "-- The constraint goes with the migration that adds it.\n{NOTHING};\n"
                ),
            },
        ],
        held_back: held_back(evidence, migration),
    })
}

fn validation(evidence: &Evidence<'_>, table: &ObjectName, constraint: &Name) -> Option<String> {
    let change =
        Change::ValidateConstraint { table: table.clone(), constraint: constraint.clone() };
    let before = &evidence.context.project.start;
    let context = RenderContext { before, fresh_table: true, lock_timeout_ms: 0 };
    let group = dialects::render(&change, &context).ok()?.groups.into_iter().next()?;
    group.statements.into_iter().next_back()
}

fn is_word(token: &Token<'_>, word: &str) -> bool {
    matches!(token, Token::Word(it) if it.eq_ignore_ascii_case(word))
}

/// Returns the place between two letters of a span.
fn point(span: Span, offset: usize) -> Span {
    let at = span.within(offset, 0);
    Span { end: at.start, ..at }
}

/// Returns the fix of a `metadata.toml` without its key: it says what Diesel makes of that.
pub(in crate::rules) fn say_so(span: Span) -> Fix {
    Fix {
        title: "say that it runs without a transaction, as it does".to_owned(),
        edits: vec![Edit {
            span: Span { start: 0, end: 0, ..span },
            text: NO_TRANSACTION.to_owned(),
        }],
        new_files: Vec::new(),
        held_back: None,
    }
}
