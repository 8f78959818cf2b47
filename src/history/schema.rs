//! The schema that hand-written migrations leave: where plans begin.
//!
//! They are read leniently: what cannot be read, or does not fit on what is there, is a doubt with its place, and stops nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::acts::{Judge, Surroundings};
use super::{HandWrittenMigration, History};
use crate::catalog::{Catalog, ObjectKind};
use crate::change::apply::{ApplyError, apply_as_run};
use crate::change::effect::Object;
use crate::change::footprint::footprint;
use crate::change::{Change, Verb};
use crate::dialect::Dialect;
use crate::name::ObjectName;
use crate::plan::foundation::{Doubt, Foundation, Laid};
use crate::readers::{self, How, Meaning, Part, Script, Statement, TransactionControl};
use crate::source::{SourceId, Sources, Span};

/// Returns the hand-written migrations in the order in which Diesel runs them, without those whose work the baseline holds.
#[must_use]
pub fn in_order(history: &History) -> Vec<Place<'_>> {
    let places = history.hand_written.iter().enumerate();
    let is_held = |version| history.baseline.as_ref().is_some_and(|of| of.holds(version));
    let places = places.map(|(at, migration)| Place { at, migration });
    let mut all: Vec<Place<'_>> =
        places.filter(|place| !is_held(&place.migration.version)).collect();
    // Directories come sorted by name, and of two with one version the first one stays first.
    all.sort_by(|a, b| a.migration.version.cmp(&b.migration.version));
    all
}

/// A migration and its place in [`History::hand_written`].
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    at: usize,
    migration: &'a HandWrittenMigration,
}

impl Place<'_> {
    /// Cuts its `up.sql` into statements.
    #[must_use]
    pub fn parsed(&self, dialect: Dialect, sources: &Sources) -> Script {
        readers::parse(dialect, self.text(sources))
    }

    /// As [`Place::parsed`], with all of the work that does not depend on the migrations before it.
    #[must_use]
    pub fn parsed_ahead(&self, dialect: Dialect, sources: &Sources) -> Script {
        let mut script = self.parsed(dialect, sources);
        script.parse_ahead(self.text(sources));
        script
    }

    fn text<'s>(&self, sources: &'s Sources) -> &'s str {
        sources.get(self.migration.up.source).map_or("", |file| &file.text)
    }
}

/// A catalog that grows by hand-written migrations.
///
/// All of them count as before the first plan, whatever their versions. A judge looks on at each statement.
#[derive(Debug)]
pub struct Laying<'j> {
    catalog: Catalog,
    foundation: Foundation,
    /// The catalog where an explicit transaction began, and how many changes there were.
    begun: Option<(Catalog, usize)>,
    /// Who looks on.
    judge: Option<&'j mut Judge>,
}

impl<'j> Laying<'j> {
    /// Begins with what was there before the first migration, if that is known.
    #[must_use]
    pub fn on(dialect: Dialect, base: Option<Arc<Catalog>>, judge: Option<&'j mut Judge>) -> Self {
        let catalog = base.as_deref().map_or_else(|| Catalog::empty(dialect), Catalog::clone);
        let foundation = Foundation { base, ..Foundation::default() };
        Self { catalog, foundation, begun: None, judge }
    }

    /// Applies the next migration; `script` is its `up.sql` as [`Place::parsed`] cuts it.
    pub fn lay(&mut self, place: Place<'_>, script: &Script, sources: &Sources) {
        self.migration(place, script, place.text(sources));
    }

    /// Returns what the migrations leave.
    #[must_use]
    pub fn done(self) -> (Arc<Catalog>, Foundation) {
        (Arc::new(self.catalog), self.foundation)
    }
}

impl Laying<'_> {
    fn migration(&mut self, Place { at, migration }: Place<'_>, script: &Script, text: &str) {
        let mut laid = Laid { version: migration.version.clone(), changes: Vec::new() };
        self.begun = None;
        if let Some(judge) = &mut self.judge {
            judge.begin(at, migration);
        }
        for at in 0..script.statements.len() {
            let Some(statement) = script.read(at, text, &self.catalog) else { break };
            self.transaction(&statement, &mut laid);
            if let Some(judge) = &mut self.judge {
                judge.statement(&statement, text);
            }
            let surroundings =
                self.judge.is_some().then(|| Surroundings::of(script, at, &statement, text));
            for part in statement.parts {
                if let (Some(judge), Some(surroundings)) = (&mut self.judge, &surroundings) {
                    judge.part(&part, surroundings, &self.catalog);
                }
                if let Some(doubt) = self.part(part, migration, &mut laid) {
                    if let Some(judge) = &mut self.judge {
                        judge.is_unfit();
                    }
                    self.foundation.doubts.push(doubt);
                }
            }
        }
        if let Some(judge) = &mut self.judge {
            judge.end(&self.catalog);
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
        if let Change::Opaque(opaque) = &change {
            let about = opaque.touches.iter().map(|of| of.object.clone()).collect();
            return Some(doubt(opaque.why.clone(), Some(about)));
        }
        match apply_as_run(&change, &mut self.catalog) {
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
        ApplyError::InUse { .. } | ApplyError::OfWhole { .. } => false,
    }
}

/// Returns a function or procedure of these migrations that a statement calls.
pub(super) fn called(change: &Change, catalog: &Catalog) -> Option<ObjectName> {
    let Change::Other(other) = change else { return None };
    if (other.verb, other.kind) != (Verb::Run, ObjectKind::Query) {
        return None;
    }
    let routines = [ObjectKind::Function, ObjectKind::Procedure];
    let known = catalog.others.keys().filter(|(kind, _)| routines.contains(kind));
    let called =
        known.filter_map(|(_, name)| Some((calls(&other.text, name.name.as_str())?, name)));
    called.min().map(|(_, name)| name.clone())
}

/// Returns where a text first has this word with a parenthesis behind it.
fn calls(text: &str, function: &str) -> Option<usize> {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut found = text.match_indices(function).map(|(at, _)| at);
    found.find(|at| {
        let at = *at;
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
