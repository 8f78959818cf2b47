//! Goes through a file's tokens and notes which names occur, and which tables are used as a whole.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, TokenTree};

use super::chain::{Chain, Known, is_no_query};
use super::imports::{Imports, InFile, end_of_use, is_use};
use super::names::{Interest, Seen};
use super::places::{after_module, before_path, called, own_type, path_start};
use super::structs::Structs;
use super::vocabulary::{PLAIN, STATEMENTS, TAKES_QUERY};
use super::{doubt, texts};
use crate::diagnostic::Sink;
use crate::release::rust_tokens::{
    attribute, group, inside, is_cfg_test, is_mark, is_path_mark, is_word, span, string, word,
};
use crate::source::SourceId;

/// What goes through files.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    interest: &'a Interest,
    imports: &'a Imports,
    structs: &'a Structs,
    /// The names of files of SQL that are read too.
    sql_files: &'a [&'a str],
}

/// One file that is gone through.
struct InOne<'a, 'b> {
    walk: &'a Walk<'a>,
    names: InFile<'a>,
    source: SourceId,
    seen: &'b mut Seen,
    doubts: &'b mut Sink,
}

/// What the brackets are in which tokens stand.
#[derive(Clone, Copy, Debug)]
struct Around<'a> {
    /// What holds for a table that is the first thing in the brackets.
    first: First,
    /// Whether the brackets are the arguments of a call that takes no query to keep.
    keeps_nothing: bool,
    /// What `Self` is.
    own: Option<&'a str>,
}

/// What the call around is to the table that is its first argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum First {
    /// Nothing that is known.
    Nothing,
    /// It is joined to a query that says what it selects.
    Joined,
    /// A statement changes it and gives back nothing, or only named columns.
    Changed,
    /// The same, and what is inserted may be a query, which writes every column.
    ChangedMaybeFromQuery,
}

impl<'a> Walk<'a> {
    pub(super) const fn new(
        interest: &'a Interest,
        imports: &'a Imports,
        structs: &'a Structs,
        sql_files: &'a [&'a str],
    ) -> Self {
        Self { interest, imports, structs, sql_files }
    }

    /// Notes what a file uses.
    pub(super) fn file(
        &self,
        source: SourceId,
        tokens: &[TokenTree],
        seen: &mut Seen,
        doubts: &mut Sink,
    ) {
        let names = self.imports.in_file(source);
        let mut one = InOne { walk: self, names, source, seen, doubts };
        one.tokens(tokens, Around { first: First::Nothing, keeps_nothing: false, own: None });
    }
}

