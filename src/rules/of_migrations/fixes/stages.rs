//! What reads every row under a lock, done in several migrations instead: the way that planner itself goes with such a change.

use super::super::super::Evidence;
use super::place::{following, held_back};
use super::{METADATA, NO_TRANSACTION};
use crate::catalog::Catalog;
use crate::change::words::{Token, placed};
use crate::change::{Change, Constraint};
use crate::diagnostic::fix::{Edit, Fix, NewFile};
use crate::dialect::Dialect;
use crate::dialects::{self, Group, RenderContext, Transaction};
use crate::history::{Act, HandWrittenMigration, Metadata, Script};
use crate::readers::{self, Meaning};
use crate::source::Span;

/// Does a migration's only statement in stages: the first one in its place, the others in migrations just after it.
pub(in crate::rules) fn in_stages(
    evidence: &Evidence<'_>,
    act: &Act,
    migration: &HandWrittenMigration,
) -> Option<Fix> {
    let change = act.change().filter(|change| is_named(evidence, act, change))?;
    let of_migration = evidence.context.history.acts.iter();
    let n_acts = of_migration.filter(|other| other.migration == act.migration).count();
    let is_alone = act.n_statements == 1 && n_acts == 1 && !act.how.only && !act.is_partitioned;
    if !is_alone || migration.metadata != Metadata::Absent {
        return None;
    }
    let catalog = &evidence.context.project.start;
    let up = only_statement(evidence, &migration.up)?;
    let back = migration.down.as_ref()?;
    let down = only_statement(evidence, back)?;
    if !undoes(change, &read(evidence, back, catalog)?) {
        return None;
    }
    let context = RenderContext { before: catalog, fresh_table: false, lock_timeout_ms: 0 };
    let groups = dialects::render(change, &context).ok()?.groups;
    let (first, later) = groups.split_first()?;
    let (first_up, first_down) = (written(&first.statements), undo(first)?);
    let mut new_files = Vec::new();
    if let Transaction::Alone { .. } = first.transaction {
        let path = migration.path.join(METADATA);
        new_files.push(NewFile { path, text: NO_TRANSACTION.to_owned() });
    }
    for (group, seconds) in later.iter().zip(1..) {
        let directory = following(evidence, migration, seconds, &format!("stage_{}", seconds + 1))?;
        let folder = migration.path.parent()?.join(directory);
        let file = |name: &str, text: String| NewFile { path: folder.join(name), text };
        new_files.push(file("up.sql", format!("{};\n", written(&group.statements))));
        new_files.push(file("down.sql", format!("{};\n", undo(group)?)));
        if let Transaction::Alone { .. } = group.transaction {
            new_files.push(file(METADATA, NO_TRANSACTION.to_owned()));
        }
    }
    Some(Fix {
        title: "do it in migrations one after the other, beside the writers".to_owned(),
        edits: vec![Edit { span: up, text: first_up }, Edit { span: down, text: first_down }],
        new_files,
        held_back: held_back(evidence, migration),
    })
}

/// Returns whether a change is one of those that go in stages, under a name that its author gave.
fn is_named(evidence: &Evidence<'_>, act: &Act, change: &Change) -> bool {
    if matches!(change, Change::SetNullable { nullable: false, .. }) {
        return true;
    }
    if !matches!(change, Change::AddConstraint { constraint: Constraint::Unique(_), .. }) {
        return false;
    }
    let words = placed(evidence.context.sources.slice(act.span));
    let is_word = |at: usize, word: &str| matches!(words.get(at), Some((_, Token::Word(it))) if it.eq_ignore_ascii_case(word));
    // What the catalog does not keep would be lost.
    let unkept = ["deferrable", "initially", "include", "nulls", "with", "tablespace"];
    let is_plain = !(0..words.len()).any(|at| unkept.iter().any(|of| is_word(at, of)));
    is_word(0, "add") && is_word(1, "constraint") && is_plain
}

/// Returns whether a change takes back another one.
fn undoes(change: &Change, back: &Change) -> bool {
    match (change, back) {
        (
            Change::SetNullable { table, column, nullable: false },
            Change::SetNullable { table: of, column: is, nullable: true },
        ) => table == of && column == is,
        (
            Change::AddConstraint { table, constraint },
            Change::DropConstraint { table: of, constraint: is },
        ) => table == of && constraint.name() == is,
        (_, _) => false,
    }
}

/// Returns the place of a file's statement, if it has only one.
fn only_statement(evidence: &Evidence<'_>, script: &Script) -> Option<Span> {
    let text = &evidence.context.sources.get(script.source)?.text;
    let parsed = readers::parse(Dialect::Postgres, text);
    let [only] = parsed.statements.as_slice() else { return None };
    let place = |at: usize| u32::try_from(at).ok();
    Some(Span { source: script.source, start: place(only.start)?, end: place(only.end)? })
}

/// Reads a file's only statement, if it does one thing.
fn read(evidence: &Evidence<'_>, script: &Script, catalog: &Catalog) -> Option<Change> {
    let text = &evidence.context.sources.get(script.source)?.text;
    let statement = readers::parse(Dialect::Postgres, text).read(0, text, catalog)?;
    let [part] = statement.parts.as_slice() else { return None };
    match &part.meaning {
        Meaning::Change(change) => Some(Change::clone(change)),
        Meaning::Opaque { .. } | Meaning::Unreadable { .. } => None,
    }
}

fn written(statements: &[String]) -> String {
    let kept = statements.iter().filter(|sql| !sql.starts_with("SET LOCAL "));
    kept.map(String::as_str).collect::<Vec<_>>().join(";\n")
}

/// Returns what undoes a stage and leaves what the one before it had left: a check that had been looked at.
fn undo(group: &Group) -> Option<String> {
    let statements = group.undo.as_ref().ok()?.iter();
    let valid =
        statements.map(|sql| sql.strip_suffix(dialects::NOT_VALID).unwrap_or(sql).to_owned());
    Some(written(&valid.collect::<Vec<_>>()))
}
