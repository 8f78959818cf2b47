//! What hand-written migrations do, each statement judged where it stands: in the history that leads to it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::added;
use super::again::{Again, Taken, is_there, makes_otherwise};
use super::comes_with::comes_with;
use super::emptied::{self, Emptied};
use super::lost_key::lost_key;
use super::preparation::{Preparation, Witness, day_of};
use super::seed::is_one_more_row;
use super::session::{Control, Timeouts};
use super::{HandWrittenMigration, History, schema};
use crate::catalog::{Catalog, ObjectKind};
use crate::change::effect::{Effect, Object, effects, says_only_not_null};
use crate::change::{Change, Constraint};
use crate::dialect::Dialect;
use crate::dialects::locks::{Demand, Work, demands};
use crate::dialects::{Refused, refused};
use crate::name::ObjectName;
use crate::readers::{self, Accepts, How, Marker, Meaning, Part, Statement};
use crate::source::{SourceId, Sources, Span};

/// One thing that a hand-written migration does.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact by itself, and they are independent"
)]
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
    /// How what it takes away comes back, if its migration makes that again.
    pub again: Option<Again>,
    /// What it asks of tables that somebody may use (PostgreSQL).
    pub demands: Vec<Demand>,
    /// What other linters are told to accept of it.
    pub accepted: Vec<Accepted>,
    /// Why the engine refuses it inside a transaction.
    pub alone: Option<&'static str>,
    /// How many statements its migration has.
    pub n_statements: usize,
    /// How long it may take.
    pub timeouts: Timeouts,
    /// Whether the table has partitions (PostgreSQL).
    pub is_partitioned: bool,
    /// Why the engine refuses it, as far as that is told without asking it (SQLite).
    pub refused: Option<Refused>,
    /// Whether it is an `ALTER TABLE`, not part of a table's rebuild.
    pub alters: bool,
    /// Whether it is about a column that the same migration added, so that no release writes it.
    pub is_of_new_column: bool,
    /// The columns on which an upsert can no longer conflict, since their last unique key goes.
    pub lost_key: Option<String>,
}

/// What another linter is told to accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Its rules, by the names it gives them; all if none is named.
    pub rules: Vec<String>,
    /// Why; may be empty.
    pub reason: String,
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

    /// Returns the most that it does to the rows of a table that somebody may use.
    #[must_use]
    pub fn work(&self) -> Work {
        self.demands.iter().map(|of| of.work).max().unwrap_or(Work::None)
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
    /// `start` is the catalog before the first of them; returns the one after the last. A statement that does not fit what is known is taken for what it says, and
    /// changes nothing: the history may have begun before the first file.
    pub fn judge(&mut self, dialect: Dialect, sources: &Sources, start: &Catalog) -> Arc<Catalog> {
        let mut judge = Judge::default();
        let mut laying =
            schema::Laying::on(dialect, Some(Arc::new(start.clone())), Some(&mut judge));
        for place in schema::in_order(self) {
            laying.lay(place, &place.parsed(dialect, sources), sources);
        }
        let (after, _) = laying.done();
        self.take(judge);
        after
    }

    /// Keeps what was judged, but for what the baseline has.
    pub fn take(&mut self, judge: Judge) {
        let Self { hand_written, baselined, .. } = self;
        let is_judged = |migration: usize| {
            hand_written.get(migration).is_some_and(|of| !baselined.contains(&of.version))
        };
        self.acts = judge.acts.into_iter().filter(|act| is_judged(act.migration)).collect();
        self.controls = judge.controls.into_iter().filter(|of| is_judged(of.migration)).collect();
        let keyless = judge.keyless.into_iter().filter(|(migration, ..)| is_judged(*migration));
        self.keyless = keyless.map(|(_, span, table)| (span, table)).collect();
        self.index();
    }
}

/// Looks on while migrations are applied, and judges what each statement does.
#[derive(Debug, Default)]
pub struct Judge {
    witness: Witness,
    /// What the migration that is being read took away.
    taken: Taken,
    acts: Vec<Act>,
    controls: Vec<Control>,
    /// Tables that have no primary key at the end of the migration that made them, and where that is written.
    keyless: Vec<(usize, Span, ObjectName)>,
    /// How long statements may take from here on.
    timeouts: Timeouts,
    /// The migration that is being read: its place, how many acts there were before it, its file.
    now: Option<(usize, usize, SourceId)>,
    /// The acts of it that do not fit what is known: that what they take away is still there says nothing.
    unfit: BTreeSet<usize>,
    emptied: Emptied,
}

