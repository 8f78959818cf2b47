//! What a change touches, so that two unordered steps that do not commute are found.

use crate::catalog::Catalog;

use super::Change;
use super::effect::Object;

/// How a change uses an object. Two accesses of one object commute only if both are `Uses`, or both are `ReadsData`, or
/// one is `Uses` and the other reads or writes data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Needs it to exist as it is.
    Uses,
    /// Reads the rows' values.
    ReadsData,
    /// Writes the rows' values.
    WritesData,
    /// Creates, alters or drops it.
    Defines,
}

impl Access {
    /// Returns whether two accesses of one object give the same in either order.
    #[must_use]
    pub const fn commutes_with(self, other: Self) -> bool {
        match (self, other) {
            (Self::Defines, _) | (_, Self::Defines) => false,
            (Self::WritesData, Self::WritesData | Self::ReadsData)
            | (Self::ReadsData, Self::WritesData) => false,
            (Self::Uses | Self::ReadsData | Self::WritesData, Self::Uses)
            | (Self::Uses, Self::ReadsData | Self::WritesData)
            | (Self::ReadsData, Self::ReadsData) => true,
        }
    }
}

/// Returns the objects that a change touches and how, given the catalog just before it. An object may
/// stand there more than once; columns that an expression names are among them.
#[must_use]
pub fn footprint(change: &Change, before: &Catalog) -> Vec<(Object, Access)> {
    let _ = (change, before);
    todo!()
}
