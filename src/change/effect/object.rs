//! What a change does something to.

use crate::catalog::ObjectKind;
use crate::name::{Name, ObjectName};

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
    /// A value of an enum type.
    EnumValue(ObjectName, String),
    /// A sequence that no column owns.
    Sequence(ObjectName),
    /// A hand-written trigger of a table or view.
    Trigger(ObjectName, Name),
    /// A sync, by its name.
    Sync(Name),
    /// Anything else, by its kind and name.
    Other(ObjectKind, ObjectName),
}

impl Object {
    /// Returns the table that it is, or is a part of.
    #[must_use]
    pub const fn table(&self) -> Option<&ObjectName> {
        match self {
            Self::Table(table)
            | Self::Column(table, _)
            | Self::Index(table, _)
            | Self::Constraint(table, _)
            | Self::Trigger(table, _) => Some(table),
            Self::View(_)
            | Self::Enum(_)
            | Self::EnumValue(..)
            | Self::Sequence(_)
            | Self::Sync(_)
            | Self::Other(..) => None,
        }
    }

    /// Returns the word for its kind in messages.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Table(_) => "table",
            Self::Column(..) => "column",
            Self::Index(..) => "index",
            Self::Constraint(..) => "constraint",
            Self::View(_) => "view",
            Self::Enum(_) => "enum",
            Self::EnumValue(..) => "enum value",
            Self::Sequence(_) => "sequence",
            Self::Trigger(..) => "trigger",
            Self::Sync(_) => "sync",
            Self::Other(kind, _) => kind.word(),
        }
    }
}

impl std::fmt::Display for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Table(name)
            | Self::View(name)
            | Self::Enum(name)
            | Self::Sequence(name)
            | Self::Other(_, name) => name.fmt(f),
            Self::Column(table, part)
            | Self::Index(table, part)
            | Self::Constraint(table, part)
            | Self::Trigger(table, part) => {
                write!(f, "{table}.{part}")
            }
            Self::EnumValue(of, value) => write!(f, "{of}.{value}"),
            Self::Sync(name) => name.fmt(f),
        }
    }
}
