//! Finds the statements that rebuild a table, by their words alone.

use std::collections::BTreeMap;

use super::found::{Backup, Extra, Rebuild};
use super::heads::{self, Head};
use crate::readers::sqlite::cut::Cut;

/// In so many statements a rebuild is through.
const STATEMENTS_MAX: usize = 200;

/// How far a sequence is.
#[derive(Clone, Debug)]
enum State {
    /// A new table is made.
    Made {
        new: String,
    },
    /// … and has the rows.
    Copied {
        new: String,
        old: String,
    },
    /// … and the old one is gone: the new one gets its name, or is only a backup.
    Dropped {
        new: String,
        old: String,
    },
    /// … and the old one is renamed away.
    Aside {
        new: String,
        old: String,
        away: String,
    },
    /// … and the new one has its name; the old one is still there.
    Replaced {
        table: String,
        away: String,
    },
    /// The table is made anew while its rows are elsewhere.
    Remade {
        table: String,
        rows: String,
    },
    /// … and has its rows again.
    Refilled {
        table: String,
        rows: String,
    },
    /// The table is renamed away.
    Away {
        table: String,
        away: String,
    },
    Done {
        table: String,
    },
}

impl State {
    /// Returns all names that matter.
    fn names(&self) -> Vec<&String> {
        match self {
            Self::Made { new } => vec![new],
            Self::Copied { new, old } | Self::Dropped { new, old } => vec![new, old],
            Self::Aside { new, old, away } => vec![new, old, away],
            Self::Replaced { table, away } | Self::Away { table, away } => vec![table, away],
            Self::Remade { table, rows } | Self::Refilled { table, rows } => vec![table, rows],
            Self::Done { table } => vec![table],
        }
    }

    /// Returns whether an index on this table stays in the end.
    fn keeps(&self, on: &String) -> bool {
        match self {
            Self::Made { new }
            | Self::Copied { new, .. }
            | Self::Dropped { new, .. }
            | Self::Aside { new, .. } => on == new,
            Self::Replaced { table, .. }
            | Self::Remade { table, .. }
            | Self::Refilled { table, .. }
            | Self::Done { table } => on == table,
            Self::Away { .. } => false,
        }
    }
}

/// Finds all sequences; the result tells for each of their statements which one it belongs to.
pub(in crate::readers::sqlite) fn all(
    text: &str,
    cuts: &[Cut],
) -> (Vec<Rebuild>, BTreeMap<usize, usize>) {
    let (mut found, mut member_of) = (Vec::new(), BTreeMap::new());
    if !cuts.iter().any(|cut| cut.drops_table) {
        return (found, member_of);
    }
    let mut heads = Heads { text, cuts, read: BTreeMap::new(), legacy: false };
    let mut at = 0;
    while at < cuts.len() {
        let rebuild = heads.best(at);
        at += 1;
        let Some(rebuild) = rebuild else { continue };
        for member in &rebuild.members {
            member_of.insert(*member, found.len());
        }
        // Indexes may come long after; another rebuild may begin before them.
        at = rebuild.end_of_tables() + 1;
        found.push(rebuild);
    }
    (found, member_of)
}

/// The heads of the statements, read once.
struct Heads<'t> {
    text: &'t str,
    cuts: &'t [Cut],
    read: BTreeMap<usize, Head>,
    /// Whether renames are not followed (`PRAGMA legacy_alter_table = ON`).
    legacy: bool,
}

impl Heads<'_> {
    fn head(&mut self, at: usize) -> Option<&Head> {
        let cut = self.cuts.get(at)?;
        let text = self.text.get(cut.place.clone()).unwrap_or_default();
        Some(self.read.entry(at).or_insert_with(|| heads::read(text)))
    }

    /// Follows a sequence that begins here, unless another one that begins in it is what is meant: the rename that ends one may
    /// look like the first of the next.
    fn best(&mut self, start: usize) -> Option<Rebuild> {
        let rebuild = self.from(start)?;
        let is_meant = rebuild.create == start
            || rebuild.backup.is_some()
            || self.from(rebuild.create).is_none();
        is_meant.then_some(rebuild)
    }

    /// Follows a sequence that begins here.
    fn from(&mut self, start: usize) -> Option<Rebuild> {
        let cut = self.cuts.get(start)?;
        let text = self.text.get(cut.place.clone()).unwrap_or_default();
        if !cut.may_begin_rebuild
            && text.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("pragma"))
        {
            self.follow_pragma(text);
            return None;
        }
        if !cut.may_begin_rebuild {
            return None;
        }
        let mut rebuild = Rebuild {
            table: String::new(),
            scratch: Vec::new(),
            create: start,
            copy: start,
            backup: None,
            drop: start,
            moves_away: false,
            extras: Vec::new(),
            members: vec![start],
        };
        let mut state = match self.head(start)? {
            Head::Create { table, reads } => match reads.as_slice() {
                [] => State::Made { new: table.clone() },
                [old] if old != table => State::Copied { new: table.clone(), old: old.clone() },
                _ => return None,
            },
            Head::Rename { from, to } => State::Away { table: from.clone(), away: to.clone() },
            _ => return None,
        };
        rebuild.moves_away = matches!(state, State::Away { .. }) && !self.legacy;
        for at in start + 1..(start + STATEMENTS_MAX).min(self.cuts.len()) {
            let legacy = self.legacy;
            let head = self.head(at)?;
            match rebuild.step(state.clone(), head, at, legacy) {
                Step::To(next) => {
                    rebuild.members.push(at);
                    state = next;
                }
                Step::Aside(extra) => {
                    rebuild.members.push(at);
                    rebuild.extras.push(extra);
                }
                Step::Nothing => {}
                Step::End => break,
            }
        }
        let State::Done { table } = state else { return None };
        rebuild.table = table;
        Some(rebuild)
    }

    fn follow_pragma(&mut self, text: &str) {
        let text = text.to_ascii_lowercase();
        if text.contains("legacy_alter_table") {
            self.legacy = ["on", "1", "true", "yes"].iter().any(|word| text.ends_with(word));
        }
    }
}

