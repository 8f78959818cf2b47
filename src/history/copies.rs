//! What migrations copied elsewhere, so that it may be taken away later.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Catalog, ObjectKind, SqlExpression};
use crate::change::words::{Token, tokens};
use crate::change::{Change, DataChange, Other, Touched, Verb, Write};
use crate::expressions;
use crate::name::{Name, ObjectName};

/// A longer text is a seed, which copies nothing.
const TEXT_MAX: usize = 1 << 20;
/// What these functions return is not what they read.
const SUMS: [&str; 4] = ["avg", "count", "sum", "total"];

/// A table, or a column of it.
type Thing = (ObjectName, Option<Name>);

/// What was copied, from where to where.
#[derive(Debug, Default)]
pub(super) struct Copies {
    now: usize,
    /// The migration that made each column; those that are not here were there before.
    made: BTreeMap<(ObjectName, Name), usize>,
    /// What this migration reads to write something, whatever becomes of it.
    read_now: BTreeSet<Thing>,
    /// By which migration, and to which column.
    copied: BTreeMap<Thing, BTreeSet<(usize, ObjectName, Name)>>,
    /// To how many columns each migration copied it.
    n_copied: BTreeMap<(Thing, usize), usize>,
}

impl Copies {
    pub(super) fn begin(&mut self, migration: usize) {
        self.now = migration;
        self.read_now.clear();
    }

    /// Returns whether this migration reads a table, or a column, to write something.
    pub(super) fn reads_now(&self, table: &ObjectName, column: Option<&Name>) -> bool {
        self.read_now.contains(&(table.clone(), column.cloned()))
    }

    /// Returns the migrations that copied something to where it still is, of a table at least half of that.
    pub(super) fn of(&self, thing: &Thing, before: &Catalog) -> BTreeSet<usize> {
        let mut there: BTreeMap<usize, usize> = BTreeMap::new();
        for (migration, table, column) in self.copied.get(thing).into_iter().flatten() {
            if before.column(table, column).is_some() {
                *there.entry(*migration).or_default() += 1;
            }
        }
        // A table is still there where most of what was copied is: its key alone does not hold it.
        let is_enough = |(migration, n): &(usize, usize)| {
            let n_copied = self.n_copied.get(&(thing.clone(), *migration)).copied();
            thing.1.is_some() || n.saturating_mul(2) >= n_copied.unwrap_or_default()
        };
        there.into_iter().filter(is_enough).map(|(migration, _)| migration).collect()
    }

    /// Takes note of a column that is made.
    pub(super) fn make(&mut self, table: &ObjectName, column: &Name) {
        self.made.insert((table.clone(), column.clone()), self.now);
    }

    /// What was copied to where nothing is any more is gone.
    ///
    /// What had been copied on from there is where it was copied to: a table that is made anew takes its copies along.
    fn forget(&mut self, is_gone: impl Fn(&ObjectName, &Name) -> bool) {
        let is_lost = |of: &&(usize, ObjectName, Name)| is_gone(&of.1, &of.2);
        if !self.copied.values().flatten().any(|of| is_lost(&of)) {
            return;
        }
        let known = self.copied.clone();
        for copies in self.copied.values_mut() {
            for (at, table, column) in copies.clone().iter().filter(is_lost) {
                copies.remove(&(*at, table.clone(), column.clone()));
                let onward = known.get(&(table.clone(), Some(column.clone())));
                let onward = onward.into_iter().flatten();
                let onward = onward.filter(|of| of.0 >= *at && !is_lost(of));
                copies
                    .extend(onward.map(|(_, table, column)| (*at, table.clone(), column.clone())));
            }
        }
    }

