//! Which of the tables and columns that a `schema.rs` declares the release's source really uses.
//!
//! The source is looked at as words, not as a program, so the answer is careful: what might be a use is one. A column is
//! unused only if its name occurs nowhere, neither as a word of Rust nor in a text that may be SQL, and if every query on
//! its table says which columns it selects. `docs/releases.md` has the rules as users read them.

mod chain;
mod imports;
mod names;
mod places;
mod structs;
#[cfg(test)]
mod tests;
mod texts;
mod vocabulary;
mod walk;

use std::collections::{BTreeMap, BTreeSet};

use names::Interest;

use super::requirement::{ColumnNeed, Requirements};
use super::requires::Mentioned;
use super::rust_tokens;
use super::schema_rs::{DeclaredSchema, DeclaredTable};
use crate::diagnostic::{Diagnostic, Severity, Sink, code};
use crate::name::{Name, ObjectName};
use crate::source::{SourceId, Sources};

/// What to do about anything that hides uses.
pub const NARROWS_NOTHING: &str = "the scan narrows nothing while this is so: correct it, or say in `requires.yaml` what is not used, and leave `--scan` out";

/// What a release's source uses.
#[derive(Debug)]
pub struct Used {
    seen: names::Seen,
}

/// Looks through the files of a release's source; `sql` are texts of SQL that lie beside it.
///
/// `None` if something hides uses, so that nothing can be called unused: a file that is not Rust, or a macro that
/// composes names. Each is reported as a warning.
pub fn scan(
    sources: &Sources,
    rust: &[SourceId],
    sql: &[SourceId],
    declared: &DeclaredSchema,
    sink: &mut Sink,
) -> Option<Used> {
    let interest = Interest::of(declared);
    let mut seen = names::Seen::default();
    let mut doubts = Sink::default();
    let mut imports = imports::Imports::default();
    let mut structs = structs::Structs::default();
    for source in rust {
        let Some(file) = sources.get(*source) else { continue };
        let Some(tokens) = rust_tokens::read(*source, &file.text, &mut doubts) else { continue };
        imports.read(*source, &tokens);
        structs.read(&tokens);
        rust_tokens::forget();
    }
    imports.resolve(&interest);
    let sql_names: Vec<&str> =
        sql.iter().filter_map(|source| sources.get(*source)?.path.file_name()).collect();
    let walk = walk::Walk::new(&interest, &imports, &structs, &sql_names);
    for source in rust {
        let Some(file) = sources.get(*source) else { continue };
        let Some(tokens) = rust_tokens::read(*source, &file.text, &mut Sink::default()) else {
            continue;
        };
        walk.file(*source, &tokens, &mut seen, &mut doubts);
        rust_tokens::forget();
    }
    for source in sql {
        if let Some(file) = sources.get(*source) {
            texts::note(&file.text, &interest, &mut seen);
        }
    }
    seen.settle(&structs, &interest);
    let is_in_text = interest.sql_tables.keys().any(|name| seen.texts.contains(name));
    if seen.words.is_disjoint(&interest.tables) && !is_in_text && doubts.is_empty() {
        let message = "no table of `schema.rs` occurs in the scanned source";
        let mut finding = Diagnostic::new(code::UNREADABLE_SCHEMA, message);
        if let Some(file) = rust.first().and_then(|first| sources.get(*first)) {
            finding = finding.in_file(file.path.clone());
        }
        doubts.report(finding);
    }
    let n_doubts = doubts.len();
    for mut doubt in doubts.into_found() {
        doubt.severity = Severity::Warning;
        sink.report(doubt.help(NARROWS_NOTHING));
    }
    (n_doubts == 0).then_some(Used { seen })
}

impl Used {
    /// Takes away what is certainly unused, but for what `requires.yaml` says is used.
    pub fn narrow(
        &self,
        needs: &mut Requirements,
        declared: &DeclaredSchema,
        mentioned: &Mentioned,
    ) {
        let mut by_name: BTreeMap<&ObjectName, Vec<&DeclaredTable>> = BTreeMap::new();
        for table in &declared.tables {
            by_name.entry(&table.name).or_default().push(table);
        }
        let is_mentioned: BTreeSet<&ObjectName> = mentioned.iter().map(|(of, _)| of).collect();
        needs.tables.retain_mut(|table| {
            // A table that only `requires.yaml` knows is not this scan's.
            let Some(own) = by_name.get(&table.name) else { return true };
            let kept = self.used_columns(own, declared);
            let name = table.name.clone();
            let is_kept = |column: &ColumnNeed| {
                column.declared.is_none()
                    || kept.as_ref().is_none_or(|kept| kept.contains(&column.name))
                    || mentioned.contains(&(name.clone(), column.name.clone()))
            };
            table.columns.retain(is_kept);
            let is_used = own.iter().any(|of| self.has_table(of));
            is_used || is_mentioned.contains(&table.name) || !table.upserts.is_empty()
        });
    }

    fn has_table(&self, table: &DeclaredTable) -> bool {
        self.seen.words.contains(&table.rust_name)
            || self.seen.texts.contains(&table.name.name.as_str().to_lowercase())
    }

    /// Returns the columns of a table that may be used; `None` if all of them may.
    fn used_columns<'a>(
        &self,
        declarations: &[&'a DeclaredTable],
        declared: &DeclaredSchema,
    ) -> Option<BTreeSet<&'a Name>> {
        let mut used = BTreeSet::new();
        for table in declarations {
            if self.seen.whole.contains(&table.rust_name) {
                return None;
            }
            for column in &table.columns {
                let join = (table.rust_name.clone(), column.rust_name.clone());
                let is_used = table.key.contains(&column.rust_name)
                    || declared.joins.contains(&join)
                    || self.seen.words.contains(&column.rust_name)
                    || self.seen.texts.contains(&column.rust_name.to_lowercase())
                    || self.seen.texts.contains(&column.name.as_str().to_lowercase());
                if is_used {
                    used.insert(&column.name);
                }
            }
        }
        Some(used)
    }
}

/// Reports that nothing can be called unused.
fn doubt(message: String, span: crate::source::Span, sink: &mut Sink) {
    let finding = Diagnostic::new(code::UNREADABLE_SCHEMA, message).at(span);
    sink.report(finding);
}
