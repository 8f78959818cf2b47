//! What hand-written migrations do, each statement judged where it stands: in the history that leads to it.

use std::sync::Arc;

use super::preparation::{Preparation, Witness};
use super::{HandWrittenMigration, History, schema};
use crate::catalog::{Catalog, ObjectKind, SqlExpression};
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
        let migrations = schema::in_order(self);
        let migrations: Vec<_> =
            migrations.into_iter().map(|of| (of, of.parsed(dialect, sources))).collect();
        let base = Some(Arc::new(start.clone()));
        let mut judge = Judge::default();
        let _ = schema::lay(dialect, base, &migrations, sources, Some(&mut judge));
        drop(migrations);
        self.take(judge);
    }

    /// Keeps what was judged, but for what the baseline has.
    pub fn take(&mut self, judge: Judge) {
        let Self { hand_written, baselined, .. } = self;
        let is_judged = |act: &Act| {
            let migration = hand_written.get(act.migration);
            migration.is_some_and(|of| !baselined.contains(&of.version))
        };
        self.acts = judge.acts.into_iter().filter(is_judged).collect();
    }
}

/// The day in a version's stamp, as a number that grows by one from day to day within a month.
fn day_of(version: &str) -> Option<u64> {
    version.get(..8).and_then(|day| day.parse().ok())
}

/// Looks on while migrations are applied, and judges what each statement does.
#[derive(Debug, Default)]
pub struct Judge {
    witness: Witness,
    acts: Vec<Act>,
    /// The migration that is being read: its place, how many acts there were before it, its file.
    now: Option<(usize, usize, SourceId)>,
}

impl Judge {
    /// Goes on to the next migration, which stands at this place of [`History::hand_written`].
    pub(super) fn begin(&mut self, at: usize, migration: &HandWrittenMigration) {
        self.now = Some((at, self.acts.len(), migration.up.source));
        self.witness.begin(at, day_of(migration.version.as_str()));
    }

    /// What is there again at the end of the migration was replaced, not taken away.
    pub(super) fn end(&mut self, after: &Catalog) {
        let Some((_, first, _)) = self.now.take() else { return };
        let acts = self.acts.iter_mut().skip(first);
        for act in acts.filter(|act| act.change().is_some_and(takes_away)) {
            act.effects.retain(
                |effect| !matches!(effect, Effect::Destroys(object) if is_there(after, object)),
            );
        }
    }

    /// Judges a part of a statement before it is applied.
    pub(super) fn part(&mut self, part: &Part, of: &Surroundings, before: &Catalog) {
        let Some((migration, _, source)) = self.now else { return };
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let span = Span { source, start: offset(part.place.start), end: offset(part.place.end) };
        let mut act = Act {
            migration,
            span,
            does: Does::Opaque(String::new()),
            how: part.how,
            effects: Vec::new(),
            is_fresh: false,
            preparation: Preparation::default(),
            needs_no_scan: false,
            accepted: of.accepted.clone(),
            alone: of.alone,
            n_statements: of.n_statements,
        };
        match &part.meaning {
            Meaning::Change(change) => {
                let table = table_of(change);
                act.is_fresh = table.is_some_and(|table| self.witness.is_fresh(table));
                act.effects = effects(change, before);
                act.preparation = self.witness.preparation((change, &act.effects), before);
                act.needs_no_scan = needs_no_scan(change, before);
                self.witness.take(change, before);
                act.does = Does::Change(change.clone());
            }
            Meaning::Opaque { why } => act.does = Does::Opaque(why.clone()),
            Meaning::Unreadable { message, offset: at } => {
                act.does = Does::Unreadable(message.clone());
                // From where the parser gave up: what stands before it may be fine.
                act.span.start = offset(*at).clamp(act.span.start, act.span.end);
            }
        }
        if !self.acts.last().is_some_and(|last| is_one_more_row(last, &act)) {
            self.acts.push(act);
        }
    }
}

/// Returns whether an act writes into the table that the one before it writes into, in the same way: of the rows of seed data, of which there
/// may be a million, the first stands for all.
fn is_one_more_row(last: &Act, act: &Act) -> bool {
    let (Some(Change::Other(first)), Some(Change::Other(other))) = (last.change(), act.change())
    else {
        return false;
    };
    let is_row = (other.verb, other.kind) == (Verb::Run, ObjectKind::Query) && other.on.is_some();
    is_row
        && (first.verb, first.kind) == (other.verb, other.kind)
        && (&first.on, &first.touches) == (&other.on, &other.touches)
        && (last.migration, last.how, last.is_fresh) == (act.migration, act.how, act.is_fresh)
        && (&last.effects, &last.accepted) == (&act.effects, &act.accepted)
}

/// What a part of a statement has in common with the others.
#[derive(Clone, Debug)]
pub(super) struct Surroundings {
    accepted: Option<String>,
    alone: Option<&'static str>,
    n_statements: usize,
}

impl Surroundings {
    pub(super) fn of(script: &readers::Script, at: usize, statement: &Statement) -> Self {
        Self {
            accepted: accepted(&script.markers, &script.statements, at),
            alone: statement.alone,
            n_statements: script.statements.len(),
        }
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