impl InOne<'_, '_> {
    fn tokens(&mut self, tokens: &[TokenTree], around: Around<'_>) {
        // Brackets of joins in queries that say what they select.
        let mut joined = BTreeSet::new();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            if let Some(after) = self.skipped(tokens, at, around) {
                at = after;
                continue;
            }
            match token {
                TokenTree::Ident(_) => self.word(tokens, at, around, &mut joined),
                TokenTree::Literal(_) => {
                    if let Some(text) = string(token) {
                        texts::note(&text, self.walk.interest, self.seen);
                    }
                }
                TokenTree::Group(group) => {
                    let inner = self.around(tokens, at, around, joined.contains(&at));
                    let own = own_type(tokens, at);
                    let own = own.as_deref().or(inner.own);
                    self.tokens(&inside(group), Around { own, ..inner });
                }
                TokenTree::Punct(_) => {}
            }
            at += 1;
        }
    }

    /// Goes past what is no code of the release, or is read otherwise; returns the place after it.
    fn skipped(&mut self, tokens: &[TokenTree], at: usize, around: Around<'_>) -> Option<usize> {
        if let Some((brackets, len)) = attribute(tokens, at) {
            if is_cfg_test(brackets) {
                return Some(after_module(tokens, at + len).unwrap_or(at + len));
            }
            let of_attribute = inside(brackets);
            if !is_word(of_attribute.first(), "doc") {
                self.words_in(&of_attribute);
            }
            return Some(at + len);
        }
        if is_use(tokens, at) {
            let end = end_of_use(tokens, at);
            self.words_in(tokens.get(at..end).unwrap_or_default());
            return Some(end);
        }
        let name = word(tokens.get(at)).filter(|_| is_mark(tokens.get(at + 1), '!'))?;
        let named = usize::from(name == "macro_rules");
        let TokenTree::Group(body) = tokens.get(at + 2 + named)? else { return None };
        self.macro_call(&name, &inside(body), span(self.source, body.span_open()), around);
        Some(at + 3 + named)
    }

    fn macro_call(
        &mut self,
        name: &str,
        body: &[TokenTree],
        place: crate::source::Span,
        around: Around<'_>,
    ) {
        let nothing = Around { first: First::Nothing, keeps_nothing: false, ..around };
        match name {
            "table" | "view" | "allow_tables_to_appear_in_same_query" => {}
            // The column that two tables are joined by.
            "joinable" => {
                let columns = body.iter().filter_map(|of| group(Some(of), Delimiter::Parenthesis));
                columns.for_each(|columns| self.words_in(&inside(columns)));
            }
            "allow_columns_to_appear_in_same_group_by_clause" => self.words_in(body),
            "paste" | "concat_idents" | "include" => {
                let message = format!("`{name}!` may use columns that cannot be seen");
                doubt(message, place, self.doubts);
            }
            "include_str" if self.is_read(body) => {}
            "include_str" => {
                let message = "a file of SQL that is not below the scanned folders may use columns";
                doubt(message.to_owned(), place, self.doubts);
            }
            _ if PLAIN.contains(&name) => self.tokens(body, nothing),
            _ => {
                // Whatever the macro makes of a table that it is given, it may load it.
                self.words_in(body);
                let mut given = BTreeSet::new();
                self.tables_in(body, &mut given);
                self.seen.whole.append(&mut given);
            }
        }
    }

    /// Returns whether what a macro includes is no SQL, or was read.
    fn is_read(&self, body: &[TokenTree]) -> bool {
        let [only] = body else { return false };
        let Some(path) = string(only) else { return false };
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
        let extension = name.rsplit('.').next().unwrap_or_default();
        !extension.eq_ignore_ascii_case("sql") || self.walk.sql_files.contains(&name)
    }

    /// Notes names and texts, whatever they are there for.
    fn words_in(&mut self, tokens: &[TokenTree]) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.words_in(&inside(group)),
                TokenTree::Ident(_) => self.note(word(Some(token))),
                TokenTree::Literal(_) => {
                    if let Some(text) = string(token) {
                        texts::note(&text, self.walk.interest, self.seen);
                    }
                }
                TokenTree::Punct(_) => {}
            }
        }
    }

    fn tables_in(&self, tokens: &[TokenTree], found: &mut BTreeSet<String>) {
        for token in tokens {
            if let TokenTree::Group(group) = token {
                self.tables_in(&inside(group), found);
            } else if let Some(name) = word(Some(token)) {
                found.extend(self.names.modules(&name, self.walk.interest));
                found.extend(self.names.values(&name));
            }
        }
    }

    fn note(&mut self, name: Option<String>) {
        if name.as_deref() == Some("HasTable") {
            // By it any row may stand for its table, whatever the row is called.
            self.seen.whole_all = true;
        }
        if let Some(name) = name.filter(|name| self.walk.interest.words.contains(name)) {
            self.seen.words.insert(name);
        }
    }

    fn word(
        &mut self,
        tokens: &[TokenTree],
        at: usize,
        around: Around<'_>,
        joined: &mut BTreeSet<usize>,
    ) {
        let Some(name) = word(tokens.get(at)) else { return };
        match name.as_str() {
            "save_changes" => self.seen.whole_rows = true,
            "all_columns" | "AllColumns" | "star" => {
                let of = before_path(tokens, at)
                    .map(|name| self.names.modules(&name, self.walk.interest));
                match of.filter(|tables| !tables.is_empty()) {
                    Some(mut tables) => self.seen.whole.append(&mut tables),
                    // `star` and its like are words of other trades too, where no path leads to a table.
                    None if name == "star" => {}
                    None => self.seen.whole_all = true,
                }
            }
            _ => {}
        }
        for table in self.tables_here(tokens, at, &name) {
            self.table(&table, tokens, at, around, joined);
        }
        self.note(Some(name));
    }

    /// Returns the tables that the word stands for as a value.
    fn tables_here(&self, tokens: &[TokenTree], at: usize, name: &str) -> BTreeSet<String> {
        if is_path_mark(tokens, at + 1) {
            return BTreeSet::new();
        }
        let interest = self.walk.interest;
        if let Some(before) = before_path(tokens, at) {
            return match name {
                "table" => self.names.modules(&before, interest),
                _ if self.names.is_dsl(&before) => {
                    interest.tables.get(name).cloned().into_iter().collect()
                }
                _ => self.names.everywhere_values(name),
            };
        }
        let is_field = is_mark(at.checked_sub(1).and_then(|before| tokens.get(before)), '.')
            || is_mark(tokens.get(at + 1), ':');
        if is_field { BTreeSet::new() } else { self.names.values(name) }
    }

    /// A table stands here as a value: unless it is certain which of its columns are used, all are.
    fn table(
        &mut self,
        table: &str,
        tokens: &[TokenTree],
        at: usize,
        around: Around<'_>,
        joined: &mut BTreeSet<usize>,
    ) {
        self.note(Some(table.to_owned()));
        let chain = Chain::after(tokens, at + 1);
        let known = Known { structs: self.walk.structs, own: around.own };
        if chain.selects(tokens, &known) {
            joined.extend(chain.joins());
            if !chain.is_run() && !around.keeps_nothing {
                self.seen.keeps_query = true;
            }
            return;
        }
        let is_first = path_start(tokens, at) == 0;
        match around.first {
            First::Joined if is_first => joined.extend(chain.joins()),
            First::Changed if is_first => {}
            First::ChangedMaybeFromQuery if is_first => {
                self.seen.maybe_from_query.insert(table.to_owned());
            }
            First::Nothing | First::Joined | First::Changed | First::ChangedMaybeFromQuery => {
                self.seen.whole.insert(table.to_owned());
                if !chain.is_run() && !around.keeps_nothing {
                    self.seen.keeps_query = true;
                }
            }
        }
    }

    /// Returns what the brackets at this place are to what stands in them.
    fn around<'o>(
        &mut self,
        tokens: &[TokenTree],
        at: usize,
        outer: Around<'o>,
        is_joined: bool,
    ) -> Around<'o> {
        let nothing = Around { first: First::Nothing, keeps_nothing: false, own: outer.own };
        if group(tokens.get(at), Delimiter::Parenthesis).is_none() {
            return nothing;
        }
        let Some((name, name_at)) = called(tokens, at) else {
            // Brackets around one thing change nothing.
            let is_whole = at == 0 && Chain::after(tokens, 1).methods.is_empty();
            return if is_whole { outer } else { nothing };
        };
        let before = name_at.checked_sub(1).and_then(|before| tokens.get(before));
        let chain = Chain::after(tokens, at + 1);
        let known = Known { structs: self.walk.structs, own: outer.own };
        let keeps_nothing = TAKES_QUERY.contains(&name.as_str());
        if is_joined || (name.ends_with("_join") && chain.selects(tokens, &known)) {
            return Around { first: First::Joined, keeps_nothing: true, ..nothing };
        }
        if name == "belonging_to" && !chain.selects(tokens, &known) {
            self.seen.whole_rows = true;
        }
        let is_method = is_mark(before, '.') && name != "insert_into";
        if !STATEMENTS.contains(&name.as_str()) || is_method || is_word(before, "fn") {
            return Around { keeps_nothing, ..nothing };
        }
        if !chain.gives_back_known(tokens, &known) {
            // A row alone stands for its table: `update(&user)`.
            self.seen.whole_rows = true;
            return Around { keeps_nothing: true, ..nothing };
        }
        let values = chain.arguments(&["values"]);
        let is_plain = |at: &usize| {
            let given = group(tokens.get(*at), Delimiter::Parenthesis).map(inside);
            is_no_query(&given.unwrap_or_default())
        };
        let names_columns = !chain.arguments(&["into_columns"]).is_empty();
        // `row.insert_into(table)` has what it inserts before it.
        let is_by_row = is_mark(before, '.');
        let first = if (values.iter().all(is_plain) && !is_by_row) || names_columns {
            First::Changed
        } else {
            First::ChangedMaybeFromQuery
        };
        Around { first, keeps_nothing: true, ..nothing }
    }
}
