//! What `use` makes of the names of tables.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenTree};

use super::names::Interest;
use crate::release::rust_tokens::{group, inside, is_mark, is_path_mark, is_word, word};
use crate::source::SourceId;

/// What names stand for a table in one file, or everywhere.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// Names of a table as a value: `users` after `use users::dsl::*`.
    values: BTreeMap<String, BTreeSet<String>>,
    /// Other names of a table's module: `u` after `use schema::users as u`.
    modules: BTreeMap<String, BTreeSet<String>>,
    /// Other names of a table's module `dsl`.
    dsl: BTreeSet<String>,
}

/// What names stand for a table.
#[derive(Debug, Default)]
pub(super) struct Imports {
    of_file: BTreeMap<SourceId, Names>,
    /// What is passed on by `pub use`, which may come by `*` from anywhere.
    everywhere: Names,
    leaves: Vec<Leaf>,
}

/// One path of a `use`.
#[derive(Debug)]
struct Leaf {
    source: SourceId,
    /// Whether it is a `pub use`.
    is_passed_on: bool,
    path: Vec<String>,
    /// The name that it gets here.
    name: String,
}

/// How often a name may be given another name.
const RENAMED_MAX: usize = 3;

/// The names that hold in one file.
#[derive(Clone, Copy, Debug)]
pub(super) struct InFile<'a> {
    own: Option<&'a Names>,
    everywhere: &'a Names,
}

impl Imports {
    /// Takes what a file imports.
    pub(super) fn read(&mut self, source: SourceId, tokens: &[TokenTree]) {
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            if let TokenTree::Group(group) = token {
                self.read(source, &inside(group));
            }
            if !is_use(tokens, at) {
                at += 1;
                continue;
            }
            let is_passed_on = is_public(tokens, at);
            let end = end_of_use(tokens, at);
            let mut leaves = Vec::new();
            flatten(tokens.get(at + 1..end).unwrap_or_default(), &[], &mut leaves);
            let leaves = leaves.into_iter();
            self.leaves.extend(leaves.map(|(path, name)| Leaf {
                source,
                is_passed_on,
                path,
                name,
            }));
            at = end;
        }
    }

    /// Finds out what the imported names stand for, once all files are read: a name may go through others.
    pub(super) fn resolve(&mut self, interest: &Interest) {
        for _ in 0..RENAMED_MAX {
            for leaf in &self.leaves {
                let everywhere = self.everywhere.clone();
                let own = self.of_file.entry(leaf.source).or_default();
                own.add(leaf, &everywhere, interest);
                if leaf.is_passed_on {
                    let own = own.clone();
                    self.everywhere.add(leaf, &own, interest);
                }
            }
        }
    }

    pub(super) fn in_file(&self, source: SourceId) -> InFile<'_> {
        InFile { own: self.of_file.get(&source), everywhere: &self.everywhere }
    }
}

impl InFile<'_> {
    fn all(&self) -> impl Iterator<Item = &Names> {
        self.own.into_iter().chain([self.everywhere])
    }

    /// Returns the tables that a name stands for as a value.
    pub(super) fn values(&self, name: &str) -> BTreeSet<String> {
        self.all().filter_map(|names| names.values.get(name)).flatten().cloned().collect()
    }

    /// Returns the tables that a name stands for wherever it is reached by a path.
    pub(super) fn everywhere_values(&self, name: &str) -> BTreeSet<String> {
        self.everywhere.values.get(name).cloned().unwrap_or_default()
    }

    /// Returns the tables whose module has this name.
    pub(super) fn modules(&self, name: &str, interest: &Interest) -> BTreeSet<String> {
        let renamed = self.all().filter_map(|names| names.modules.get(name)).flatten().cloned();
        renamed.chain(interest.tables.get(name).cloned()).collect()
    }

    /// Returns whether a module of this name has tables as values under their own names.
    pub(super) fn is_dsl(&self, name: &str) -> bool {
        name == "dsl" || self.all().any(|names| names.dsl.contains(name))
    }
}

