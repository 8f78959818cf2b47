//! Indexes of a migration that does more, each moved into a migration of its own just after it, where it is built beside the writers.

use std::ops::Range;

use super::super::super::Evidence;
use super::metadata::without_transaction;
use super::place::{following, held_back};
use super::{METADATA, NO_TRANSACTION, is_word};
use crate::change::footprint::footprint;
use crate::change::words::placed;
use crate::change::{Change, Constraint};
use crate::diagnostic::fix::{Edit, Fix, NewFile};
use crate::dialect::Dialect;
use crate::dialects::{self, NOTHING, RenderContext};
use crate::history::{Act, HandWrittenMigration, Script};
use crate::name::{Name, ObjectName};
use crate::readers::{self, Meaning};
use crate::source::Span;

/// A file of more statements is not taken apart: it is looked at as a whole for each of its indexes.
const STATEMENTS_MAX: usize = 200;

/// Takes an index out of a migration of several statements. Where all of them are indexes the first one stays, alone, and the fix is
/// that of all.
pub(super) fn apart(
    evidence: &Evidence<'_>,
    act: &Act,
    migration: &HandWrittenMigration,
) -> Option<Fix> {
    if act.n_statements > STATEMENTS_MAX {
        return None;
    }
    let history = evidence.context.history;
    let has_control = history.controls.iter().any(|of| of.migration == act.migration);
    if has_control {
        return None;
    }
    let up = File::cut(evidence, &migration.up)?;
    let down = migration.down.as_ref().and_then(|down| File::cut(evidence, down));
    let all: Vec<&Act> = history.acts_of(act.migration).iter().collect();
    let indexes: Vec<&Act> = all.iter().copied().filter(|of| is_buildable(of)).collect();
    let moves = Moves { evidence, migration, up, down, all, indexes };
    let only_indexes = moves.indexes.len() == moves.up.statements.len();
    let mut fix = Fix {
        title: "build the index concurrently, in a migration just after".to_owned(),
        edits: Vec::new(),
        new_files: Vec::new(),
        held_back: held_back(evidence, migration),
    };
    (fix.edits, fix.new_files) = without_transaction(evidence, migration, only_indexes)?;
    if !only_indexes {
        let at = moves.indexes.iter().position(|of| of.span == act.span)?;
        moves.moved(act, u32::try_from(at).ok()? + 1, &mut fix)?;
        return Some(fix);
    }
    "build the indexes concurrently, each in a migration of its own".clone_into(&mut fix.title);
    let (first, others) = moves.indexes.split_first()?;
    let text = moves.up.slice(&moves.up.of(first)?)?;
    let at = after_index(text)?;
    let start = moves.up.of(first)?.start.checked_add(at)?;
    fix.edits.push(moves.up.edit(start..start, dialects::CONCURRENTLY.to_owned())?);
    for (of, seconds) in others.iter().zip(1..) {
        moves.moved(of, seconds, &mut fix)?;
    }
    Some(fix)
}

/// Returns whether an index may be built concurrently instead, and is the same afterwards.
fn is_buildable(act: &Act) -> bool {
    matches!(act.change(), Some(Change::CreateIndex { .. }))
        && !act.is_fresh
        && !act.is_partitioned
        && !act.how.only
        && !act.how.concurrently
        && !act.how.if_not_exists
}

/// A file cut into statements.
struct File<'a> {
    script: &'a Script,
    text: &'a str,
    statements: Vec<Range<usize>>,
    parsed: readers::Script,
}

impl<'a> File<'a> {
    fn cut(evidence: &Evidence<'a>, script: &'a Script) -> Option<Self> {
        let text: &'a str = &evidence.context.sources.get(script.source)?.text;
        let parsed = readers::parse(Dialect::Postgres, text);
        Some(Self { script, text, statements: parsed.statements.clone(), parsed })
    }

