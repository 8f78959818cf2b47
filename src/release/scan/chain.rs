//! What is called one after the other on a value: `.filter(…).select(…).load(…)?`.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, TokenTree};

use super::structs::Structs;
use super::vocabulary::{JOINS, RUNS, SHAPES};
use crate::release::rust_tokens::{group, inside, is_mark, is_path_mark, is_word, word};

/// What follows a value.
#[derive(Debug, Default)]
pub(super) struct Chain {
    /// The methods up to the one that runs the query, each with the place of its brackets.
    pub methods: Vec<(String, Option<usize>)>,
    /// The method that runs it; what follows is done with what was loaded.
    run: Option<String>,
}

impl Chain {
    /// Returns what follows the value that ends before `at`.
    pub(super) fn after(tokens: &[TokenTree], mut at: usize) -> Self {
        let mut methods = Vec::new();
        loop {
            let name = word(tokens.get(at + 1)).filter(|_| is_mark(tokens.get(at), '.'));
            let Some(name) = name else { return Self { methods, run: None } };
            if RUNS.contains(&name.as_str()) {
                return Self { methods, run: Some(name) };
            }
            at = after_generics(tokens, at + 2);
            let arguments = group(tokens.get(at), Delimiter::Parenthesis).map(|_| at);
            at += usize::from(arguments.is_some());
            methods.push((name, arguments));
        }
    }

    fn has(&self, names: &[&str]) -> bool {
        self.methods.iter().any(|(name, _)| names.contains(&name.as_str()))
    }

    /// Returns whether the query is run, and not kept for somebody else.
    pub(super) const fn is_run(&self) -> bool {
        self.run.is_some()
    }

    /// Returns whether it is a query that says which columns it selects, all of them known here.
    pub(super) fn selects(&self, tokens: &[TokenTree], known: &Known<'_>) -> bool {
        let first = self.methods.iter().position(|(name, _)| name == "select" || name == "count");
        let Some(first) = first else { return false };
        // A method that is not Diesel's may load the query before anything is selected.
        let mut before = self.methods.iter().take(first);
        before.all(|(name, _)| SHAPES.contains(&name.as_str()))
            && self.arguments(&["select"]).iter().all(|at| known.says_columns(tokens.get(*at)))
    }

    /// Returns whether it is a statement that gives back no column, or only such that it names.
    pub(super) fn gives_back_known(&self, tokens: &[TokenTree], known: &Known<'_>) -> bool {
        let returning = self.arguments(&["returning"]);
        if returning.is_empty() {
            return self.run.as_deref() == Some("execute");
        }
        returning.iter().all(|at| known.says_columns(tokens.get(*at)))
    }

    /// Returns the places of the brackets of these methods.
    pub(super) fn arguments(&self, names: &[&str]) -> Vec<usize> {
        let own = self.methods.iter().filter(|(name, _)| names.contains(&name.as_str()));
        own.filter_map(|(_, at)| *at).collect()
    }

    /// Returns the places of the brackets that have a joined table in them.
    pub(super) fn joins(&self) -> Vec<usize> {
        self.arguments(&JOINS)
    }
}

/// Returns the place after `::<…>`, or the same place if there is none.
fn after_generics(tokens: &[TokenTree], at: usize) -> usize {
    if !(is_path_mark(tokens, at) && is_mark(tokens.get(at + 2), '<')) {
        return at;
    }
    let mut open = 0_usize;
    let mut place = at + 2;
    while let Some(token) = tokens.get(place) {
        let is_arrow = is_mark(tokens.get(place.wrapping_sub(1)), '-');
        if is_mark(Some(token), '<') {
            open += 1;
        } else if is_mark(Some(token), '>') && !is_arrow {
            open = open.saturating_sub(1);
        }
        place += 1;
        if open == 0 {
            break;
        }
    }
    place
}

/// The types of which it is known here which columns they select.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known<'a> {
    pub structs: &'a Structs,
    /// What `Self` is.
    pub own: Option<&'a str>,
}

impl Known<'_> {
    /// Returns whether every type in the brackets that selects its own columns is one of those read.
    pub(super) fn says_columns(&self, brackets: Option<&TokenTree>) -> bool {
        let Some(brackets) = group(brackets, Delimiter::Parenthesis) else { return false };
        self.are_known(&inside(brackets))
    }

    fn are_known(&self, tokens: &[TokenTree]) -> bool {
        tokens.iter().enumerate().all(|(at, token)| match token {
            TokenTree::Group(group) => self.are_known(&inside(group)),
            TokenTree::Ident(ident) if *ident == "as_select" || *ident == "as_returning" => {
                let before = |n: usize| at.checked_sub(n).and_then(|place| tokens.get(place));
                let is_path = is_mark(before(1), ':') && is_mark(before(2), ':');
                let name = word(before(3)).filter(|_| is_path);
                let name =
                    if is_word(before(3), "Self") { self.own.map(str::to_owned) } else { name };
                name.is_some_and(|name| self.structs.selectable.contains(&name))
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => true,
        })
    }
}

/// Returns whether what is inserted is certainly no query: something borrowed, a tuple, a list or a struct written out.
pub(super) fn is_no_query(arguments: &[TokenTree]) -> bool {
    let is_struct = || arguments.iter().any(|token| group(Some(token), Delimiter::Brace).is_some());
    let kinds: BTreeSet<bool> = BTreeSet::from([
        is_mark(arguments.first(), '&'),
        group(arguments.first(), Delimiter::Parenthesis).is_some() && is_one(arguments),
        group(arguments.first(), Delimiter::Bracket).is_some() && is_one(arguments),
        is_word(arguments.first(), "vec") && is_mark(arguments.get(1), '!'),
        word(arguments.first()).is_some() && is_struct(),
        is_path_of_column(arguments),
    ]);
    kinds.contains(&true)
}

/// Returns whether there is nothing but one pair of brackets, and maybe a comma.
fn is_one(arguments: &[TokenTree]) -> bool {
    arguments.len() == 1 || (arguments.len() == 2 && is_mark(arguments.get(1), ','))
}

/// Returns whether it is `users::name.eq(…)`.
fn is_path_of_column(arguments: &[TokenTree]) -> bool {
    let at = arguments.iter().take_while(|token| !is_mark(Some(token), '.')).count();
    let chain = Chain::after(arguments, at);
    chain.methods.len() == 1 && chain.has(&["eq"])
}
