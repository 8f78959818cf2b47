//! What reads every row under a lock, done in several migrations instead: the way that planner itself goes with such a change.

use super::super::super::Evidence;
use super::metadata::without_transaction;
use super::place::{following, held_back, names_are_known, schema_before};
use super::{METADATA, NO_TRANSACTION};
use crate::catalog::{
    Catalog, Deferral, Index, IndexColumn, IndexKey, IndexTerms, Order, PartTerms,
};
use crate::change::apply::apply;
use crate::change::words::{Token, placed};
use crate::change::{Change, Constraint};
use crate::diagnostic::fix::{Edit, Fix, NewFile};
use crate::dialect::Dialect;
use crate::dialects::{self, Group, RenderContext, Transaction};
use crate::history::{Act, HandWrittenMigration, Script};
use crate::name::Name;
use crate::readers::{self, Meaning};
use crate::source::Span;

/// Does a migration's only statement in stages: the first one in its place, the others in migrations just after it.
pub(in crate::rules) fn in_stages(
    evidence: &Evidence<'_>,
    act: &Act,
    migration: &HandWrittenMigration,
) -> Option<Fix> {
    let change = act.change().filter(|change| is_staged(evidence, act, change))?;
    if !is_only_act(evidence, act) {
        return None;
    }
    let up = only_statement(evidence, &migration.up)?;
    let back = migration.down.as_ref()?;
    let down = only_statement(evidence, back)?;
    if !undoes(change, &read(evidence, back, &evidence.context.project.start)?) {
        return None;
    }
    let groups = staged(change, &schema_before(evidence, migration))?;
    let (first, later) = groups.split_first()?;
    let (first_up, first_down) = (written(&first.statements), undo(first)?);
    let is_alone = matches!(first.transaction, Transaction::Alone { .. });
    let (mut edits, mut new_files) = without_transaction(evidence, migration, is_alone)?;
    edits.push(Edit { span: up, text: first_up });
    edits.push(Edit { span: down, text: first_down });
    let mut stages = Stages::new(evidence, migration);
    for group in later {
        stages.group(group)?;
    }
    new_files.extend(stages.files);
    Some(Fix {
        title: "do it in migrations one after the other, beside the writers".to_owned(),
        edits,
        new_files,
        held_back: held_back(evidence, migration),
    })
}

/// Returns whether a migration does this one thing and no more.
pub(super) fn is_only_act(evidence: &Evidence<'_>, act: &Act) -> bool {
    let n_acts = evidence.context.history.acts_of(act.migration).len();
    act.n_statements == 1 && n_acts == 1 && !act.how.only && !act.is_partitioned
}

/// Returns the groups of statements that planner itself would do a change in.
pub(super) fn groups(change: &Change, before: &Catalog) -> Option<Vec<Group>> {
    let context = RenderContext { before, fresh_table: false, lock_timeout_ms: 0 };
    Some(dialects::render(change, &context).ok()?.groups)
}

/// Returns them so that each is undone by itself: of a key that takes over an index, the way back leaves the index.
fn staged(change: &Change, before: &Catalog) -> Option<Vec<Group>> {
    let Change::AddConstraint {
        table,
        constraint: constraint @ (Constraint::Unique(key) | Constraint::Primary(key)),
    } = change
    else {
        return groups(change, before);
    };
    let primary = matches!(constraint, Constraint::Primary(_));
    let part = |name: &Name| IndexColumn {
        key: IndexKey::Column(name.clone()),
        order: Order::Ascending,
        nulls: None,
        opclass: None,
        terms: PartTerms::default(),
    };
    let index = Index {
        columns: key.columns.iter().map(part).collect(),
        unique: true,
        predicate: None,
        method: None,
        include: Vec::new(),
        valid: true,
        terms: IndexTerms::default(),
    };
    let build = Change::CreateIndex { table: table.clone(), name: key.name.clone(), index };
    let (name, index) = (key.name.clone(), key.name.clone());
    let constraint = Constraint::UsingIndex { name, index, primary, deferral: Deferral::Never };
    let adopt = Change::AddConstraint { table: table.clone(), constraint };
    let mut all = groups(&build, before)?;
    let mut after = before.clone();
    apply(&build, &mut after).ok()?;
    all.extend(groups(&adopt, &after)?);
    Some(all)
}

