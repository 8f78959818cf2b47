//! What of a `down.sql` is no SQL.

use super::{Content, HandWrittenMigration};
use crate::catalog::Catalog;
use crate::dialect::Dialect;
use crate::readers::{self, Meaning};
use crate::source::{Sources, Span};

/// A statement of a `down.sql` that the dialect's parser does not accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// From where the parser gave up.
    pub span: Span,
    /// What it says.
    pub message: String,
}

impl HandWrittenMigration {
    /// Returns the first statement of its `down.sql` that the dialect's parser does not accept.
    ///
    /// What a statement means depends on the schema before it; whether it is one does not.
    #[must_use]
    pub fn refused_backward(&self, dialect: Dialect, sources: &Sources) -> Option<Refused> {
        let down = self.down.as_ref().filter(|down| down.content == Content::Statements)?;
        let text = sources.get(down.source)?.text.as_ref();
        let script = readers::parse(dialect, text);
        let nothing = Catalog::empty(dialect);
        (0..script.statements.len()).find_map(|at| {
            let statement = script.read(at, text, &nothing)?;
            let mut parts = statement.parts.into_iter();
            parts.find_map(|part| match part.meaning {
                Meaning::Unreadable { message, offset } => {
                    let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
                    let (start, end) = (place(part.place.start), place(part.place.end));
                    let start = place(offset).clamp(start, end);
                    Some(Refused { span: Span { source: down.source, start, end }, message })
                }
                Meaning::Change(_) | Meaning::Opaque { .. } => None,
            })
        })
    }
}
