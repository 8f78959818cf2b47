//! Finds the `table!` macros, custom types, joins and modules of a file among its tokens.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Group, TokenTree};

use super::custom::CustomTypes;
use super::table::Found;
use crate::diagnostic::{Diagnostic, Severity, Sink, code};
use crate::release::rust_tokens::{
    attribute, group, inside, is_cfg_test, is_mark, is_word, span, string, word,
};
use crate::source::{SourceFile, SourceId, Sources, Span};

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// The files that declare tables.
    pub files: Vec<String>,
    /// Tables and views.
    pub tables: Vec<Found>,
    /// Custom types.
    pub custom: CustomTypes,
    /// What `joinable!` says.
    pub joins: BTreeSet<(String, String)>,
    /// Modules in files of their own: the end of the file's path, and where the module is named.
    elsewhere: Vec<(String, Span)>,
}

/// One level of brackets that is being read.
struct Level {
    tokens: Vec<TokenTree>,
    at: usize,
    /// Whether the modules around it end with it.
    is_module: bool,
    /// The attributes read since the last item.
    attributes: Vec<Group>,
}

impl Level {
    const fn new(tokens: Vec<TokenTree>, is_module: bool) -> Self {
        Self { tokens, at: 0, is_module, attributes: Vec::new() }
    }
}

impl Walk {
    /// Takes what one file declares.
    pub(super) fn file(
        &mut self,
        source: SourceId,
        file: &SourceFile,
        tokens: Vec<TokenTree>,
        sink: &mut Sink,
    ) {
        let n_before = self.tables.len();
        let mut modules = Vec::new();
        // A stack of its own, so that no nesting can overflow the program's.
        let mut open = vec![Level::new(tokens, false)];
        while let Some(level) = open.last_mut() {
            if level.at >= level.tokens.len() {
                if level.is_module {
                    modules.pop();
                }
                open.pop();
                continue;
            }
            if let Some(inner) = self.item(level, source, &mut modules, sink) {
                open.push(inner);
            }
        }
        if self.tables.len() > n_before {
            self.files.push(file.path.to_string());
        }
    }

    /// Reads what begins here, and returns the brackets to go on with.
    fn item(
        &mut self,
        level: &mut Level,
        source: SourceId,
        modules: &mut Vec<String>,
        sink: &mut Sink,
    ) -> Option<Level> {
        let (tokens, at) = (&level.tokens, level.at);
        let token = tokens.get(at)?;
        if let Some((brackets, len)) = attribute(tokens, at) {
            level.attributes.push(brackets.clone());
            level.at += len;
            return None;
        }
        let is_test = level.attributes.iter().any(is_cfg_test);
        let (macro_name, brackets, len) = match called(tokens, at) {
            Some((name, brackets, len)) => (name, Some(brackets), len),
            None => (String::new(), None, 0),
        };
        match (macro_name.as_str(), brackets) {
            (name @ ("table" | "view"), Some(body)) if !is_test => {
                let body = body.clone();
                let is_view = name == "view";
                let file = self.files.len();
                let modules = modules.clone();
                self.tables.push(Found { body, is_view, modules, source, file });
            }
            ("joinable", Some(body)) => self.joins.extend(join(body)),
            ("macro_rules", Some(body)) if !is_test => hidden(source, body, sink),
            (
                "table" | "view" | "macro_rules" | "allow_tables_to_appear_in_same_query",
                Some(_),
            ) => {}
            (_, Some(_) | None) => {
                return self.other(level, token.clone(), is_test, source, modules);
            }
        }
        level.at += len;
        level.attributes.clear();
        None
    }