impl Judge {
    /// Goes on to the next migration, which stands at this place of [`History::hand_written`].
    pub(super) fn begin(&mut self, at: usize, migration: &HandWrittenMigration) {
        self.now = Some((at, self.acts.len(), migration.up.source));
        self.taken = Taken::default();
        self.unfit.clear();
        self.witness.begin(at, day_of(migration.version.as_str()));
        self.timeouts = Timeouts::default();
    }

    /// Takes note of what a statement does to the session before its parts are judged.
    pub(super) fn statement(&mut self, statement: &Statement, text: &str) {
        let Some((migration, _, source)) = self.now else { return };
        if let Some(does) = statement.transaction {
            self.controls.push(Control { migration, span: span(source, &statement.place), does });
        }
        self.witness.statement(statement);
        let written = text.get(statement.place.clone()).unwrap_or_default();
        self.timeouts.follow(statement, written);
    }

    /// What is there again at the end of the migration was replaced, not taken away, but for what it lost by that.
    pub(super) fn end(&mut self, after: &Catalog) {
        let Some((migration, first, _)) = self.now.take() else { return };
        let Some(acts) = self.acts.get_mut(first..) else { return };
        for act in &*acts {
            let Some(Change::CreateTable { name, .. }) = act.change() else { continue };
            if after.table(name).is_some_and(|table| table.primary_key.is_none()) {
                self.keyless.push((migration, act.span, name.clone()));
            }
        }
        added::settle(acts, after);
        if acts.iter().filter_map(Act::change).any(gives_key) {
            self.keyless.retain(|(.., name)| {
                after.table(name).is_none_or(|table| table.primary_key.is_none())
            });
        }
        let acts = self.acts.iter_mut().enumerate().skip(first);
        let stays = |at: &usize| self.unfit.contains(at) || self.emptied.has(*at);
        let acts = acts.filter(|(at, _)| !stays(at)).map(|(_, act)| act);
        for act in acts.filter(|act| !act.change().is_none_or(makes_otherwise)) {
            act.effects.retain(
                |effect| !matches!(effect, Effect::Destroys(object) if is_there(after, object)),
            );
        }
        self.taken.settle(&mut self.acts, &self.unfit, after, &self.witness);
        self.emptied.settle(&mut self.acts, first);
    }

    /// Takes note that the last part could not be applied.
    pub(super) fn is_unfit(&mut self) {
        self.unfit.extend(self.acts.len().checked_sub(1));
    }

    /// Judges what a part takes away if it runs, although nobody knows whether it does.
    fn what_may_run(&mut self, part: &Part, of: &Surroundings, before: &Catalog) {
        let Meaning::Change(change) = &part.meaning else { return };
        let Change::Opaque(opaque) = &**change else { return };
        let destroys = |of: &Effect| matches!(of, Effect::Destroys(_));
        let takes = |may: &&Change| {
            effects(may, before).iter().any(destroys) || emptied::effect(may, before).is_some()
        };
        for change in opaque.may.iter().filter(takes) {
            let meaning = Meaning::Change(Box::new(change.clone()));
            self.part(&Part { meaning, ..part.clone() }, of, before);
            // It is still there as far as the catalog knows.
            self.is_unfit();
        }
    }

