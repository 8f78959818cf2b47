//! What a change does to the releases that are live: the classes that decide its phase.

use crate::catalog::Catalog;
use crate::name::{Name, ObjectName};

use super::Change;

/// An object that a change destroys, restricts, prepares ….
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Object {
    /// A table.
    Table(ObjectName),
    /// A column of a table.
    Column(ObjectName, Name),
    /// An index of a table.
    Index(ObjectName, Name),
    /// A constraint of a table.
    Constraint(ObjectName, Name),
    /// A view.
    View(ObjectName),
    /// An enum type.
    Enum(ObjectName),
    /// A sync, by its name.
    Sync(Name),
}

impl std::fmt::Display for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Table(name) | Self::View(name) | Self::Enum(name) => name.fmt(f),
            Self::Column(table, part)
            | Self::Index(table, part)
            | Self::Constraint(table, part) => {
                write!(f, "{table}.{part}")
            }
            Self::Sync(name) => name.fmt(f),
        }
    }
}

/// One effect of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Something new that nobody uses yet.
    Adds(Object),
    /// The object is going to be dropped; nothing changes.
    Retires(Object),
    /// Rows are written.
    MovesData(ObjectName),
    /// The object is gone afterwards, or can no longer be used as before.
    Destroys(Object),
    /// Writes that passed before may fail.
    Restricts(Object),
    /// Something that readers or upserts could rely on no longer holds.
    RemovesGuarantee(Object),
    /// Nothing a release can see: an index that is not unique goes.
    Invisible(Object),
    /// Unknown: opaque SQL.
    Opaque,
}

/// Returns what a change does, given the catalog just before it.
#[must_use]
pub fn effects(change: &Change, before: &Catalog) -> Vec<Effect> {
    let _ = (change, before);
    todo!()
}
