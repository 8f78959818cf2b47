//! Words of an operation that findings speak of, and where they stand in the file.

use super::fields::ColumnList;
use crate::change::effect::Object;
use crate::name::Name;
use crate::source::{Span, Spanned};

/// A word of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word<'a> {
    /// An entry of `replaced_by`.
    Replacement(&'a Object),
    /// What `where` says.
    Condition,
    /// What `default` says.
    Default,
    /// What `nullable` says.
    Nullable,
    /// A column of `key`, or its first.
    Key(Option<&'a Name>),
    /// A column that is given values: in `set`, `columns`, `forward`, `backward`.
    Filled(&'a Name),
}

impl Word<'_> {
    /// Returns the place of the filled column among these names, if it is this that is asked for.
    pub(super) fn filled<'n>(
        self,
        names: impl IntoIterator<Item = &'n Spanned<Name>>,
    ) -> Option<Span> {
        let Word::Filled(column) = self else { return None };
        names.into_iter().find(|name| name.value == *column).map(|name| name.span)
    }

    /// Returns the place in a `key`, if it is this that is asked for.
    pub(super) fn key(self, key: Option<&ColumnList>) -> Option<Span> {
        let Word::Key(column) = self else { return None };
        let mut names = key?.0.iter();
        names.find(|name| column.is_none_or(|column| name.value == *column)).map(|name| name.span)
    }

    /// Returns the place of an entry of `replaced_by`, if it is this that is asked for.
    pub(super) fn replacement<T>(self, written: &[Spanned<T>], objects: &[Object]) -> Option<Span> {
        let Word::Replacement(wanted) = self else { return None };
        let at = objects.iter().position(|object| object == wanted)?;
        written.get(at).map(|written| written.span)
    }
}