    /// Follows a rename of a table, or of a column.
    pub(super) fn rename(&mut self, from: &Thing, to: &Thing) {
        let is_it = |table: &ObjectName, column: Option<&Name>| {
            *table == from.0 && (from.1.is_none() || column == from.1.as_ref())
        };
        let new = |column: Option<Name>| (to.0.clone(), to.1.clone().or(column));
        let of_column = |name: Name| (to.0.clone(), to.1.clone().unwrap_or(name));
        let made = self.made.extract_if(.., |of, _| is_it(&of.0, Some(&of.1)));
        let made: Vec<_> = made.collect();
        self.made.extend(made.into_iter().map(|((_, name), at)| (of_column(name), at)));
        let read: Vec<_> = self.read_now.extract_if(.., |of| is_it(&of.0, of.1.as_ref())).collect();
        self.read_now.extend(read.into_iter().map(|(_, column)| new(column)));
        for copies in self.copied.values_mut() {
            let moved: Vec<_> = copies.extract_if(.., |of| is_it(&of.1, Some(&of.2))).collect();
            copies.extend(moved.into_iter().map(|(at, _, name)| {
                let (table, name) = of_column(name);
                (at, table, name)
            }));
        }
        let moved = self.copied.extract_if(.., |of, _| is_it(&of.0, of.1.as_ref()));
        let moved: Vec<_> = moved.collect();
        for ((_, column), copies) in moved {
            self.copied.entry(new(column)).or_default().extend(copies);
        }
        let counted = self.n_copied.extract_if(.., |of, _| is_it(&of.0.0, of.0.1.as_ref()));
        let counted: Vec<_> = counted.collect();
        let counted = counted.into_iter().map(|(((_, column), at), n)| ((new(column), at), n));
        self.n_copied.extend(counted);
    }

    /// Takes note of what a write reads to put it somewhere else.
    pub(super) fn write(&mut self, data: &DataChange, before: &Catalog) {
        match &data.write {
            Write::Update { set } => {
                for (target, value) in set {
                    let to = [(data.table.clone(), target.clone())];
                    let (own, has_subquery) = columns(value, before);
                    let own = own.into_iter().filter(|of| of != target);
                    let own = own.map(|of| (data.table.clone(), Some(of))).collect();
                    self.copy(own, &to);
                    if has_subquery {
                        let query = expressions::as_query(value);
                        self.query(&Source::of(&query, false, before), &to, before);
                    }
                }
            }
            Write::InsertSelect { columns, query } => {
                let to: Vec<_> =
                    columns.iter().map(|of| (data.table.clone(), of.clone())).collect();
                self.query(&Source::of(query, true, before), &to, before);
            }
            Write::Copy { to, columns: set, .. } => {
                let read = set.iter().flat_map(|(_, value)| columns(value, before).0);
                let read = read.map(|of| (data.table.clone(), Some(of)));
                let read = read.chain([(data.table.clone(), None)]).collect();
                let to: Vec<_> = set.iter().map(|(of, _)| (to.clone(), of.clone())).collect();
                self.copy(read, &to);
            }
            Write::Delete | Write::InsertValues { .. } => {}
        }
    }

    /// Takes note of what a statement copies that is only known by what it touches.
    pub(super) fn other(&mut self, other: &Other, before: &Catalog) {
        if (other.verb, other.kind) != (Verb::Run, ObjectKind::Query)
            || other.text.len() > TEXT_MAX
            || !writes(&other.text)
        {
            return;
        }
        let touched = |of: &Touched| (of.object.clone(), of.column.clone());
        self.read_now.extend(other.touches.iter().map(touched));
        // Keys are named to find rows; what moves is the rest.
        let named = |of: &Touched| {
            let column = of.column.clone()?;
            let key = before.table(&of.object).and_then(|table| table.primary_key.as_ref());
            let is_key = key.is_some_and(|key| key.columns.contains(&column));
            (!is_key).then(|| (of.object.clone(), column))
        };
        let columns: Vec<_> = other.touches.iter().filter_map(named).collect();
        let is_target = |table: &ObjectName| other.on.as_ref().is_none_or(|on| on == table);
        for (table, column) in &columns {
            // Beside the columns of its own table, only one that is younger can be what it is copied to.
            let age = self.age(table, column);
            let to = columns
                .iter()
                .filter(|(of, name)| is_target(of) && (of != table || self.age(of, name) > age));
            let to: Vec<_> = to.cloned().collect();
            self.copy(vec![(table.clone(), Some(column.clone()))], &to);
        }
        let moves_rows = other.text.to_ascii_lowercase().contains("insert");
        let mut source = Source { tables: BTreeMap::new(), sums: sums(&other.text), moves_rows };
        for (table, column) in &columns {
            source.tables.entry(table.clone()).or_default().insert(column.clone());
        }
        let to: Vec<_> = columns.iter().filter(|(of, _)| is_target(of)).cloned().collect();
        self.whole(&source, &to, before);
    }

