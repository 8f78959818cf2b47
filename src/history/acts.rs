//! What hand-written migrations do, each statement judged where it stands: in the history that leads to it.

use super::History;
use super::preparation::{Preparation, Witness};
use crate::catalog::{Catalog, SqlExpression};
use crate::change::apply::apply;
use crate::change::effect::{Effect, Object, effects};
use crate::change::widening::widens;
use crate::change::{Change, Verb};
use crate::dialect::Dialect;
use crate::expressions::same_expression;
use crate::name::ObjectName;
use crate::readers::{self, Accepts, How, Marker, Meaning, Part, Statement};
use crate::source::{SourceId, Sources, Span};

/// One thing that a hand-written migration does.
#[derive(Clone, Debug)]
pub struct Act {
    /// The place of its migration in [`History::hand_written`].
    pub migration: usize,
    /// Where it is written.
    pub span: Span,
    /// What it does, or why planner cannot tell.
    pub does: Does,
    /// Words that do not change what is there afterwards.
    pub how: How,
    /// What that means for the releases that are live.
    pub effects: Vec<Effect>,
    /// Whether nobody can use the table yet: the same migration made it, or one less than a day older.
    pub is_fresh: bool,
    /// What was done about it by the migrations before.
    pub preparation: Preparation,
    /// Whether the engine need not look at the rows for it (PostgreSQL): a validated check says that no value is NULL, or the new type
    /// holds every value as it is.
    pub needs_no_scan: bool,
    /// Why another linter's finding on it is accepted, if it is: the reason may be empty.
    pub accepted: Option<String>,
    /// Why the engine refuses it inside a transaction.
    pub alone: Option<&'static str>,
    /// How many statements its migration has.
    pub n_statements: usize,
}

/// What a part of a statement does.
#[derive(Clone, Debug)]
pub enum Does {
    /// This.
    Change(Box<Change>),
    /// Planner cannot tell, and why.
    Opaque(String),
    /// The dialect's parser does not accept it, and what it says.
    Unreadable(String),
}

impl Act {
    /// Returns the change, if planner could read it.
    #[must_use]
    pub fn change(&self) -> Option<&Change> {
        match &self.does {
            Does::Change(change) => Some(change),
            Does::Opaque(_) | Does::Unreadable(_) => None,
        }
    }

    /// Returns what it takes away from releases that may be live.
    pub fn destroyed(&self) -> impl Iterator<Item = &Object> {
        self.effects.iter().filter_map(|effect| match effect {
            Effect::Destroys(object) => Some(object),
            Effect::Adds(_)
            | Effect::Retires(_)
            | Effect::MovesData(_)
            | Effect::Restricts(_)
            | Effect::RemovesGuarantee(_)
            | Effect::Invisible(_)
            | Effect::Opaque => None,
        })
    }
}

impl History {
    /// Reads the hand-written migrations in Diesel's order and judges each statement; fills [`History::acts`].
    ///
    /// `start` is the catalog before the first of them. A statement that does not fit what is known is taken for what it says, and
    /// changes nothing: the history may have begun before the first file.
    pub fn judge(&mut self, dialect: Dialect, sources: &Sources, start: &Catalog) {
        let mut order: Vec<usize> = (0..self.hand_written.len()).collect();
        order.sort_by(|a, b| {
            let version = |at: &usize| self.hand_written.get(*at).map(|of| &of.version);
            version(a).cmp(&version(b))
        });
        let mut judge = Judge {
            dialect,
            catalog: start.clone(),
            witness: Witness::default(),
            acts: Vec::new(),
        };
        for at in order {
            let Some(migration) = self.hand_written.get(at) else { continue };
            let source = migration.up.source;
            let Some(file) = sources.get(source) else { continue };
            let day = day_of(migration.version.as_str());
            judge.migration(at, source, &file.text, day);
            if self.baselined.contains(&migration.version) {
                judge.acts.retain(|act| act.migration != at);
            }
        }
        self.acts = judge.acts;
    }
}

