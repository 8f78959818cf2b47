//! What was there before the first plan: a baseline, and what the hand-written migrations make of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::catalog::Catalog;
use crate::change::Change;
use crate::change::apply::apply_as_run;
use crate::name::ObjectName;
use crate::source::Span;
use crate::version::MigrationVersion;

/// What the plans stand on, piece by piece, so that it can be told what of it a database has.
#[derive(Clone, Debug, Default)]
pub struct Foundation {
    /// The schema before the first of the migrations; `None` is an empty database.
    pub base: Option<Arc<Catalog>>,
    /// Whether the base has only what a `schema.rs` says: columns, types and primary keys.
    pub base_is_of_schema_rs: bool,
    /// The migrations that a baseline covers, whether their directories are still there or not.
    pub covered: BTreeSet<MigrationVersion>,
    /// What the hand-written migrations that the base does not hold change, in the order in which they run.
    pub migrations: Vec<Laid>,
    /// What could not be read, or does not fit.
    pub doubts: Vec<Doubt>,
}

/// What a hand-written migration changes.
#[derive(Clone, Debug)]
pub struct Laid {
    /// Its version.
    pub version: MigrationVersion,
    /// Its changes, as far as they could be read and fit.
    pub changes: Vec<Change>,
}

/// Something that a hand-written migration does and that is not in the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// The migration's version.
    pub version: MigrationVersion,
    /// Its directory.
    pub directory: String,
    /// The statement, or the part of it.
    pub span: Span,
    /// Why it is in doubt.
    pub why: String,
    /// What it may concern; `None` if it may be anything.
    pub about: Option<BTreeSet<ObjectName>>,
}

/// What of the foundation a database still lacks.
#[derive(Clone, Debug)]
pub enum Lacking {
    /// All of it: no migration has run.
    Everything,
    /// What these changes make.
    Changes(Vec<Change>),
}

impl Foundation {
    /// Returns the schema before the first plan on a database with these versions and what it lacks of the whole; `None` if it
    /// lacks nothing.
    #[must_use]
    pub fn on(
        &self,
        start: &Catalog,
        applied: &BTreeSet<MigrationVersion>,
    ) -> Option<(Catalog, Lacking)> {
        let empty = || Catalog::empty(start.dialect);
        // What a baseline holds was made by migrations, if it covers any: where none has run, it is not there either.
        let has_some = !self.migrations.is_empty() || !self.covered.is_empty();
        if applied.is_empty() && has_some {
            return Some((empty(), Lacking::Everything));
        }
        if self.migrations.iter().all(|laid| applied.contains(&laid.version)) {
            return None;
        }
        let mut catalog = self.base.as_deref().map_or_else(empty, Catalog::clone);
        let mut lacking = Vec::new();
        for laid in &self.migrations {
            if applied.contains(&laid.version) {
                // What fits on top of all before it may not fit where some of them have not run.
                laid.changes.iter().for_each(|change| drop(apply_as_run(change, &mut catalog)));
            } else {
                lacking.extend(laid.changes.iter().cloned());
            }
        }
        Some((catalog, Lacking::Changes(lacking)))
    }

    /// Returns the doubts about migrations with these versions, or about all.
    pub fn doubts_on<'a>(
        &'a self,
        applied: &'a BTreeSet<MigrationVersion>,
    ) -> impl Iterator<Item = &'a Doubt> {
        self.doubts.iter().filter(|doubt| applied.contains(&doubt.version))
    }
}

impl Lacking {
    /// Brings a catalog to where it is once everything has run.
    pub fn lay(&self, start: &Catalog, catalog: &mut Catalog) {
        match self {
            Self::Everything => *catalog = start.clone(),
            Self::Changes(changes) => {
                for change in changes {
                    drop(apply_as_run(change, catalog));
                }
            }
        }
    }
}