    fn age(&self, table: &ObjectName, column: &Name) -> Option<usize> {
        self.made.get(&(table.clone(), column.clone())).copied()
    }

    fn query(&mut self, source: &Source, to: &[(ObjectName, Name)], before: &Catalog) {
        self.whole(source, to, before);
        for (table, columns) in &source.tables {
            let columns = columns.iter().map(|of| (table.clone(), Some(of.clone()))).collect();
            self.copy(columns, to);
            self.read_now.insert((table.clone(), None));
        }
    }

    /// Takes note of the tables of which at least half of the columns are copied, and not only summed up.
    fn whole(&mut self, source: &Source, to: &[(ObjectName, Name)], before: &Catalog) {
        for (table, columns) in source.tables.iter().filter(|_| !source.sums) {
            let n_columns = before.table(table).map_or(0, |of| of.columns.len());
            if columns.len() * 2 < n_columns {
                continue;
            }
            // New rows of a table that has others already hold the old ones all the same.
            let age = self.age_of_table(table).filter(|_| !source.moves_rows);
            let elsewhere = to.iter().filter(|(of, _)| of != table).cloned().collect::<Vec<_>>();
            self.note((table.clone(), None), age, &elsewhere);
        }
    }

    fn copy(&mut self, from: Vec<Thing>, to: &[(ObjectName, Name)]) {
        for thing in from {
            let age = match &thing {
                (table, Some(column)) => self.age(table, column),
                (table, None) => self.age_of_table(table),
            };
            self.note(thing, age, to);
        }
    }

    /// Takes note of copies to columns that are no older than that: what was there before does not take its place.
    fn note(&mut self, thing: Thing, age: Option<usize>, to: &[(ObjectName, Name)]) {
        let young = to.iter().filter(|(table, column)| self.age(table, column) >= age);
        let copies: Vec<_> =
            young.map(|(table, column)| (self.now, table.clone(), column.clone())).collect();
        let known = self.copied.entry(thing.clone()).or_default();
        known.extend(copies);
        let n = known.iter().filter(|(at, ..)| *at == self.now).count();
        self.n_copied.insert((thing.clone(), self.now), n);
        self.read_now.insert(thing);
    }

    fn age_of_table(&self, table: &ObjectName) -> Option<usize> {
        let columns = self.made.range((table.clone(), Name::new(""))..);
        columns.take_while(|((of, _), _)| of == table).map(|(_, at)| *at).min()
    }
}

/// Returns the columns that a value is made of, outside of subqueries, and whether it has any of these.
fn columns(value: &SqlExpression, before: &Catalog) -> (BTreeSet<Name>, bool) {
    let read = expressions::expression(before.dialect, value.as_str()).unwrap_or_default();
    let columns = read.columns.into_iter().map(|of| Name::new(of.name));
    (columns.collect(), read.has_subquery)
}

/// What a query reads.
struct Source {
    /// The tables, and those of their columns that the result is made of.
    tables: BTreeMap<ObjectName, BTreeSet<Name>>,
    /// Whether some of that is summed up.
    sums: bool,
    /// Whether what it returns is inserted.
    moves_rows: bool,
}

