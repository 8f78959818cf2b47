//! One `table!`: parsed by the parser of Diesel's own macro, then named as in the database.

use std::collections::BTreeMap;

use diesel_table_macro_syntax::TableDecl;
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::{TypePath, UseTree};

use super::custom::CustomTypes;
use super::declared::{DeclaredColumn, DeclaredTable};
use super::{limits, plain, types};
use crate::compile::schema_rs::DIESEL_TYPES;
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::name::{Name, ObjectName};
use crate::release::requirement::{Access, DeclaredType, Place};
use crate::release::rust_tokens::{group, inside, is_mark, is_word, line, span};
use crate::source::{SourceId, Sources};

/// A `table!` or `view!` as it was found in a file.
#[derive(Debug)]
pub(super) struct Found {
    /// What is in its brackets.
    pub body: Group,
    /// Whether it is a `view!`.
    pub is_view: bool,
    /// The modules around it, outermost first.
    pub modules: Vec<String>,
    /// Its file.
    pub source: SourceId,
    /// Its file among those of the requirements.
    pub file: usize,
}

impl Found {
    /// Reads it; what Diesel would not accept is reported.
    pub(super) fn read(
        &self,
        sources: &Sources,
        custom: &CustomTypes,
        sink: &mut Sink,
    ) -> Option<DeclaredTable> {
        let mut report = |at: proc_macro2::Span, message: String| {
            let help = "write it as Diesel's `table!` takes it; `diesel print-schema` does";
            let finding = Diagnostic::new(code::UNREADABLE_SCHEMA, message);
            sink.report(finding.at(span(self.source, at)).help(help));
        };
        let body = match without_attributes(inside(&self.body)) {
            Ok(body) => body,
            Err(at) => {
                report(at, "`sql_name` and `max_length` take one value each".to_owned());
                return None;
            }
        };
        if let Some(token) = limits::beyond(&body) {
            report(token.span(), "this nests deeper than any declaration needs".to_owned());
            return None;
        }
        if let Some(table) = self.plain(&body, sources, custom) {
            return Some(table);
        }
        let parsed = syn::parse2::<TableDecl>(body.into_iter().collect::<TokenStream>());
        match parsed {
            Ok(table) => {
                let names = self.names(&table, sources, custom);
                let columns = table.column_defs.iter();
                let columns = columns.map(|column| {
                    let written = Written {
                        declared: types::declared(&column.tpe, &names),
                        name: types::written(&column.tpe, &names),
                    };
                    let length = column.max_length.as_ref();
                    let length = length.and_then(|length| length.base10_parse().ok());
                    self.column((&column.column_name, &column.sql_name), written, length)
                });
                Some(self.named(&table, columns.collect()))
            }
            Err(error) => {
                let message = format!("the `table!` cannot be read: {}", lower(&error.to_string()));
                // At the end of the brackets the parser has no token to point at.
                let at = error.span();
                let is_here = !at.byte_range().is_empty();
                report(if is_here { at } else { self.body.span_close() }, message);
                None
            }
        }
    }

    /// Reads a table whose columns are written as `print-schema` writes them, without a parser for each: a file may have
    /// thousands. `None` if anything is written otherwise.
    fn plain(
        &self,
        body: &[TokenTree],
        sources: &Sources,
        custom: &CustomTypes,
    ) -> Option<DeclaredTable> {
        let (last, head) = body.split_last()?;
        let columns = plain::columns(&inside(group(Some(last), Delimiter::Brace)?))?;
        let nothing = TokenTree::Group(Group::new(Delimiter::Brace, TokenStream::new()));
        let head: TokenStream = head.iter().cloned().chain([nothing]).collect();
        let table = syn::parse2::<TableDecl>(head).ok()?;
        let names = self.names(&table, sources, custom);
        let mut known: BTreeMap<String, Written> = BTreeMap::new();
        let mut all = Vec::with_capacity(columns.len());
        for column in columns {
            if !known.contains_key(&column.type_text) {
                let tokens: TokenStream = column.type_tokens.iter().cloned().collect();
                let path = syn::parse2(tokens).ok()?;
                let declared = types::declared(&path, &names);
                let written = Written { declared, name: types::written(&path, &names) };
                known.insert(column.type_text.clone(), written);
            }
            let written = known.get(&column.type_text).cloned()?;
            all.push(self.column((&column.name, &column.sql_name), written, column.max_length));
        }
        Some(self.named(&table, all))
    }

    fn names<'a>(
        &'a self,
        table: &TableDecl,
        sources: &'a Sources,
        custom: &'a CustomTypes,
    ) -> Names<'a> {
        let text = sources.get(self.source).map_or("", |file| &file.text);
        Names { imports: imports(table), custom, modules: &self.modules, text }
    }

    fn named(&self, table: &TableDecl, columns: Vec<DeclaredColumn>) -> DeclaredTable {
        let schema = table.schema.as_ref().map(|schema| schema.unraw().to_string());
        let key = table.primary_keys.as_ref();
        let key = key.map(|key| key.keys.iter().map(|name| name.unraw().to_string()).collect());
        DeclaredTable {
            name: object_name(schema.as_deref(), &table.sql_name),
            rust_name: table.table_name.unraw().to_string(),
            place: self.place(table.table_name.span()),
            span: span(self.source, table.table_name.span()),
            access: if self.is_view { Access::READ_ONLY } else { Access::ALL },
            key: key.unwrap_or_else(|| vec!["id".to_owned()]),
            columns,
        }
    }

    fn column(
        &self,
        (name, sql_name): (&Ident, &str),
        written: Written,
        max_length: Option<u64>,
    ) -> DeclaredColumn {
        DeclaredColumn {
            name: Name::new(sql_name),
            rust_name: name.unraw().to_string(),
            place: self.place(name.span()),
            span: span(self.source, name.span()),
            declared: written.declared,
            written: written.name,
            max_length,
        }
    }

    fn place(&self, at: proc_macro2::Span) -> Place {
        Place { file: self.file, line: line(at) }
    }
}

