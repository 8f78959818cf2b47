//! What a change does to a catalog.

use crate::catalog::Catalog;

use super::Change;
use super::effect::Object;

/// Why a change cannot be applied to a catalog.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// Something it names is not there.
    #[error("{kind} `{object}` does not exist")]
    Missing {
        /// "table", "column", "index" ….
        kind: &'static str,
        /// What is missing.
        object: Object,
        /// Names of the same kind that are there, for "did you mean".
        known: Vec<String>,
    },
    /// Something it creates is already there.
    #[error("{kind} `{object}` already exists")]
    Exists {
        /// "table", "column", "index" ….
        kind: &'static str,
        /// What is there.
        object: Object,
    },
    /// Something still uses what it drops.
    #[error("{kind} `{object}` is used by {user}")]
    InUse {
        /// "table", "column", "index" ….
        kind: &'static str,
        /// What is to go.
        object: Object,
        /// Who uses it: "index `users_name_idx`".
        user: String,
    },
}

/// Applies a change in place.
///
/// # Errors
///
/// Returns the first reason why the database would refuse the change; the catalog is then unchanged.
pub fn apply(change: &Change, catalog: &mut Catalog) -> Result<(), ApplyError> {
    let _ = (change, catalog);
    todo!()
}