/// What a statement is to a sequence.
enum Step {
    To(State),
    Aside(Extra),
    Nothing,
    /// The sequence goes no further.
    End,
}

impl Rebuild {
    /// Returns the last statement that makes, fills, drops or renames a table.
    fn end_of_tables(&self) -> usize {
        let is_extra = |at: &usize| self.extras.iter().any(|extra| extra.at() == *at);
        self.members.iter().rev().find(|at| !is_extra(at)).copied().unwrap_or_default()
    }

    fn step(&mut self, state: State, head: &Head, at: usize, legacy: bool) -> Step {
        if let Some(extra) = extra(&state, head, at) {
            return Step::Aside(extra);
        }
        if matches!(head, Head::Neutral) || is_elsewhere(&state, head) {
            return Step::Nothing;
        }
        match self.next(state, head, at, legacy) {
            Some(next) => Step::To(next),
            None => Step::End,
        }
    }

    /// Returns how far the sequence is after its next statement.
    fn next(&mut self, state: State, head: &Head, at: usize, legacy: bool) -> Option<State> {
        let is_copy = |to: &String, from: &String| matches!(head, Head::Insert { table, reads } if table == to && reads.as_slice() == [from.clone()]);
        let drops = |name: &String| matches!(head, Head::Drop(dropped) if dropped == name);
        let renames = |one: &String, other: &String| matches!(head, Head::Rename { from, to } if from == one && to == other);
        match state {
            State::Made { new } => match head {
                Head::Insert { table, reads } if *table == new => match reads.as_slice() {
                    [old] if *old != new => {
                        self.copy = at;
                        Some(State::Copied { new, old: old.clone() })
                    }
                    _ => None,
                },
                _ => None,
            },
            State::Copied { new, old } if drops(&old) => {
                self.drop = at;
                Some(State::Dropped { new, old })
            }
            State::Copied { new, old } => match head {
                Head::Rename { from, to } if *from == old => {
                    self.moves_away = !legacy;
                    Some(State::Aside { new, old, away: to.clone() })
                }
                _ => None,
            },
            State::Dropped { new, old } if renames(&new, &old) => {
                self.scratch.push(new);
                Some(State::Done { table: old })
            }
            State::Dropped { new, old } => match head {
                Head::Create { table, reads } if *table == old && reads.is_empty() => {
                    let copy = (self.copy != self.create).then_some(self.copy);
                    self.backup = Some(Backup { create: self.create, copy });
                    self.create = at;
                    Some(State::Remade { table: old, rows: new })
                }
                _ => None,
            },
            State::Aside { new, old, away } if renames(&new, &old) => {
                self.scratch.push(new);
                Some(State::Replaced { table: old, away })
            }
            State::Replaced { table, away } if drops(&away) => {
                self.drop = at;
                self.scratch.push(away);
                Some(State::Done { table })
            }
            State::Away { table, away } => match head {
                Head::Create { table: made, reads } if *made == table && reads.is_empty() => {
                    self.create = at;
                    Some(State::Remade { table, rows: away })
                }
                _ => None,
            },
            State::Remade { table, rows } if is_copy(&table, &rows) => {
                self.copy = at;
                Some(State::Refilled { table, rows })
            }
            State::Refilled { table, rows } if drops(&rows) => {
                if self.backup.is_none() {
                    self.drop = at;
                }
                self.scratch.push(rows);
                Some(State::Done { table })
            }
            State::Aside { .. }
            | State::Replaced { .. }
            | State::Remade { .. }
            | State::Refilled { .. }
            | State::Done { .. } => None,
        }
    }
}

/// Returns what a statement about an index or a trigger is to a sequence.
fn extra(state: &State, head: &Head, at: usize) -> Option<Extra> {
    let is_done = matches!(state, State::Done { .. });
    match head {
        Head::Index(on) if state.keeps(on) => Some(Extra::Index(at)),
        Head::Trigger(on) if state.keeps(on) => Some(Extra::Trigger(at)),
        Head::Index(on) | Head::Trigger(on) if state.names().contains(&on) => Some(Extra::Gone(at)),
        // Afterwards it would drop what was made anew.
        Head::DropIndex if !is_done => Some(Extra::DropIndex(at)),
        Head::DropTrigger if !is_done => Some(Extra::DropTrigger(at)),
        Head::Index(_)
        | Head::Trigger(_)
        | Head::DropIndex
        | Head::DropTrigger
        | Head::Create { .. }
        | Head::Insert { .. }
        | Head::Drop(_)
        | Head::Rename { .. }
        | Head::Neutral
        | Head::Other(_) => None,
    }
}

/// Returns whether a statement names nothing that the sequence is about.
fn is_elsewhere(state: &State, head: &Head) -> bool {
    let names = state.names();
    let among = |name: &String| names.contains(&name);
    match head {
        Head::Create { table, reads } | Head::Insert { table, reads } => {
            !among(table) && !reads.iter().any(among)
        }
        Head::Drop(table) | Head::Index(table) | Head::Trigger(table) => !among(table),
        Head::Rename { from, to } => !among(from) && !among(to),
        Head::Other(words) => !words.iter().any(among),
        Head::Neutral => true,
        Head::DropIndex | Head::DropTrigger => false,
    }
}
