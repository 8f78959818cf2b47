//! A step that runs as its author wrote it, whatever is known of what it does.

use super::{Change, Touched};

/// SQL that runs as its author wrote it. What it does is told by the changes of its step; what is not said here follows from
/// them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The statements forward.
    pub up: String,
    /// The statements back, or why there are none; if its author says nothing, those that undo its changes.
    pub down: Option<Result<String, String>>,
    /// A query that returns one true value once `up` has been done; if its author says nothing, what its changes leave tells.
    pub probe: Option<String>,
    /// What its author says that it changes or reads.
    pub touches: Vec<Touched>,
    /// Whether it runs in a transaction.
    pub transactional: bool,
}

impl Change {
    /// Returns whether nobody can tell what it does to the releases that are live.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Opaque(_)) || matches!(self, Self::Other(other) if other.is_unknown())
    }
}
