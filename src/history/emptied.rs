//! Statements that take all rows of a table: whether the history says that this is right.

use std::collections::BTreeMap;

use super::acts::{Act, Does};
use super::again::Again;
use crate::catalog::{Catalog, ObjectKind};
use crate::change::effect::{Effect, Object};
use crate::change::words::{Token, is_always_true, outer_words, tokens, write_word};
use crate::change::{Change, Write};
use crate::name::ObjectName;

/// A longer text is a seed, which deletes nothing.
const TEXT_MAX: usize = 1 << 16;

/// Returns the table of which a statement deletes all rows.
pub(super) fn deleted_whole<'c>(change: &'c Change, before: &Catalog) -> Option<&'c ObjectName> {
    match change {
        Change::Write(data) if matches!(data.write, Write::Delete) => {
            let all = |condition| holds_for_all(condition, &data.table, before);
            data.condition.as_ref().is_none_or(|of| all(of.as_str())).then_some(&data.table)
        }
        // More than planner holds of a DELETE: an alias, what it returns, a WITH before it.
        Change::Other(other) if other.kind == ObjectKind::Query && other.text.len() < TEXT_MAX => {
            let first = other.text.split_whitespace().next()?;
            if !["delete", "with"].iter().any(|word| first.eq_ignore_ascii_case(word)) {
                return None;
            }
            let words = outer_words(&other.text);
            let is_of_some = words.iter().any(|word| word == "where" || word == "limit");
            let deletes = write_word(&words) == Some("delete");
            other.on.as_ref().filter(|_| deletes && !is_of_some)
        }
        _ => None,
    }
}

/// Returns whether a statement takes all rows of a table and leaves the table.
pub(super) fn empties(change: &Change, before: &Catalog) -> bool {
    matches!(change, Change::Truncate { .. }) || deleted_whole(change, before).is_some()
}

/// Returns what a statement does beside its effects on the schema: what it deletes is gone for the releases that are live.
pub(super) fn effect(change: &Change, before: &Catalog) -> Option<Effect> {
    deleted_whole(change, before).map(|table| Effect::Destroys(Object::Table(table.clone())))
}

/// Returns whether a condition is a constant that is true, or asks whether a column that is never NULL is not NULL.
fn holds_for_all(condition: &str, table: &ObjectName, before: &Catalog) -> bool {
    if is_always_true(condition) {
        return true;
    }
    match *tokens(condition) {
        [Token::Word(column), Token::Word(is), Token::Word(not), Token::Word(null)] => {
            let words = [(is, "is"), (not, "not"), (null, "null")];
            let of = before.table(table).into_iter().flat_map(|table| &table.columns);
            let mut of = of.filter(|of| of.name.as_str().eq_ignore_ascii_case(column));
            words.iter().all(|(word, is)| word.eq_ignore_ascii_case(is))
                && of.next().is_some_and(|column| !column.nullable)
        }
        _ => false,
    }
}

/// What becomes of a table after it was emptied, in the same migration; the last outweighs those before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Later {
    /// Something that nobody can read is done, perhaps to it.
    Unknown,
    /// It gets rows that are written there.
    Rows,
    /// It gets what a query finds.
    Query,
    /// It is dropped, which is told there.
    Dropped,
}

/// The statements that empty tables, by their places among the acts.
#[derive(Debug, Default)]
pub(super) struct Emptied {
    by: Vec<usize>,
}

impl Emptied {
    /// Takes note of the next act, if it empties a table.
    pub(super) fn take(&mut self, at: usize, change: &Change, before: &Catalog) {
        if empties(change, before) {
            self.by.push(at);
        }
    }

    /// Returns whether an act empties a table.
    pub(super) fn has(&self, at: usize) -> bool {
        self.by.binary_search(&at).is_ok()
    }