impl Names {
    fn add(&mut self, leaf: &Leaf, others: &Self, interest: &Interest) {
        let (last, before) = match leaf.path.as_slice() {
            [.., before, last] => (last.as_str(), before.as_str()),
            [only] => (only.as_str(), ""),
            [] => return,
        };
        let name = leaf.name.as_str();
        let tables = self.tables_in(&leaf.path, others, interest);
        let is_dsl = before == "dsl" || self.dsl.contains(before) || others.dsl.contains(before);
        match last {
            "table" => self.value(name, &tables),
            "*" if is_dsl => {
                // Of a module that cannot be told, it may be any table.
                let all = if tables.is_empty() { &interest.tables } else { &tables };
                for table in all.clone() {
                    self.value(&table, &BTreeSet::from([table.clone()]));
                }
            }
            "*" => self.value("table", &tables),
            "dsl" => {
                self.dsl.insert(name.to_owned());
            }
            _ if self.dsl.contains(last) || others.dsl.contains(last) => {
                self.dsl.insert(name.to_owned());
            }
            _ => {
                let own = self.modules_of(last, others, interest);
                let values = others.values.get(last).cloned().unwrap_or_default();
                if is_dsl {
                    self.value(name, &own);
                } else if !own.is_empty() {
                    self.modules.entry(name.to_owned()).or_default().extend(own);
                }
                if !values.is_empty() {
                    self.value(name, &values);
                }
            }
        }
    }

    fn value(&mut self, name: &str, tables: &BTreeSet<String>) {
        if !tables.is_empty() {
            self.values.entry(name.to_owned()).or_default().extend(tables.iter().cloned());
        }
    }

    /// Returns the tables whose modules a path goes through, before its last part.
    fn tables_in(&self, path: &[String], others: &Self, interest: &Interest) -> BTreeSet<String> {
        let parts = path.iter().rev().skip(1);
        parts.flat_map(|part| self.modules_of(part, others, interest)).collect()
    }

    fn modules_of(&self, name: &str, others: &Self, interest: &Interest) -> BTreeSet<String> {
        let own = interest.tables.get(name).into_iter();
        let renamed = [&self.modules, &others.modules].into_iter().filter_map(|of| of.get(name));
        own.chain(renamed.flatten()).cloned().collect()
    }
}

fn is_public(tokens: &[TokenTree], at: usize) -> bool {
    let before = |n: usize| at.checked_sub(n).and_then(|place| tokens.get(place));
    is_word(before(1), "pub")
        || (group(before(1), Delimiter::Parenthesis).is_some() && is_word(before(2), "pub"))
}

/// Returns whether a `use` begins here; `use<'a>` says what an `impl Trait` captures.
pub(super) fn is_use(tokens: &[TokenTree], at: usize) -> bool {
    is_word(tokens.get(at), "use") && !is_mark(tokens.get(at + 1), '<')
}

/// Returns the place of the semicolon that ends a `use`.
pub(super) fn end_of_use(tokens: &[TokenTree], at: usize) -> usize {
    let rest = tokens.iter().skip(at);
    at + rest.take_while(|token| !is_mark(Some(token), ';')).count()
}

/// Returns every path of a `use`, with the name that it gets; `*` names nothing.
fn flatten(tokens: &[TokenTree], prefix: &[String], leaves: &mut Vec<(Vec<String>, String)>) {
    let mut path = prefix.to_vec();
    let mut name = None;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if is_mark(Some(token), ',') {
            leaf(prefix, &path, name.take(), leaves);
            path = prefix.to_vec();
        } else if is_word(Some(token), "as") {
            name = word(tokens.get(at + 1));
            at += 1;
        } else if is_mark(Some(token), '*') {
            path.push("*".to_owned());
        } else if let Some(of) = group(Some(token), Delimiter::Brace) {
            flatten(&inside(of), &path, leaves);
            path = prefix.to_vec();
        } else if let Some(part) = word(Some(token)) {
            if part != "self" || path.is_empty() {
                path.push(part);
            } else {
                // `{self}` is the path so far, under its own name.
                name = path.last().cloned();
                leaf(&[], &path, name.clone(), leaves);
                if !is_word(tokens.get(at + 1), "as") {
                    name = None;
                    path = prefix.to_vec();
                }
            }
        } else if is_path_mark(tokens, at) {
            at += 1;
        }
        at += 1;
    }
    leaf(prefix, &path, name, leaves);
}

fn leaf(
    prefix: &[String],
    path: &[String],
    name: Option<String>,
    leaves: &mut Vec<(Vec<String>, String)>,
) {
    if let (Some(last), true) = (path.last(), path.len() > prefix.len() || name.is_some()) {
        leaves.push((path.to_vec(), name.unwrap_or_else(|| last.clone())));
    }
}
