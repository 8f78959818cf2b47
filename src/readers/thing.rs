//! What a statement says of something that the catalog does not hold as structure, as far as it is read.

use crate::catalog::ObjectKind;
use crate::change::{Other, Touched, Verb};
use crate::name::ObjectName;

/// What is said of something that the catalog does not hold as structure.
pub(in crate::readers) struct Thing {
    pub verb: Verb,
    pub kind: ObjectKind,
    pub name: Option<ObjectName>,
    pub on: Option<ObjectName>,
    pub touches: Vec<Touched>,
}

impl Thing {
    pub(in crate::readers) const fn new(verb: Verb, kind: ObjectKind) -> Self {
        Self { verb, kind, name: None, on: None, touches: Vec::new() }
    }

    pub(in crate::readers) fn named(mut self, name: impl Into<Option<ObjectName>>) -> Self {
        self.name = name.into();
        self
    }

    pub(in crate::readers) fn on(mut self, on: impl Into<Option<ObjectName>>) -> Self {
        self.on = on.into();
        self
    }

    pub(in crate::readers) fn touching(mut self, touches: Vec<Touched>) -> Self {
        self.touches = touches;
        self
    }

    /// Returns the statement with this text.
    pub(in crate::readers) fn into_other(self, text: String) -> Other {
        let Self { verb, kind, name, on, touches } = self;
        Other { verb, kind, name, on, text, touches, domain: None }
    }
}
