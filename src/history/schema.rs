//! The schema that hand-written migrations leave: where plans begin.
//!
//! They are read leniently: what cannot be read, or does not fit on what is there, is a doubt with its place, and stops nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{HandWrittenMigration, History};
use crate::catalog::{Catalog, ObjectKind};
use crate::change::apply::{ApplyError, apply};
use crate::change::effect::Object;
use crate::change::footprint::footprint;
use crate::change::{Change, Verb};
use crate::dialect::Dialect;
use crate::name::ObjectName;
use crate::plan::foundation::{Doubt, Foundation, Laid};
use crate::readers::{How, Meaning, Part, Script, Statement, TransactionControl};
use crate::source::{SourceId, Sources, Span};

/// Returns the hand-written migrations in the order in which Diesel runs them.
#[must_use]
pub fn in_order(history: &History) -> Vec<&HandWrittenMigration> {
    let mut all: Vec<&HandWrittenMigration> = history.hand_written.iter().collect();
    all.sort_by(|a, b| (&a.version, &a.directory).cmp(&(&b.version, &b.directory)));
    all
}

/// Applies hand-written migrations, each with its `up.sql` as cut by [`crate::readers::parse`], in this order on top of `base`.
///
/// All of them count as before the first plan, whatever their versions.
#[must_use]
pub fn lay(
    dialect: Dialect,
    base: Option<Arc<Catalog>>,
    migrations: &[(&HandWrittenMigration, Script)],
    sources: &Sources,
) -> (Arc<Catalog>, Foundation) {
    let catalog = base.as_deref().map_or_else(|| Catalog::empty(dialect), Catalog::clone);
    let mut laying =
        Laying { catalog, foundation: Foundation { base, ..Foundation::default() }, begun: None };
    for (migration, script) in migrations {
        let text = sources.get(migration.up.source).map_or("", |file| &file.text);
        laying.migration(migration, script, text);
    }
    (Arc::new(laying.catalog), laying.foundation)
}

/// The catalog while it grows.
struct Laying {
    catalog: Catalog,
    foundation: Foundation,
    /// The catalog where an explicit transaction began, and how many changes there were.
    begun: Option<(Catalog, usize)>,
}

impl Laying {
    fn migration(&mut self, migration: &HandWrittenMigration, script: &Script, text: &str) {
        let mut laid = Laid { version: migration.version.clone(), changes: Vec::new() };
        self.begun = None;
        for at in 0..script.statements.len() {
            let Some(statement) = script.read(at, text, &self.catalog) else { break };
            self.transaction(&statement, &mut laid);
            for part in statement.parts {
                if let Some(doubt) = self.part(part, migration, &mut laid) {
                    self.foundation.doubts.push(doubt);
                }
            }
        }
        self.foundation.migrations.push(laid);
    }

    fn transaction(&mut self, statement: &Statement, laid: &mut Laid) {
        match statement.transaction {
            Some(TransactionControl::Begin) => {
                self.begun = Some((self.catalog.clone(), laid.changes.len()));
            }
            Some(TransactionControl::Commit) => self.begun = None,
            Some(TransactionControl::RollBack) => {
                if let Some((catalog, n_changes)) = self.begun.take() {
                    self.catalog = catalog;
                    laid.changes.truncate(n_changes);
                }
            }
            None => {}
        }
    }

    fn part(
        &mut self,
        part: Part,
        migration: &HandWrittenMigration,
        laid: &mut Laid,
    ) -> Option<Doubt> {
        let span = span(migration.up.source, &part);
        let doubt = |why: String, about: Option<BTreeSet<ObjectName>>| Doubt {
            version: migration.version.clone(),
            directory: migration.directory.clone(),
            span,
            why,
            about,
        };
        let change = match part.meaning {
            Meaning::Change(change) => *change,
            Meaning::Opaque { why } => return Some(doubt(why, None)),
            Meaning::Unreadable { message, .. } => {
                return Some(doubt(format!("it cannot be read: {message}"), None));
            }
        };
        if changes_no_schema(&change) {
            return None;
        }
        if let Some(function) = called(&change, &self.catalog) {
            let why = format!("it runs `{function}`, which may do anything");
            return Some(doubt(why, None));
        }
        match apply(&change, &mut self.catalog) {
            Ok(()) => {
                laid.changes.push(change);
                None
            }
            Err(error) if is_fine(&error, part.how) => None,
            Err(error) => Some(doubt(error.to_string(), Some(tables(&change, &self.catalog)))),
        }
    }
}

/// Returns whether a change moves data at most.
const fn changes_no_schema(change: &Change) -> bool {
    matches!(change, Change::Write(_) | Change::Truncate { .. })
}

/// Returns whether the statement itself allows for what stands in its way.
const fn is_fine(error: &ApplyError, how: How) -> bool {
    match error {
        ApplyError::Missing { .. } => how.if_exists,
        ApplyError::Exists { .. } => how.if_not_exists,
        ApplyError::InUse { .. } => false,
    }
}

/// Returns a function or procedure of these migrations that a statement calls.
fn called(change: &Change, catalog: &Catalog) -> Option<ObjectName> {
    let Change::Other(other) = change else { return None };
    if (other.verb, other.kind) != (Verb::Run, ObjectKind::Query) {
        return None;
    }
    let routines = [ObjectKind::Function, ObjectKind::Procedure];
    let known = catalog.others.keys().filter(|(kind, _)| routines.contains(kind));
    let mut known = known.map(|(_, name)| name);
    known.find(|name| calls(&other.text, name.name.as_str())).cloned()
}

/// Returns whether a text has this word with a parenthesis behind it.
fn calls(text: &str, function: &str) -> bool {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(function).any(|(at, _)| {
        let before = text.get(..at).and_then(|rest| rest.chars().next_back());
        let after = text.get(at.saturating_add(function.len())..).unwrap_or_default();
        let after = after.trim_start_matches('"').trim_start();
        !before.is_some_and(is_word) && after.starts_with('(')
    })
}

/// Returns the tables, views and types that a change concerns.
fn tables(change: &Change, catalog: &Catalog) -> BTreeSet<ObjectName> {
    let of = |object: Object| match object {
        Object::Table(name)
        | Object::View(name)
        | Object::Enum(name)
        | Object::Sequence(name)
        | Object::EnumValue(name, _)
        | Object::Index(name, _)
        | Object::Constraint(name, _)
        | Object::Trigger(name, _)
        | Object::Column(name, _)
        | Object::Other(_, name) => Some(name),
        Object::Sync(_) => None,
    };
    footprint(change, catalog).into_iter().filter_map(|(object, _)| of(object)).collect()
}

fn span(source: SourceId, part: &Part) -> Span {
    let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { source, start: place(part.place.start), end: place(part.place.end) }
}