    /// Judges a part of a statement before it is applied.
    pub(super) fn part(&mut self, part: &Part, of: &Surroundings, before: &Catalog) {
        let Some((migration, _, source)) = self.now else { return };
        self.what_may_run(part, of, before);
        let mut act = Act {
            migration,
            span: span(source, &part.place),
            does: Does::Opaque(String::new()),
            how: part.how,
            effects: Vec::new(),
            is_fresh: false,
            preparation: Preparation::default(),
            again: None,
            demands: Vec::new(),
            accepted: of.accepted.clone(),
            alone: of.alone,
            n_statements: of.n_statements,
            timeouts: self.timeouts,
            is_partitioned: false,
            refused: None,
            alters: of.alters,
            is_of_new_column: false,
            lost_key: None,
        };
        match &part.meaning {
            Meaning::Change(change) => {
                act.is_fresh = of_whom(change).is_some_and(|name| self.witness.is_fresh(name));
                act.is_partitioned = change.table().is_some_and(|table| {
                    before.table(table).is_some_and(|of| of.partition_by.is_some())
                });
                act.lost_key = lost_key(change, before);
                act.refused = refused(change, before).filter(|_| of.alters);
                act.effects = effects(change, before);
                act.effects.extend(emptied::effect(change, before));
                if self.taken.was_obeyed(change, before) {
                    act.effects.retain(|effect| !matches!(effect, Effect::Restricts(_)));
                }
                if let Change::DropConstraint { table, constraint } = &**change
                    && says_only_not_null(table, constraint, before)
                {
                    act.effects.clear();
                }
                self.taken.added.judge(&mut act, change, before);
                if matches!(&**change, Change::RenameTable { from, .. } if self.taken.is_passing(from))
                {
                    act.effects.retain(|effect| !matches!(effect, Effect::Destroys(_)));
                }
                act.preparation = self.witness.preparation((change, &act.effects), before);
                act.demands = demands(change, part.how.concurrently, before);
                act.demands.retain(|of| !self.witness.is_fresh(&of.table));
                if self.acts.last().is_some_and(|last| comes_with(change, &act, last)) {
                    act.demands.iter_mut().for_each(|of| of.work = Work::None);
                }
                self.witness.take(change, before);
                self.taken.take(self.acts.len(), change, before);
                self.emptied.take(self.acts.len(), change, before);
                act.does = match schema::called(change, before) {
                    Some(function) => {
                        self.taken.doubt();
                        Does::Opaque(format!("it runs `{function}`, which may do anything"))
                    }
                    None => Does::Change(change.clone()),
                };
            }
            Meaning::Opaque { why } => {
                self.taken.doubt();
                act.does = Does::Opaque(why.clone());
            }
            Meaning::Unreadable { message, offset: at } => {
                self.taken.doubt();
                act.does = Does::Unreadable(message.clone());
                // From where the parser gave up: what stands before it may be fine.
                let from = u32::try_from(*at).unwrap_or(u32::MAX);
                act.span.start = from.clamp(act.span.start, act.span.end);
            }
        }
        if !self.acts.last().is_some_and(|last| is_one_more_row(last, &act)) {
            self.acts.push(act);
        }
    }
}

/// Returns whether a table gets a primary key.
const fn gives_key(change: &Change) -> bool {
    matches!(
        change,
        Change::AddConstraint {
            constraint: Constraint::Primary(_) | Constraint::UsingIndex { primary: true, .. },
            ..
        }
    )
}

/// Returns the table or materialized view whose users would notice.
fn of_whom(change: &Change) -> Option<&ObjectName> {
    if let Change::Other(other) = change
        && other.kind == ObjectKind::MaterializedView
    {
        return other.name.as_ref();
    }
    change.table()
}

fn span(source: SourceId, place: &std::ops::Range<usize>) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { source, start: offset(place.start), end: offset(place.end) }
}

/// What a part of a statement has in common with the others.
#[derive(Clone, Debug)]
pub(super) struct Surroundings {
    accepted: Vec<Accepted>,
    alone: Option<&'static str>,
    n_statements: usize,
    alters: bool,
}

impl Surroundings {
    pub(super) fn of(
        script: &readers::Script,
        at: usize,
        statement: &Statement,
        text: &str,
    ) -> Self {
        let text = text.get(statement.place.clone()).unwrap_or_default();
        Self {
            alters: text.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("alter")),
            accepted: accepted(&script.markers, &script.statements, at),
            alone: statement.alone,
            n_statements: script.statements.len(),
        }
    }
}

/// Returns what markers of other linters accept of a statement.
fn accepted(markers: &[Marker], statements: &[std::ops::Range<usize>], at: usize) -> Vec<Accepted> {
    let Some(statement) = statements.get(at) else { return Vec::new() };
    let before = at.checked_sub(1).and_then(|at| statements.get(at)).map_or(0, |of| of.end);
    let mut accepted = Vec::new();
    let mut open = None;
    for marker in markers {
        let of = |rules: &[String]| Accepted {
            rules: rules.to_vec(),
            reason: marker.reason.clone().unwrap_or_default(),
        };
        match &marker.accepts {
            Accepts::File(rules) => accepted.push(of(rules)),
            Accepts::NextStatement(rules) => {
                if marker.place.start >= before && marker.place.start < statement.end {
                    accepted.push(of(rules));
                }
            }
            Accepts::Begin if marker.place.start <= statement.start => open = Some(of(&[])),
            Accepts::End if marker.place.start <= statement.start => open = None,
            Accepts::Begin | Accepts::End => {}
        }
    }
    accepted.extend(open);
    accepted
}