/// Migrations just after one.
pub(super) struct Stages<'a> {
    evidence: &'a Evidence<'a>,
    migration: &'a HandWrittenMigration,
    n: u32,
    /// Their files.
    pub(super) files: Vec<NewFile>,
}

impl<'a> Stages<'a> {
    pub(super) const fn new(
        evidence: &'a Evidence<'a>,
        migration: &'a HandWrittenMigration,
    ) -> Self {
        Self { evidence, migration, n: 0, files: Vec::new() }
    }

    /// Adds one, whose name ends in this word.
    pub(super) fn add(&mut self, word: &str, up: &str, down: &str, alone: bool) -> Option<()> {
        self.n = self.n.checked_add(1)?;
        let directory = following(self.evidence, self.migration, self.n, word)?;
        let folder = self.migration.path.parent()?.join(directory);
        let mut file = |name: &str, text: String| {
            self.files.push(NewFile { path: folder.join(name), text });
        };
        file("up.sql", format!("{up};\n"));
        file("down.sql", format!("{down};\n"));
        if alone {
            file(METADATA, NO_TRANSACTION.to_owned());
        }
        Some(())
    }

    /// Adds one that does a group of statements.
    pub(super) fn group(&mut self, group: &Group) -> Option<()> {
        let word = format!("stage_{}", self.n.checked_add(2)?);
        let is_alone = matches!(group.transaction, Transaction::Alone { .. });
        self.add(&word, &written(&group.statements), &undo(group)?, is_alone)
    }
}

/// Returns whether a change is one of those that go in stages, under a name that its author gave or that the server surely gives.
fn is_staged(evidence: &Evidence<'_>, act: &Act, change: &Change) -> bool {
    if matches!(change, Change::SetNullable { nullable: false, .. }) {
        return true;
    }
    let Change::AddConstraint {
        constraint: Constraint::Unique(_) | Constraint::Primary(_), ..
    } = change
    else {
        return false;
    };
    let words = placed(evidence.context.sources.slice(act.span));
    let is_word = |at: usize, word: &str| matches!(words.get(at), Some((_, Token::Word(it))) if it.eq_ignore_ascii_case(word));
    // What the catalog does not keep would be lost.
    let unkept = ["deferrable", "initially", "include", "nulls", "with", "tablespace"];
    let is_plain = !(0..words.len()).any(|at| unkept.iter().any(|of| is_word(at, of)));
    let is_key = is_word(1, "unique") || is_word(1, "primary");
    let is_named = is_word(1, "constraint") || is_key && names_are_known(evidence);
    is_word(0, "add") && is_named && is_plain
}

/// Returns whether a change takes back another one.
pub(super) fn undoes(change: &Change, back: &Change) -> bool {
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
pub(super) fn only_statement(evidence: &Evidence<'_>, script: &Script) -> Option<Span> {
    let text = &evidence.context.sources.get(script.source)?.text;
    let parsed = readers::parse(Dialect::Postgres, text);
    let [only] = parsed.statements.as_slice() else { return None };
    let place = |at: usize| u32::try_from(at).ok();
    Some(Span { source: script.source, start: place(only.start)?, end: place(only.end)? })
}

/// Reads a file's only statement, if it does one thing.
pub(super) fn read(evidence: &Evidence<'_>, script: &Script, catalog: &Catalog) -> Option<Change> {
    let text = &evidence.context.sources.get(script.source)?.text;
    let statement = readers::parse(Dialect::Postgres, text).read(0, text, catalog)?;
    let [part] = statement.parts.as_slice() else { return None };
    match &part.meaning {
        Meaning::Change(change) => Some(Change::clone(change)),
        Meaning::Opaque { .. } | Meaning::Unreadable { .. } => None,
    }
}

pub(super) fn written(statements: &[String]) -> String {
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