    fn slice(&self, place: &Range<usize>) -> Option<&'a str> {
        self.text.get(place.clone())
    }

    /// Returns the statement that does what an act does.
    fn of(&self, act: &Act) -> Option<Range<usize>> {
        let start = act.span.start as usize;
        self.statements.iter().find(|of| of.contains(&start)).cloned()
    }

    fn edit(&self, place: Range<usize>, text: String) -> Option<Edit> {
        let at = |at: usize| u32::try_from(at).ok();
        let source = self.script.source;
        Some(Edit { span: Span { source, start: at(place.start)?, end: at(place.end)? }, text })
    }

    /// Returns where a statement begins with the comments just above it, and where the line ends on which it does, with a comment there.
    fn with_lines(&self, place: &Range<usize>) -> Range<usize> {
        let mut start = place.start;
        let before = self.text.get(..start).unwrap_or_default();
        if before.is_empty() || before.ends_with('\n') {
            for line in before.split_inclusive('\n').rev() {
                if !line.trim_start().starts_with("--") {
                    break;
                }
                start = start.saturating_sub(line.len());
            }
        }
        let rest = self.text.get(place.end..).unwrap_or_default();
        let blank = |of: &str| of.len() - of.trim_start_matches([' ', '\t', '\r']).len();
        let mut end = place.end + blank(rest);
        if self.text.get(end..).is_some_and(|rest| rest.starts_with(';')) {
            end += 1;
        }
        let rest = self.text.get(end..).unwrap_or_default();
        let line = rest.split_inclusive('\n').next().unwrap_or_default();
        // A comment behind it on its line is about it.
        if line.trim().is_empty() || line.trim_start().starts_with("--") {
            end += line.len();
        }
        start..end
    }
}

/// What is moved, and from where.
struct Moves<'a> {
    evidence: &'a Evidence<'a>,
    migration: &'a HandWrittenMigration,
    up: File<'a>,
    down: Option<File<'a>>,
    all: Vec<&'a Act>,
    indexes: Vec<&'a Act>,
}

