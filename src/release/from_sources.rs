//! A release's own files as what it needs from the schema.

use super::requirement::Requirements;
use super::requires::{self, Mentioned};
use super::scan::scan;
use super::schema_rs::{self, DeclaredSchema};
use crate::diagnostic::Sink;
use crate::source::{SourceId, Sources};

/// The files of one release.
#[derive(Clone, Debug, Default)]
pub struct ReleaseFiles {
    /// All of them.
    pub sources: Sources,
    /// Those that declare tables.
    pub schema: Vec<SourceId>,
    /// Its `requires.yaml`.
    pub requires: Option<SourceId>,
    /// Its source, where that says which of the tables and columns are used.
    pub rust: Vec<SourceId>,
    /// Files of SQL beside its source.
    pub sql: Vec<SourceId>,
}

impl ReleaseFiles {
    /// Reads what the release needs; what is wrong in its files, or may be hidden, is reported. `None` if there are errors.
    pub fn needs(&self, sink: &mut Sink) -> Option<Requirements> {
        let before = sink.has_errors();
        let declared = match self.schema.as_slice() {
            [] => DeclaredSchema::default(),
            files => schema_rs::read(&self.sources, files, sink),
        };
        let mut needs = declared.requirements();
        let mut mentioned = Mentioned::new();
        // What an unreadable table declares would be reported again as unknown.
        if let Some(source) = self.requires.filter(|_| !sink.has_errors())
            && let Some(written) = requires::read(&self.sources, source, sink)
        {
            let (sources, types) = (&self.sources, &declared.types);
            mentioned = requires::apply(&mut needs, types, &written, sources, source, sink);
        }
        if !self.rust.is_empty()
            && !sink.has_errors()
            && let Some(used) = scan(&self.sources, &self.rust, &self.sql, &declared, sink)
        {
            used.narrow(&mut needs, &declared, &mentioned);
        }
        (before || !sink.has_errors()).then_some(needs)
    }
}