/// The day in a version's stamp, as a number that grows by one from day to day within a month.
fn day_of(version: &str) -> Option<u64> {
    version.get(..8).and_then(|day| day.parse().ok())
}

struct Judge {
    dialect: Dialect,
    catalog: Catalog,
    witness: Witness,
    acts: Vec<Act>,
}

impl Judge {
    fn migration(&mut self, at: usize, source: SourceId, text: &str, day: Option<u64>) {
        let script = readers::parse(self.dialect, text);
        let n_statements = script.statements.len();
        let first = self.acts.len();
        self.witness.begin(at, day);
        for place in 0..n_statements {
            let Some(statement) = script.read(place, text, &self.catalog) else { continue };
            let accepted = accepted(&script.markers, &script.statements, place);
            let Statement { parts, alone, .. } = statement;
            for part in parts {
                let act = self.part(at, source, part);
                let accepted = accepted.clone();
                self.acts.push(Act { accepted, alone, n_statements, ..act });
            }
        }
        // What is there again at the end of the migration was replaced, not taken away.
        let catalog = &self.catalog;
        for act in
            self.acts.iter_mut().skip(first).filter(|act| act.change().is_some_and(takes_away))
        {
            act.effects.retain(
                |effect| !matches!(effect, Effect::Destroys(object) if is_there(catalog, object)),
            );
        }
    }

    fn part(&mut self, migration: usize, source: SourceId, part: Part) -> Act {
        let Part { place, meaning, how } = part;
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let span = Span { source, start: offset(place.start), end: offset(place.end) };
        let act = |does| Act {
            migration,
            span,
            does,
            how,
            effects: Vec::new(),
            is_fresh: false,
            preparation: Preparation::default(),
            needs_no_scan: false,
            accepted: None,
            alone: None,
            n_statements: 0,
        };
        let change = match meaning {
            Meaning::Change(change) => change,
            Meaning::Opaque { why } => return act(Does::Opaque(why)),
            Meaning::Unreadable { message, .. } => return act(Does::Unreadable(message)),
        };
        let table = table_of(&change);
        let is_fresh = table.is_some_and(|table| self.witness.is_fresh(table));
        let effects = effects(&change, &self.catalog);
        let preparation = self.witness.preparation((&change, &effects), &self.catalog);
        let needs_no_scan = needs_no_scan(&change, &self.catalog);
        self.witness.take(&change, &self.catalog);
        // A history may begin before the first file that is there.
        let _ = apply(&change, &mut self.catalog);
        Act { effects, is_fresh, preparation, needs_no_scan, ..act(Does::Change(change)) }
    }
}

/// Returns why a statement is accepted, if a marker of another linter says so.
fn accepted(
    markers: &[Marker],
    statements: &[std::ops::Range<usize>],
    at: usize,
) -> Option<String> {
    let statement = statements.get(at)?;
    let before = at.checked_sub(1).and_then(|at| statements.get(at)).map_or(0, |of| of.end);
    let mut accepted = None;
    for marker in markers {
        let reason = || Some(marker.reason.clone().unwrap_or_default());
        match &marker.accepts {
            Accepts::File(_) => accepted = accepted.or_else(reason),
            Accepts::NextStatement(_) => {
                let is_here = marker.place.start >= before && marker.place.start < statement.end;
                if is_here {
                    accepted = reason();
                }
            }
            Accepts::Begin if marker.place.start <= statement.start => accepted = reason(),
            Accepts::End if marker.place.start <= statement.start => accepted = None,
            Accepts::Begin | Accepts::End => {}
        }
    }
    accepted
}