impl Source {
    fn of(query: &SqlExpression, moves_rows: bool, before: &Catalog) -> Self {
        let mut tables: BTreeMap<ObjectName, BTreeSet<Name>> = BTreeMap::new();
        let text = query.as_str();
        let read = expressions::query(before.dialect, text).map(|(read, _)| read.tables);
        let words = result_words(text);
        for source in read.unwrap_or_default() {
            let name = ObjectName::parse(&source.name);
            let called = |by: &str| {
                source.alias.as_deref().unwrap_or(name.name.as_str()).eq_ignore_ascii_case(by)
            };
            let all = before.table(&name).into_iter().flat_map(|of| &of.columns);
            let named = all.filter(|column| {
                words.iter().any(|(by, word)| {
                    by.is_none_or(called)
                        && (*word == "*" || word.eq_ignore_ascii_case(column.name.as_str()))
                })
            });
            let named: Vec<_> = named.map(|column| column.name.clone()).collect();
            tables.entry(name).or_default().extend(named);
        }
        Self { tables, sums: sums(text), moves_rows }
    }
}

/// Returns the words between `SELECT` and its `FROM`, or all if there is no such place, each with what stands before its dot.
fn result_words(query: &str) -> Vec<(Option<&str>, &str)> {
    let tokens = tokens(query);
    let is_word = |token: &Token<'_>, word: &str| matches!(token, Token::Word(of) if of.eq_ignore_ascii_case(word));
    let mut depth = 0_u32;
    let end = tokens.iter().position(|token| {
        match token {
            Token::Sign('(') => depth += 1,
            Token::Sign(')') => depth = depth.saturating_sub(1),
            Token::Sign(_) | Token::Word(_) | Token::Number(_) | Token::Text(_) => {}
        }
        depth == 0 && is_word(token, "from")
    });
    let is_plain = tokens.first().is_some_and(|token| is_word(token, "select"));
    let tokens = end.filter(|_| is_plain).and_then(|end| tokens.get(..end)).unwrap_or(&tokens);
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let word = match token {
            Token::Word(word) => *word,
            Token::Sign('*') => "*",
            Token::Sign(_) | Token::Number(_) | Token::Text(_) => continue,
        };
        let back = |n: usize| at.checked_sub(n).and_then(|at| tokens.get(at));
        let by = match (back(2), back(1)) {
            (Some(Token::Word(by)), Some(Token::Sign('.'))) => Some(*by),
            // `count(*)`, and a product.
            (_, Some(Token::Sign('(' | ')') | Token::Number(_))) if word == "*" => continue,
            (_, Some(Token::Word(before)))
                if word == "*" && !before.eq_ignore_ascii_case("select") =>
            {
                continue;
            }
            _ => None,
        };
        found.push((by, word));
    }
    found
}

/// Returns whether a text has a word of a write that may copy something.
fn writes(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["insert", "update", "merge"].iter().any(|word| text.contains(word))
}

/// Returns whether a query sums up what it reads.
fn sums(query: &str) -> bool {
    let tokens = tokens(query);
    tokens.windows(2).any(|pair| {
        matches!(pair, [Token::Word(word), Token::Sign('(')]
            if SUMS.iter().any(|of| word.eq_ignore_ascii_case(of)))
    })
}

impl Copies {
    /// Follows a change that makes or renames what may be copied.
    pub(super) fn follow(&mut self, change: &Change) {
        if let Change::CreateTable { name, table } = change {
            table.columns.iter().for_each(|column| self.make(name, &column.name));
        } else if let Change::AddColumn { table, column } = change {
            self.make(table, &column.name);
        } else if let Change::DropTable { name } = change {
            self.forget(|table, _| table == name);
        } else if let Change::DropColumn { table, column, .. } = change {
            self.forget(|of, name| of == table && name == column);
        } else if let Change::RenameTable { from, to } = change {
            self.rename(&(from.clone(), None), &(to.clone(), None));
        } else if let Change::RenameColumn { table, from, to } = change {
            let thing = |name: &Name| (table.clone(), Some(name.clone()));
            self.rename(&thing(from), &thing(to));
        }
    }
}