    /// Reads what is no macro that says something here.
    fn other(
        &mut self,
        level: &mut Level,
        token: TokenTree,
        is_test: bool,
        source: SourceId,
        modules: &mut Vec<String>,
    ) -> Option<Level> {
        let (tokens, at) = (&level.tokens, level.at);
        let name = word(tokens.get(at + 1));
        level.at += 1;
        match (token, name) {
            (TokenTree::Ident(ident), Some(name)) if ident == "mod" => {
                level.at += 1;
                let after = tokens.get(at + 2);
                let mut inner = None;
                if is_test {
                    level.at += usize::from(group(after, Delimiter::Brace).is_some());
                } else if let Some(body) = group(after, Delimiter::Brace) {
                    modules.push(name);
                    inner = Some(Level::new(inside(body), true));
                    level.at += 1;
                } else if is_mark(after, ';') {
                    let written = level.attributes.iter().find_map(path);
                    let end = written.unwrap_or(name);
                    let place = tokens.get(at + 1).map_or_else(|| ident.span(), TokenTree::span);
                    self.elsewhere.push((end, span(source, place)));
                }
                level.attributes.clear();
                inner
            }
            (TokenTree::Ident(ident), Some(name)) if ident == "struct" => {
                self.custom.add(name, modules, &level.attributes);
                level.at += 1;
                level.attributes.clear();
                None
            }
            (TokenTree::Group(group), _) => {
                if group.delimiter() == Delimiter::Brace {
                    level.attributes.clear();
                }
                Some(Level::new(inside(&group), false))
            }
            (TokenTree::Punct(punct), _) => {
                if punct.as_char() == ';' {
                    level.attributes.clear();
                }
                None
            }
            (TokenTree::Ident(_) | TokenTree::Literal(_), _) => None,
        }
    }

    /// Warns of modules whose file was not given: they may declare tables.
    pub(super) fn report_missing_modules(
        &self,
        sources: &Sources,
        files: &[SourceId],
        sink: &mut Sink,
    ) {
        let given = || files.iter().filter_map(|source| sources.get(*source));
        for (end, span) in &self.elsewhere {
            let ends = [format!("{end}.rs"), format!("{end}/mod.rs"), end.clone()];
            let is_given = given().any(|file| ends.iter().any(|end| file.path.ends_with(end)));
            if is_given {
                continue;
            }
            let message = format!("module `{end}` is in a file that was not given");
            let mut finding = Diagnostic::new(code::UNREADABLE_SCHEMA, message)
                .at(*span)
                .help("give that file too, or the folder: tables in it would be missed");
            finding.severity = Severity::Warning;
            sink.report(finding);
        }
    }
}

/// Returns the name and the brackets of a macro call that begins here, and how many tokens it has; for `macro_rules! name`
/// the brackets that define it.
fn called(tokens: &[TokenTree], at: usize) -> Option<(String, &Group, usize)> {
    let name = word(tokens.get(at))?;
    if !is_mark(tokens.get(at + 1), '!') {
        return None;
    }
    let named = usize::from(name == "macro_rules" && word(tokens.get(at + 2)).is_some());
    match tokens.get(at + 2 + named) {
        Some(TokenTree::Group(body)) => Some((name, body, 3 + named)),
        Some(TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_)) | None => None,
    }
}

/// Returns what follows `#[path = "…"]`.
fn path(attribute: &Group) -> Option<String> {
    let tokens = inside(attribute);
    let is_path = is_word(tokens.first(), "path") && is_mark(tokens.get(1), '=');
    let text = tokens.get(2).filter(|_| is_path).and_then(string)?;
    // Whatever the folder, the file's own name tells whether it was given.
    text.rsplit(['/', '\\']).next().map(str::to_owned)
}

/// Reads `posts -> users (user_id)`: the join compares that column.
fn join(body: &Group) -> Option<(String, String)> {
    let tokens = inside(body);
    let column =
        tokens.iter().rev().find_map(|token| group(Some(token), Delimiter::Parenthesis))?;
    let column = word(inside(column).last())?;
    let arrow = tokens.iter().position(|token| is_mark(Some(token), '-'))?;
    let child = tokens.iter().take(arrow).rev().find_map(|token| word(Some(token)))?;
    Some((child, column))
}

/// Warns of a `table!` that a macro writes: which tables come of it cannot be seen.
fn hidden(source: SourceId, body: &Group, sink: &mut Sink) {
    let mut open = vec![inside(body)];
    while let Some(tokens) = open.pop() {
        for (at, token) in tokens.iter().enumerate() {
            if let TokenTree::Group(group) = token {
                open.push(inside(group));
            }
            let Some((name, _, _)) = called(&tokens, at) else { continue };
            if name == "table" || name == "view" {
                let message = format!("a `{name}!` that a macro writes cannot be read");
                let mut finding = Diagnostic::new(code::UNREADABLE_SCHEMA, message)
                    .at(span(source, token.span()))
                    .help(format!("write the `{name}!` out, or name its tables under `raw_sql` in `requires.yaml`"));
                finding.severity = Severity::Warning;
                sink.report(finding);
            }
        }
    }
}