/// Returns the table that a change is on.
fn table_of(change: &Change) -> Option<&ObjectName> {
    match change {
        Change::CreateTable { name: table, .. }
        | Change::DropTable { name: table }
        | Change::AddColumn { table, .. }
        | Change::DropColumn { table, .. }
        | Change::SetDefault { table, .. }
        | Change::SetNullable { table, .. }
        | Change::AddConstraint { table, .. }
        | Change::DropConstraint { table, .. }
        | Change::CreateIndex { table, .. }
        | Change::DropIndex { table, .. }
        | Change::RenameTable { from: table, .. }
        | Change::RenameColumn { table, .. }
        | Change::RenameConstraint { table, .. }
        | Change::RenameIndex { table, .. }
        | Change::SetType { table, .. }
        | Change::SetGenerated { table, .. }
        | Change::ValidateConstraint { table, .. }
        | Change::SetComment { table, .. }
        | Change::CreateTrigger { table, .. }
        | Change::DropTrigger { table, .. }
        | Change::Deprecate { table, .. } => Some(table),
        Change::Write(data) => Some(data.target()),
        Change::Truncate { tables } => tables.first(),
        Change::Other(other) => other.on.as_ref(),
        Change::CreateSync(sync) | Change::DropSync(sync) => Some(sync.table()),
        Change::CreateEnum { .. }
        | Change::AddEnumValue { .. }
        | Change::DropEnum { .. }
        | Change::RenameEnum { .. }
        | Change::RenameEnumValue { .. }
        | Change::CreateView { .. }
        | Change::ReplaceView { .. }
        | Change::DropView { .. }
        | Change::CreateSequence { .. }
        | Change::DropSequence { .. }
        | Change::RenameSequence { .. }
        | Change::Opaque(_) => None,
    }
}

/// Returns whether the engine knows without looking at the rows that they fit (PostgreSQL 12: "if a valid CHECK constraint is found
/// which proves no NULL can exist, then the table scan is skipped").
fn needs_no_scan(change: &Change, before: &Catalog) -> bool {
    match change {
        Change::SetNullable { table, column, nullable: false } => {
            let checks = before.table(table).into_iter().flat_map(|table| &table.checks);
            let says = SqlExpression::new(format!("{column} IS NOT NULL"));
            let mut valid = checks.filter(|check| check.validated);
            valid.any(|check| same_expression(before.dialect, &check.expression, &says))
        }
        Change::SetType { table, column, sql_type, using: None, .. } => {
            before.column(table, column).is_some_and(|of| widens(&of.sql_type, sql_type))
        }
        _ => false,
    }
}

/// Returns whether a change takes something away that may be made again, rather than making it something else.
const fn takes_away(change: &Change) -> bool {
    !matches!(
        change,
        Change::SetType { .. } | Change::SetGenerated { .. } | Change::Truncate { .. }
    )
}

/// Returns whether an object is in the catalog.
fn is_there(catalog: &Catalog, object: &Object) -> bool {
    match object {
        // A view under a table's old name serves whoever still uses it.
        Object::Table(name) | Object::View(name) => {
            catalog.tables.contains_key(name) || catalog.views.contains_key(name)
        }
        Object::Column(table, column) => catalog.column(table, column).is_some(),
        Object::Index(table, name) => {
            catalog.table(table).is_some_and(|table| table.indexes.contains_key(name))
        }
        Object::Trigger(table, name) => {
            catalog.table(table).is_some_and(|table| table.triggers.contains_key(name))
        }
        Object::Enum(name) => catalog.enums.contains_key(name),
        Object::EnumValue(name, value) => {
            catalog.enums.get(name).is_some_and(|of| of.values.contains(value))
        }
        Object::Sequence(name) => catalog.sequences.contains(name),
        Object::Other(kind, name) => catalog.others.contains_key(&(*kind, name.clone())),
        Object::Constraint(..) | Object::Sync(_) => false,
    }
}

/// Returns whether a change only replaces something by itself.
#[must_use]
pub fn is_replacement(change: &Change) -> bool {
    matches!(change, Change::Other(other) if other.verb == Verb::Replace)
}
