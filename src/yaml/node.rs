//! YAML as a tree in which every value keeps its place and every scalar its text.
//!
//! Built from the parser's events, not by typed decoding, which would stop at the first error, lose the
//! second of two equal keys, and turn a column named `no` into a boolean.

use crate::diagnostic::Sink;
use crate::source::{SourceId, Span, Spanned};

/// A value in a YAML file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Where it stands; for a mapping or a list from its first key or item to the end of its last.
    pub span: Span,
}

/// The kinds of values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// A scalar with its text as written, quotes and folding resolved.
    Scalar {
        /// The text.
        text: String,
        /// Whether it was written without quotes, so that a bare `true` may be read as a boolean where one is due.
        plain: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// A mapping in the order written; equal keys are all kept.
    Map(Vec<(Spanned<String>, Node)>),
    /// Nothing was written after a key or a dash.
    Empty,
}

impl Node {
    /// Returns what the node is, for messages: "a list".
    #[must_use]
    pub const fn describe(&self) -> &'static str {
        match self.kind {
            NodeKind::Scalar { .. } => "a text",
            NodeKind::List(_) => "a list",
            NodeKind::Map(_) => "a mapping",
            NodeKind::Empty => "nothing",
        }
    }
}

/// The most bytes of a file that is read.
pub const FILE_BYTES_MAX: u64 = 1 << 20;
/// The most nodes in one file, aliases counted as often as they are used.
pub const NODES_MAX: usize = 100_000;
/// The deepest nesting.
pub const DEPTH_MAX: usize = 64;

/// Reads one YAML document. Broken YAML, more than one document, keys that are no scalars, and files
/// beyond the limits are reported and give `None`.
pub fn read(source: SourceId, text: &str, sink: &mut Sink) -> Option<Node> {
    let _ = (source, text, sink);
    todo!()
}
