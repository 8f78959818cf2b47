//! `requires.yaml`: what an app needs from the database that its `schema.rs` cannot say.

mod apply;
#[cfg(test)]
mod tests;
mod written;

use std::collections::BTreeSet;

use serde_json::Value;

pub use apply::apply;
pub use written::{WrittenEnum, WrittenRawTable, WrittenRequires, WrittenTable};

use crate::diagnostic::Sink;
use crate::name::{Name, ObjectName};
use crate::source::{SourceId, Sources};
use crate::yaml::decode::{Decode as _, Decoder};
use crate::yaml::node;

/// The name that the file usually has, beside the app's `planner.yaml` or anywhere else.
pub const FILE_NAME: &str = "requires.yaml";

/// Columns that the file says are used, so that no scan takes them away.
pub type Mentioned = BTreeSet<(ObjectName, Name)>;

/// Reads the file; what is wrong in it is reported, and `None` comes back if anything is. A file of nothing but comments
/// says nothing.
pub fn read(sources: &Sources, source: SourceId, sink: &mut Sink) -> Option<WrittenRequires> {
    let text = &sources.get(source)?.text;
    let says_nothing = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if text.lines().all(says_nothing) {
        return Some(WrittenRequires {
            tables: None,
            ignores: Vec::new(),
            enums: None,
            satisfies: Vec::new(),
            raw_sql: None,
        });
    }
    let node = node::read(source, text, sink)?;
    WrittenRequires::decode(&node, &mut Decoder { sink })
}

/// Returns the JSON Schema of the file.
#[must_use]
pub fn schema() -> Value {
    WrittenRequires::schema()
}