    /// Says of what the acts from `first` on emptied, a migration, what becomes of it there, and of what was emptied before that it is dropped now.
    pub(super) fn settle(&self, acts: &mut [Act], first: usize) {
        let mut later: BTreeMap<ObjectName, Later> = BTreeMap::new();
        let mut unknown = None;
        for at in (first..acts.len()).rev() {
            let Some(act) = acts.get_mut(at) else { continue };
            if self.has(at) {
                come_back(act, &later, unknown);
            }
            match of_others(act) {
                Some((Some(table), what)) => {
                    let known = later.entry(table).or_insert(what);
                    *known = what.max(*known);
                }
                Some((None, what)) => unknown = Some(what),
                None => {}
            }
        }
        self.lead_on(acts, first);
    }

    /// Says of what earlier migrations emptied that this one drops it.
    fn lead_on(&self, acts: &mut [Act], first: usize) {
        let (Some(before), Some(now)) = (acts.get(..first), acts.get(first..)) else { return };
        let mut found = Vec::new();
        for drop in now.iter().filter(|act| !act.preparation.moved.is_empty()) {
            let Some(Change::DropTable { name }) = drop.change() else { continue };
            let by = self.by.iter().filter(|at| {
                before.get(**at).is_some_and(|act| {
                    drop.preparation.moved.contains(&act.migration)
                        && act.change().and_then(Change::table) == Some(name)
                })
            });
            found.extend(by.map(|at| (*at, drop.migration)));
        }
        for (at, drop) in found {
            if let Some(act) = acts.get_mut(at) {
                act.preparation.leads_to = Some(drop);
            }
        }
    }
}

/// Takes back that rows are lost which come again, or whose table goes with them.
fn come_back(act: &mut Act, later: &BTreeMap<ObjectName, Later>, unknown: Option<Later>) {
    let of = |effect: &Effect| match effect {
        Effect::Destroys(Object::Table(table)) => later.get(table).copied().max(unknown),
        _ => None,
    };
    act.effects.retain(|effect| of(effect) < Some(Later::Query));
    let mut destroys = act.effects.iter().filter(|of| matches!(of, Effect::Destroys(_)));
    if let Some(least) = destroys.next().map(|first| destroys.map(of).fold(of(first), Option::min))
    {
        act.again = match least {
            Some(Later::Unknown) => Some(Again::MayBeFilled),
            Some(Later::Rows) => Some(Again::Filled),
            Some(Later::Query | Later::Dropped) | None => act.again,
        };
    }
}

/// Returns what an act does to the rows of a table that was emptied before it; of which table, if that is known.
fn of_others(act: &Act) -> Option<(Option<ObjectName>, Later)> {
    let change = match &act.does {
        Does::Change(change) => change,
        Does::Opaque(_) | Does::Unreadable(_) => return Some((None, Later::Unknown)),
    };
    match &**change {
        Change::DropTable { name } => Some((Some(name.clone()), Later::Dropped)),
        Change::Write(data) => match &data.write {
            Write::InsertValues { .. } => Some((Some(data.table.clone()), Later::Rows)),
            Write::InsertSelect { query, .. } => {
                let reads = outer_words(query.as_str()).iter().any(|word| word == "from");
                let what = if reads { Later::Query } else { Later::Rows };
                Some((Some(data.table.clone()), what))
            }
            Write::Copy { to, .. } => Some((Some(to.clone()), Later::Query)),
            Write::Update { .. } | Write::Delete => None,
        },
        Change::Other(other) if other.kind == ObjectKind::Query => {
            let table = other.on.as_ref()?;
            if other.text.len() >= TEXT_MAX {
                return Some((Some(table.clone()), Later::Rows));
            }
            let words = outer_words(&other.text);
            let reads = words.iter().any(|word| word == "select" || word == "using");
            let what = if reads { Later::Query } else { Later::Rows };
            let fills = matches!(write_word(&words), Some("insert" | "merge"))
                || words.first().is_some_and(|word| word == "copy" || word == "replace");
            fills.then(|| (Some(table.clone()), what))
        }
        Change::Opaque(opaque) if opaque.touches.is_empty() => Some((None, Later::Unknown)),
        _ => None,
    }
}
