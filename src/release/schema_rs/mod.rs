//! The text of a release's `schema.rs` as what the release needs.
//!
//! A file is cut into tokens, and every `table!` in it is parsed by the parser of Diesel's own macro. Conditions (`#[cfg(…)]`)
//! are not asked: what is declared under any of them counts, but for what stands under `#[cfg(test)]`.

pub mod as_catalog;
pub mod compare;
mod custom;
mod declared;
mod limits;
mod plain;
#[cfg(test)]
mod round_trip;
mod table;
#[cfg(test)]
mod tests;
mod types;
mod walk;
pub mod wanted;

pub use declared::{DeclaredColumn, DeclaredSchema, DeclaredTable};

use super::rust_tokens;
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::source::{SourceId, Sources};

/// The most bytes of a file of Rust that is read.
pub const FILE_BYTES_MAX: u64 = 12 << 20;

/// Reads what the files of one release declare. What cannot be read, or may be hidden, is reported; with an error,
/// what comes back is not all.
///
/// Nothing is read of a `mod name;` beside what was given: a module whose file is not among the sources is reported.
pub fn read(sources: &Sources, files: &[SourceId], sink: &mut Sink) -> DeclaredSchema {
    let mut walk = walk::Walk::default();
    for source in files {
        let Some(file) = sources.get(*source) else { continue };
        if let Some(tokens) = rust_tokens::read(*source, &file.text, sink) {
            walk.file(*source, file, tokens, sink);
        }
    }
    walk.report_missing_modules(sources, files, sink);
    let mut schema = DeclaredSchema {
        files: walk.files,
        tables: Vec::with_capacity(walk.tables.len()),
        types: walk.custom.sql_types().cloned().collect(),
        joins: walk.joins,
    };
    for found in &walk.tables {
        schema.tables.extend(found.read(sources, &walk.custom, sink));
    }
    drop(walk.tables);
    rust_tokens::forget();
    schema.report_contradictions(sink);
    if schema.tables.is_empty() && !sink.has_errors() {
        report_nothing(sources, files, sink);
    }
    schema
}

fn report_nothing(sources: &Sources, files: &[SourceId], sink: &mut Sink) {
    let message = match files {
        [_] => "the file declares no table".to_owned(),
        _ => format!("none of {} files declares a table", files.len()),
    };
    let mut finding = Diagnostic::new(code::UNREADABLE_SCHEMA, message)
        .help("name the file that has Diesel's `table!` macros, or its folder");
    if let Some(file) = files.first().and_then(|first| sources.get(*first)) {
        finding = finding.in_file(file.path.clone());
    }
    sink.report(finding);
}