impl Moves<'_> {
    /// Adds what it takes to move one index so many seconds on.
    fn moved(&self, act: &Act, seconds: u32, fix: &mut Fix) -> Option<()> {
        let Some(Change::CreateIndex { table, name, .. }) = act.change() else { return None };
        let later = self.all.iter().filter(|of| of.span.start >= act.span.end);
        if !later.into_iter().all(|of| self.may_wait(act, table, of)) {
            return None;
        }
        let place = self.up.of(act)?;
        let around = self.up.with_lines(&place);
        let own = self.up.slice(&place)?;
        let (head, tail) = own.split_at_checked(after_index(own)?)?;
        let comments = self.up.slice(&(around.start..place.start))?;
        let behind = self.up.slice(&(place.end..around.end))?.trim_start_matches([';', ' ', '\t']);
        let behind = match behind.trim_end() {
            "" => String::new(),
            comment => format!(" {comment}"),
        };
        let up = format!("{comments}{head}{}{tail};{behind}\n", dialects::CONCURRENTLY);
        fix.edits.push(self.up.edit(around, String::new())?);
        fix.edits.extend(self.no_drop(name)?);
        let word = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let suffix: String = name.as_str().chars().map(word).collect();
        let directory = following(self.evidence, self.migration, seconds, &suffix)?;
        let folder = self.migration.path.parent()?.join(directory);
        let before = &self.evidence.context.project.start;
        let context = RenderContext { before, fresh_table: false, lock_timeout_ms: 0 };
        let script = dialects::render(act.change()?, &context).ok()?;
        let undo = script.groups.into_iter().next()?.undo.ok()?;
        for (file, text) in [
            ("up.sql", up),
            ("down.sql", format!("{};\n", undo.join(";\n"))),
            (METADATA, NO_TRANSACTION.to_owned()),
        ] {
            fix.new_files.push(NewFile { path: folder.join(file), text });
        }
        Some(())
    }

    /// Returns whether what comes later in the file is the same before the index is there.
    fn may_wait(&self, index: &Act, table: &ObjectName, later: &Act) -> bool {
        let (Some(own), Some(change)) = (index.change(), later.change()) else { return false };
        let is_unique = matches!(own, Change::CreateIndex { index, .. } if index.unique);
        let before = &self.evidence.context.project.start;
        if matches!(change, Change::CreateIndex { .. }) {
            return true;
        }
        let is_tied = |constraint: &Constraint| match constraint {
            // A key needs the unique index of what it refers to.
            Constraint::ForeignKey(key) => is_unique && key.references == *table,
            Constraint::UsingIndex { .. } => true,
            Constraint::Unique(_)
            | Constraint::Check(_)
            | Constraint::Primary(_)
            | Constraint::Exclude(_) => false,
        };
        let is_tied_here = match change {
            Change::AddConstraint { constraint, .. } => is_tied(constraint),
            other => matches!(other, Change::Opaque(_)),
        };
        if is_tied_here {
            return false;
        }
        let uses = footprint(own, before);
        let does = footprint(change, before);
        let commutes = uses.iter().all(|(object, access)| {
            let same = does.iter().filter(|(of, _)| of == object);
            same.into_iter().all(|(_, other)| access.commutes_with(*other))
        });
        let writes_there = change.table() == Some(table) && matches!(change, Change::Write(_));
        commutes && !(is_unique && writes_there)
    }

    /// Returns the edit that takes the drop of an index out of `down.sql`, if it is there; `None` if it goes there along with others.
    fn no_drop(&self, name: &Name) -> Option<Vec<Edit>> {
        let Some(down) = &self.down else { return Some(Vec::new()) };
        let names: Vec<&Name> = self.indexes.iter().filter_map(|of| index_name(of)).collect();
        let mut found = None;
        let mut n_others = 0_usize;
        for (at, place) in down.statements.iter().enumerate() {
            let dropped = self.dropped(down, at)?;
            match dropped.as_slice() {
                [only] if only == name => found = Some(place.clone()),
                several if several.contains(name) => return None,
                [only] if names.contains(&only) => {}
                _ => n_others += 1,
            }
        }
        let Some(place) = found else { return Some(Vec::new()) };
        // Diesel does not run a file with nothing in it.
        let (place, text) = if n_others == 0 && self.stays_empty(name) {
            (place, NOTHING.to_owned())
        } else {
            (down.with_lines(&place), String::new())
        };
        down.edit(place, text).map(|edit| vec![edit])
    }

    /// Returns whether `down.sql` has nothing left once all that moves is gone, and this is what is to leave something.
    fn stays_empty(&self, name: &Name) -> bool {
        let only_indexes = self.indexes.len() == self.up.statements.len();
        let first = self.indexes.first().and_then(|of| index_name(of));
        !only_indexes && first == Some(name)
    }

    /// Returns the indexes that a statement of `down.sql` drops.
    fn dropped(&self, down: &File<'_>, at: usize) -> Option<Vec<Name>> {
        let statement = down.parsed.read(at, down.text, &self.evidence.context.project.start)?;
        let name = |part: &readers::Part| match &part.meaning {
            Meaning::Change(change) => {
                let Change::DropIndex { name, .. } = change.as_ref() else { return None };
                Some(name.clone())
            }
            Meaning::Opaque { .. } | Meaning::Unreadable { .. } => None,
        };
        Some(statement.parts.iter().filter_map(name).collect())
    }
}

fn index_name(act: &Act) -> Option<&Name> {
    let Some(Change::CreateIndex { name, .. }) = act.change() else { return None };
    Some(name)
}

/// Returns the place behind the word `INDEX`.
fn after_index(statement: &str) -> Option<usize> {
    placed(statement).iter().find(|(_, token)| is_word(token, "index")).map(|(at, _)| at.end)
}