/// A type as it is understood, and the name that is written.
#[derive(Clone, Debug)]
struct Written {
    declared: DeclaredType,
    name: String,
}

/// The default schema is no schema, whichever way it is written. `print-schema` writes a schema also into the `sql_name` of
/// a table whose name is no Rust name.
fn object_name(schema: Option<&str>, sql_name: &str) -> ObjectName {
    let Some(schema) = schema else { return ObjectName::bare(sql_name) };
    let prefix = format!("{schema}.");
    let name = sql_name.strip_prefix(&prefix).unwrap_or(sql_name);
    match schema {
        "public" | "main" => ObjectName::bare(name),
        _ => ObjectName { schema: Some(schema.into()), name: name.into() },
    }
}

/// What the names of types in one `table!` mean.
#[derive(Debug)]
pub(super) struct Names<'a> {
    /// Names that are imported one by one, with the path that each stands for.
    imports: BTreeMap<String, Vec<String>>,
    custom: &'a CustomTypes,
    modules: &'a [String],
    text: &'a str,
}

impl Names<'_> {
    /// Returns the type's own name: the last part of its path, or what the name was imported as.
    pub(super) fn original(&self, path: &TypePath) -> String {
        let path = self.path(path);
        path.last().cloned().unwrap_or_default()
    }

    /// Returns the SQL type behind a type that is not Diesel's, if that is declared.
    pub(super) fn custom(&self, path: &TypePath) -> Option<&ObjectName> {
        let declared = self.custom.of(&self.original(path), self.modules)?;
        (!self.is_diesels(path)).then_some(declared)
    }

    /// Returns whether a type is one that Diesel brings along: by its path, or by its name where that comes by `*`.
    pub(super) fn is_diesels(&self, path: &TypePath) -> bool {
        match self.path(path).as_slice() {
            [only] => DIESEL_TYPES.contains(&only.as_str()),
            path => path.iter().any(|part| part == "diesel"),
        }
    }

    /// Returns the text of a type without white space.
    pub(super) fn text(&self, path: &TypePath) -> String {
        use syn::spanned::Spanned as _;
        let text = self.text.get(path.span().byte_range()).unwrap_or_default();
        text.split_whitespace().collect()
    }

    fn path(&self, path: &TypePath) -> Vec<String> {
        let segments = path.path.segments.iter();
        let path: Vec<String> = segments.map(|segment| segment.ident.unraw().to_string()).collect();
        let import = path.first().and_then(|first| self.imports.get(first));
        match import {
            Some(import) => import.iter().chain(path.iter().skip(1)).cloned().collect(),
            None => path,
        }
    }
}

fn imports(table: &TableDecl) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    for import in &table.use_statements {
        // The limits keep this nesting small.
        let mut open = vec![(&import.tree, Vec::new())];
        while let Some((tree, mut path)) = open.pop() {
            match tree {
                UseTree::Path(part) => {
                    path.push(part.ident.unraw().to_string());
                    open.push((&part.tree, path));
                }
                UseTree::Name(name) => {
                    path.push(name.ident.unraw().to_string());
                    found.insert(name.ident.unraw().to_string(), path);
                }
                UseTree::Rename(renamed) => {
                    path.push(renamed.ident.unraw().to_string());
                    found.insert(renamed.rename.unraw().to_string(), path);
                }
                UseTree::Group(group) => {
                    open.extend(group.items.iter().map(|tree| (tree, path.clone())));
                }
                UseTree::Glob(_) => {}
            }
        }
    }
    found
}

/// Leaves out the attributes that say nothing of names: documentation may be long, and conditions may nest. A column
/// counts under any condition, for a condition cannot be asked here. `Err` is an attribute that has no one value.
fn without_attributes(tokens: Vec<TokenTree>) -> Result<Vec<TokenTree>, proc_macro2::Span> {
    let mut kept = Vec::with_capacity(tokens.len());
    let mut after_mark = false;
    for token in tokens {
        let is_mark = is_mark(Some(&token), '#');
        let brackets = group(Some(&token), Delimiter::Bracket).filter(|_| after_mark);
        if let Some(brackets) = brackets {
            if !is_of_name(brackets)? {
                kept.pop();
                after_mark = false;
                continue;
            }
            kept.push(token);
        } else if let Some(columns) = group(Some(&token), Delimiter::Brace) {
            let within = without_attributes(inside(columns))?;
            let mut group = Group::new(Delimiter::Brace, within.into_iter().collect());
            group.set_span(columns.span());
            kept.push(TokenTree::Group(group));
        } else {
            kept.push(token);
        }
        after_mark = is_mark;
    }
    Ok(kept)
}

fn is_of_name(attribute: &Group) -> Result<bool, proc_macro2::Span> {
    let words = inside(attribute);
    if !["sql_name", "max_length"].iter().any(|name| is_word(words.first(), name)) {
        return Ok(false);
    }
    let is_value = words.len() == 3
        && is_mark(words.get(1), '=')
        && matches!(words.get(2), Some(TokenTree::Literal(_)));
    if is_value { Ok(true) } else { Err(attribute.span()) }
}

/// Writes a message of another program as planner writes its own.
fn lower(message: &str) -> String {
    let message = message.trim().trim_end_matches('.').replace('\n', " ");
    let mut letters = message.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    first.chain(letters).collect()
}
